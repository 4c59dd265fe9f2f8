"""Updates of pods: what may change, through the pod itself and through its subresources."""

import copy
from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.resize import classify_qos
from podproof.kube.update import prepare_pod_update, validate_pod_update


def _pod(**spec: Any) -> dict[str, Any]:
    pod = {
        "metadata": {"name": "p", "namespace": "n", "annotations": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i:1"}], **copy.deepcopy(spec)},
    }
    apply_defaults("Pod", pod)
    return pod


def _errors(new: dict[str, Any], old: dict[str, Any], sub: str = "", version: int = 37) -> list[str]:
    prepared = prepare_pod_update(new, old, sub)
    return [error.text for error in validate_pod_update(prepared, old, sub_resource=sub, version=version)]


_FIELDS = (
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
    "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)\n"
)


def _changed(**spec: Any) -> dict[str, Any]:
    pod = _pod()
    pod["spec"].update(copy.deepcopy(spec))
    return pod


@pytest.mark.parametrize(
    ("spec", "errors"),
    [
        ({}, []),
        ({"containers": [{**_pod()["spec"]["containers"][0], "image": "i:2"}]}, []),
        ({"activeDeadlineSeconds": 5}, []),
        ({"tolerations": [{"key": "a", "operator": "Exists"}]}, []),
        ({"hostPID": True}, [_FIELDS]),
        ({"hostPID": False}, []),  # the same as absent
        ({"securityContext": {"fsGroup": 5}}, [_FIELDS]),
        ({"terminationGracePeriodSeconds": 5}, [_FIELDS]),
        (
            {"containers": [{**_pod()["spec"]["containers"][0], "image": ""}]},
            ["spec.containers[0].image: Required value"],
        ),
        ({"containers": _pod()["spec"]["containers"] * 2}, None),
        (
            {"activeDeadlineSeconds": -1},
            ["spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive"],
        ),
        (
            {"schedulingGates": [{"name": "g"}]},
            [
                "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, "
                "but found new scheduling gate 'g'"
            ],
        ),
    ],
)
def test_the_pod_itself(spec: dict[str, Any], errors: list[str] | None) -> None:
    found = _errors(_changed(**spec), _pod())
    if errors is None:
        assert "spec.containers: Forbidden: pod updates may not add or remove containers" in found
    else:
        assert found[: len(errors)] == errors
        assert bool(found) is bool(errors)


GATED = {"schedulingGates": [{"name": "g"}]}


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        (GATED, {**GATED, "nodeSelector": {"a": "b"}}, True),
        (GATED, {"nodeSelector": {"a": "b"}}, True),
        ({**GATED, "nodeSelector": {"a": "b"}}, {**GATED, "nodeSelector": {"a": "b", "c": "d"}}, True),
        ({**GATED, "nodeSelector": {"a": "b"}}, {**GATED, "nodeSelector": {"a": "c"}}, False),
        ({**GATED, "nodeSelector": {"a": "b"}}, GATED, False),
        ({}, {"nodeSelector": {"a": "b"}}, False),
        ({"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": "b", "c": "d"}}, False),
        ({"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": "b"}}, True),
    ],
)
def test_the_node_selector_of_a_gated_pod_may_be_narrowed(
    old: dict[str, Any], new: dict[str, Any], allowed: bool
) -> None:
    assert (_errors(_pod(**new), _pod(**old)) == []) is allowed


def test_a_deadline_may_only_come_closer() -> None:
    at = "spec.activeDeadlineSeconds: Invalid value:"
    assert _errors(_pod(activeDeadlineSeconds=4), _pod(activeDeadlineSeconds=5)) == []
    assert _errors(_pod(activeDeadlineSeconds=6), _pod(activeDeadlineSeconds=5)) == [
        f"{at} 6: must be less than or equal to previous value"
    ]
    assert _errors(_pod(), _pod(activeDeadlineSeconds=5)) == [
        f"{at} null: must not update from a positive integer to nil value"
    ]


