"""`accept` answers requests as the API server does; each answer here was given by a kube-apiserver 1.37.2."""

import json
from types import MappingProxyType
from typing import Any

import pytest

from podproof import accept
from podproof.errors import ManifestError, UsageError
from podproof.kube.review import review

POD = (
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},'
    '"spec":{"containers":[{"name":"c","image":"i"}]}}'
)
_META = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
_PARSE = "couldn't get version/kind; json parse error: "
_UNREAD = "the object provided is unrecognized (must be of type Pod): "
_NEEDS = (
    'Pod "" is invalid: [metadata.name: Required value: name or generateName is required, '
    "spec.containers: Required value]"
)


def _image(text: str) -> str:
    return POD.replace('"i"', text)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("", 400, f"{_UNREAD}{_PARSE}unexpected end of JSON input (<empty>)"),
        ("null", 422, _NEEDS),
        ("{}", 422, _NEEDS),
        ("[]", 400, f"{_UNREAD}{_PARSE}json: cannot unmarshal array into Go value of type {_META} (5b5d)"),
        ("3", 400, f"{_UNREAD}{_PARSE}json: cannot unmarshal number into Go value of type {_META} (33)"),
        (
            '{"kind":3}',
            400,
            f"{_UNREAD}{_PARSE}json: cannot unmarshal number into Go struct field .kind of type string "
            '({"kind":3})',
        ),
        (
            '{"kind":"Foo"}',
            400,
            'Foo in version "v1" cannot be handled as a Pod: no kind "Foo" is registered for version "v1" in '
            'scheme "pkg/runtime/scheme.go:111"',
        ),
        (
            '{"kind":"a\\"b","apiVersion":"\\u0000"}',
            400,
            'a"b in version "\\x00" cannot be handled as a Pod: no kind "a\\"b" is registered for version '
            '"\\x00" in scheme "pkg/runtime/scheme.go:111"',
        ),
        (
            '{"kind":"Service","apiVersion":"v1"}',
            400,
            'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): '
            "unknown conversion",
        ),
        (
            '{"kind":"Pod","apiVersion":"a/b/c"}',
            400,
            f'{_UNREAD}unexpected GroupVersion string: a/b/c ({{"kind":"Pod","apiVersion":"a/ ...)',
        ),
        ('{"kind":"Pod","apiVersion":"/v1"}', 422, _NEEDS),
        (
            '{"kind":"Pod","apiVersion":"apps/"}',
            400,
            "Pod in version \"\" cannot be handled as a Pod: Object 'apiVersion' is missing in "
            '\'{"kind":"Pod","apiVersion":"apps/"}\'',
        ),
        (
            POD.replace('"kind"', '"KIND"'),
            400,
            'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "KIND"',
        ),
        (
            POD.replace('"name":"p"', '"name":"p","namespace":"zz"'),
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            f"{POD} x",
            400,
            f"{_UNREAD}{_PARSE}invalid character 'x' after top-level value "
            '({"apiVersion":"v1","kind":"Pod ...)',
        ),
        (
            _image("'i'"),
            400,
            f"{_UNREAD}{_PARSE}invalid character '\\'' looking for beginning of value "
            '({"apiVersion":"v1","kind":"Pod ...)',
        ),
        (
            f"\ufeff{POD}",
            400,
            f"{_UNREAD}{_PARSE}invalid character 'ï' looking for beginning of value "
            "(efbbbf7b2261706956657273696f6e223a227631222c226b696e64223a22 ...)",
        ),
        (
            _image('"i","image":"j"'),
            400,
            'Pod in version "v1" cannot be handled as a Pod: strict decoding error: duplicate field '
            '"spec.containers[0].image"',
        ),
        (
            _image('"i","x":' + "[" * 10001 + "]" * 10001),
            400,
            f"{_UNREAD}{_PARSE}invalid character '[' exceeded max depth "
            '({"apiVersion":"v1","kind":"Pod ...)',
        ),
        (
            _image('"i","x":' + "[" * 9000 + "]" * 9000),
            400,
            'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field '
            '"spec.containers[0].x"',
        ),
    ],
)
def test_bodies(body: str, code: int, message: str) -> None:
    answer = accept(body, kind="Pod")
    assert (answer.code, answer.message) == (code, message)
    assert answer.reason == ("BadRequest" if code == 400 else "Invalid")
    assert answer.object is None


def test_old_groups_are_decoded_and_then_refused() -> None:
    body = {"apiVersion": "apps/v1beta1", "kind": "Deployment"}
    answer = accept(body, kind="Deployment")
    assert answer.message == (
        "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)"
    )
    assert accept(body, kubernetes_version="v1.15").code == 422


@pytest.mark.parametrize("content_type", ["text/plain", "application/cbor", "*/*"])
def test_other_content_types(content_type: str) -> None:
    answer = accept(POD, content_type=content_type)
    assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("content_type", ["", "application/JSON", "application/json; charset=utf-8"])
