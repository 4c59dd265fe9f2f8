"""Keys that get another name: in their own quotes, and refused where they are written in an unusual way."""

import pytest
from test_text_edits import drop, edited, put

from podproof.edits.text.apply import TextEditError

EDITS = [drop("c", "abcd"), put("c", "abce", value=1)]


@pytest.mark.parametrize(
    ("key", "renamed"), [("abcd", "abce"), ("'abcd'", "'abce'"), ('"abcd"', '"abce"'), ("abcd ", "abce ")]
)
def test_a_key_is_renamed_in_its_quotes(key: str, renamed: str) -> None:
    assert edited(f"c:\n  {key}: 1 # k\n  z: 2\n", EDITS) == f"c:\n  {renamed}: 1 # k\n  z: 2\n"
    assert edited(f"c: {{{key}: 1, z: 2}}\n", EDITS) == f"c: {{{renamed}: 1, z: 2}}\n"


@pytest.mark.parametrize(
    ("key", "column"),
    [("&x abcd", 3), ("!!str abcd", 3), ("? |-\n    abcd\n  ", 5), ("? >-\n    abcd\n  ", 5)],
)
def test_an_unusual_key_is_not_renamed(key: str, column: int) -> None:
    with pytest.raises(TextEditError) as raised:
        edited(f"c:\n  {key}: 1 # k\n  z: 2\n", EDITS)
    assert raised.value.why == "cannot be edited: its key is written in an unusual way"
    assert (raised.value.line, raised.value.column) == (2, column)


def test_a_key_that_stands_for_another_text_is_not_renamed() -> None:
    with pytest.raises(TextEditError, match=r"its key is written in an unusual way$"):
        edited("x: &x abcd\nc:\n  *x : 1\n  z: 2\n", EDITS)
