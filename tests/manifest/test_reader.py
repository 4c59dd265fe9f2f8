"""Documents: splitting, merges, duplicates, limits, and what breaks where."""

from collections.abc import Callable

import pytest
from cost import LINEAR, growth

from podproof.manifest.document import Document, EmptyDocument, UnreadableDocument
from podproof.manifest.limits import Limits
from podproof.manifest.reader import ReadDocument, read


def values(text: str, file: str = "f.yaml") -> list[object]:
    return [r.value if isinstance(r, Document) else r.__class__.__name__ for r in read(file, text.encode())]


def one(text: str | bytes, file: str = "f.yaml", limits: Limits | None = None) -> ReadDocument:
    data = text.encode() if isinstance(text, str) else text
    (result,) = read(file, data, limits or Limits())
    return result


def broken(text: str | bytes, file: str = "f.yaml", limits: Limits | None = None) -> tuple[int, int, str]:
    result = one(text, file, limits)
    assert isinstance(result, UnreadableDocument), result
    assert "\n" not in result.message
    return result.line, result.column, result.message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\n---\na: 2\n", [{"a": 1}, {"a": 2}]),
        ("---\na: 1\n---\n", [{"a": 1}]),
        ("# licence\n---\na: 1\n", [{"a": 1}]),
        ("--- {kind: Pod}\na: 1\n", ["UnreadableDocument", {"a": 1}]),
        ("a: 1\n--- {kind: Pod}\n", [{"a": 1}, "UnreadableDocument"]),
        ("a: 1\n----\nb: 1\n", [{"a": 1}, "UnreadableDocument", {"b": 1}]),
        ("a: 1\n--- # Source: x\nb: 1\n---\t\nc: 1\n--- \r\n", [{"a": 1}, {"b": 1}, {"c": 1}]),
        ("a: 1\r---\rb: 1\r", [{"a": 1}, "UnreadableDocument"]),
        ("a: 1\r...\rb: 1\r", ["UnreadableDocument"]),
        ("a: 1\x85---\x85b: 1\x85", [{"a": 1}, "UnreadableDocument"]),
        ("a: 1\u2028---\u2028b: 1\n---\nc: 1\n", [{"a": 1}, "UnreadableDocument", {"c": 1}]),
        ("a: 1\n...\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("a: 1\n...\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("a: |\n  x\n---\nb: 1\n", [{"a": "x\n"}, {"b": 1}]),
        ("a: 1\n---\n# nothing\n---\nb: 1\n", [{"a": 1}, "EmptyDocument", {"b": 1}]),
        ("a: 1\r\n---\r\nb: 2\r\n", [{"a": 1}, {"b": 2}]),
        ("\ufeffa: 1\n", [{"a": 1}]),
        ("a: &x 1\n---\nb: *x\n", [{"a": 1}, "UnreadableDocument"]),
        ("a: 1\n---\nb: [\n---\nc: 3\n", [{"a": 1}, "UnreadableDocument", {"c": 3}]),
    ],
)
def test_splitting(text: str, found: list[object]) -> None:
    assert values(text) == found


def test_lines_and_indexes() -> None:
    results = list(read("f.yaml", b"# top\n---\n\na: 1\n---\n# x\n---\n# Source: c/t/p.yaml\nb: 1\n"))
    assert [(r.index, r.line) for r in results] == [(1, 4), (2, 6), (3, 9)]
    assert isinstance(results[1], EmptyDocument)
    assert isinstance(results[2], Document)
    assert results[2].source == "c/t/p.yaml"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &a {x: 1, k: 2}\nb: {<<: *a, k: 3}", {"x": 1, "k": 3}),
        ("a: &a {x: 1}\nb: {x: 2, <<: *a}", {"x": 1}),  # go-yaml merges where the key stands
        ("a: &a {x: 1}\nc: &c {x: 2}\nb: {<<: [*a, *c]}", {"x": 1}),
        ("b: {<<: {x: 1}}", {"x": 1}),
        ("b: {'<<': 1}", {"<<": 1}),
    ],
)
def test_merges(text: str, value: object) -> None:
    document = one(text)
    assert isinstance(document, Document)
    assert isinstance(document.value, dict)
    assert document.value["b"] == value
    assert document.duplicates == ()


