"""What containers would repeat after their pod: who says nothing then, and what is removed instead."""

from typing import Any

import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.findings import ContainerRef
from podproof.fixes.change import PlannedChange, PodToFix
from podproof.fixes.repeats import without_repeats
from podproof.manifest.route import Route

A, B = ContainerRef("a", "container"), ContainerRef("b", "container")
PLACES: dict[ContainerRef, Route] = {A: ("spec", "containers", 0), B: ("spec", "containers", 1)}
POD = PodToFix(("spec",), (A, B), (PLACES[A], PLACES[B]))
PROFILE = {"type": "RuntimeDefault"}


def context(place: Route, *names: str) -> Route:
    return (*place, "securityContext", *names)


def setting(container: ContainerRef | None, name: str, value: Any) -> PlannedChange:
    place = PLACES[container] if container else ("spec",)
    edits = (Edit(context(place, name), "set", value),)
    return PlannedChange("tighter", edits, f"set {name}", "why", ("check",), container, "shown", "name")


def spec_of(pod: Any, a: Any = None, b: Any = None) -> dict[str, Any]:
    containers = [{} if one is None else {"securityContext": one} for one in (a, b)]
    return {"spec": {"containers": containers, **({} if pod is None else {"securityContext": pod})}}


def kept(before: dict[str, Any], *changes: PlannedChange) -> list[str]:
    """Give what is left of changes, by container, and what a container removes instead."""
    after = before
    for change in changes:
        after = apply_edits(after, change.edits)
    left = without_repeats(before, after, [POD], changes)
    for one in left:
        original = next(change for change in changes if change.container == one.container)
        assert (one.kind, one.why, one.checks, one.shown, one.name) == (
            original.kind, original.why, original.checks, original.shown, original.name,
        )  # fmt: skip
    return [f"{one.container.name if one.container else 'pod'} {one.what}" for one in left]


@pytest.mark.parametrize(
    ("before", "changes", "left"),
    [
        # the pod says it already, or comes to say it
        (spec_of({"runAsNonRoot": True}), [setting(A, "runAsNonRoot", True)], []),
        (spec_of(None), [setting(A, "runAsNonRoot", True), setting(None, "runAsNonRoot", True)],
         ["pod set runAsNonRoot"]),
        (spec_of({"seccompProfile": PROFILE}), [setting(A, "seccompProfile", PROFILE)], []),
        # what contradicted the pod is removed, not written anew
        (spec_of({"runAsNonRoot": True}, {"runAsNonRoot": False}), [setting(A, "runAsNonRoot", True)],
         ["a remove securityContext.runAsNonRoot"]),
        (spec_of({"seccompProfile": PROFILE}, None, {"seccompProfile": {"type": "Unconfined"}}),
         [setting(B, "seccompProfile", PROFILE)], ["b remove securityContext.seccompProfile"]),
        # null says nothing
        (spec_of({"runAsNonRoot": True}, {"runAsNonRoot": None}), [setting(A, "runAsNonRoot", True)], []),
        # each for itself
        (spec_of({"runAsNonRoot": True}, {"runAsNonRoot": False}),
         [setting(A, "runAsNonRoot", True), setting(B, "runAsNonRoot", True)],
         ["a remove securityContext.runAsNonRoot"]),
        # what the pod does not say, or says otherwise
        (spec_of(None), [setting(A, "runAsNonRoot", True)], ["a set runAsNonRoot"]),
        (spec_of({"runAsNonRoot": False}), [setting(A, "runAsNonRoot", True)], ["a set runAsNonRoot"]),
        (spec_of({"seccompProfile": {"type": "Unconfined"}}), [setting(A, "seccompProfile", PROFILE)],
         ["a set seccompProfile"]),
        (spec_of({"runAsNonRoot": None}), [setting(A, "runAsNonRoot", None)], ["a set runAsNonRoot"]),
        # fields that a pod has not, or with another meaning
        (spec_of({"runAsUser": 7}), [setting(A, "runAsUser", 7)], ["a set runAsUser"]),
        (spec_of({"privileged": False}), [setting(A, "privileged", False)], ["a set privileged"]),
        # the pod's own change stays
        (spec_of({"runAsNonRoot": False}), [setting(None, "runAsNonRoot", True)], ["pod set runAsNonRoot"]),
    ],
)  # fmt: skip
def test_who_says_it(before: dict[str, Any], changes: list[PlannedChange], left: list[str]) -> None:
    assert kept(before, *changes) == left


ROUTE = context(PLACES[A], "runAsNonRoot")


@pytest.mark.parametrize(
    "edits",
    [
        (Edit(ROUTE, "set", True), Edit(context(PLACES[A], "privileged"), "set", False)),
        (Edit(context(PLACES[A], "runAsNonRoot", "x"), "remove"),),
        (Edit(ROUTE, "remove"),),
        (),
    ],
)
def test_changes_that_do_something_else_stay(edits: tuple[Edit, ...]) -> None:
    value = spec_of({"runAsNonRoot": True}, {"runAsNonRoot": True})
    change = PlannedChange("same", edits, "what", "why", (), A)
    assert without_repeats(value, value, [POD], [change]) == [change]


def test_a_removal_is_one_edit_of_the_container() -> None:
    before = spec_of({"runAsNonRoot": True}, {"runAsNonRoot": False})
    change = setting(A, "runAsNonRoot", True)
    (left,) = without_repeats(before, apply_edits(before, change.edits), [POD], [change])
    assert left.edits == (Edit(ROUTE, "remove"),)


def test_each_pod_of_an_object_is_looked_at() -> None:
    roles = ("driver", "worker")
    places: list[Route] = [(role, "spec", "containers", 0) for role in roles]
    pods = [PodToFix((role, "spec"), (A,), (place,)) for role, place in zip(roles, places, strict=True)]
    value = {role: spec_of({"runAsNonRoot": role == "worker"}) for role in roles}
    changes = [
        PlannedChange("tighter", (Edit(context(place, "runAsNonRoot"), "set", True),), role, "", (), A)
        for role, place in zip(roles, places, strict=True)
    ]
    after: Any = value
    for change in changes:
        after = apply_edits(after, change.edits)
    assert [one.what for one in without_repeats(value, after, pods, changes)] == ["driver"]
