"""Which objects are read as pods, and the words for those that are not."""

import json
from typing import Any

import pytest

from podproof.errors import ManifestError
from podproof.kube.read_pod import read_pod

OTHER = 'the object is of kind "{0}", not a Pod; {1}'
MAKES = "pass the pod that it makes ({0} with kind Pod)"


@pytest.mark.parametrize("kind", [None, "", "Pod"])
@pytest.mark.parametrize("spec", [{"hostPID": True}, {"hostPID": True, "priority": None}])
def test_what_counts_as_a_pod(kind: str | None, spec: dict[str, Any]) -> None:
    raw = {"kind": kind, "spec": spec}
    for pod in (read_pod(raw), read_pod(json.dumps(raw)), read_pod(json.dumps(raw).encode())):
        assert pod.spec is not None
        assert pod.spec.host_pid is True


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("Deployment", MAKES.format("spec.template")),
        ("CronJob", MAKES.format("spec.jobTemplate.spec.template")),
        ("PodTemplate", MAKES.format("template")),
        ("pod", 'write kind "Pod"'),
        ("List", "pass each of its items"),
        ("PodList", "pass each of its items"),
        ("AdmissionReview", "pass its request.object, or ask Cluster.admit"),
        ("ConfigMap", "pass a pod"),
    ],
)
@pytest.mark.parametrize("spec", [{}, {"containers": [{"name": "c", "ports": [{"containerPort": 1e2}]}]}])
def test_another_kind_is_refused(kind: str, advice: str, spec: dict[str, Any]) -> None:
    raw = {"apiVersion": "apps/v1", "kind": kind, "spec": spec}
    for value in (raw, json.dumps(raw)):
        with pytest.raises(ManifestError) as caught:
            read_pod(value)
        assert (str(caught.value), caught.value.route) == (OTHER.format(kind, advice), ("kind",))


@pytest.mark.parametrize(
    ("value", "message", "route"),
    [
        ("[]", "the pod must be a JSON object, is a list", ()),
        ("7", "the pod must be a JSON object, is a number", ()),
        ("[" * 20_000, "the pod is nested too deeply to be read", ()),
        (
            {"spec": {"hostPID": "yes"}},
            "json: cannot unmarshal string into Go struct field PodSpec.spec.hostPID of type bool",
            ("spec", "hostPID"),
        ),
    ],
)
def test_what_is_no_pod(value: Any, message: str, route: tuple[object, ...]) -> None:
    with pytest.raises(ManifestError) as caught:
        read_pod(value)
    assert (str(caught.value), caught.value.route) == (message, route)


@pytest.mark.parametrize(("field", "value"), [("kind", 7), ("apiVersion", 7)])
def test_a_type_that_is_no_text(field: str, value: Any) -> None:
    with pytest.raises(ManifestError) as caught:
        read_pod({"kind": "Pod", "apiVersion": "v1", field: value})
    assert caught.value.route == (field,)


def test_text_that_is_no_json() -> None:
    with pytest.raises(ManifestError, match=r"^the pod is no JSON: .*; pass JSON, or a mapping$"):
        read_pod("kind: Pod")
