"""Edits of edits: made at once, they give what they give one after the other."""

from hypothesis import given
from hypothesis import strategies as st

from podproof.edits.text.compose import compose
from podproof.edits.text.spans import TextEdit, change_text

TEXTS = st.text("abc", max_size=12)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[TextEdit]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return [TextEdit(start, end, draw(st.text("XYZ", max_size=3))) for start, end in pairs]


@given(st.data(), TEXTS)
def test_composed_edits_do_what_both_do(data: st.DataObject, text: str) -> None:
    first = data.draw(edits_of(text))
    between = change_text(text, first)
    second = data.draw(edits_of(between))
    composed = compose(between, first, second)
    assert change_text(text, [edit for edit, _ in composed]) == change_text(between, second)
    assert sorted(index for _, indexes in composed for index in indexes) == list(range(len(second)))


def test_what_does_not_meet_stays_apart() -> None:
    first = [TextEdit(0, 2, ""), TextEdit(5, 5, "Q")]
    second = [TextEdit(1, 2, "R", (("a",),)), TextEdit(3, 5, "S", (("b",),))]
    # abcdefg, cdeQfg, cRe...
    between = change_text("abcdefg", first)
    assert between == "cdeQfg"
    assert compose(between, first, second) == [
        (TextEdit(0, 2, ""), ()),
        (TextEdit(3, 4, "R", (("a",),)), (0,)),
        (TextEdit(5, 6, "S", (("b",),)), (1,)),
    ]
