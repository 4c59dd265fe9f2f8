"""Decoding says what Go says, value by value."""

from typing import Any

import pytest

from podproof.kube.decode import decode


def _pod(spec: Any = None, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec, **rest}


def _container(**fields: Any) -> dict[str, Any]:
    return _pod({"containers": [{"name": "c", **fields}]})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "json: cannot unmarshal array into Go value of type v1.Pod"),
        (_pod("x"), "json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec"),
        (
            _pod({"hostPID": "true"}),
            "json: cannot unmarshal string into Go struct field PodSpec.spec.hostPID of type bool",
        ),
        (
            _container(securityContext={"runAsUser": 1.5}),
            "json: cannot unmarshal number 1.5 into Go struct field "
            "SecurityContext.spec.containers.securityContext.runAsUser of type int64",
        ),
        (
            _container(securityContext={"runAsUser": 2**63}),
            "json: cannot unmarshal number 9223372036854775808 into Go struct field "
            "SecurityContext.spec.containers.securityContext.runAsUser of type int64",
        ),
        (
            _container(ports=[{"containerPort": 2**31}]),
            "json: cannot unmarshal number 2147483648 into Go struct field "
            "ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            _pod({"volumes": [{"secret": {"defaultMode": "0644"}}]}),
            "json: cannot unmarshal string into Go struct field "
            "SecretVolumeSource.spec.volumes.VolumeSource.secret.defaultMode of type int32",
        ),
        (
            _container(livenessProbe={"httpGet": {"port": {}}}),
            "json: cannot unmarshal object into Go struct field "
            "HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32",
        ),
        (
            _pod({}, metadata={"labels": {"a": 1}}),
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            _pod({}, metadata={"creationTimestamp": 3}),
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of "
            "type string",
        ),
        (
            _pod({}, metadata={"creationTimestamp": "yesterday"}),
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
        (
            _pod({}, metadata={"creationTimestamp": "2020-13-01T00:00:00Z"}),
            'parsing time "2020-13-01T00:00:00Z": month out of range',
        ),
        (
            _pod({}, metadata={"creationTimestamp": "2021-02-29T00:00:00Z"}),
            'parsing time "2021-02-29T00:00:00Z": day out of range',
        ),
        (
            _container(resources={"limits": {"cpu": "1x"}}),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (_container(resources={"limits": {"cpu": "1Ki1"}}), "unable to parse quantity's suffix"),
    ],
)
def test_errors_of_type(value: Any, message: str) -> None:
    fatal = decode(value, "Pod", version=37).fatal
    assert fatal is not None
    assert fatal.message == message


def test_the_first_error_of_type_is_told_but_a_quantity_ends_the_decoding() -> None:
    spec = {"hostPID": 1, "hostIPC": 1}
    decoded = decode(_pod(spec), "Pod", version=37)
    assert decoded.fatal is not None
    assert decoded.fatal.route == ("spec", "hostPID")
    spec["containers"] = [{"resources": {"limits": {"cpu": []}}}]  # type: ignore[assignment] # any JSON
    decoded = decode(_pod(spec), "Pod", version=37)
    assert decoded.fatal is not None
    assert decoded.fatal.route == ("spec", "containers", 0, "resources", "limits", "cpu")
    assert len(decoded.problems) == 3


def test_null_is_absent_and_a_null_item_is_a_zero_value() -> None:
    spec = {
        "hostPID": None,
        "securityContext": None,
        "nodeSelector": {"a": None},
        "containers": [None, {"args": ["x", None], "resources": {"limits": {"cpu": None}}}],
    }
    assert decode(_pod(spec), "Pod", version=37).object["spec"] == {
        "nodeSelector": {"a": ""},
        "containers": [{}, {"args": ["x", ""], "resources": {"limits": {"cpu": "0"}}}],
    }


def test_unknown_fields_are_left_out_and_told_in_the_order_of_the_text() -> None:
    decoded = decode(_pod({"zz": 1, "containers": [{"a/b": {"q": 1}}]}), "Pod", version=37)
    assert [problem.message for problem in decoded.problems] == [
        'unknown field "spec.zz"',
        'unknown field "spec.containers[0].a/b"',
    ]
    assert decoded.problems[1].route == ("spec", "containers", 0, "a/b")
    assert decoded.object["spec"] == {"containers": [{}]}


def test_no_more_than_a_hundred_unknown_fields_are_told() -> None:
    decoded = decode(_pod({f"x{i}": 1 for i in range(150)}), "Pod", version=37)
    assert len(decoded.problems) == 150
    assert len(decoded.strict) == 100


@pytest.mark.parametrize(
    ("field", "since"), [("hostUsers", 25), ("os", 23), ("runtimeClassName", 12), ("ephemeralContainers", 16)]
)
def test_a_field_is_unknown_before_it_existed(field: str, since: int) -> None:
    value = _pod({field: None})
    assert [p.message for p in decode(value, "Pod", version=since - 1).problems] == [
        f'unknown field "spec.{field}"'
    ]
    assert not decode(value, "Pod", version=since).problems


def test_a_renamed_struct_does_not_hide_its_fields() -> None:
    value = _container(lifecycle={"postStart": {"exec": {"command": ["x"]}}}, livenessProbe={"exec": {}})
    assert not decode(value, "Pod", version=18).problems


def test_a_field_that_is_gone_is_known_while_it_existed() -> None:
    value = _pod({"resourceClaims": [{"name": "x", "source": {"resourceClaimName": "y"}}]})
    assert not decode(value, "Pod", version=28).problems
    assert len(decode(value, "Pod", version=37).problems) == 1


@pytest.mark.parametrize(
    ("written", "held"), [(".", "0"), ("-", "0"), ("1Gi", "1Gi"), (" 1 ", "1"), (1, "1"), (1.5, "1.5")]
)
def test_quantities_that_go_takes(written: Any, held: str) -> None:
    decoded = decode(_container(resources={"limits": {"cpu": written}}), "Pod", version=37)
    assert decoded.fatal is None
    assert decoded.object["spec"]["containers"][0]["resources"]["limits"]["cpu"] == held
