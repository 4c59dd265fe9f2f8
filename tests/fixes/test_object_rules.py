"""How an object is mended: what is taken up, what uncovers what, and what is taken back because it makes
something worse.

The judge is made up: it finds what `Rule`s say, so that findings can come and go as no check's do together.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec
import pytest

from podproof.edits.edit import Edit, Fix
from podproof.findings import ContainerRef, Finding, Severity
from podproof.kube.workload import Learned
from podproof.manifest.route import Route, value_at
from podproof.results.checked import ObjectRef
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.judge import Judge, Judged, JudgedPod

NAMES = "abcdefghij"
CONTAINERS = tuple(ContainerRef(name, "container") for name in NAMES)
A, B, C = CONTAINERS[:3]


class Rule(msgspec.Struct):
    """Finds `check` at a container, None for the pod, where `holds` is true of it; `edits` mend it."""

    check: str
    container: ContainerRef | None
    holds: Callable[[dict[str, Any]], bool]
    edits: Sequence[Edit] | None = None
    severity: Severity = Severity.ERROR
    safe: bool = False
    at: str = ""
    """The field that it speaks of; "": all of the container or pod."""
    message: str = ""


def place_of(container: ContainerRef | None) -> Route:
    return ("spec",) if container is None else ("spec", "containers", NAMES.index(container.name))


class MadeUpJudge:
    """Finds what its rules say; `asked` are the values that it was asked about, and with what."""

    minor = 0

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self.asked: list[tuple[Any, object]] = []

    def judge(
        self, value: Any, reports: Callable[[str], bool] = lambda check: True, learned: object = None
    ) -> Judged:
        self.asked.append((value, learned))
        number = len(value["spec"]["containers"])
        containers = CONTAINERS[:number]
        pod = JudgedPod((), False, containers, tuple(map(place_of, containers)), None)
        found = []
        for rule in self.rules:
            place = place_of(rule.container)
            if reports(rule.check) and rule.holds(value_at(value, place)):
                fix = None if rule.edits is None else Fix(tuple(rule.edits), rule.safe)
                route = (*place, rule.at) if rule.at else place
                message = rule.message or f"says {rule.check}"
                found.append(Finding(rule.check, rule.severity, message, route, rule.container, fix=fix))
        return Judged(ObjectRef("v1", "Pod", None, "p"), (pod,), tuple(found))


def spec_of(*containers: dict[str, Any], **pod: Any) -> dict[str, Any]:
    named = [{"name": name, **one} for name, one in zip(NAMES, containers, strict=False)]
    return {"apiVersion": "v1", "kind": "Pod", "spec": {**pod, "containers": named}}


def has(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda there: name in there


def lacks(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda there: name not in there


def remove(container: ContainerRef | None, name: str) -> list[Edit]:
    return [Edit((*place_of(container), name), "remove")]


def put(container: ContainerRef | None, *names: str) -> list[Edit]:
    return [Edit((*place_of(container), *names), "set", True)]


def unwanted(container: ContainerRef | None, name: str, **rest: Any) -> Rule:
    """Make a rule that finds a field and removes it."""
    return Rule(f"no-{name}", container, has(name), remove(container, name), **rest)


def mended(
    value: Any,
    judge: MadeUpJudge,
    reports: Callable[[str], bool] = lambda check: True,
    stays: Callable[[Finding], bool] = lambda finding: False,
    **options: Any,
) -> ObjectFix:
    before = judge.judge(value, reports)
    return fix_object(value, before, cast("Judge", judge), FixOptions(**options), reports, stays, None)


def made(fix: ObjectFix) -> list[str]:
    return [f"{change.container.name if change.container else 'pod'} {change.what}" for change in fix.changes]


def left(fix: ObjectFix) -> list[str]:
    return [
        f"{finding.container.name if finding.container else 'pod'} {finding.check}" for finding in fix.left
    ]


# what is taken up

TWO = spec_of({"x": 1, "w": 1}, {"x": 1})


@pytest.mark.parametrize(
    ("severity", "options", "changes"),
    [
        (Severity.ERROR, {}, ["a remove x"]),
        (Severity.WARNING, {}, []),
        (Severity.NOTE, {}, []),
        (Severity.NOTE, {"asked": frozenset(("no-x",))}, ["a remove x"]),
        (Severity.WARNING, {"asked": frozenset(("no-w",))}, []),
        (Severity.ERROR, {"kinds": frozenset(("tighter",))}, ["a remove x"]),
        (Severity.ERROR, {"kinds": frozenset(("same", "guess"))}, []),
        (Severity.ERROR, {"reports": lambda check: check != "no-x"}, []),
        (Severity.ERROR, {"stays": lambda finding: finding.check == "no-x"}, []),
        (Severity.ERROR, {"stays": lambda finding: finding.container != A}, ["a remove x"]),
    ],
)
def test_which_findings_are_mended(severity: Severity, options: dict[str, Any], changes: list[str]) -> None:
    fix = mended(TWO, MadeUpJudge(unwanted(A, "x", severity=severity)), **options)
    assert made(fix) == changes
    there = severity is Severity.ERROR and not changes and "kinds" in options
    assert left(fix) == (["a no-x"] if there else [])
    assert fix.value == (spec_of({"w": 1}, {"x": 1}) if changes else TWO)
    assert fix.edits == tuple(remove(A, "x") if changes else ())
    assert fix.worse == ""


def test_a_change_that_is_the_same_for_the_process_is_another_kind() -> None:
    rules = MadeUpJudge(unwanted(A, "x", safe=True), unwanted(B, "x"))
    assert [change.kind for change in mended(TWO, rules).changes] == ["same", "tighter"]
    assert made(mended(TWO, rules, kinds=frozenset(("same",)))) == ["a remove x"]


def test_only_errors_are_left() -> None:
    rules = (
        Rule("e", A, has("x")),
        Rule("w", A, has("x"), severity=Severity.WARNING),
        Rule("n", B, has("x"), severity=Severity.NOTE),
        Rule("f", B, has("x")),
    )
    fix = mended(TWO, MadeUpJudge(*rules), asked=frozenset(("w", "n")))
    assert (left(fix), made(fix)) == (["a e", "b f"], [])
    assert left(mended(TWO, MadeUpJudge(*rules), reports=lambda check: check != "e")) == ["b f"]
    assert left(mended(TWO, MadeUpJudge(*rules), stays=lambda finding: finding.container == A)) == ["b f"]


def test_the_judge_is_asked_about_what_was_asked_for_and_what_was_learned() -> None:
    judge = MadeUpJudge(unwanted(A, "x"), Rule("other", A, lacks("x")))
    learned: Learned = {}
    reports = "no-x".__eq__
    fix = fix_object(
        TWO,
        judge.judge(TWO, reports),
        cast("Judge", judge),
        FixOptions(),
        reports,
        lambda finding: False,
        learned,
    )
    assert made(fix) == ["a remove x"], "what nobody asked for took it back"
    assert [(value, with_) for value, with_ in judge.asked[1:]] == [(fix.value, learned)]


def test_what_a_mending_uncovers_is_mended_too() -> None:
    chain = [
        Rule(str(step), A, lambda there, step=step: there["x"] == step,  # type: ignore[misc]  # mypy cannot infer a lambda with a default
             [Edit((*place_of(A), "x"), "set", step + 1)])
        for step in range(1, 4)
    ]  # fmt: skip
    fix = mended(TWO, MadeUpJudge(*chain))
    assert made(fix) == ["a x: 2", "a x: 3", "a x: 4"]
    assert fix.value == spec_of({"x": 4, "w": 1}, {"x": 1})


def test_what_comes_back_for_ever_ends() -> None:
    rules = [
        Rule("on", A, has("x"), [*remove(A, "x"), *put(A, "y")]),
        Rule("off", A, has("y"), [*remove(A, "y"), Edit((*place_of(A), "x"), "set", 1)]),
    ]
    assert len(mended(TWO, MadeUpJudge(*rules)).changes) <= 8


def test_an_edit_that_has_no_place_is_left_out() -> None:
    rules = (Rule("e", A, has("x"), put(A, "x", "deeper")), unwanted(A, "w"))
    fix = mended(TWO, MadeUpJudge(*rules))
    assert fix.value == spec_of({"x": 1}, {"x": 1})
    assert left(fix) == ["a e"]


# what is taken back


def test_what_makes_something_worse_is_taken_back_alone() -> None:
    rules = (unwanted(A, "x"), unwanted(A, "w"), unwanted(B, "x"), Rule("needs-x", A, lacks("x")))
    fix = mended(TWO, MadeUpJudge(*rules))
    assert made(fix) == ["a remove w", "b remove x"]
    assert (left(fix), fix.worse) == (["a no-x"], "")
    assert fix.value == spec_of({"x": 1}, {})


@pytest.mark.parametrize(
    ("severity", "kept"), [(Severity.ERROR, False), (Severity.WARNING, False), (Severity.NOTE, True)]
)
def test_errors_and_warnings_are_worse_and_notes_are_not(severity: Severity, kept: bool) -> None:
    rules = (unwanted(A, "x"), Rule("needs-x", A, lacks("x"), severity=severity))
    assert bool(made(mended(TWO, MadeUpJudge(*rules)))) is kept


@pytest.mark.parametrize(("first", "last"), [("x", "w"), ("w", "x")])
def test_the_one_at_fault_is_found_wherever_it_stands(first: str, last: str) -> None:
    rules = (unwanted(A, first), unwanted(A, last), Rule("needs-x", A, lacks("x")))
    assert made(mended(TWO, MadeUpJudge(*rules))) == ["a remove w"]
    both = (unwanted(None, first), unwanted(None, last), Rule("needs-x", None, lacks("x")))
    assert made(mended(spec_of({}, x=1, w=1), MadeUpJudge(*both))) == ["pod remove w"]


@pytest.mark.parametrize("first", ["x", "w"])
@pytest.mark.parametrize("worse_at", [None, A])
def test_a_change_to_the_pod_is_taken_back_for_what_it_makes_worse(
    first: str, worse_at: ContainerRef | None
) -> None:
    pod = unwanted(None, "x")
    judge = MadeUpJudge()

    def without(_there: dict[str, Any]) -> bool:
        return "x" not in judge.asked[-1][0]["spec"]

    rules = (pod, unwanted(A, "w")) if first == "x" else (unwanted(A, "w"), pod)
    judge.rules = (*rules, Rule("needs-x", worse_at, without))
    fix = mended(spec_of({"w": 1}, x=1), judge)
    assert (made(fix), left(fix), fix.worse) == (["a remove w"], ["pod no-x"], "")


def wants_non_root(container: ContainerRef) -> Rule:
    def says_no(there: dict[str, Any]) -> bool:
        return not there.get("securityContext", {}).get("runAsNonRoot")

    return Rule("non-root", container, says_no, put(container, "securityContext", "runAsNonRoot"))


class Inheriting(MadeUpJudge):
    """Has the pod's security context count for containers that do not say it themselves."""

    def judge(self, value: Any, *rest: Any, **more: Any) -> Judged:
        flat = msgspec.json.decode(msgspec.json.encode(value))
        pod = flat["spec"].get("securityContext", {})
        for container in flat["spec"]["containers"]:
            container["securityContext"] = {**pod, **container.get("securityContext", {})}
        return super().judge(flat, *rest, **more)


