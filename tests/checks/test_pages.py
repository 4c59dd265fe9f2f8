"""The pages of checks, and the table of what each check is: they are what people read under docs/rules."""

from pathlib import Path

import pytest

from podproof.checks.model.advice import AdviceCheck
from podproof.checks.model.catalogue import all_checks
from podproof.checks.model.check import Check
from podproof.checks.model.pages import listing, page
from podproof.findings import Severity

HERE = Path(__file__).parent
RULES = HERE.parents[1] / "docs/rules"


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_the_page_is_the_one_that_was_read(check: Check) -> None:
    assert page(check) == (RULES / f"{check.id}.md").read_text(encoding="utf-8")


def test_the_list_is_the_one_that_was_read() -> None:
    text = (RULES / "README.md").read_text(encoding="utf-8")
    rows = [f"| [{id_}]({id_}.md) | {of} | {summary} |" for id_, of, summary in listing()]
    assert text.splitlines()[4:] == rows
    assert [row[0] for row in listing()] == sorted(check.id for check in all_checks())


def test_a_control_in_its_table() -> None:
    assert page(_check("capabilities-restricted")).endswith(
        "| | |\n|---|---|\n| Name in Kubernetes | `capabilities_restricted` |\n| Levels | restricted |\n"
        "| Changed in | v1.22, v1.25 |\n| Replaces at restricted | `capabilities-baseline`, from v1.22 |\n"
    )
    assert page(_check("capabilities-baseline")).endswith(
        "| Levels | baseline and restricted |\n| Since | v1.0 |\n"
        "| Replaced at restricted | by `capabilities-restricted`, from v1.22 |\n"
    )


def _check(id_: str) -> Check:
    return next(check for check in all_checks() if check.id == id_)


@pytest.mark.parametrize("text", sorted((HERE / "findings").glob("*.txt")), ids=lambda path: path.stem)
def test_a_check_is_as_grave_as_its_gravest_finding(text: Path) -> None:
    check = _check(text.stem.replace("_", "-"))
    order = list(Severity)
    found = [word for word in order if f"\n{word.value} {check.id} · " in text.read_text(encoding="utf-8")]
    assert check.severity == found[0]


COVERED = {
    "default-capabilities": ("capabilities-restricted", "no-security-context"),
    "default-group-root": ("image-group-lost",),
    "low-user-id": ("run-as-user", "run-as-non-root", "will-not-start", "weakened-by-container"),
    "no-security-context": ("capabilities-restricted", "allow-privilege-escalation", "run-as-non-root"),
    "privilege-escalation-allowed": (
        "allow-privilege-escalation",
        "no-security-context",
        "capabilities-for-non-root",
    ),
    "writable-host-path": ("host-path-volumes", "restricted-volumes"),
    "writable-root-filesystem": ("no-security-context",),
}


def test_what_makes_advice_a_repetition() -> None:
    advice = {check.id: check.covered_by for check in all_checks() if isinstance(check, AdviceCheck)}
    assert {id_: advice[id_] for id_ in COVERED} == COVERED
    known = {check.id for check in all_checks()}
    assert known.issuperset(id_ for ids in COVERED.values() for id_ in ids)