def test_names_of_json(content_type: str) -> None:
    assert accept(POD, content_type=content_type).accepted


def test_too_large() -> None:
    answer = accept(_image(f'"{"a" * 3145728}"'))
    assert (answer.code, answer.reason) == (413, "RequestEntityTooLarge")


def test_an_unknown_kind_of_request_is_the_callers_fault() -> None:
    with pytest.raises(UsageError, match='kind "Service" is none'):
        accept(POD, kind="Service")
    with pytest.raises(UsageError, match='"2" is not a Kubernetes version'):
        accept(POD, kubernetes_version="2")


def test_the_object_is_printed_as_the_server_prints_it() -> None:
    body = json.loads(POD)
    body["spec"] |= {"hostPID": False, "nodeSelector": {}, "hostUsers": False, "volumes": []}
    body["spec"]["containers"][0] |= {"env": [{"name": "a"}], "securityContext": {"runAsUser": 0}}
    answer = accept(body)
    assert answer.object is not None
    spec = answer.object["spec"]
    assert list(answer.object) == ["kind", "apiVersion", "metadata", "spec"]
    assert "hostPID" not in spec
    assert "nodeSelector" not in spec
    assert "volumes" not in spec
    assert spec["hostUsers"] is False
    assert spec["containers"][0]["securityContext"] == {"runAsUser": 0}
    assert spec["containers"][0]["resources"] == {}


def test_doubled_keys_are_merged_as_go_merges_them() -> None:
    text = _image(
        '"i","securityContext":{"runAsUser":1,"capabilities":{"add":["A","B"]}},'
        '"securityContext":{"runAsGroup":2,"capabilities":{"add":["C"]}}'
    )
    answer = accept(text, field_validation="Ignore")
    assert answer.object is not None
    assert answer.object["spec"]["containers"][0]["securityContext"] == {
        "capabilities": {"add": ["C"]},
        "runAsUser": 1,
        "runAsGroup": 2,
    }


def _review(**spec: Any) -> Any:
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    return review(value, version=37)


def test_review_goes_on_after_unknown_fields() -> None:
    seen = _review(containers=[{"name": "c", "image": "i", "runAsUser": 0}], hostUsers=False, hostPID=True)
    assert [problem.route for problem in seen.problems] == [("spec", "containers", 0, "runAsUser")]
    assert [error.text for error in seen.errors] == ["spec.HostPID: Forbidden: when `hostUsers` is false"]
    assert seen.object["spec"]["restartPolicy"] == "Always"


def test_review_stops_at_a_wrong_type() -> None:
    seen = _review(containers={}, hostPID="x")
    assert [problem.kind for problem in seen.problems] == ["type", "type"]
    assert seen.object is None


def test_review_says_nothing_of_other_kinds() -> None:
    seen = review({"kind": "Service"}, version=37)
    assert (seen.problems, seen.object) == ((), None)
    assert review({"kind": ["Pod"]}, version=37).object is None


def test_a_job_with_a_generated_name_is_labelled_with_it() -> None:
    body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": "clean-"},
        "spec": {
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}},
        },
    }
    answer = accept(body)
    assert (answer.accepted, answer.warnings) == (True, ())
    assert answer.object is not None
    assert answer.object["spec"]["template"]["metadata"]["labels"]["job-name"] == "clean-xxxxx"
    assert review(body, version=37).errors == ()
    assert review(body, version=37).warnings == ()


def test_names_in_messages_are_quoted_as_go_does() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": 'a"\n\u00ad'}, "spec": {}}
    answer = accept(pod)
    assert answer.message is not None
    assert answer.message.startswith(r'Pod "a\"\n\u00ad" is invalid: [metadata.name: ')


