"""What click and msgspec are kept from while they are imported is missed by nobody."""

import subprocess
import sys
from pathlib import Path

import pytest

SEED = Path(__file__).resolve().parents[2] / "examples" / "seed"
MANIFEST = str(SEED / "corrected" / "least-privilege.yaml")


def python(code: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    ).stdout


RUN = """
import sys
{before}
from podproof.commands import run_command
code = run_command(sys.argv[1:])
print("exit code", code)
{behind}
"""


def test_a_check_needs_neither_of_them() -> None:
    loaded = "print([name for name in ('inspect', 'typing_extensions') if name in sys.modules])"
    shown = python(RUN.format(before="", behind=loaded), "check", MANIFEST)
    assert shown.splitlines()[-2:] == ["exit code 0", "[]"]


@pytest.mark.parametrize("verb", ["", "check", "run", "images", "explain"])
def test_help_is_what_it_is_with_the_module(verb: str) -> None:
    arguments = [verb, "--help"] if verb else ["--help"]
    with_module = python(RUN.format(before="import inspect", behind=""), *arguments)
    assert python(RUN.format(before="", behind=""), *arguments) == with_module
    assert "Usage: podproof" in with_module


def test_who_imports_them_later_gets_them() -> None:
    code = """
from podproof.commands._libraries import import_libraries
import_libraries()
import click, inspect, typing_extensions
print(inspect.signature(len), typing_extensions.__name__, click.core.inspect.signature(len))
print(click.core.inspect.cleandoc("  a\\n    b\\n  c ") == inspect.cleandoc("  a\\n    b\\n  c "))
print(click.core.inspect.cleandoc(" \\ta ") == inspect.cleandoc(" \\ta "))
texts = ("", " ", " a ", "a  b", "\\x0ba")
print([click.core.inspect.cleandoc(text) == inspect.cleandoc(text) for text in texts])
"""
    signature = "(obj, /)"
    assert python(code).splitlines() == [
        f"{signature} typing_extensions {signature}",
        "True",
        "True",
        str([True] * 5),
    ]


def test_what_is_there_already_stays() -> None:
    code = """
import inspect, sys, typing_extensions
from podproof.commands._libraries import import_libraries
import_libraries()
import click
print(click.core.inspect is inspect is sys.modules["inspect"])
print(sys.modules["typing_extensions"] is typing_extensions)
"""
    assert python(code) == "True\nTrue\n"