def test_tolerations_may_only_be_added() -> None:
    one = {"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    assert _errors(_pod(tolerations=[{**one, "tolerationSeconds": 6}]), _pod(tolerations=[one])) == []
    assert _errors(_pod(), _pod(tolerations=[one])) == [
        "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"
    ]


def test_words_before_127() -> None:
    error = _errors(_changed(hostPID=True), _pod(), version=24)[0]
    assert "`spec.containers[*].image`, `spec.initContainers[*].image`, " in error
    assert ") or `spec.terminationGracePeriodSeconds`" in error


def test_apparmor_annotations_stay() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    with_one = _pod()
    with_one["metadata"]["annotations"][key] = "unconfined"
    assert _errors(with_one, _pod())[0] == (
        f"metadata.annotations[{key}]: Forbidden: may not add AppArmor annotations"
    )
    assert _errors(_pod(), with_one)[0] == (
        f"metadata.annotations[{key}]: Forbidden: may not remove or update AppArmor annotations"
    )


@pytest.mark.parametrize(
    ("metadata", "old", "errors"),
    [
        ({"name": "q"}, {}, ['name: Invalid value: "q"']),
        ({"name": None}, {}, ['name: Invalid value: ""']),
        ({"name": ""}, {"name": None}, []),
        ({"name": "p"}, {"name": None}, ['name: Invalid value: "p"']),
        ({"namespace": "m"}, {}, ['namespace: Invalid value: "m"']),
        ({"namespace": None}, {}, ['namespace: Invalid value: ""']),
        ({"namespace": None}, {"namespace": ""}, []),
        ({"name": "q", "namespace": "m"}, {}, ['name: Invalid value: "q"', 'namespace: Invalid value: "m"']),
        ({"uid": "1"}, {"uid": "1"}, []),
        ({"uid": "1"}, {"uid": "2"}, ['uid: Invalid value: "1"']),
        ({"uid": "1"}, {}, ['uid: Invalid value: "1"']),
        ({}, {"uid": "2"}, []),
        ({"deletionTimestamp": "2026-01-01T00:00:00Z"}, {}, [
            'deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z"']),
        ({}, {"deletionTimestamp": "2026-01-01T00:00:00Z"}, []),
    ],
)  # fmt: skip
def test_identity_stays(metadata: dict[str, Any], old: dict[str, Any], errors: list[str]) -> None:
    new, before = _pod(), _pod()
    new["metadata"] = {**new["metadata"], **metadata}
    before["metadata"] = {**before["metadata"], **old}
    found = [error.text for error in validate_pod_update(new, before, version=37)]
    unnamed = [] if new["metadata"]["name"] else ["name: Required value: name or generateName is required"]
    expected = [f"{error}: field is immutable" for error in errors] + unnamed
    assert sorted(found) == sorted(f"metadata.{error}" for error in expected)


def test_ephemeral_containers_are_only_added() -> None:
    debug = {"name": "e", "image": "i"}
    old, new = _pod(ephemeralContainers=[debug]), _pod(ephemeralContainers=[{**debug, "image": "j"}])
    assert _errors(old, _pod(), "ephemeralcontainers") == []
    assert _errors(new, old, "ephemeralcontainers") == [
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be changed\n'
    ]
    assert _errors(_pod(), old, "ephemeralcontainers") == [
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed\n'
    ]


def test_the_subresource_changes_nothing_else() -> None:
    new = _pod(hostPID=True, ephemeralContainers=[{"name": "e", "image": "i"}])
    prepared = prepare_pod_update(new, _pod(), "ephemeralcontainers")
    assert "hostPID" not in prepared["spec"]
    assert _errors(new, _pod(), "ephemeralcontainers") == []


def _sized(requests: dict[str, str], limits: dict[str, str], **rest: Any) -> dict[str, Any]:
    resources = {"requests": requests, "limits": limits}
    return _pod(containers=[{"name": "c", "image": "i:1", "resources": resources, **rest}])


_OLD = _sized({"cpu": "100m", "memory": "10Mi"}, {"cpu": "200m", "memory": "20Mi"})


@pytest.mark.parametrize(
    ("new", "errors"),
    [
        (_sized({"cpu": "150m", "memory": "10Mi"}, {"cpu": "200m", "memory": "20Mi"}), []),
        (_sized({"cpu": "0.1", "memory": "10Mi"}, {"cpu": "200m", "memory": "15Mi"}), []),
        (
            _sized({"cpu": "150m", "memory": "10Mi"}, {}),
            ["spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"],
        ),
        (
            _sized({"cpu": "200m", "memory": "20Mi"}, {"cpu": "200m", "memory": "20Mi"}),
            ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'],
        ),
        (
            _sized(
                {"cpu": "1m", "memory": "1", "ephemeral-storage": "1Gi"}, {"cpu": "200m", "memory": "20Mi"}
            ),
            ["spec: Forbidden: only cpu and memory resources are mutable"],
        ),
        # what is no resource is not looked at
        (
            _sized(
                {"cpu": "1m", "memory": "1"}, {"cpu": "1", "memory": "1"}, securityContext={"runAsUser": 5}
            ),
            [],
        ),
    ],
)
def test_resize(new: dict[str, Any], errors: list[str]) -> None:
    assert _errors(new, _OLD, "resize") == errors


def test_resize_of_best_effort_and_of_static_and_windows_pods() -> None:
    new = _sized({"cpu": "1m"}, {})
    assert _errors(new, _pod(), "resize") == [
        'spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing'
    ]
    windows = _pod(os={"name": "windows"})
    assert _errors(windows, windows, "resize") == ["[]: Forbidden: windows pods cannot be resized"]
    static = _pod()
    static["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "x"
    assert "[]: Forbidden: static pods cannot be resized" in _errors(static, static, "resize")


@pytest.mark.parametrize(
    ("requests", "limits", "name"),
    [
        ({}, {}, "BestEffort"),
        ({"cpu": "1"}, {}, "Burstable"),
        ({"cpu": "1", "memory": "1Gi"}, {"cpu": "1000m", "memory": "1024Mi"}, "Guaranteed"),
        ({"cpu": "1"}, {"cpu": "1"}, "Burstable"),
        ({"ephemeral-storage": "1"}, {}, "BestEffort"),
    ],
)
def test_quality_of_service(requests: dict[str, str], limits: dict[str, str], name: str) -> None:
    assert classify_qos(_sized(requests, limits)["spec"]) == name
