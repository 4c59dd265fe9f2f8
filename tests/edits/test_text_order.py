"""Where new keys are written: in front of those that the order names, with the comments above them."""

from collections.abc import Collection

import pytest
from test_text_edits import put

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.edits.text.apply import edit_text
from podproof.edits.text.spans import change_text
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.manifest.route import Route


def by_name(_route: Route, keys: Collection[str]) -> str | None:
    return next((key for key in keys if key > str(_route[-1])), None)


def edited(text: str, edits: list[Edit], file: str = "a.yaml") -> str:
    (document,) = read(file, text.encode())
    assert isinstance(document, Document)
    return change_text(text, edit_text(document, edits, by_name))


B = [put("s", "b", value={"x": 1})]

CASES: dict[str, tuple[str, list[Edit], str]] = {
    "between": (
        "s:\n  a: 1 # one\n  # of c\n  c: 3\n",
        B,
        "s:\n  a: 1 # one\n  b:\n    x: 1\n  # of c\n  c: 3\n",
    ),
    "in front of all, and of the comments above": (
        "s: # of s\n  # of c\n\n  # of c, too\n  c: 3\n",
        B,
        "s: # of s\n  # of c\n\n  b:\n    x: 1\n  # of c, too\n  c: 3\n",
    ),
    "in front of all, at once": ("s:\n  c: 3\n", B, "s:\n  b:\n    x: 1\n  c: 3\n"),
    "behind all": ("s:\n  a: 1\n\nz: 1\n", B, "s:\n  a: 1\n  b:\n    x: 1\n\nz: 1\n"),
    "several, each at its place": (
        "s:\n  b: 1\n  d: 2\n",
        [put("s", name, value=0) for name in "ceaf"],
        "s:\n  a: 0\n  b: 1\n  c: 0\n  d: 2\n  e: 0\n  f: 0\n",
    ),
    "in what is made": ("s: 1\n", [put("t", name, value=0) for name in "cab"],
                        "s: 1\nt:\n  a: 0\n  b: 0\n  c: 0\n"),
    "in front of the whole document": ("# all\nc: 1\n", [put("a", value=1)], "a: 1\n# all\nc: 1\n"),
    "behind a dash": (
        "s:\n- c: 3 # three\n  d: 1\n",
        [put("s", 0, "b", value={"x": 1})],
        "s:\n- b:\n    x: 1\n  c: 3 # three\n  d: 1\n",
    ),
    "in front of what goes": (
        "s:\n  a: 1\n  b: 2 # two\n  d: 3\n",
        [Edit(("s", "b"), "remove"), put("s", "c", value=4)],
        "s:\n  a: 1\n  c: 4\n  # two\n  d: 3\n",
    ),
    "behind a text that looks like a comment and goes": (
        "s:\n  b: |\n    # no comment\n  d: 3\n",
        [Edit(("s", "b"), "remove"), put("s", "c", value=4)],
        "s:\n  c: 4\n  d: 3\n",
    ),
    "CRLF": ("s:\r\n  c: 3", B, "s:\r\n  b:\r\n    x: 1\r\n  c: 3"),
    "in braces": ("s: {a: 1, c: 3}\n", B, "s: {a: 1, b: {x: 1}, c: 3}\n"),
    "in braces, in front": ("s: {c: 3}\n", B, "s: {b: {x: 1}, c: 3}\n"),
    "in braces over lines": (
        "s: { # of s\n  a: 1, # one\n  c: 3 }\n",
        [*B, put("s", "0", value=0)],
        's: { # of s\n  "0": 0,\n  a: 1, # one\n  b: {x: 1},\n  c: 3 }\n',
    ),
    "of keys written twice": ("s:\n  c: 1\n  a: 1\n  c: 2\n", [put("s", "d", value=0)],
                              "s:\n  c: 1\n  a: 1\n  c: 2\n  d: 0\n"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "edits", "expected"), CASES.values(), ids=CASES)
def test_keys_are_written_in_order(text: str, edits: list[Edit], expected: str) -> None:
    assert edited(text, edits) == expected


def test_json() -> None:
    text = '{\n  "s": {\n    "c": 3\n  }\n}\n'
    assert edited(text, B, "a.json") == (
        '{\n  "s": {\n    "b": {\n      "x": 1\n    },\n    "c": 3\n  }\n}\n'
    )
    assert edited('{"s": {"a": 1, "c": 3}}', B, "a.json") == '{"s": {"a": 1, "b": {"x": 1}, "c": 3}}'


def test_a_mapping_has_them_in_order() -> None:
    edits = [put("b", value=1), put("d", "x", value=2), put("d", "a", value=3)]
    assert list(apply_edits({"a": 0, "c": 0, "e": 0}, edits, by_name)) == ["a", "b", "c", "d", "e"]
    assert list(apply_edits({"c": 0}, edits)) == ["c", "b", "d"]
    assert list(apply_edits({"c": 0, "b": 5}, edits, by_name)["d"]) == ["a", "x"]
