# ruff: noqa: E501 - a document, what is done to it and what becomes of it stand on one line
"""How values are written into a document: words that need quotes, widths, comments, anchors, brackets."""

from typing import Any

import pytest
from test_text_edits import drop, edited, put

from podproof.edits.text.align import Alignment, align
from podproof.edits.text.apply import TextEditError
from podproof.edits.text.same import is_same
from podproof.edits.text.spans import OverlappingEdits, TextEdit, change_text
from podproof.edits.text.style import Style, column_of, line_end_of, line_start_of, read_style
from podproof.edits.text.write import CannotWrite, entry_lines, write_inline, write_key
from podproof.manifest.document import Document
from podproof.manifest.reader import read

NAN = float("nan")
YAML, JSON = Style(is_json=False, line_end="\n"), Style(is_json=True, line_end="\n", quote='"')


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True), (1, 2, False), (1, True, False), (1, 1.0, False), (0, False, False), (None, None, True),
        (None, 0, False), ("a", "a", True), ("a", "b", False), (NAN, NAN, True), (NAN, float("nan"), True),
        (NAN, 1.0, False), (1.0, NAN, False), ({}, [], False), ({}, {}, True), ([], [], True),
        ([1], [1], True), ([1], [2], False), ([1], [1, 2], False), ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True), ({"a": 1}, {"a": 2}, False), ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 1, "b": 1}, False), ([{"a": [1]}], [{"a": [1]}], True),
        ([{"a": [1]}], [{"a": [True]}], False), ([[1], [2]], [[1], [3]], False), ([[3], [2]], [[1], [2]], False),
    ],
)  # fmt: skip
def test_what_is_the_same(one: Any, other: Any, same: bool) -> None:
    assert is_same(one, other) is same
    shared = ["shared"]
    assert is_same([shared, one], [shared, other]) is same
    assert is_same([one, shared], [other, shared]) is same


@pytest.mark.parametrize(
    ("old", "new", "of_old", "appended"),
    [
        ([1, 2], [1, 2, 3, 4], (0, 1), (3, 4)), ([1, 2, 3], [1, 3], (0, None, 1), ()),
        ([1, 2, 3], [1, 9, 3], (0, 1, 2), ()), ([1, 2, 3], [3], (None, None, 0), ()),
        ([1, 2, 3], [1], (0, None, None), ()), ([1, 1, 1], [1, 1], (0, 1, None), ()),
        ([1, 2, 3, 4], [1, 3], (0, None, 1, None), ()), ([1, 2], [], (None, None), ()),
        ([1, 2], [1, 9, 3], (0, 1), (3,)), ([1, 2], [8, 9, 3, 4], (0, 1), (3, 4)), ([], [1], (), (1,)),
    ],
)  # fmt: skip
def test_which_items_became_which(old: list[int], new: list[int], of_old: Any, appended: Any) -> None:
    assert align(old, new) == Alignment(of_old, appended)


@pytest.mark.parametrize(("old", "new"), [([1, 2], [1, 3, 2]), ([1, 2], [0, 1, 2]), ([1, 2, 3], [4, 3])])
def test_lists_that_are_written_anew(old: list[int], new: list[int]) -> None:
    assert align(old, new) is None


@pytest.mark.parametrize(
    ("value", "yaml", "json"),
    [
        *((word, f'"{word}"', f'"{word}"')
          for word in ("y", "yes", "n", "no", "true", "false", "on", "off", "null", "Yes", "FALSE", "~", "1",
                       "0x1", "1e3", "yEs", "nO", "tRue", "fALSE", "oN", "oFF", "nULL", "Y", "N", "", " a", "a ", "a b", "a:", "a: b", "#a", "a#", "-a", "*a", "&a", "é",
                       "2001-01-01", ".5", "=", "<<", "a,b", "[a", "@a")),
        *((word, word, f'"{word}"')
          for word in ("abc", "a/b:c", "a:1", "RuntimeDefault", "NET_ADMIN", "/var/run", "a.b-c", "_a", "yess")),
        (None, "null", "null"), (True, "true", "true"), (7, "7", "7"), (-1.5, "-1.5", "-1.5"),
        ([], "[]", "[]"), ({}, "{}", "{}"), ([1, "a"], "[1, a]", '[1, "a"]'),
        ({"a": {"b": []}, "no": 1}, '{a: {b: []}, "no": 1}', '{"a": {"b": []}, "no": 1}'),
        ("a\nb", '"a\\nb"', '"a\\nb"'), ("\x07", '"\\u0007"', '"\\u0007"'), ("\x7f", '"\\u007f"', '"\\u007f"'),
        ("\u2028", '"\\u2028"', '"\\u2028"'), ("\ufeff", '"\\ufeff"', '"\\ufeff"'), ('"', '"\\""', '"\\""'),
    ],
)  # fmt: skip
def test_a_value_within_a_line(value: Any, yaml: str, json: str) -> None:
    assert write_inline(value, YAML) == yaml
    assert write_inline(value, JSON) == json


