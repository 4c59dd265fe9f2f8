"""docs/threats.md: all threats of the model in their order, each with tests that exist."""

import re

import pytest
from named_tests import ROOT, assert_named_tests_exist, named_tests

PAGE = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \d+: .*$", PAGE, re.MULTILINE)
_BEYOND = ("6", "17")
"""Whoever is cluster-admin, or root on a node, can do anything."""


def test_every_threat_has_its_row() -> None:
    assert [int(row.split()[1].rstrip(":")) for row in ROWS] == list(range(1, 19))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_names_tests_that_exist(row: str) -> None:
    number = row.split()[1].rstrip(":")
    assert bool(named_tests(row)) == (number not in _BEYOND)
    assert_named_tests_exist(row)