def test_what_was_written_at_the_pod_is_taken_back_for_one_container() -> None:
    """Both want it, it is written once; then one of them cannot have it, and the other keeps its own."""
    value = spec_of({}, {})
    rules = [wants_non_root(A), wants_non_root(B)]
    assert made(mended(value, Inheriting(*rules))) == ["pod securityContext.runAsNonRoot: true"]
    rules.append(Rule("worse", A, lambda there: bool(there["securityContext"].get("runAsNonRoot"))))
    fix = mended(value, Inheriting(*rules))
    assert made(fix) == ["b securityContext.runAsNonRoot: true"]
    assert left(fix) == ["a non-root"]


def test_without_one_at_fault_nothing_is_made() -> None:
    """Only changes to the container or its pod are tried, and none of them helps."""
    rules = (unwanted(B, "x"), unwanted(A, "w"))
    worse = MadeUpJudge(*rules)

    def changed(there: dict[str, Any]) -> bool:
        return "x" not in worse.asked[-1][0]["spec"]["containers"][1]

    worse.rules = (*rules, Rule("worse", A, changed))
    fix = mended(TWO, worse)
    assert (made(fix), fix.value, fix.worse) == ([], TWO, "")
    assert left(fix) == ["b no-x", "a no-w"]


def test_without_one_at_fault_nothing_is_written_at_the_pod_either() -> None:
    """What was written once for all containers is taken back for each of them."""
    rules = [wants_non_root(A), wants_non_root(B)]
    judge = Inheriting(*rules)

    def changed(there: dict[str, Any]) -> bool:
        containers = judge.asked[-1][0]["spec"]["containers"]
        return any(container["securityContext"] for container in containers)

    judge.rules = (*rules, Rule("worse", A, changed))
    fix = mended(spec_of({}, {}), judge)
    assert (made(fix), fix.worse) == ([], "")
    assert left(fix) == ["a non-root", "b non-root"]


