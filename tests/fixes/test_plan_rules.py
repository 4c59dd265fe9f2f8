"""How findings become changes: which are made, in whose words, and what is written once at the pod.

Findings are made up, so that each rule is seen alone; that checks have such fixes is for their own tests.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit, Fix
from podproof.findings import ContainerRef, Finding, Severity
from podproof.fixes.change import PlannedChange, PodToFix
from podproof.fixes.plan import plan_changes
from podproof.manifest.route import Route

A, B, C = (ContainerRef(name, "container") for name in "abc")
PLACES: dict[ContainerRef, Route] = {one: ("spec", "containers", n) for n, one in enumerate((A, B, C))}
PROFILE = {"type": "RuntimeDefault"}


def pod_of(*containers: ContainerRef) -> PodToFix:
    return PodToFix(("spec",), containers, tuple(PLACES[one] for one in containers))


def finding(
    route: Route, edits: Sequence[Edit], container: ContainerRef | None = None, **rest: Any
) -> Finding:
    fix = Fix(tuple(edits), rest.pop("safe", False))
    return Finding("check", Severity.ERROR, "message", route, container, fix=fix, **rest)


def wants(container: ContainerRef, name: str, value: Any) -> Finding:
    """Make a finding that a field of a container's security context should have a value."""
    route = (*PLACES[container], "securityContext", name)
    return finding(route, [Edit(route, "set", value)], container)


def planned(
    value: Any,
    pods: Sequence[PodToFix],
    findings: Sequence[Finding],
    allows: Callable[[PlannedChange], bool] = lambda change: True,
) -> list[tuple[str | None, str]]:
    changes = plan_changes(value, pods, findings, allows)
    return [(change.container and change.container.name, change.what) for change in changes]


def spec_of(*contexts: Any, **pod: Any) -> dict[str, Any]:
    """Make an object with a container for each security context, None for none."""
    containers = [
        {"name": name, **({} if context is None else {"securityContext": context})}
        for name, context in zip("abc", contexts, strict=False)
    ]
    return {"spec": {**pod, "containers": containers}}


# which findings become changes


def test_a_finding_without_a_fix_is_passed_over() -> None:
    without = Finding("check", Severity.ERROR, "message", ("spec",))
    change = finding(("spec", "hostPID"), [Edit(("spec", "hostPID"), "remove")])
    value = spec_of(None)
    assert planned(value, [pod_of(A)], [without, change, without]) == [(None, "remove hostPID")]


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        (Edit(("a",), "set", 1), Edit(("a",), "set", 1), 1),
        (Edit(("a",), "set", 1), Edit(("a",), "set", True), 2),
        (Edit(("a",), "set", [1]), Edit(("a",), "set", [2]), 2),
        (Edit(("a",), "set", None), Edit(("a",), "remove"), 2),
        (Edit(("a",), "remove"), Edit(("b",), "remove"), 2),
        (Edit(("a",), "remove"), Edit(("a",), "remove"), 1),
    ],
)
def test_what_several_findings_ask_for_is_made_once(first: Edit, second: Edit, number: int) -> None:
    changes = plan_changes({}, [], [finding((), [first]), finding((), [second])], lambda change: True)
    assert [change.edits for change in changes] == [(first,), (second,)][:number]
    both = plan_changes({}, [], [finding((), [first, second]), finding((), [first])], lambda change: True)
    assert len(both) == 2


def test_it_mends_all_that_asked_for_it() -> None:
    route = (*PLACES[A], "securityContext", "privileged")
    edits = (Edit(route, "remove"),)
    findings = [
        msgspec.structs.replace(finding(route, edits, A), check=check, message=f"says {check}")
        for check in ("first", "second", "first", "third")
    ]
    (change,) = plan_changes(spec_of(None), [pod_of(A)], findings, lambda change: True)
    assert (change.checks, change.why) == (("first", "second", "third"), "says first")
    asked: list[PlannedChange] = []
    plan_changes(spec_of(None), [pod_of(A)], findings, lambda change: bool(asked.append(change)))
    assert asked == [change]


