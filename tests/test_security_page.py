"""SECURITY.md: every row names tests that exist, and every flag that gives something away has a row."""

import ast
import re
from pathlib import Path

import pytest

from podproof.commands.prove import command as prove
from podproof.commands.run import command as run

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| thing", "| flag"))
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_has_tests_that_exist(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
    assert named
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in functions, f"{file}::{name}"


def test_every_flag_that_gives_something_away_has_a_row() -> None:
    rows = "\n".join(ROWS)
    flags = {flag for command in (run, prove) for option in command.params for flag in option.opts}
    dangerous = {flag for flag in flags if flag.startswith(("--allow", "--registry", "--raw", "--keep"))}
    assert len(dangerous) >= 9
    assert {flag for flag in dangerous if not re.search(rf"`{flag}[ `]", rows)} == set()
