"""Ignores in manifests: what they accept, whose findings, and what counts all the same."""

from typing import Any

import pytest

from podproof.findings import MOST_LISTED
from podproof.inputs.input import InputFile
from podproof.inputs.objects import read_file
from podproof.results.checked import Checked, Suppression
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.ignore_text import read_ignore
from podproof.session.judging.settings import make_judge, make_selection

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: web
    image: nginx
    securityContext:
      privileged: true{comment}
"""


def checked(text: str, *select: str, level: str = "baseline", file: str = "f.yaml", **more: Any) -> Checked:
    judge = make_judge(ProjectConfiguration(), level=level)
    selection = make_selection(ProjectConfiguration(), select=select, **more)
    data = text.encode()
    return check([(item, data) for item in read_file(InputFile(file, data))], judge, selection)


def told(result: Checked) -> list[tuple[int, str, str]]:
    """The findings: line, check, and the reason for which it is ignored ("" for none)."""
    return [
        (one.place.line, one.finding.check, one.suppression.reason if one.suppression else "")
        for one in result.findings
        if one.finding.severity != "note"
    ]


def test_what_is_ignored_stays_in_the_result_and_does_not_count() -> None:
    comment = " # podproof: ignore[privileged] until=2030-01-31 owner=storage it mounts"
    result = checked(POD.format(name="a", comment=comment), "privileged", today="2030-01-31")
    (finding,) = result.findings
    assert finding.suppression == Suppression("ignore", "it mounts", "storage", "2030-01-31")
    assert (result.summary.errors, result.summary.ignored) == (0, 1)


@pytest.mark.parametrize(("today", "errors"), [("2030-01-31", 0), ("2030-02-01", 1), ("", 0)])
def test_the_day_is_an_argument(today: str, errors: int) -> None:
    comment = " # podproof: ignore[privileged] until=2030-01-31 it mounts"
    text = POD.format(name="a", comment=comment)
    assert checked(text, "privileged", "ignore-expired", today=today).summary.errors == errors


def test_above_a_list_all_items_are_meant_and_on_an_item_it_alone() -> None:
    items = "".join(
        "- " + POD.format(name=name, comment="").replace("\n", "\n  ").rstrip(" ") for name in "ab"
    )
    head = "apiVersion: v1\nkind: List\nitems:\n"
    assert told(checked("# podproof: ignore[privileged] both\n" + head + items, "privileged")) == [
        (14, "privileged", "both"),
        (24, "privileged", "both"),
    ]
    first = head + "# podproof: ignore[privileged] one\n" + items
    assert told(checked(first, "privileged")) == [(14, "privileged", "one"), (24, "privileged", "")]


def test_what_an_alias_repeats_is_ignored_at_its_anchor() -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: i\n"
        "    securityContext: &same\n      privileged: true # podproof: ignore[privileged] both\n"
        "  - name: b\n    image: i\n    securityContext: *same\n"
    )
    assert told(checked(text, "privileged", "ignore-unused")) == [(9, "privileged", "both")] * 2


def test_json_has_the_annotation() -> None:
    text = (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "annotations": '
        '{"podproof.dev/ignore": "ignore[privileged] container=b field=securityContext it mounts"}}, "spec": '
        '{"containers": [{"name": "a", "image": "i", "securityContext": {"privileged": true}},'
        ' {"name": "b", "image": "i", "securityContext": {"privileged": true}}]}}'
    )
    result = checked(text, "privileged", "ignore-unused", file="f.json")
    assert told(result) == [(1, "privileged", ""), (1, "privileged", "it mounts")]


REFUSED = POD.format(name="a", comment="").replace(
    "true", "ja # podproof: ignore[wrong-type] it is what it is"
)


def test_a_refusal_needs_its_switch_and_stays_undecided() -> None:
    result = checked(REFUSED, "wrong-type", "ignore-invalid")
    assert [check for _, check, _ in told(result)] == ["wrong-type", "ignore-invalid"]
    assert (result.summary.errors, result.summary.ignored, result.undecided) == (1, 0, 0)
    result = checked(REFUSED, "wrong-type", "ignore-invalid", ignoring_refusals=True)
    assert told(result) == [(10, "wrong-type", "it is what it is")]
    assert (result.summary.errors, result.summary.ignored, result.undecided) == (0, 1, 1)


def test_findings_that_are_not_listed_are_ignored_one_by_one() -> None:
    ports = "".join(f"    - {{containerPort: {n}, hostPort: {n}}}\n" for n in range(1, 151))
    text = (
        POD.format(name="a", comment="") + "    ports: # podproof: ignore[host-ports] reached from outside\n"
    )
    more = "  - name: other\n    image: i\n    ports:\n" + ports.replace(
        "hostPort: 1}", "hostPort: 1} # podproof: ignore[host-ports] this one"
    )
    result = checked(text + ports + more, "host-ports", "ignore-unused")
    assert (result.summary.errors, result.summary.ignored, result.summary.warnings) == (149, 151, 0)
    listed = [one for one in result.findings if one.finding.check == "host-ports"]
    assert sum(one.suppression is None for one in listed) == MOST_LISTED
    assert [(one.count, one.suppressed) for one in result.unlisted] == [(51, "ignore"), (49, "")]


@pytest.mark.parametrize(
    ("ignored", "level", "unused"),
    [
        ("run-as-non-root", "restricted", []),
        ("run-as-non-root", "baseline", []),
        ("host-ports", "baseline", [9]),
    ],
)
def test_what_the_level_does_not_ask_for_is_not_unused(ignored: str, level: str, unused: list[int]) -> None:
    text = POD.format(name="a", comment="").replace(
        "securityContext:", f"securityContext: # podproof: ignore[{ignored}] so it is"
    )
    result = checked(text, level=level)
    assert [line for line, check, _ in told(result) if check == "ignore-unused"] == unused


def test_what_only_all_manifests_show_is_ignored_for_one_of_them() -> None:
    text = "---\n".join(
        POD.format(name=name, comment=comment).replace("privileged: true", "runAsUser: 2000")
        for name, comment in (("a", ""), ("b", " # podproof: ignore[shared-user-id] they are one"))
    )
    result = checked(text, "shared-user-id", "ignore-unused")
    suppressions = [one.suppression and one.suppression.reason for one in result.findings]
    assert suppressions == [None, "they are one"]
    assert (result.summary.notes, result.summary.ignored) == (1, 1)


def test_more_ignores_than_are_read_are_named() -> None:
    text = POD.format(name="a", comment="") + "# podproof: ignore[privileged] again\n" * 1_100
    result = checked(text, "privileged", "ignore-invalid")
    (fault,) = [one.finding.message for one in result.findings if one.finding.check == "ignore-invalid"]
    assert fault == "more than 1,000 ignores in one document: this one and those below have no effect"


NO_FIELD = "is not a field: write a route such as spec.volumes[0].hostPath"


@pytest.mark.parametrize(
    ("text", "faults", "void"),
    [
        ("ignore[a] why", (), False),
        ("ignore [ a , b ] why", (), False),
        ("ignore[a]why", (), False),
        ("ignore[bad] why", ("no bad",), False),
        ("ignore[a] until=2030-02-30 why", ('"2030-02-30" is not a day: write until=YYYY-MM-DD',), True),
        ("ignore[a] until= why", ("until= has no value: write one, or leave it out",), True),
        ("ignore[a] owner=b owner=c why", ("owner= is written 2 times: write it once",), True),
        ("ignore[a] field=a..b why", (f'"a..b" {NO_FIELD}',), True),
        ("ignore[a] field=spec.annotations[a.b/c].d[0] why", (), False),
    ],
)  # fmt: skip
def test_texts(text: str, faults: tuple[str, ...], void: bool) -> None:
    read = read_ignore(text, lambda check: "no bad" if check == "bad" else "", placed=False)
    assert (read.faults, read.void) == (faults, void)


def test_a_field_is_a_route() -> None:
    read = read_ignore("ignore[a] field=spec.annotations[a.b/c].d[0] why", lambda _: "", placed=False)
    assert read.field == ("spec", "annotations", "a.b/c", "d", 0)
