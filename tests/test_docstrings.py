"""Every public name of the package has a docstring, and the tool that checks it finds what has none."""

import runpy
from pathlib import Path

import pytest

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[1] / "tools" / "check_docstrings.py"))


def faults(text: str) -> list[str]:
    return [f"{what} {fault}" for _, what, fault in TOOL["docstrings"](text) if fault]


def test_everything_has_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOOL["main"]() == 0, capsys.readouterr().out


def test_what_has_none_is_named() -> None:
    text = "class Pod:\n    def name(self): ...\n    def _private(self): ...\n"
    assert faults(text) == [
        "the module has no docstring",
        "class Pod has no docstring",
        "function Pod.name has no docstring",
    ]


def test_the_first_line_is_a_sentence() -> None:
    text = '"""Module."""\ndef run():\n    """Run a pod,\n    and look."""\n'
    assert faults(text) == ["function run has a docstring whose first line is not a sentence: Run a pod,"]


def test_what_is_not_public_needs_none() -> None:
    text = '''"""Module."""
class _Pod:
    def name(self): ...
def run():
    """Run."""
    def inner(): ...
'''
    assert faults(text) == []


def test_one_docstring_is_enough_for_a_property_and_for_overloads() -> None:
    text = '''"""Module."""
class Pod:
    """A pod."""
    @property
    def name(self):
        """Its name."""
    @name.setter
    def name(self, name): ...
@overload
def find(name: str) -> Pod: ...
def find(name):
    """Find a pod."""
'''
    assert faults(text) == []