def test_only_a_pod_without_service_account_admission_lacks_the_account_of_a_token() -> None:
    token = {"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}
    spec = {"containers": [{"name": "c", "image": "i:1"}], "volumes": [token]}
    assert _review(**spec).errors == ()
    answer = accept({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    assert [cause.field for cause in answer.causes] == [
        "spec.volumes[0].projected.sources[0].serviceAccountToken"
    ]


def _workload(kind: str, annotations: dict[str, str]) -> dict[str, Any]:
    labels = {"a": "b"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
    metadata = {"name": "w", "annotations": annotations}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


_GENERATION = "deprecated.daemonset.template.generation"
_ROLLBACK = "deprecated.deployment.rollback.to"


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("DaemonSet", {}, {_GENERATION: "1"}),
        ("DaemonSet", {"x": "y", _GENERATION: "+03"}, {"x": "y", _GENERATION: "3"}),
        ("DaemonSet", {_GENERATION: "-3"}, {_GENERATION: "1"}),
        ("Deployment", {_ROLLBACK: "+03", _GENERATION: "x"}, {_ROLLBACK: "3", _GENERATION: "x"}),
        ("Deployment", {_ROLLBACK: ""}, None),
        ("StatefulSet", {_ROLLBACK: "x"}, {_ROLLBACK: "x"}),
    ],
)
def test_annotations_that_were_fields_are_written_anew(
    kind: str, before: dict[str, str], after: dict[str, str] | None
) -> None:
    answer = accept(_workload(kind, before))
    assert answer.object is not None
    assert answer.object["metadata"].get("annotations") == after


@pytest.mark.parametrize(
    ("kind", "annotations", "problem"),
    [
        ("DaemonSet", {_GENERATION: ""}, 'strconv.ParseInt: parsing "": invalid syntax'),
        ("DaemonSet", {_GENERATION: "1_0"}, 'strconv.ParseInt: parsing "1_0": invalid syntax'),
        (
            "DaemonSet",
            {_GENERATION: "9223372036854775808"},
            'strconv.ParseInt: parsing "9223372036854775808": value out of range',
        ),
        (
            "Deployment",
            {_ROLLBACK: "x"},
            f"failed to parse annotation[{_ROLLBACK}]=x as int64: "
            'strconv.ParseInt: parsing "x": invalid syntax',
        ),
    ],
)
def test_annotations_that_were_fields_must_be_numbers(
    kind: str, annotations: dict[str, str], problem: str
) -> None:
    value = _workload(kind, annotations)
    answer = accept(value)
    message = f'{kind} in version "v1" cannot be handled as a {kind}: {problem}'
    assert (answer.code, answer.message) == (400, message)
    seen = review(value, version=37)
    assert [(found.kind, found.message) for found in seen.problems] == [("type", problem)]
    assert seen.object is None


def test_a_job_without_labels_gets_those_of_its_template() -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"template": template}}
    answer = accept(job)
    assert answer.object is not None
    labels = answer.object["metadata"]["labels"]
    assert labels["job-name"] == "j"
    assert labels == answer.object["spec"]["template"]["metadata"]["labels"]


def _warnings(*values: str) -> tuple[str, ...]:
    expression = {"key": "a", "operator": "In", "values": list(values)}
    preferred = [{"weight": 1, "preference": {"matchExpressions": [expression]}}]
    affinity = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}
    spec = {"containers": [{"name": "c", "image": "i:1"}], "affinity": affinity}
    return accept({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}).warnings


def test_a_warning_with_a_control_character_is_not_sent() -> None:
    (warning,) = _warnings("a\nb", "a\x85b", "a b\u00ad")
    assert "values[2]: a b\u00ad is invalid" in warning


def test_too_many_warnings_are_cut() -> None:
    whole = _warnings(*["b c"] * 10)
    assert (len(whole), {len(text) > 256 for text in whole}) == (10, {True})
    cut = _warnings(*["b c"] * 20)
    assert (len(cut), {len(text) for text in cut}) == (16, {256})
    assert whole[0].startswith(cut[0])


@pytest.mark.parametrize("value", [{1}, b"x", object(), {"a": (bytearray(b""),)}])
def test_what_json_cannot_hold_is_an_error_of_the_caller(value: object) -> None:
    with pytest.raises(ManifestError, match=r"^the object cannot be written as JSON: a value is of type \w+"):
        accept({"kind": "Pod", "spec": value})


def test_an_object_that_holds_itself_is_an_error_of_the_caller() -> None:
    pod: dict[str, object] = {"kind": "Pod"}
    pod["spec"] = pod
    with pytest.raises(ManifestError, match=r"^the object is nested too deeply to be read, or holds itself$"):
        accept(pod)


def test_any_mapping_will_do() -> None:
    pod = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "i"}]}}
    assert accept(MappingProxyType({**pod, "metadata": MappingProxyType({"name": "a"})})).accepted


TEMPLATE = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {"containers": [{"name": "c", "image": "i", "runAsUser": 0}]},
}


@pytest.mark.parametrize(
    ("kind", "key", "value", "told"),
    [
        ("Deployment", "deprecated.deployment.rollback.to", "7", None),
        ("Deployment", "deprecated.deployment.rollback.to", "", None),
        ("Deployment", "deprecated.deployment.rollback.to", "x", "failed to parse annotation["),
        ("Deployment", "deprecated.daemonset.template.generation", "x", None),
        ("DaemonSet", "deprecated.daemonset.template.generation", "7", None),
        ("DaemonSet", "deprecated.daemonset.template.generation", "", "strconv.ParseInt"),
        ("DaemonSet", "deprecated.daemonset.template.generation", "x", "strconv.ParseInt"),
        ("StatefulSet", "deprecated.daemonset.template.generation", "x", None),
    ],
)
def test_what_cannot_be_converted_is_told_after_what_cannot_be_read(
    kind: str, key: str, value: str, told: str | None
) -> None:
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
    metadata = {"name": "w", "annotations": {key: value}}
    seen = review({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}, version=37)
    unknown, *others = seen.problems
    assert unknown.route == ("spec", "template", "spec", "containers", 0, "runAsUser")
    assert [other.route for other in others] == ([] if told is None else [("metadata", "annotations", key)])
    assert all(other.message.startswith(told or "") for other in others)
    assert (seen.object is None) is bool(others)
