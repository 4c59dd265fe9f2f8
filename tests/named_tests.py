"""Tests that a page names as `tests/FOLDER/FILE.py::test_NAME`: whether they are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def named_tests(text: str) -> list[tuple[str, str]]:
    """Find the tests that a text names, each as file and function."""
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)


def assert_named_tests_exist(text: str) -> None:
    """Assert that every test that a text names is there."""
    for file, name in named_tests(text):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in functions, f"{file}::{name}"
