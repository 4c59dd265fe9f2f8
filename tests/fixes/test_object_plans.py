"""In what order changes to an object are planned, which are taken back, and what is tidied then."""

from typing import Any

import pytest
from test_object_rules import (
    TWO,
    A,
    B,
    Inheriting,
    MadeUpJudge,
    Rule,
    has,
    lacks,
    left,
    made,
    mended,
    place_of,
    put,
    remove,
    spec_of,
    unwanted,
    wants_non_root,
)

from podproof.edits.edit import Edit
from podproof.findings import ContainerRef, Severity

# the order


@pytest.mark.parametrize("check", ["unknown-capability", "localhost-prefix", "seccomp-annotation-ignored"])
def test_mistakes_are_mended_before_what_a_level_asks_for(check: str) -> None:
    rules = (unwanted(A, "x"), Rule(check, A, has("w"), remove(A, "w"), Severity.WARNING), unwanted(B, "x"))
    assert made(mended(TWO, MadeUpJudge(*rules))) == ["a remove w", "a remove x", "b remove x"]


@pytest.mark.parametrize("steps", [1, 7, 8, 9, 20])
def test_so_many_times_one_mending_may_uncover_another(steps: int) -> None:
    chain = [
        Rule("x", A, lambda there, step=step: there["x"] == step,  # type: ignore[misc]  # mypy cannot infer a lambda with a default
             [Edit((*place_of(A), "x"), "set", step + 1)])
        for step in range(1, steps + 1)
    ]  # fmt: skip
    assert len(mended(TWO, MadeUpJudge(*chain)).changes) == min(steps, 8)


def wrong_types(steps: int) -> list[Rule]:
    """Make rules that each find a text that should be a number, once those before are numbers."""

    def is_next(there: dict[str, Any], step: int) -> bool:
        names = [f"x{one}" for one in range(step)]
        return isinstance(there[f"x{step}"], str) and all(isinstance(there[name], int) for name in names)

    return [
        Rule(
            "wrong-type", A, lambda there, step=step: is_next(there, step),  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            at=f"x{step}", message="write 7 without quotes",
        )
        for step in range(steps)
    ]  # fmt: skip


@pytest.mark.parametrize("steps", [1, 8, 9, 20])
def test_so_many_times_one_mistake_may_hide_another(steps: int) -> None:
    value = spec_of({f"x{step}": "7" for step in range(steps)})
    fix = mended(value, MadeUpJudge(*wrong_types(steps)))
    assert [change.what for change in fix.changes] == [
        f"x{step}: 7 without quotes" for step in range(min(steps, 8))
    ]


def test_mistakes_of_a_kind_that_nobody_wants_stay() -> None:
    value = spec_of({"x0": "7"})
    assert made(mended(value, MadeUpJudge(*wrong_types(1)), kinds=frozenset(("same", "guess")))) == []
    assert made(mended(value, MadeUpJudge(*wrong_types(1)), kinds=frozenset(("tighter",)))) != []


# which one is taken back


@pytest.mark.parametrize(("fields", "kept"), [(2, 1), (40, 39), (41, 0)])
def test_so_many_are_tried_for_the_one_at_fault(fields: int, kept: int) -> None:
    """The one at fault was made first, and is tried last."""
    names = [f"x{number}" for number in range(fields)]
    rules = [unwanted(A, name) for name in names]
    fix = mended(spec_of(dict.fromkeys(names, 1)), MadeUpJudge(*rules, Rule("needs", A, lacks("x0"))))
    assert len(fix.changes) == kept
    assert fix.worse == ""


def test_of_two_that_are_worse_together_the_last_is_taken_back() -> None:
    def neither(there: dict[str, Any]) -> bool:
        return "x" not in there and "w" not in there

    rules = (unwanted(A, "x"), unwanted(A, "w"), unwanted(B, "x"), Rule("needs", A, neither))
    assert made(mended(TWO, MadeUpJudge(*rules))) == ["a remove x", "b remove x"]


