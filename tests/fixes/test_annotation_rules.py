"""What becomes of the seccomp annotations of old: the field says the same where none is written."""

from typing import Any

import pytest

from podproof.edits.edit import Edit
from podproof.findings import ContainerRef
from podproof.fixes.annotations import plan_annotations
from podproof.fixes.change import PlannedChange, PodToFix

POD = "seccomp.security.alpha.kubernetes.io/pod"
OF_A = "container.seccomp.security.alpha.kubernetes.io/a"
A, B = ("spec", "containers", 0), ("spec", "containers", 1)
RUNTIME, LOCAL = {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "p/x.json"}


def planned(annotations: Any, **spec: Any) -> list[PlannedChange]:
    value = {
        "metadata": {"annotations": annotations},
        "spec": {"containers": [{"name": "a"}, {"name": "b"}], **spec},
    }
    containers = (ContainerRef("a", "container"), ContainerRef("b", "container"))
    return list(plan_annotations(value, PodToFix(("spec",), containers, (A, B))))


CONTEXT = {"seccompProfile": {"type": "Unconfined"}}


@pytest.mark.parametrize(
    ("key", "said", "spec", "place", "profile"),
    [
        (POD, "runtime/default", {}, ("spec",), RUNTIME),
        (POD, "docker/default", {}, ("spec",), RUNTIME),
        (POD, "localhost/p/x.json", {}, ("spec",), LOCAL),
        (POD, "unconfined", {}, None, None),
        (POD, "", {}, None, None),
        (POD, 7, {}, None, None),
        (OF_A, "runtime/default", {}, A, RUNTIME),
        (OF_A, "localhost/p/x.json", {}, A, LOCAL),
        (OF_A[:-1] + "c", "runtime/default", {}, None, None),
        # what the field says stays, of this place alone
        (POD, "runtime/default", {"securityContext": CONTEXT}, None, None),
        (POD, "runtime/default", {"securityContext": {"seccompProfile": None}}, ("spec",), RUNTIME),
        (POD, "runtime/default", {"containers": [{"name": "a", "securityContext": CONTEXT}]}, ("spec",),
         RUNTIME),
        (OF_A, "runtime/default", {"securityContext": CONTEXT}, A, RUNTIME),
        (OF_A, "runtime/default", {"containers": [{"name": "a", "securityContext": CONTEXT}]}, None, None),
        # Windows has no such field
        (POD, "runtime/default", {"os": {"name": "windows"}}, None, None),
        (POD, "runtime/default", {"os": {"name": "linux"}}, ("spec",), RUNTIME),
        (OF_A, "runtime/default", {"os": {"name": "windows"}}, None, None),
    ],
)  # fmt: skip
def test_one_annotation(key: str, said: Any, spec: Any, place: Any, profile: Any) -> None:
    removal = Edit(("metadata", "annotations", key), "remove")
    checks = ("seccomp-annotation-ignored",)
    if profile is None:
        why = "the annotation is not read any more, and nothing is lost"
        expected = PlannedChange("same", (removal,), f"remove the annotation {key}", why, checks)
    else:
        edits = (removal, Edit((*place, "securityContext", "seccompProfile"), "set", profile))
        why = "the annotation is not read any more: the profile takes effect now"
        expected = PlannedChange(
            "tighter", edits, f"seccompProfile as the annotation {key} says", why, checks
        )
    assert planned({key: said, "other": said}, **spec) == [expected]


@pytest.mark.parametrize(
    "annotations", [None, {}, [], "x", {"seccomp": "runtime/default"}, {POD + "x": "", 7: ""}]
)
def test_nothing_to_remove(annotations: Any) -> None:
    assert planned(annotations) == []


def test_annotations_of_a_workload_are_its_pods() -> None:
    """Those of the object itself say nothing of its pods."""
    spec = ("spec", "template", "spec")
    value: Any = {
        "metadata": {"annotations": {POD: "runtime/default"}},
        "spec": {
            "metadata": {"annotations": {POD: "runtime/default"}},
            "template": {"metadata": {"annotations": {OF_A: "unconfined"}}, "spec": {}},
        },
    }
    (change,) = plan_annotations(value, PodToFix(spec, (), ()))
    assert change.edits == (Edit(("spec", "template", "metadata", "annotations", OF_A), "remove"),)