def test_what_was_taken_back_may_be_mended_in_another_way() -> None:
    """A text that becomes a number and a field that goes are worse each: another rule mends the text."""

    def is_worse(there: dict[str, Any]) -> bool:
        return there.get("x") == 7 or "w" not in there

    rules = (
        Rule("wrong-type", A, lambda there: there.get("x") == "7", at="x", message="write 7 without quotes"),
        unwanted(A, "w"),
        Rule("no-text", A, lambda there: isinstance(there.get("x"), str), remove(A, "x")),
        Rule("worse", A, is_worse),
    )
    fix = mended(spec_of({"x": "7", "w": 1}), MadeUpJudge(*rules))
    assert (made(fix), fix.worse) == (["a remove x"], "")


def test_it_is_another_finding_that_one_change_leaves_at_another_container() -> None:
    """A check that speaks of two containers is cured for one of them by taking back that one's change."""
    rules = [unwanted(one, "x") for one in (A, B)]
    rules += [Rule("needs-x", one, lacks("x")) for one in (A, B)]
    fix = mended(TWO, MadeUpJudge(*rules, unwanted(A, "w")))
    assert made(fix) == ["a remove w"]


@pytest.mark.parametrize(("number", "kept"), [(1, True), (8, True), (9, False)])
def test_so_many_are_taken_back_before_nothing_is_offered(number: int, kept: bool) -> None:
    value = spec_of(*({"x": 1} for _ in range(number)), w=1)
    rules = [unwanted(one, "x") for one in CONTAINERS[:number]]
    rules += [Rule("needs-x", one, lacks("x")) for one in CONTAINERS[:number]]
    fix = mended(value, MadeUpJudge(*rules, unwanted(None, "w")))
    assert made(fix) == (["pod remove w"] if kept else [])
    assert fix.worse == ("" if kept else "says needs-x")
    assert left(fix) == [f"{name} no-x" for name in NAMES[:number]] + ([] if kept else ["pod no-w"])
    assert fix.value == (spec_of(*({"x": 1} for _ in range(number))) if kept else value)


