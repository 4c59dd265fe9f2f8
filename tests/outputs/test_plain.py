"""Texts of others never steer a terminal or hide: one set of characters for every text output."""

import ast
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import podproof.outputs
from podproof.outputs.plain import UNSAFE, one_line, program_output, source_line
from podproof.outputs.yaml_text import write_yaml

HOSTILE = [
    *(chr(code) for code in range(0x20) if chr(code) not in "\t\n"),
    *map(chr, range(0x7F, 0xA0)),
    *"\xad\u061c\u180e\u200b\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u206a\u206f\ufeff\ufff9\ufffb",
    "\U000e0001",
    "\U000e0041",
    "\U000e007f",
]


@pytest.mark.parametrize("character", HOSTILE, ids=lambda character: f"U+{ord(character):04X}")
def test_nothing_that_steers_or_hides_is_printed(character: str) -> None:
    for made in (
        one_line(f"a{character}b"),
        source_line(f"a{character}b"),
        program_output(f"a{character}b".encode()).decode(),
        write_yaml([{f"k{character}": f"a{character}b"}], sort_keys=True, width=80),
    ):
        assert character not in made
        assert UNSAFE.search(made.replace("\n", "")) is None


def test_what_a_program_prints_keeps_lines_tabs_and_scripts() -> None:
    assert program_output(b"a\tb\r\nc\n") == b"a\tb\nc\n"
    assert program_output("été 中文 हिन्दी 👍🏽\n".encode()) == "été 中文 हिन्दी 👍🏽\n".encode()
    assert program_output(b"\x1b[1;31mred\x1b[0m\x1b[2J\xff") == "red␛[2J\ufffd".encode()


@given(
    st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner), max_leaves=5)
)
def test_yaml_says_the_same_and_hides_nothing(value: object) -> None:
    made = write_yaml([value], sort_keys=True, width=80)
    assert yaml.safe_load(made) == value
    assert UNSAFE.search(made.replace("\n", "")) is None


def test_the_characters_are_listed_once() -> None:
    """A second list in another output would differ from the first one day."""
    for file in Path(podproof.outputs.__file__).parent.glob("*.py"):
        texts = [
            node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)
        ]
        listed = [text for text in texts if isinstance(text, str) and ("\u202e" in text or "u202e" in text)]
        assert (file.name == "plain.py") == bool(listed), file.name