def test_what_is_written_at_the_pod_mends_what_each_container_lacked() -> None:
    findings = [
        msgspec.structs.replace(wants(one, "seccompProfile", PROFILE), check=check)
        for one, check in ((A, "baseline"), (B, "restricted"), (C, "baseline"))
    ]
    value = spec_of(None, None, None)
    (change,) = plan_changes(value, [pod_of(A, B, C)], findings, lambda change: True)
    assert (change.checks, change.container) == (("baseline", "restricted"), None)


@pytest.mark.parametrize(("safe", "kind"), [(True, "same"), (False, "tighter")])
def test_a_change_says_whose_finding_it_mends(safe: bool, kind: str) -> None:
    edits = (Edit((*PLACES[B], "image"), "remove"),)
    (change,) = plan_changes(
        spec_of(None, None), [pod_of(A, B)], [finding(PLACES[B], edits, B, safe=safe)], lambda change: True
    )
    assert change == PlannedChange(kind, edits, "remove image", "message", ("check",), B)  # type: ignore[arg-type]  # a str that is one of the kinds


def test_what_is_not_allowed_is_not_made() -> None:
    findings = [wants(A, "runAsUser", 1), wants(B, "runAsUser", 2), wants(A, "privileged", False)]
    allowed = planned(
        spec_of(None, None),
        [pod_of(A, B)],
        findings,
        lambda change: change.what != "securityContext.runAsUser: 1",
    )
    assert allowed == [("b", "securityContext.runAsUser: 2"), ("a", "securityContext.privileged: false")]


def test_what_one_container_may_not_have_is_not_written_for_all() -> None:
    findings = [wants(one, "runAsNonRoot", True) for one in (A, B)]
    value = spec_of(None, None, securityContext={"runAsUser": 1})
    assert planned(value, [pod_of(A, B)], findings, lambda change: change.container == B) == [
        ("b", "securityContext.runAsNonRoot: true")
    ]


# where its words are counted from


@pytest.mark.parametrize(
    ("container", "route", "edited", "what"),
    [
        (B, PLACES[B], (*PLACES[B], "image"), "remove image"),
        (B, (*PLACES[B], "image"), (*PLACES[B], "image"), "remove image"),
        (None, ("spec", "hostPID"), ("spec", "hostPID"), "remove hostPID"),
        (None, PLACES[B], (*PLACES[B], "image"), "remove containers[1].image"),
        (B, ("spec", "hostPID"), ("spec", "hostPID"), "remove hostPID"),
        (None, ("metadata", "name"), ("metadata", "name"), "remove metadata.name"),
        (ContainerRef("b", "init"), PLACES[B], (*PLACES[B], "image"), "remove containers[1].image"),
    ],
)
def test_words_are_counted_from_the_container_or_from_the_pod(
    container: ContainerRef | None, route: Route, edited: Route, what: str
) -> None:
    value = spec_of(None, None)
    change = finding(route, [Edit(edited, "remove")], container)
    assert [what for _, what in planned(value, [pod_of(A, B)], [change])] == [what]
    assert [what for _, what in planned(value, [], [change])] == [
        "remove " + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in edited)[1:]
    ]


def test_words_are_counted_from_the_pod_that_holds_the_container() -> None:
    """An object may have several pods with containers of one name."""
    pods = [
        PodToFix((role, "spec"), (A,), ((role, "spec", "containers", 0),)) for role in ("driver", "worker")
    ]
    route: Route = ("worker", "spec", "containers", 0, "image")
    assert planned({}, pods, [finding(route, [Edit(route, "remove")], A)]) == [("a", "remove image")]
    route = ("worker", "spec", "hostPID")
    assert planned({}, pods, [finding(route, [Edit(route, "remove")])]) == [(None, "remove hostPID")]


# what is written once, at the pod

NON_ROOT, SECCOMP = (
    "securityContext.runAsNonRoot: true",
    "securityContext.seccompProfile: {type: RuntimeDefault}",
)
ROOT = {"runAsUser": 1}
SAME = [("runAsNonRoot", True)]
BOTH = [*SAME, ("seccompProfile", PROFILE)]
BOTH_SET = dict(BOTH)