@pytest.mark.parametrize(
    ("value", "written"),
    [("abc", "'abc'"), ("a b", "'a b'"), ("it's", "'it''s'"), ("a\tb", '"a\\tb"'), ("a\nb", '"a\\nb"'),
     ("\x85", '"\\u0085"'), ("no", "'no'"), ("", "''")],
)  # fmt: skip
def test_a_text_in_single_quotes(value: str, written: str) -> None:
    assert write_inline(value, Style(is_json=False, line_end="\n", quote="'")) == written


@pytest.mark.parametrize("value", [NAN, float("inf"), "\ud800", {"\udfff": 1}, ["a", {"b": NAN}]])
def test_what_has_no_form(value: Any) -> None:
    for style in (YAML, JSON):
        with pytest.raises(CannotWrite):
            write_inline(value, style)


def test_keys() -> None:
    keys = ["a", "a.b/c", "no", "1", "a b", ""]
    assert [write_key(key, YAML) for key in keys] == ["a", "a.b/c", '"no"', '"1"', '"a b"', '""']
    assert [write_key(key, JSON) for key in keys] == [f'"{key}"' for key in keys]


def test_json_over_lines() -> None:
    style = Style(is_json=True, line_end="\r\n", quote='"', colon=": ", json_indent="\t")
    assert write_inline({"a": [1, {}], "b": []}, style, "  ") == (
        '{\r\n  \t"a": [\r\n  \t\t1,\r\n  \t\t{}\r\n  \t],\r\n  \t"b": []\r\n  }'
    )
    assert write_inline([1, [2]], JSON, "  ") == "[1, [2]]"


@pytest.mark.parametrize(
    ("indent", "list_indent", "lines"),
    [
        (2, 0, ["k:", "  a:", "  - x", "  - b:", "      c: 1", "    d: []", "  - - 1"]),
        (
            4,
            2,
            ["k:", "    a:", "      - x", "      - b:", "            c: 1", "        d: []", "      - - 1"],
        ),
    ],
)
def test_a_block(indent: int, list_indent: int, lines: list[str]) -> None:
    style = Style(is_json=False, line_end="\n", indent=indent, list_indent=list_indent)
    value = {"a": ["x", {"b": {"c": 1}, "d": []}, [1]]}
    assert entry_lines("k:", value, style) == lines


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("a: 1\n", Style(is_json=False, line_end="\n")),
        ("a: 1\r\n", Style(is_json=False, line_end="\r\n")),
        ("a:\n    b: 1\n", Style(is_json=False, line_end="\n", indent=4)),
        ("a:\n b: 1\n", Style(is_json=False, line_end="\n", indent=1)),
        (f"a:\n{' ' * 16}b: 1\n", Style(is_json=False, line_end="\n", indent=16)),
        (f"a:\n{' ' * 17}b: 1\n", Style(is_json=False, line_end="\n", indent=2)),
        ("a:\n- 1\n", Style(is_json=False, line_end="\n", list_indent=0)),
        ("a:\n  - 1\n", Style(is_json=False, line_end="\n", list_indent=2)),
        ("a:\n    b:\n    - 1\nc:\n  d:\n    e: 1\n", Style(is_json=False, line_end="\n", indent=2)),
        ("a: [1]\n", Style(is_json=False, line_end="\n", flow_lists=True)),
        ("a: [1]\nb:\n- 1\n", Style(is_json=False, line_end="\n")),
        ("a: [1]\nb: [[1]]\nc: []\n", Style(is_json=False, line_end="\n", flow_lists=True)),
        ("a: [1, [2]]\n", Style(is_json=False, line_end="\n")),
        ("a: [{}, 1]\n", Style(is_json=False, line_end="\n")),
        ("a: 'abc'\nb: 'def'\nc: ghi\n", Style(is_json=False, line_end="\n", quote="'")),
        ('a: "abc"\nb: "def"\nc: ghi\n', Style(is_json=False, line_end="\n", quote='"')),
        ("a: 'abc'\nb: def\nc: ghi\n", Style(is_json=False, line_end="\n")),
        ("a: 'true'\nb: 'ab'\nc: 'a1c'\n", Style(is_json=False, line_end="\n")),
        ("a: !!str 'abc'\n", Style(is_json=False, line_end="\n")),
        *(
            (f"a: '{word}'\n", Style(is_json=False, line_end="\n"))
            for word in ("yes", "off", "True", "false", "null", "yEs", "été", "a/b")
        ),
    ],
)
def test_the_style_of_a_document(text: str, style: Style) -> None:
    (document,) = read("a.yaml", text.encode())
    assert isinstance(document, Document)
    assert read_style(document.syntax()) == style


