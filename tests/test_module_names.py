"""Test modules of folders that are not packages are imported by their bare names, which have to differ."""

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent


def test_no_two_modules_have_one_name() -> None:
    modules = [path for path in TESTS.rglob("*.py") if not (path.parent / "__init__.py").exists()]
    assert len(modules) > 200
    names = Counter(path.name for path in modules if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
