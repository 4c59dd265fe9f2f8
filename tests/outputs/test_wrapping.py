"""Text broken at words: nothing is lost, no line is wider than it may be."""

import pytest
from cost import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st

from podproof.outputs.plain import one_line, width
from podproof.outputs.wrapping import cut, wrap

WORDS = st.lists(st.text(min_size=1, max_size=12).map(lambda text: text.replace(" ", "x")), max_size=20)


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("", 5, [""]),
        ("a bc def", 8, ["a bc def"]),
        ("a bc def", 7, ["a bc", "def"]),
        ("a bc def", 3, ["a", "bc", "def"]),
        ("abcdefgh ij", 3, ["abc", "def", "gh", "ij"]),
        ("名前名前 a", 5, ["名前", "名前", "a"]),
        ("a 名前", 4, ["a", "名前"]),
        ("名", 1, ["名"]),
    ],
)
def test_lines_end_at_words(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(text, columns) == lines


@given(words=WORDS, columns=st.integers(2, 30))
def test_nothing_is_lost_and_nothing_is_too_wide(words: list[str], columns: int) -> None:
    text = one_line(" ".join(words))
    lines = wrap(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns for line in lines)


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("abc", 3, "abc"),
        ("abcdef ghi", 8, "abcdef…"),
        ("a bcdefghij", 8, "a bcdef…"),
    ],
)
def test_text_is_cut_at_a_word_that_ends_near(text: str, most: int, kept: str) -> None:
    assert cut(text, most) == kept


def test_long_words_cost_what_they_are() -> None:
    assert growth(lambda count: wrap("名x" * count, 40), 3_000) < LINEAR