# what counts as worse


def test_what_becomes_pointless_is_mended_with_it() -> None:
    rules = (unwanted(A, "x"), Rule("idle", A, lacks("x"), remove(A, "w"), Severity.WARNING))
    shown = MadeUpJudge(*rules[:1], Rule("idle", A, lambda there: "x" not in there and "w" in there,
                                         remove(A, "w"), Severity.WARNING))  # fmt: skip
    assert made(mended(TWO, shown)) == ["a remove x", "a remove w"]
    assert made(mended(TWO, MadeUpJudge(*rules))) == [], "it stays, so the change is taken back"


def test_what_was_pointless_before_stays() -> None:
    rules = (unwanted(A, "x"), unwanted(A, "w", severity=Severity.WARNING))
    assert made(mended(TWO, MadeUpJudge(*rules))) == ["a remove x"]


def test_more_of_the_same_is_worse() -> None:
    again = Rule("again", A, has("x"))
    more = Rule("again", A, lacks("x"))
    kept = mended(TWO, MadeUpJudge(unwanted(A, "x"), again, more))
    assert made(kept) == ["a remove x"]
    assert made(mended(TWO, MadeUpJudge(unwanted(A, "x"), again, more, more))) == []
    twice = mended(TWO, MadeUpJudge(unwanted(A, "x"), again, again, more, more))
    assert made(twice) == ["a remove x"]


@pytest.mark.parametrize(("check", "kept"), [("privileged", True), ("unused-volume", False)])
def test_a_control_may_name_another_container_than_before(check: str, kept: bool) -> None:
    rules = (unwanted(A, "x"), Rule(check, A, has("x")), Rule(check, B, lambda there: True))
    found = MadeUpJudge(*rules)
    found.rules = (
        rules[0],
        rules[1],
        Rule(check, B, lambda there: "x" not in found.asked[-1][0]["spec"]["containers"][0]),
    )
    assert bool(made(mended(TWO, found))) is kept
