"""Rooms that judge see typed values alone: no raw mapping of an object gets there (docs/adr/0010)."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "podproof"
RAW = {"Mapping[str, Any]", "dict[str, Any]", "MutableMapping[str, Any]"}


def _raw(path: Path) -> list[str]:
    return [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript) and ast.unparse(node) in RAW
    ]


@pytest.mark.parametrize("room", ["effective", "checks", "attacks", "findings.py"])
def test_no_raw_mapping_gets_into_a_room_that_judges(room: str) -> None:
    there = PACKAGE / room
    modules = [there] if there.is_file() else sorted(there.rglob("*.py"))
    assert modules
    assert [place for module in modules for place in _raw(module)] == []


def test_a_raw_mapping_is_found() -> None:
    assert _raw(PACKAGE / "kube" / "visit.py")