@pytest.mark.parametrize(
    ("contexts", "pod", "fields", "moved"),
    [
        # a field of one line: the pod's context is a second line where there is none
        ([None], {}, SAME, False),
        ([None], {"securityContext": ROOT}, SAME, False),
        ([None] * 2, {}, SAME, True),
        ([None] * 2, {"securityContext": ROOT}, SAME, True),
        ([None] * 2, {"securityContext": {}}, SAME, True),
        ([None] * 2, {"securityContext": None}, SAME, True),
        ([{"runAsNonRoot": True}, None], {}, SAME, False),
        ([{"runAsNonRoot": True}, None], {"securityContext": ROOT}, SAME, True),
        # a field of two lines
        ([{"seccompProfile": PROFILE}, None], {}, BOTH[1:], False),
        ([{"seccompProfile": PROFILE}, None], {"securityContext": ROOT}, BOTH[1:], True),
        ([{"seccompProfile": PROFILE}, None, None], {}, BOTH[1:], True),
        # an empty context is written anew
        ([{"runAsNonRoot": True}, None], {"securityContext": {}}, SAME, False),
        # two fields share the line of the context
        ([BOTH_SET, None], {}, BOTH, False),
        ([BOTH_SET, None], {"securityContext": ROOT}, BOTH, True),
        ([{"runAsNonRoot": True}, None], {}, BOTH, True),
        ([BOTH_SET, None, None], {}, BOTH, True),
        # a context that is not a mapping is a mistake of its own
        ([None] * 2, {"securityContext": "strict"}, SAME, False),
        ([None] * 2, {"securityContext": []}, SAME, False),
        # what the pod says already
        ([{"runAsNonRoot": False}] * 2, {"securityContext": {"runAsNonRoot": True}}, SAME, True),
        ([None] * 2, {"securityContext": {"runAsNonRoot": None}}, SAME, True),
        ([None] * 2, {"securityContext": {"runAsNonRoot": False}}, SAME, False),
        ([None] * 2, {"securityContext": {"seccompProfile": {"type": "Unconfined"}}}, BOTH[1:], False),
        # fields that a pod does not have, or not with this meaning
        ([None] * 2, {"securityContext": ROOT}, [("privileged", False)], False),
        ([None] * 2, {"securityContext": ROOT}, [("runAsUser", 7)], False),
    ],
)
def test_what_all_want_is_written_at_the_pod_where_that_takes_no_more_lines(
    contexts: list[Any], pod: dict[str, Any], fields: list[tuple[str, Any]], moved: bool
) -> None:
    value = spec_of(*contexts, **pod)
    containers = [A, B, C][: len(contexts)]
    findings = [
        wants(one, name, wanted)
        for one, context in zip(containers, contexts, strict=True)
        for name, wanted in fields
        if (context or {}).get(name) != wanted
    ]
    places = {container for container, _ in planned(value, [pod_of(*containers)], findings)}
    assert places == (
        {None} if moved else {finding.container.name for finding in findings if finding.container}
    )


def test_one_that_says_something_else_keeps_all_at_their_containers() -> None:
    other = {"seccompProfile": {"type": "Localhost", "localhostProfile": "x"}}
    findings = [wants(one, "seccompProfile", PROFILE) for one in (A, B)]
    value = spec_of(None, None, other, securityContext=ROOT)
    assert planned(value, [pod_of(A, B, C)], findings) == [("a", SECCOMP), ("b", SECCOMP)]


def test_fields_are_moved_each_for_itself_and_come_behind_the_others() -> None:
    findings = [
        wants(A, "seccompProfile", PROFILE), wants(A, "runAsNonRoot", True), wants(A, "privileged", False),
        wants(B, "runAsNonRoot", True), wants(B, "seccompProfile", PROFILE), wants(B, "runAsUser", 7),
    ]  # fmt: skip
    assert planned(spec_of(None, None), [pod_of(A, B)], findings) == [
        ("a", "securityContext.privileged: false"),
        ("b", "securityContext.runAsUser: 7"),
        (None, NON_ROOT),
        (None, SECCOMP),
    ]
    findings = [
        finding for finding in findings if finding.container != A or "seccomp" not in str(finding.route)
    ]
    kept = {"seccompProfile": {"type": "Localhost"}}
    assert planned(spec_of(kept, None), [pod_of(A, B)], findings) == [
        ("a", "securityContext.privileged: false"),
        ("b", SECCOMP),
        ("b", "securityContext.runAsUser: 7"),
        (None, NON_ROOT),
    ]


