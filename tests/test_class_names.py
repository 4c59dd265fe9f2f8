"""A class name means one thing in the whole package."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "podproof"
GENERATED = ("tables", "cri_pb2.py")


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for module in sorted(PACKAGE.rglob("*.py")):
        where = module.relative_to(PACKAGE)
        if not set(GENERATED) & set(where.parts):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    places[node.name.lstrip("_")].append(str(where))
    assert len(places) > 100
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