def test_duplicates_keep_the_last_and_both_places() -> None:
    document = one("a:\n- x: 1\n  k: 2\n  x: 3\nb: 1\nb: 2\n")
    assert isinstance(document, Document)
    assert document.value == {"a": [{"x": 3, "k": 2}], "b": 2}
    assert document.duplicates == (("a", 0, "x"), ("b",))
    assert [(p.line, p.column) for p in document.duplicate_places(("a", 0, "x"), 9)[0]] == [(2, 3), (4, 3)]
    assert [p.line for p in document.duplicate_places(("b",), 9)[0]] == [5, 6]
    assert document.place(("b",)).line == 6


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb:\n\tc: 1\n", 3, 1, "tab"),
        ("a: 1\nb: 'x\n", 2, 4, "never closed"),
        ('a: "x\nb: 1\n', 1, 4, "never closed"),
        ("a: [1, 2\n", 1, 4, "never closed"),
        ("a: b: c\n", 1, 5, "colon"),
        ("a: - 1\n", 1, 4, "list"),
        ("é: *\n", 1, 4, "starts with * or &"),
        ("a: @x\n", 1, 4, "quote the value"),
        ("a: x\x01\n", 1, 5, "U+0001"),
        (b"a: 1\nb: \xff\n", 2, 4, "0xFF"),
        ("a: &x [*x]\n", 1, 8, "contains itself"),
        ("a: *x\n", 1, 4, "unknown anchor 'x'"),
        ("~: 1\n", 1, 1, "null"),
        ("  a: 1\nb: 2\n", 2, 1, "ignores"),
        ("{a: 1} b\n", 1, 8, "ignores"),
        ("{{ .Values.x }}: 1\n", 1, 1, "template"),
        ("a: {{ .Values.x }}\n", 1, 5, "template"),
        ("a: !!int x\n", 1, 4, "cannot decode !!str `x` as a !!int"),
        ("a: {<<: 1}\n", 1, 9, "map merge requires map"),
        ("a: 1\n".encode("utf-16"), 1, 1, "UTF-16"),
        ("a: 1\n".encode("utf-16-le"), 1, 1, "UTF-16"),
        (b"\x7fELF\x02\x00\x00", 1, 1, "binary"),
    ],
)
def test_broken(text: str | bytes, line: int, column: int, words: str) -> None:
    found = broken(text)
    assert found[:2] == (line, column), found
    assert words in found[2]


def test_limits_are_told() -> None:
    assert "nested deeper than 1000" in broken("[" * 100_000)[2]
    assert "nested deeper than 1000" in broken("{a: " * 100_000)[2]
    assert "nested deeper than 1000" in broken('{"a":' * 100_000 + "1" + "}" * 100_000, "f.json")[2]
    assert "nested deeper than 1000" in broken("- " * 20_000)[2]
    assert "excessive aliasing" in broken(_bomb(12))[2]
    assert "split the file" in broken(b"a" * 200, limits=Limits(max_bytes=100))[2]


def _bomb(levels: int) -> str:
    """Ten times as many values with each level."""
    return "a0: &a0 [x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, levels)
    )


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (lambda depth: "[" * depth, 12_500),
        (lambda depth: "{a: " * depth, 12_500),
        (lambda depth: '{"a":' * depth + "1" + "}" * depth, 12_500),
        (lambda depth: "- " * depth, 2_500),
        (_bomb, 12),
    ],
    ids=["list", "mapping", "json", "block", "bomb"],
)
def test_a_limit_is_reached_at_once(text: Callable[[int], str], size: int) -> None:
    assert growth(lambda size: broken(text(size)), size) < LINEAR


@pytest.mark.parametrize(
    ("each", "size"),
    [("- {a: 1, a: 2}\n", 500), ("- &a {<<: {b: 1}}\n- {<<: *a, c: 1}\n", 250), ("---\na: 1\n", 500)],
    ids=["repeated keys", "merges", "documents"],
)
def test_reading_grows_like_the_text(each: str, size: int) -> None:
    assert growth(lambda count: list(read("f.yaml", (each * count).encode())), size) < LINEAR


def test_a_long_chain_of_merges_has_places() -> None:
    # enough other nodes that the share of aliases is allowed
    text = "- [" + "x, " * 5_000 + "]\n- &a0 {k0: 1}\n"
    document = one(text + "".join(f"- &a{i} {{<<: *a{i - 1}}}\n" for i in range(1, 400)))
    assert isinstance(document, Document), document
    place = document.place((400, "k0"))
    assert (place.line, place.column) == (2, 12)


def test_document_limit() -> None:
    results = list(read("f.yaml", b"a: 1\n---\n" * 5, Limits(max_documents=2)))
    assert [r.__class__ for r in results] == [Document, Document, UnreadableDocument]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}\n{"b": [true, null, 1.5]}', [{"a": 1}, {"b": [True, None, 1.5]}]),
        ('{"a":\t"\\ud83d\\ude00"}', [{"a": "\U0001f600"}]),
        ('{"a": 1}\n---\n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
        ("{a: yes}", [{"a": True}]),
    ],
)
def test_json(text: str, found: list[object]) -> None:
    assert values(text, "f.yaml") == found


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1,\n "b": }', 2, 7, "value"),
        ('{"a": 1}\n{"b" 2}', 2, 6, "colon"),
        ('{"a": ' + "9" * 5000 + "}", 1, 1, "5000 digits"),
        ('{"a": NaN}', 1, 1, "NaN"),
    ],
)
def test_broken_json(text: str, line: int, column: int, words: str) -> None:
    found = [r for r in read("f.json", text.encode()) if isinstance(r, UnreadableDocument)]
    assert (found[0].line, found[0].column) == (line, column)
    assert words in found[0].message


def test_json_duplicates_and_places() -> None:
    document = one('{"a": {"x": 1,\n "x": [2, {"é": "y"}]}}', "f.json")
    assert isinstance(document, Document)
    assert document.duplicates == (("a", "x"),)
    assert [(p.line, p.column) for p in document.duplicate_places(("a", "x"), 9)[0]] == [(1, 8), (2, 2)]
    place = document.place(("a", "x", 1, "é"))
    assert (place.line, place.column, place.end_column) == (2, 17, 20)
