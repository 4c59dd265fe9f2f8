"""Values with quotes too many or too few: what is made of each, and of whom a person is asked."""

from typing import Any

import pytest

from podproof.edits.edit import Edit
from podproof.findings import ContainerRef, Finding, Severity
from podproof.fixes.change import PlannedChange
from podproof.fixes.wrong_types import mend_wrong_type
from podproof.manifest.route import Route

A = ContainerRef("a", "container")
PLACE: Route = ("spec", "containers", 0)
ROUTE: Route = (*PLACE, "x", "y")


def mended(written: Any, message: str, place: Route = PLACE) -> PlannedChange | None:
    value = {"spec": {"containers": [{"x": {"y": written}}]}}
    return mend_wrong_type(value, Finding("wrong-type", Severity.ERROR, message, ROUTE, A), place)


@pytest.mark.parametrize(
    ("written", "meant"), [("true", True), ("false", False), ("7", 7), ("0", 0), ("-1", -1)]
)
def test_quotes_too_many(written: str, meant: Any) -> None:
    shown = f"x.y: {written} without quotes"
    why = "nothing of the object is taken while it is a text"
    edits = (Edit(ROUTE, "set", meant),)
    change = mended(written, f"refused: write {written} without quotes")
    assert change == PlannedChange("tighter", edits, shown, why, ("wrong-type",), A)
    assert change is not None
    assert type(change.edits[0].value) is type(meant)


@pytest.mark.parametrize(
    ("written", "meant"), [(True, "true"), (False, "false"), (7, "7"), (0, "0"), (-1, "-1")]
)
def test_quotes_too_few(written: Any, meant: str) -> None:
    """How it was written is not known any more: 010 and yes are 8 and true."""
    why = f"only text is taken here: confirm that {meant} is the text that is meant"
    assert mended(written, "refused: write it in quotes") == PlannedChange(
        "guess", (Edit(ROUTE, "set", meant),), f"x.y: {meant} in quotes", why, ("wrong-type",), A
    )


def test_words_are_counted_from_the_place() -> None:
    change = mended(7, "write it in quotes", ("spec",))
    assert change is not None
    assert change.what == "containers[0].x.y: 7 in quotes"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("true", "refused"),
        ("true", "refused: write it in quotes"),
        ("7", "write 8 without quotes"),
        ("7", "write 7 without quotes, or leave it"),
        (7, "refused"),
        (7, "write 7 without quotes"),
        (7, "write it in quotes, or leave it"),
        (1.5, "write it in quotes"),
        (None, "write it in quotes"),
        ([], "write it in quotes"),
        ({}, "write it in quotes"),
    ],
)
def test_what_neither_mends(written: Any, message: str) -> None:
    assert mended(written, message) is None
