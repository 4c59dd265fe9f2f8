"""What is said of values that are not a whole pod, and what to pass instead."""

from typing import Any

import pytest

from podproof.errors import ManifestError
from podproof.kube.read_pod import read_exactly, read_pod, require_containers

C = {"name": "c"}


@pytest.mark.parametrize(
    ("fields", "message", "route"),
    [
        (
            {"kind": "Deployment"},
            'the object is of kind "Deployment", not a Pod; '
            "pass the pod that it makes (spec.template with kind Pod)",
            ("kind",),
        ),
        (
            {"kind": "CronJob"},
            'the object is of kind "CronJob", not a Pod; '
            "pass the pod that it makes (spec.jobTemplate.spec.template with kind Pod)",
            ("kind",),
        ),
        (
            {"kind": "PodList"},
            'the object is of kind "PodList", not a Pod; pass each of its items',
            ("kind",),
        ),
        (
            {"kind": "AdmissionReview"},
            'the object is of kind "AdmissionReview", not a Pod; '
            "pass its request.object, or ask Cluster.admit",
            ("kind",),
        ),
        ({"kind": "pod"}, 'the object is of kind "pod", not a Pod; write kind "Pod"', ("kind",)),
        ({"kind": "Service"}, 'the object is of kind "Service", not a Pod; pass a pod', ("kind",)),
        ({"apiVersion": "v2"}, 'apiVersion "v2" has no Pod; write "v1"', ("apiVersion",)),
        (
            {"apiVersion": "apps/v1", "kind": "Pod"},
            'apiVersion "apps/v1" has no Pod; write "v1"',
            ("apiVersion",),
        ),
    ],
)
def test_another_kind(fields: dict[str, Any], message: str, route: tuple[str, ...]) -> None:
    for read in (read_pod, read_exactly):
        with pytest.raises(ManifestError) as caught:
            read({**fields, "spec": {"containers": [C]}})
        assert (str(caught.value), caught.value.route) == (message, route)


@pytest.mark.parametrize(
    "fields", [{}, {"kind": "Pod"}, {"apiVersion": "v1"}, {"kind": "", "apiVersion": ""}]
)
def test_a_pod_may_leave_out_what_it_is(fields: dict[str, Any]) -> None:
    for read in (read_pod, read_exactly):
        pod = read({**fields, "spec": {"containers": [C]}})
        require_containers(pod, {})
        assert pod.spec is not None


WITHOUT_SPEC = "the object is not a pod: it"


@pytest.mark.parametrize(
    ("value", "message", "route"),
    [
        (
            {"spec": {}},
            "the pod has no containers; pass a whole pod, with spec.containers",
            ("spec", "containers"),
        ),
        (
            {"spec": {"containers": []}},
            "the pod has no containers; pass a whole pod, with spec.containers",
            ("spec", "containers"),
        ),
        (
            {"containers": [C]},
            f'{WITHOUT_SPEC} has "containers" at its top, '
            'as a pod\'s spec has; pass the pod, as {"spec": ...}',
            ("spec",),
        ),
        (
            {"spec": None},
            f"{WITHOUT_SPEC} has null as its spec; pass a whole pod, with spec.containers",
            ("spec",),
        ),
        ({}, f"{WITHOUT_SPEC} is empty; pass a whole pod, with spec.containers", ("spec",)),
        (
            {"kind": "Pod", "metadata": {}},
            f"{WITHOUT_SPEC} has only kind, metadata; pass a whole pod, with spec.containers",
            ("spec",),
        ),
        (
            dict.fromkeys("abcdef", 1),
            f"{WITHOUT_SPEC} has only a, b, c, d, e; pass a whole pod, with spec.containers",
            ("spec",),
        ),
        ({"Spec": {}}, 'the pod has no spec: "Spec" is not a field of a pod; write "spec"', ("spec",)),
    ],
)
def test_no_containers(value: dict[str, Any], message: str, route: tuple[str, ...]) -> None:
    with pytest.raises(ManifestError) as caught:
        require_containers(read_exactly(value), value)
    assert (str(caught.value), caught.value.route) == (message, route)


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
def test_any_container_will_do(kind: str) -> None:
    value = {"spec": {kind: [C]}}
    require_containers(read_pod(value), value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "the pod must be a JSON object, is a list"),
        ("{", "the pod is no JSON: unexpected end of JSON input; pass JSON, or a mapping"),
        ("[" * 20_000, "the pod is nested too deeply to be read"),
    ],
)
def test_no_object(text: str, message: str) -> None:
    for given in (text, text.encode()):
        with pytest.raises(ManifestError) as caught:
            read_pod(given)
        assert str(caught.value) == message