@pytest.mark.parametrize("worse_at", [None, A, B])
def test_what_is_written_at_the_pod_is_taken_back_where_it_is_worse(worse_at: ContainerRef | None) -> None:
    """The pod's worsening is that of all its containers; what has nothing to do with it stays."""

    def says_so(there: dict[str, Any]) -> bool:
        return bool(there.get("securityContext"))

    rules = [wants_non_root(A), wants_non_root(B), unwanted(A, "w"), Rule("worse", worse_at, says_so)]
    fix = mended(spec_of({"w": 1}, {}), Inheriting(*rules))
    other = {A: ["b securityContext.runAsNonRoot: true"], B: ["a securityContext.runAsNonRoot: true"]}
    assert sorted(made(fix)) == sorted(["a remove w", *(other[worse_at] if worse_at else [])])
    assert fix.worse == ""


def test_what_else_is_worse_at_the_same_container_is_taken_back_next() -> None:
    rules = (
        unwanted(A, "x"), unwanted(A, "w"), unwanted(B, "x"),
        Rule("needs-x", A, lacks("x")), Rule("needs-w", A, lacks("w")),
    )  # fmt: skip
    fix = mended(TWO, MadeUpJudge(*rules))
    assert (made(fix), left(fix)) == (["b remove x"], ["a no-x", "a no-w"])


# what becomes pointless


def test_what_a_change_writes_is_not_removed_again() -> None:
    """What is pointless was not there before: the change itself is the mistake, and is taken back."""
    idle = Rule("idle", A, has("y"), remove(A, "y"), Severity.WARNING)
    writes = Rule("e", A, has("x"), [*remove(A, "x"), *put(A, "y")])
    assert made(mended(TWO, MadeUpJudge(writes, idle, unwanted(B, "x")))) == ["b remove x"]


def test_all_of_what_is_pointless_must_have_been_there() -> None:
    def pointless(there: dict[str, Any]) -> bool:
        return "x" not in there and "w" in there

    for name, kept in (("w", True), ("z", False)):
        edits = [*remove(A, "w"), *remove(A, name)]
        idle = Rule("idle", A, pointless, edits, Severity.WARNING)
        fix = mended(TWO, MadeUpJudge(unwanted(A, "x"), idle))
        assert bool(fix.changes) is kept


def test_what_has_no_remedy_is_not_mended() -> None:
    def pointless(there: dict[str, Any]) -> bool:
        return "x" not in there

    rules = (unwanted(A, "x"), Rule("idle", A, pointless, None, Severity.WARNING))
    assert made(mended(TWO, MadeUpJudge(*rules))) == []


# what is empty then

CONTEXT = ("securityContext", "privileged")


@pytest.mark.parametrize("worse", [False, True])
def test_what_is_empty_goes_unless_that_is_worse(worse: bool) -> None:
    def is_privileged(there: dict[str, Any]) -> bool:
        return "privileged" in there.get("securityContext", {})

    rules = [Rule("e", A, is_privileged, [Edit((*place_of(A), *CONTEXT), "remove")])]
    if worse:
        rules.append(Rule("bare", A, lacks("securityContext")))
    judge = MadeUpJudge(*rules)
    fix = mended(spec_of({"securityContext": {"privileged": True}}), judge)
    assert fix.value == spec_of({"securityContext": {}} if worse else {})
    assert fix.value == judge.asked[-1][0] or worse
    routes = [edit.route[3:] for edit in fix.edits]
    assert routes == [CONTEXT] if worse else [CONTEXT, CONTEXT[:1]]
    assert (left(fix), fix.worse) == ([], "")


def test_what_is_left_is_found_in_what_it_is_then() -> None:
    """Where an empty mapping goes, a finding of what it says goes with it."""
    rules = (
        Rule("e", A, lambda there: "privileged" in there.get("securityContext", {}),
             [Edit((*place_of(A), *CONTEXT), "remove")]),
        Rule("empty", A, has("securityContext")),
    )  # fmt: skip
    assert left(mended(spec_of({"securityContext": {"privileged": True}}), MadeUpJudge(*rules))) == []


# how often the judge is asked


@pytest.mark.parametrize(
    ("rules", "number"),
    [
        ((), 0),
        ((Rule("e", A, has("x")),), 0),
        ((unwanted(A, "x"), unwanted(B, "x")), 1),
        (
            (unwanted(A, "x"), Rule("e", A, lambda there: "x" not in there and "w" in there, remove(A, "w"))),
            2,
        ),
    ],
)
def test_the_judge_is_asked_once_for_each_round(rules: tuple[Rule, ...], number: int) -> None:
    judge = MadeUpJudge(*rules)
    mended(TWO, judge)
    assert len(judge.asked) - 1 == number
