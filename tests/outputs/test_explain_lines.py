"""Lines of `explain` that are too wide break at blanks, with letters of any alphabet in the same places."""

from hypothesis import given
from hypothesis import strategies as st

from podproof.outputs.explain_text import _wrapped

ACCENTS = {ord("a"): "à", ord("b"): "é"}
"""Letters of another alphabet that take a column, too."""


@given(st.text("ab ", max_size=60), st.integers(1, 20), st.sampled_from(["", "  ", "    "]))
def test_letters_of_all_alphabets_break_alike(line: str, columns: int, indent: str) -> None:
    lines = [part.translate(ACCENTS) for part in _wrapped(line, columns, indent)]
    assert lines == _wrapped(line.translate(ACCENTS), columns, indent)


@given(st.lists(st.text("ab", min_size=1, max_size=9), min_size=1), st.integers(13, 30))
def test_lines_fit_and_keep_all_words(words: list[str], columns: int) -> None:
    first, *others = _wrapped(" ".join(words), columns, "    ")
    assert all(len(line) <= columns for line in (first, *others))
    assert all(line.startswith("    ") for line in others)
    assert [word for line in (first, *others) for word in line.split()] == words
