"""What a change does, in a few words: the route as it is counted, and the value as YAML would show it."""

from typing import Any

import pytest

from podproof.edits.edit import Edit
from podproof.fixes.words import what_of
from podproof.manifest.route import Route

PLACE: Route = ("spec", "containers", 0)


@pytest.mark.parametrize(
    ("route", "shown"),
    [
        ((*PLACE, "securityContext", "runAsUser"), "securityContext.runAsUser"),
        ((*PLACE, "image"), "image"),
        (PLACE, "spec.containers[0]"),
        (("spec", "containers", 1, "image"), "spec.containers[1].image"),
        (("spec", "hostPID"), "spec.hostPID"),
        (("spec",), "spec"),
    ],
)
def test_a_route_is_counted_from_the_place_that_it_lies_in(route: Route, shown: str) -> None:
    assert what_of([Edit(route, "remove")], PLACE) == f"remove {shown}"
    assert what_of([Edit(route, "set", 7)], PLACE) == f"{shown}: 7"


def test_without_a_place_it_is_counted_from_the_object() -> None:
    assert what_of([Edit(("spec", "hostPID"), "remove")], ()) == "remove spec.hostPID"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (0, "0"),
        (1, "1"),
        ("RuntimeDefault", "RuntimeDefault"),
        ([], "[]"),
        ({}, "{}"),
        (["ALL", True], "[ALL, true]"),
        (("ALL", "KILL"), "[ALL, KILL]"),
        ({"type": "Localhost", "a": None}, "{type: Localhost, a: null}"),
        ({"drop": ["ALL"], "add": [{"b": False}]}, "{drop: [ALL], add: [{b: false}]}"),
    ],
)
def test_a_value_is_shown_as_in_a_manifest(value: Any, shown: str) -> None:
    assert what_of([Edit(("a",), "set", value)], ()) == f"a: {shown}"


def test_edits_that_belong_together_are_listed_in_their_order() -> None:
    edits = [Edit((*PLACE, "b"), "set", 1), Edit((*PLACE, "a"), "remove"), Edit(("spec", "c"), "set", 2)]
    assert what_of(edits, PLACE) == "b: 1, remove a, spec.c: 2"
