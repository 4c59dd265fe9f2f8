"""What cannot be edited by itself, and the place that the refusal names, counted in the whole file."""

import pytest
from test_text_edits import drop, edited, put

from podproof.edits.edit import Edit
from podproof.edits.text.apply import TextEditError

OTHERS = "é: 1\n---\n"
"""Lines and a wide letter in front of the document, which the places count."""


@pytest.mark.parametrize(
    ("text", "edit", "place", "why"),
    [
        ("# c\n- a\n", put("a", value=1), (2, 1), "the document is not a mapping"),
        ("text\n", drop("a"), (1, 1), "the document is not a mapping"),
        (
            "# c\nx: &s {u: 0}\nw:\n  <<: *s\n",
            drop("x"),
            (2, 1),
            "the edits cannot be written so that nothing else changes",
        ),
        (
            "a: &s {u: 0, v: 1}\nw:\n  <<: *s\n",
            drop("w", "u"),
            (3, 3),
            "cannot be edited: a merge (<<) brings in the key that would be removed",
        ),
        ("a: 1\nc: {é: 1, d}\n", put("c", "d", value=2), (2, 12), "cannot be edited: its key has no value"),
        (
            "a: 1\nc: {d: !t 1}\n",
            put("c", "d", value=2),
            (2, 8),
            "cannot be edited: it has an anchor or a tag",
        ),
        ("c: {d: &t 1}\n", put("c", "d", value=2), (1, 8), "cannot be edited: it has an anchor or a tag"),
        (
            "c: {d: [ # one\n  1]}\n",
            put("c", "d", value=2),
            (1, 8),
            "cannot be edited: comments stand in it",
        ),
        (
            "c: [1, 2, # one\n  3]\n",
            drop("c", 1),
            (1, 8),
            "cannot be edited: comments stand beside what would be removed",
        ),
        (
            "c: {a: 1, b: 2 # one\n  , d: 3}\n",
            drop("c", "d"),
            (1, 15),
            "cannot be edited: comments stand beside what would be removed",
        ),
        (
            "b: 1\n? a\n: 1\n",
            put("a", value=2),
            (2, 3),
            "cannot be edited: its key is written in an unusual way",
        ),
        ("b: 1\n? a\n: 1\n", drop("a"), (2, 3), "cannot be edited: nothing of it stays"),
        (
            "c:\n-\n  a: 1\n- b\n",
            put("c", 0, value=1),
            (3, 3),
            "cannot be edited: its dash stands on another line",
        ),
        (
            "c:\n  - b\n  -\n    a: 1\n",
            drop("c", 1),
            (4, 5),
            "cannot be edited: its dash stands on another line",
        ),
        *(
            (text, edit, place, "cannot be edited: half of a surrogate pair has no form in UTF-8")
            for text, edit, place in (
                ("a: 1\nb:  2\n", put("b", value="\ud800"), (2, 5)),
                ("c:\n- a\n", put("c", 0, value="\ud800"), (2, 3)),
                ("c: {b: 1}\n", put("c", "b", value=["\ud800"]), (1, 8)),
                ("a: 1\nc:\n  b: 1\n", put("c", "\udc00", value=1), (3, 3)),
                ("a: 1\nc:\n- b\n", put("c", 1, value="\ud800"), (3, 1)),
                ("c: [b]\n", put("c", 1, value="\ud800"), (1, 4)),
                ("a: 1\n", put("b", value="\ud800"), (1, 1)),
            )
        ),
        *(
            (text, edit, place, f"cannot be edited: {number} is not a number that JSON has")
            for text, edit, place, number in (
                ("a: 1\n", put("a", value=float("inf")), (1, 4), "inf"),
                ("c:\n- a: 1\n", put("c", 0, "b", value=[float("nan")]), (2, 3), "nan"),
            )
        ),
    ],
)
def test_what_is_refused_and_where(text: str, edit: Edit, place: tuple[int, int], why: str) -> None:
    for before, number in (("", 0), (OTHERS, 1)):
        with pytest.raises(TextEditError) as raised:
            edited(before + text, [edit], number=number)
        error = raised.value
        assert (error.line - before.count("\n"), error.column, error.why) == (*place, why)
        assert str(error) == f"line {error.line}, column {error.column}: {why}"


def test_a_refusal_stands_alone_in_a_traceback() -> None:
    with pytest.raises(TextEditError) as raised:
        edited("c: {d}\n", [put("c", "d", value=1)])
    assert raised.value.__suppress_context__
