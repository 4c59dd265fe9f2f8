"""What changes have emptied goes with the last of them that takes something out of it."""

from typing import Any

import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.edits.json_patch import json_patch
from podproof.findings import ContainerRef
from podproof.fixes.change import PlannedChange
from podproof.fixes.emptied import without_emptied
from podproof.manifest.route import Route

CONTEXT: Route = ("spec", "securityContext")
ADD, DROP = (*CONTEXT, "capabilities", "add"), (*CONTEXT, "capabilities", "drop")


def removing(*routes: Route) -> PlannedChange:
    return PlannedChange("tighter", tuple(Edit(route, "remove") for route in routes), "", "", ())


def added(before: dict[str, Any], *changes: PlannedChange) -> list[list[Route]]:
    """Give by change what it removes beside its own edits, once they all are made."""
    edits = [edit for change in changes for edit in change.edits]
    after = apply_edits(before, edits)
    cleaned = without_emptied(before, after, changes)
    assert [one.edits[: len(change.edits)] for one, change in zip(cleaned, changes, strict=True)] == [
        change.edits for change in changes
    ]
    value: Any = before
    for one in cleaned:
        assert json_patch(value, one.edits), "a change that finds nothing left to do would not be told"
        value = apply_edits(value, one.edits)
    more = [one.edits[len(change.edits) :] for one, change in zip(cleaned, changes, strict=True)]
    assert all(edit.operation == "remove" and edit.value is None for those in more for edit in those)
    return [[edit.route for edit in those] for those in more]


@pytest.mark.parametrize(
    ("context", "removed", "gone"),
    [
        ({"privileged": True}, ["privileged"], [CONTEXT]),
        ({"privileged": True, "runAsUser": 5}, ["privileged"], []),
        ({"privileged": True, "runAsUser": None}, ["privileged"], []),
        ({"privileged": True, "runAsUser": 0}, ["privileged", "runAsUser"], [CONTEXT]),
        ({"capabilities": {"add": []}}, ["capabilities"], [CONTEXT]),
        # what was empty says so on purpose, or by mistake: it stays, with what holds it
        ({"privileged": True, "capabilities": {}}, ["privileged"], []),
        # an empty one of these is not as good as none
        ({"privileged": True, "seLinuxOptions": {}}, ["privileged"], []),
    ],
)
def test_a_context(context: dict[str, Any], removed: list[str], gone: list[Route]) -> None:
    before = {"spec": {"securityContext": context, "hostPID": True}}
    assert added(before, removing(*((*CONTEXT, name) for name in removed))) == [gone]


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        ("annotations", True), ("capabilities", True), ("securityContext", True), ("windowsOptions", True),
        ("seLinuxOptions", False), ("labels", False), ("nodeSelector", False), ("emptyDir", False),
    ],
)  # fmt: skip
def test_which_mappings_are_as_good_as_none(name: str, goes: bool) -> None:
    before = {"x": {name: {"a": 1}}, name: {"a": 1}}
    assert added(before, removing(("x", name, "a"))) == [[("x", name)] if goes else []]
    assert added(before, removing((name, "a"))) == [[(name,)] if goes else []]


def test_what_holds_it_goes_too_where_that_is_all() -> None:
    before = {"spec": {"securityContext": {"capabilities": {"add": ["A"], "drop": ["B"]}}}}
    capabilities = (*CONTEXT, "capabilities")
    assert added(before, removing(ADD)) == [[]]
    assert added(before, removing(ADD, DROP)) == [[capabilities, CONTEXT]]
    assert added(before, removing(DROP), removing(ADD)) == [[], [capabilities, CONTEXT]]
    assert added(before, removing((*CONTEXT, "capabilities"))) == [[CONTEXT]]
    more = {"spec": {"securityContext": {**before["spec"]["securityContext"], "privileged": True}}}
    assert added(more, removing(ADD, DROP)) == [[capabilities]]


@pytest.mark.parametrize("privileged_first", [True, False])
def test_each_goes_with_the_last_change_that_takes_something_out_of_it(privileged_first: bool) -> None:
    before = {"spec": {"securityContext": {"capabilities": {"add": ["A"]}, "privileged": True}}}
    inner, outer = removing(ADD), removing((*CONTEXT, "privileged"))
    capabilities = (*CONTEXT, "capabilities")
    if privileged_first:
        assert added(before, outer, inner) == [[], [capabilities, CONTEXT]]
    else:
        assert added(before, inner, outer) == [[capabilities], [CONTEXT]]


def test_containers_are_looked_at_each_for_itself() -> None:
    places: list[Route] = [("spec", "containers", index, "securityContext") for index in range(3)]
    contexts = [{"privileged": True}, {"privileged": True, "runAsUser": 5}, {"privileged": True}]
    before = {"spec": {"containers": [{"name": "x", "securityContext": one} for one in contexts]}}
    changes = [removing((*place, "privileged")) for place in places]
    assert added(before, *changes) == [[places[0]], [], [places[2]]]


def test_what_is_written_again_is_not_empty() -> None:
    before = {"spec": {"securityContext": {"capabilities": {"add": ["A"]}}}}
    written = PlannedChange("tighter", (Edit(DROP, "set", ["ALL"]),), "", "", ())
    assert added(before, removing(ADD), written) == [[], []]
    emptied = PlannedChange("tighter", (Edit((*CONTEXT, "capabilities"), "set", {}),), "", "", ())
    assert added(before, emptied) == [[]], "somebody wrote it so"


@pytest.mark.parametrize("there", [None, [], "", 0])
def test_only_mappings_go(there: object) -> None:
    """What is not a mapping where one should be is a finding of its own."""
    before = {"spec": {"securityContext": {"privileged": True}}}
    change = removing((*CONTEXT, "privileged"))
    assert without_emptied(before, {"spec": {"securityContext": there}}, [change]) == [change]
    assert without_emptied({"spec": {"securityContext": there}}, {"spec": {}}, [change]) == [change]


@pytest.mark.parametrize("spec", [{}, {"securityContext": None}, {"securityContext": {}}])
def test_what_had_nothing_in_it_was_not_emptied(spec: dict[str, Any]) -> None:
    change = removing((*CONTEXT, "privileged"))
    after = {"spec": {"securityContext": {}}}
    assert without_emptied({"spec": spec}, after, [change]) == [change]


def test_nothing_else_of_a_change_is_other_than_before() -> None:
    before = {"spec": {"securityContext": {"privileged": True}}}
    edits = (Edit((*CONTEXT, "privileged"), "remove"),)
    container = ContainerRef("a", "container")
    change = PlannedChange("same", edits, "what", "why", ("check",), container, "shown", "name")
    whole = PlannedChange(
        "same", (*edits, Edit(CONTEXT, "remove")), "what", "why", ("check",), container, "shown", "name"
    )
    assert without_emptied(before, {"spec": {"securityContext": {}}}, [change]) == [whole]
    assert without_emptied(before, before, []) == []