def test_lines_and_columns() -> None:
    text = "\nab\r\ncd\n"
    assert [line_start_of(text, at) for at in range(8)] == [0, 1, 1, 1, 1, 5, 5, 5]
    assert [line_end_of(text, at) for at in range(9)] == [0, 3, 3, 3, 3, 7, 7, 7, 8]
    assert [column_of(text, at) for at in (1, 2, 5, 7)] == [0, 1, 0, 2]


@pytest.mark.parametrize(
    ("text", "edits", "expected"),
    [
        # in place of an item
        ("c:\n- a # one\n- b\n", [put("c", 0, value="x")], "c:\n- x # one\n- b\n"),
        ("c:\n-\n- b\n", [put("c", 0, value="x")], "c:\n- x\n- b\n"),
        ("c:\n- a: 1 # one\n  b: 2\n- b\n", [put("c", 0, value="x")], "c:\n- x\n  # one\n- b\n"),
        ("c:\n- 'a'\n- b\n", [put("c", 0, value="x")], "c:\n- 'x'\n- b\n"),
        ("c:\n- a\n- b\n", [put("c", 0, value=[1, {"d": 2}])], "c:\n- - 1\n  - d: 2\n- b\n"),
        # a list that is written anew
        ("c:\n- 1 # one\n- 2\n- 3\nd: 1\n", [drop("c", 0), put("c", 0, value=9)], "c:\n- 9\n- 3\n# one\nd: 1\n"),
        # where nothing was written
        ("a:\nb: 1\n", [put("a", value=7)], "a: 7\nb: 1\n"),
        ("a: # one\nb: 1\n", [put("a", value="x")], "a: x # one\nb: 1\n"),
        ("a:\nb: 1\n", [put("a", value={"c": 7})], "a:\n  c: 7\nb: 1\n"),
        # several behind the last
        ("c: [1]\n", [put("c", 1, value=2), put("c", 2, value=[3, 4])], "c: [1, 2, [3, 4]]\n"),
        ("c: {a: 1}\n", [put("c", "b", value=2), put("c", "d", value=3)], "c: {a: 1, b: 2, d: 3}\n"),
        ("c: [\n  1\n]\n", [put("c", 1, value=2), put("c", 2, value=3)], "c: [\n  1,\n  2,\n  3\n]\n"),
        ("c: [\n  1 # one\n]\n", [put("c", 1, value=2), put("c", 2, value=3)],
         "c: [\n  1, # one\n  2,\n  3\n]\n"),
        # what looks like a comment within a text
        ("c:\n  a:\n    x: 'y # z' # one\n    w: [ 'v # u' ]\n  b: 1\n", [drop("c", "a")], "c:\n  # one\n  b: 1\n"),
        ("c:\n  a:\n  - 'y # z'\n  b: 1\n", [put("c", "a", value=1)], "c:\n  a: 1\n  b: 1\n"),
        # the whole document
        ("a: 1 # one\n", [drop("a")], "{} # one\n"),
        ("a: 1\n", [drop("a"), put("b", value={"c": [1]})], "b:\n  c:\n  - 1\n"),
        # lines that go, and what stands above and beside them
        ("a: 1 # one\nb: 2\n", [drop("a")], "# one\nb: 2\n"),
        ("a: # one\n- 1 # two\nb: 2\n", [drop("a")], "# one\n# two\nb: 2\n"),
        ("a: 1 # one\r\nb: 2", [drop("a")], "# one\r\nb: 2"),
        ("a: 1\n\nb: 2\nc: 3\n", [drop("b")], "a: 1\n\nc: 3\n"),
        ("a: 1\n\n# of b\nb: 2\n\nc: 3\n", [drop("b")], "a: 1\n\n# of b\n\nc: 3\n"),
        ("a: 1\r\n\r\nb: 2 # two\r\nc: 3\r\n", [drop("b")], "a: 1\r\n\r\n# two\r\nc: 3\r\n"),
        ("a:\n  - 1\n\n  - 2\n  - 3\n", [drop("a", 1)], "a:\n  - 1\n\n  - 3\n"),
        # behind a pair that begins its line, or does not
        ("c: {\n  a: 1, b: 2}\n", [put("c", "d", value=3)], "c: {\n  a: 1, b: 2, d: 3}\n"),
        ("c: {a: 1,\n  b: 2}\n", [put("c", "d", value=3)], "c: {a: 1,\n  b: 2,\n  d: 3}\n"),
        ("c: [\n  1, 2]\n", [put("c", 2, value=3)], "c: [\n  1, 2, 3]\n"),
        ("c: [1,\n  2]\n", [put("c", 2, value=3)], "c: [1,\n  2,\n  3]\n"),
        # the last line, and what stood beside it
        ("a:\n  b: 1\n  c: 2 # two", [drop("a", "c")], "a:\n  b: 1\n  # two"),
        ("a:\n- 1\n- 2 # two", [drop("a", 1)], "a:\n- 1\n# two"),
        # behind others, in their quotes
        ("c:\n- 'a'\n", [put("c", 1, value="x"), put("c", 2, value="w")], "c:\n- 'a'\n- 'x'\n- 'w'\n"),
        ("c: ['a', 1]\n", [put("c", 2, value="x")], "c: ['a', 1, x]\n"),
        ("c: [1, 'a']\n", [put("c", 2, value="x")], "c: [1, 'a', 'x']\n"),
        ("c:\n- |\n  a\n", [put("c", 1, value="x")], "c:\n- |\n  a\n- x\n"),
        ("c:\n- a: 1\n", [put("c", 1, value="x")], "c:\n- a: 1\n- x\n"),
        # in brackets
        ("c: [1,2]\n", [put("c", 2, value=3)], "c: [1,2, 3]\n"),
        ("c: [\n  1,\n  2\n]\n", [put("c", 2, value=3)], "c: [\n  1,\n  2,\n  3\n]\n"),
        ("c: {a: , b: 1}\n", [put("c", "a", value=3)], "c: {a: 3, b: 1}\n"),
        ("c: {a: 1}\n", [put("c", "a", value={"b": [1]})], "c: {a: {b: [1]}}\n"),
        ("c: {a: 1}\nd:\n- 1\n", [put("c", "b", value=["x", 1])], "c: {a: 1, b: [x, 1]}\nd:\n- 1\n"),
        ("c: {a: 1}\n", [put("c", value={})], "c: {}\n"),
        ("c: [1]\n", [drop("c", 0)], "c: []\n"),
        ("a: [1]\nb:\n  c: 1\n", [put("b", "d", value={"e": [1], "f": {"g": [[1]]}})],
         "a: [1]\nb:\n  c: 1\n  d:\n    e: [1]\n    f:\n      g:\n      - [1]\n"),
        # a block in place of something on the key's line
        ("a: 1 # one\nb: 2\n", [put("a", value={"c": 1})], "a: # one\n  c: 1\nb: 2\n"),
        ("a: &x 1 # one\nb: *x\n", [put("a", value={"c": 1}), put("b", value={"c": 1})],
         "a: &x # one\n  c: 1\nb: *x\n"),
        ("a: &x 1\nb: *x\n", [put("a", value={"c": 1})], "a: &x\n  c: 1\nb: 1\n"),
        ("a:\n  b: 1\n", [put("a", value=7)], "a: 7\n"),
        ("a: # one\n  b: 1 # two\nc: 1\n", [put("a", value=7)], "a: 7 # one\n# two\nc: 1\n"),
        ("a :  1\n", [put("a", value=7)], "a :  7\n"),
        ("a: !!int 1\n", [put("a", value=7)], "a: 7\n"),
        ("a: &x !!int 1\nb: *x\n", [put("a", value=7), put("b", value=7)], "a: &x 7\nb: *x\n"),
        # entries behind a dash
        ("c:\n- a: 1\n  b: 2 # two\n  d: 3\n", [drop("c", 0, "a"), drop("c", 0, "b")], "c:\n- # two\n  d: 3\n"),
        ("c:\n- 'a # x': 1\n  b: 2\n", [drop("c", 0, "a # x")], "c:\n- b: 2\n"),
        ("c:\n- a: 'x # y'\n  b: 2\n", [drop("c", 0, "a")], "c:\n- b: 2\n"),
        ("c:\n- a: 1\n  'b # x': 2\n", [drop("c", 0, "b # x")], "c:\n- a: 1\n"),
        ("c:\n- - a\n  - b\n", [drop("c", 0, 0)], "c:\n- - b\n"),
        ("c:\n- - a # one\n  - b\n", [drop("c", 0, 0)], "c:\n- # one\n  - b\n"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_text(text: str, edits: list[Any], expected: str) -> None:
    assert edited(text, edits) == expected


@pytest.mark.parametrize(
    ("text", "edits", "message"),
    [
        ("c: {a, b: 1}\n", [put("c", "a", value=3)], "its key has no value"),
        ("c: {a: &x 1, b: 1}\n", [put("c", "a", value=3)], "it has an anchor or a tag"),
        ("c: {a: !!int 1, b: 1}\n", [put("c", "a", value=3)], "it has an anchor or a tag"),
        ("c: {a: [1, # one\n 2], b: 1}\n", [put("c", "a", value=3)], "comments stand in it"),
        ("a: 1\n", [put("a", value=NAN)], "is not a number that JSON has"),
        ("a: {b: 1}\n", [put("a", "b", value=NAN)], "is not a number that JSON has"),
        ("a: {b: 1}\n", [put("a", "c", value="\ud800")], "half of a surrogate pair has no form in UTF-8"),
        ("a:\n  b: 1\n", [put("a", "c", value="\ud800")], "half of a surrogate pair has no form in UTF-8"),
        ("a:\n- b\n", [put("a", 1, value="\ud800")], "half of a surrogate pair has no form in UTF-8"),
    ],
)
def test_what_is_refused(text: str, edits: list[Any], message: str) -> None:
    with pytest.raises(TextEditError, match=f"{message}$"):
        edited(text, edits)


def test_where_a_text_cannot_be_edited() -> None:
    with pytest.raises(TextEditError) as raised:
        edited("a: 1\n---\nb:\n  c: {d, e: 1}\n", [put("b", "c", "d", value=3)], number=1)
    assert (raised.value.line, raised.value.column) == (4, 8)
    assert raised.value.why == "cannot be edited: its key has no value"
    assert str(raised.value) == f"line 4, column 8: {raised.value.why}"


def test_edits_that_overlap() -> None:
    text = "abcdef"
    assert change_text(text, [TextEdit(4, 5, ""), TextEdit(0, 1, "x"), TextEdit(1, 1, "y")]) == "xybcdf"
    assert change_text(text, [TextEdit(1, 3, "x"), TextEdit(3, 4, "y")]) == "axyef"
    with pytest.raises(OverlappingEdits):
        change_text(text, [TextEdit(1, 3, "x"), TextEdit(2, 4, "y")])


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ('{\n  "a": 1,\n  "b": {}\n}\n', {"c": [1]},
         '{\n  "a": {\n    "c": [\n      1\n    ]\n  },\n  "b": {}\n}\n'),
        ('{"a": 1}\n', {"c": [1]}, '{"a": {"c": [1]}}\n'),
        ('{\n  "b": 1, "a": 1\n}\n', {"c": [1]}, '{\n  "b": 1, "a": {"c": [1]}\n}\n'),
    ],
)  # fmt: skip
def test_a_value_of_json_is_written_as_the_others(text: str, value: Any, expected: str) -> None:
    assert edited(text, [put("a", value=value)], "a.json") == expected


@pytest.mark.parametrize(
    ("text", "item", "expected"),
    [
        ('{\n  "a": [\n    1\n  ]\n}\n', {"b": [2]},
         '{\n  "a": [\n    1,\n    {\n      "b": [\n        2\n      ]\n    }\n  ]\n}\n'),
        ('{\n  "a": [1]\n}\n', {"b": [2]}, '{\n  "a": [1, {"b": [2]}]\n}\n'),
        ('{"a": [1]}\n', {"b": [2]}, '{"a": [1, {"b": [2]}]}\n'),
    ],
)  # fmt: skip
def test_an_item_of_json_is_written_as_the_others(text: str, item: Any, expected: str) -> None:
    assert edited(text, [put("a", 1, value=item)], "a.json") == expected