def test_what_is_written_at_the_pod_goes_from_its_containers() -> None:
    value = spec_of({"runAsNonRoot": False, "runAsUser": 3}, None, {"runAsNonRoot": True})
    (change,) = plan_changes(
        value, [pod_of(A, B, C)], [wants(A, "runAsNonRoot", True), wants(B, "runAsNonRoot", True)],
        lambda change: True,
    )  # fmt: skip
    assert (change.kind, change.what, change.checks, change.container) == (
        "tighter",
        NON_ROOT,
        ("check",),
        None,
    )
    assert change.why == "all 3 containers would say the same"
    context = {"securityContext": {"runAsNonRoot": True}}
    after = spec_of({"runAsUser": 3}, None, {"runAsNonRoot": True}, **context)
    assert apply_edits(value, change.edits) == after
    assert change.edits == (
        Edit((*PLACES[A], "securityContext", "runAsNonRoot"), "remove"),
        Edit(("spec", "securityContext", "runAsNonRoot"), "set", True),
    )


def test_each_pod_of_an_object_is_looked_at_alone() -> None:
    pods, findings, value = [], [], {}
    for role in ("driver", "worker"):
        places: list[Route] = [(role, "spec", "containers", index) for index in range(2)]
        pods.append(PodToFix((role, "spec"), (A, B), tuple(places)))
        value[role] = spec_of(None, None)
        routes = [(*place, "securityContext", "runAsNonRoot") for place in places[: 2 - (role == "driver")]]
        findings += [
            finding(route, [Edit(route, "set", True)], one)
            for route, one in zip(routes, (A, B), strict=False)
        ]
    assert planned(value, pods, findings) == [("a", NON_ROOT), (None, NON_ROOT)]


@pytest.mark.parametrize(
    ("places", "value", "holds"),
    [
        ([PLACES[A]], {}, True),
        ([PLACES[A], PLACES[B]], {}, True),
        ([], {}, True),
        ([PLACES[A]], [], False),
        ([PLACES[A]], None, False),
        ([("containers", 0)], {}, False),
        ([PLACES[A], ("containers", 1)], {}, False),
        ([("containers", 0), PLACES[B]], {}, False),
        ([()], {}, False),
    ],
)
def test_an_object_that_holds_the_spec_above_all_containers(
    places: list[Route], value: Any, holds: bool
) -> None:
    assert PodToFix(("spec",), (), tuple(places)).holds(value) is holds


@pytest.mark.parametrize("value", [spec_of(None, None)["spec"], [], None, "x"])
def test_a_pod_that_does_not_stand_where_it_should_gets_nothing_of_its_own(value: Any) -> None:
    """A fragment of a manifest is judged in a pod that was made around it."""
    pod = PodToFix(("spec",), (A, B), (("containers", 0), ("containers", 1)))
    findings = []
    for index, one in enumerate((A, B)):
        route = ("containers", index, "securityContext", "runAsNonRoot")
        findings.append(finding(route, [Edit(route, "set", True)], one))
    assert planned(value, [pod], findings) == [("a", NON_ROOT), ("b", NON_ROOT)]
    assert planned(value, [PodToFix(("spec",), (), ())], findings[:1]) == [
        ("a", "containers[0].securityContext.runAsNonRoot: true")
    ]


@pytest.mark.parametrize(
    "edits",
    [
        lambda route: [Edit(route, "set", True), Edit(route[:-1], "set", {})],
        lambda route: [Edit(route, "remove")],
        lambda route: [Edit((*route[:-1], "privileged"), "set", True)],
    ],
)
def test_only_what_sets_one_field_is_moved(edits: Callable[[Route], list[Edit]]) -> None:
    findings = []
    for one in (A, B):
        route = (*PLACES[one], "securityContext", "runAsNonRoot")
        findings.append(finding(route, edits(route), one))
    value = spec_of(None, None, securityContext=ROOT)
    assert [container for container, _ in planned(value, [pod_of(A, B)], findings)] == ["a", "b"]


@pytest.mark.parametrize(("name", "key"), [("", "what"), ("name", "name")])
def test_a_change_is_known_by_its_name_or_else_by_its_words(name: str, key: str) -> None:
    for container in (None, A):
        assert PlannedChange("same", (), "what", "why", (), container, name=name).key == (key, container)
