"""SECURITY.md: every row names tests that exist, and every flag that gives something away has a row."""

import re

import pytest
from named_tests import ROOT, assert_named_tests_exist, named_tests

from podproof.commands.prove import command as prove
from podproof.commands.run import command as run

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| thing", "| flag"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_has_tests_that_exist(row: str) -> None:
    assert named_tests(row)
    assert_named_tests_exist(row)


def test_every_flag_that_gives_something_away_has_a_row() -> None:
    rows = "\n".join(ROWS)
    flags = {flag for command in (run, prove) for option in command.params for flag in option.opts}
    dangerous = {flag for flag in flags if flag.startswith(("--allow", "--registry", "--raw", "--keep"))}
    assert len(dangerous) >= 9
    assert {flag for flag in dangerous if not re.search(rf"`{flag}[ `]", rows)} == set()
