"""Comments to this program: what is one, where it stands, and what begins on its line."""

import time

import pytest

from podproof.manifest.document import Document
from podproof.manifest.file_text import Stretch
from podproof.manifest.lines import LineIndex
from podproof.manifest.reader import read
from podproof.manifest.route import Route


def document(text: str | bytes, file: str = "f.yaml") -> Document:
    data = text.encode() if isinstance(text, str) else text
    (found,) = read(file, data)
    assert isinstance(found, Document)
    return found


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("a: 1 # podproof: x y", [("x y", 1, 6, False)]),
        ("a: 1 #podproof:x", [("x", 1, 6, False)]),
        ("a: 1 # nosec # podproof: x", [("x", 1, 14, False)]),
        ("# podproof: x\na: 1", [("x", 1, 1, True)]),
        ("a: 1\n  # other # podproof: x\n", [("x", 2, 11, True)]),
        ("ä: ö # podproof: ü", [("ü", 1, 6, False)]),
        ("\ufeff# podproof: x\r\na: 1 # podproof: y\r\n", [("x", 1, 1, True), ("y", 2, 6, False)]),
        ("# podproof: x\n---\n# podproof: y\na: 1", [("x", 1, 1, True), ("y", 3, 1, True)]),
        ("--- # podproof: x\na: 1", [("x", 1, 5, True)]),
        ("a: | # podproof: x\n  # podproof: text\n# podproof: y\n", [("x", 1, 6, False), ("y", 3, 1, True)]),
        ("a: >-\n  b # podproof: text\n\n  # podproof: text\n", []),
        ("a: '# podproof: text'\nb: \"c # podproof: text\"\n", []),
        ('a: "b\n  # podproof: text\n  c"\n', []),
        ("a: b#podproof: text\n".replace(": text", ":text"), []),
        ("a: b # podproof: x\nc: {d: 1} # podproof: y", [("x", 1, 6, False), ("y", 2, 11, False)]),
        ("{a: 1, # podproof: x\n b: 2}", [("x", 1, 8, False)]),
        ('{"a": "# podproof: text"}', []),
        ("a: 1 # podproofs: x", []),
        ("a: 1 # see podproof: x", []),
    ],
)
def test_what_is_a_comment(text: str, comments: list[tuple[str, int, int, bool]]) -> None:
    found = document(text).comments
    assert [(one.text, one.place.line, one.place.column, one.alone) for one in found] == comments


def test_each_document_has_its_own() -> None:
    text = b"a: 1 # podproof: x\n# podproof: y\n---\n# podproof: z\nb: 1\n"
    found = [one for one in read("f.yaml", text) if isinstance(one, Document)]
    assert [[c.text for c in one.comments] for one in found] == [["x", "y"], ["z"]]


def test_a_stretch_of_a_file_has_the_places_of_the_file() -> None:
    (found,) = read("f.yaml", b"---\n# podproof: x\na: 1\n", stretch=Stretch(3, 40, 900))
    assert isinstance(found, Document)
    (comment,) = found.comments
    assert (comment.place.line, comment.place.offset, comment.alone) == (42, 904, True)


TEXT = """\
base: &base
  x: 1
items:
- name: a
  value: {b: 1,
    c: 2}
- image: i
  name: b
  <<: *base
- *base
"""


@pytest.mark.parametrize(
    ("line", "route", "begins"),
    [
        (1, ("base",), 1),
        (2, ("base", "x"), 2),
        (3, ("items",), 3),
        (4, ("items", 0), 4),
        (5, ("items", 0, "value"), 5),
        (6, ("items", 0, "value", "c"), 6),
        (7, ("items", 1), 7),
        (8, ("items", 1, "name"), 8),
    ],
)
def test_what_begins_on_a_line(line: int, route: Route, begins: int) -> None:
    assert LineIndex(document(TEXT)).first_from(line) == (route, begins)


def test_nothing_begins_below_the_end() -> None:
    assert LineIndex(document(TEXT)).first_from(11) is None
    assert LineIndex(document("a")).first_from(1) is None


def test_many_comments_cost_what_they_are() -> None:
    text = "items:\n" + "- a: 1 # podproof: x\n" * 20_000
    started = time.process_time()
    found = document(text)
    assert len(found.comments) == 20_000
    index = LineIndex(found)
    assert index.first_from(10_001) == (("items", 9_999), 10_001)
    assert time.process_time() - started < 20
