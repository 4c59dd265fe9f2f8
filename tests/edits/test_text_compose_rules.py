"""Edits of edits: which become one, where they stand in the original text, and whatever their order."""

from itertools import combinations_with_replacement, product

import pytest

from podproof.edits.text.compose import compose
from podproof.edits.text.spans import TextEdit, change_text

ROUTES = ((("a",),), (("b", 0), ("c",)), (("a",), ("d",)))


def edit(start: int, end: int, text: str, routes: int | None = None) -> TextEdit:
    return TextEdit(start, end, text, () if routes is None else ROUTES[routes])


@pytest.mark.parametrize(
    ("first", "second", "composed"),
    [
        # those of one list alone
        ([], [], []),
        ([edit(2, 3, "X", 0)], [], [(edit(2, 3, "X"), ())]),
        ([], [edit(2, 3, "X", 0)], [(edit(2, 3, "X", 0), (0,))]),
        # apart, and counted in the original
        ([edit(0, 1, "XXX")], [edit(5, 6, "Y", 0)], [(edit(0, 1, "XXX"), ()), (edit(3, 4, "Y", 0), (0,))]),
        ([edit(0, 3, "")], [edit(1, 2, "Y", 0)], [(edit(0, 3, ""), ()), (edit(4, 5, "Y", 0), (0,))]),
        ([edit(4, 5, "XXX")], [edit(1, 2, "Y", 0)], [(edit(1, 2, "Y", 0), (0,)), (edit(4, 5, "XXX"), ())]),
        # side by side
        ([edit(1, 2, "X")], [edit(2, 3, "Y", 0)], [(edit(1, 2, "X"), ()), (edit(2, 3, "Y", 0), (0,))]),
        ([edit(2, 3, "X")], [edit(1, 2, "Y", 0)], [(edit(1, 2, "Y", 0), (0,)), (edit(2, 3, "X"), ())]),
        # within what the first wrote, around it, and across its ends
        ([edit(1, 2, "XZX")], [edit(2, 3, "Y", 0)], [(edit(1, 2, "XYX", 0), (0,))]),
        ([edit(2, 3, "XX")], [edit(1, 5, "Y", 0)], [(edit(1, 4, "Y", 0), (0,))]),
        ([edit(2, 3, "XX")], [edit(1, 3, "Y", 0)], [(edit(1, 3, "YX", 0), (0,))]),
        ([edit(2, 3, "XX")], [edit(3, 5, "Y", 0)], [(edit(2, 4, "XY", 0), (0,))]),
        # several of either in one
        ([edit(1, 1, "X"), edit(2, 2, "X")], [edit(1, 4, "Y", 1)], [(edit(1, 2, "Y", 1), (0,))]),
        (
            [edit(1, 2, "XXXX")],
            [edit(2, 3, "V", 0), edit(4, 5, "W", 1)],
            [(TextEdit(1, 2, "XVXW", (("a",), ("b", 0), ("c",))), (0, 1))],
        ),
        (
            [edit(1, 2, "XXXX")],
            [edit(2, 3, "V", 0), edit(4, 5, "W", 2)],
            [(TextEdit(1, 2, "XVXW", (("a",), ("d",))), (0, 1))],
        ),
        (
            [edit(0, 0, "XX"), edit(5, 6, "XX")],
            [edit(1, 3, "V", 0), edit(7, 8, "W", 1)],
            [(edit(0, 1, "XV", 0), (0,)), (edit(5, 6, "WX", 1), (1,))],
        ),
    ],
)
def test_what_becomes_of_edits_of_edits(
    first: list[TextEdit], second: list[TextEdit], composed: list[tuple[TextEdit, tuple[int, ...]]]
) -> None:
    text = "abcdefg"
    between = change_text(text, first)
    assert compose(between, first, second) == composed
    assert change_text(text, [one for one, _ in composed]) == change_text(between, second)
    # in whatever order the lists are; indexes are those of the list as it was given
    turned = compose(between, first[::-1], second[::-1])
    last = len(second) - 1
    assert turned == [(one, tuple(last - index for index in indexes)) for one, indexes in composed]


def lists_of(length: int, written: tuple[str, ...], most: int) -> list[list[TextEdit]]:
    """Give all lists of at most so many edits of a text of this length."""
    found: list[list[TextEdit]] = []
    for number in range(most + 1):
        for cuts in combinations_with_replacement(range(length + 1), 2 * number):
            pairs = list(zip(cuts[::2], cuts[1::2], strict=True))
            found += [
                [edit(*pair, text) for pair, text in zip(pairs, texts, strict=True)]
                for texts in product(written, repeat=number)
            ]
    return found


def test_made_at_once_they_give_what_they_give_one_after_the_other() -> None:
    for first in lists_of(3, ("", "XY"), 2):
        between = change_text("abc", first)
        for second in lists_of(len(between), ("Z",), 1):
            composed = compose(between, first, second)
            assert change_text("abc", [one for one, _ in composed]) == change_text(between, second)
            assert [index for _, indexes in composed for index in indexes] == list(range(len(second)))
