"""Which values of the document a piece of written text sets or removes, and in which order pieces come."""

from collections.abc import Collection

import pytest
from test_text_edits import drop, put

from podproof.edits.edit import Edit, Fix, based
from podproof.edits.text.apply import edit_text
from podproof.edits.text.spans import change_text
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.manifest.route import Route


def by_name(_route: Route, keys: Collection[str]) -> str | None:
    return next((key for key in keys if key > str(_route[-1])), None)


def written(text: str, edits: list[Edit]) -> list[tuple[str, tuple[Route, ...]]]:
    """Give the texts that are written, in the order given, with the routes that they lead to."""
    (document,) = read("a.yaml", text.encode())
    assert isinstance(document, Document)
    return [(edit.text, edit.routes) for edit in edit_text(document, edits)]


TEXT = "s:\n  a:\n    k: 1\n    l: 2\n  m: [1, 2]\n  q:\n  - o: 1\n    p: 2\n"


@pytest.mark.parametrize(
    ("edits", "pieces"),
    [
        ([put("s", "a", "k", value=7)], [("7", ("s", "a", "k"))]),
        ([put("s", "q", 0, "o", value=7)], [("7", ("s", "q", 0, "o"))]),
        ([put("s", "m", 1, value=7)], [("7", ("s", "m", 1))]),
        ([put("s", "m", 2, value=7)], [(", 7", ("s", "m"))]),
        ([drop("s", "m", 0)], [("", ("s", "m"))]),
        ([drop("s", "a", "l")], [("", ("s", "a", "l"))]),
        ([put("s", "a", "z", value=7)], [("\n    z: 7", ("s", "a", "z"))]),
        ([put("s", "q", 0, "z", value=7)], [("\n    z: 7", ("s", "q", 0, "z"))]),
        ([put("s", "q", 1, value=7)], [("\n  - 7", ("s", "q"))]),
        ([put("z", value=7)], [("\nz: 7", ("z",))]),
    ],
)
def test_a_piece_leads_to_the_value_that_it_is_about(
    edits: list[Edit], pieces: list[tuple[str, Route]]
) -> None:
    assert written(TEXT, edits) == [(text, (route,)) for text, route in pieces]


def test_pieces_written_together_lead_to_all_their_values() -> None:
    edits = [put("s", "a", "u", value=1), put("s", "a", "z", value=2)]
    assert written(TEXT, edits) == [("\n    u: 1\n    z: 2", (("s", "a", "u"), ("s", "a", "z")))]
    gone = written("s:\n  a:\n    k: 1\n    l: 2\n    q: 3\n", [drop("s", "a", "l"), drop("s", "a", "q")])
    assert gone == [("", (("s", "a", "l"), ("s", "a", "q")))] * 2


def test_pieces_come_in_the_order_of_the_text() -> None:
    edits = [
        put("s", "q", 0, "p", value=7),
        put("s", "zz", value=9),
        put("s", "a", "k", value=8),
        drop("s", "m"),
    ]
    assert [routes[0][1] for _, routes in written(TEXT, edits)] == ["a", "m", "q", "zz"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a merge brings in keys that stand nowhere here
        ("x: &s {z: 1}\ns:\n  <<: *s\n  c: 3\n", "x: &s {z: 1}\ns:\n  <<: *s\n  b: 0\n  c: 3\n"),
        ("x: &s {c: 1}\ns:\n  a: 1\n  <<: *s\n", "x: &s {c: 1}\ns:\n  a: 1\n  <<: *s\n  b: 0\n"),
        ("x: &s {c: 1}\ns:\n  <<: *s\n  d: 1\n", "x: &s {c: 1}\ns:\n  <<: *s\n  b: 0\n  d: 1\n"),
    ],
)
def test_new_keys_come_in_front_of_what_is_written_here(text: str, expected: str) -> None:
    (document,) = read("a.yaml", text.encode())
    assert isinstance(document, Document)
    assert change_text(text, edit_text(document, [put("s", "b", value=0)], by_name)) == expected


def test_a_fix_counted_from_further_up() -> None:
    for safe in (True, False):
        fix = Fix((put("a", 0, value=[1]), drop("b")), safe)
        assert based(fix, ("x", 1)) == Fix((put("x", 1, "a", 0, value=[1]), drop("x", 1, "b")), safe)
        assert based(fix, ()) == fix
