"""A place is where the text says so: cut it out, read it alone, and the same value comes back."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from podproof.manifest.document import Document
from podproof.manifest.file_text import FileText, Place
from podproof.manifest.reader import read


def only(text: str | bytes) -> Document:
    (document,) = read("f.yaml", text.encode() if isinstance(text, str) else text)
    assert isinstance(document, Document), document
    return document


def cut(text: str, place: Place) -> str:
    return text.encode()[place.offset : place.end_offset].decode()


def test_each_style() -> None:
    text = (
        "é: &a\n  b: 'x'  # why\n  c: |\n    one\n    two\n  # after\n  d: [1, {e: 2}]\n\n# end\n"
        "f: *a\ng:\n  <<: *a\n  h: 1\ni:\n"
    )
    document = only(text)
    shown = {
        ("é", "b"): "'x'",
        ("é", "c"): "|\n    one\n    two",
        ("é", "d"): "[1, {e: 2}]",
        ("é", "d", 1, "e"): "2",
        ("é",): "&a\n  b: 'x'  # why\n  c: |\n    one\n    two\n  # after\n  d: [1, {e: 2}]",
        ("f", "b"): "'x'",
        ("g", "b"): "'x'",
        ("g", "h"): "1",
        ("i",): "",
        (
            "é",
            "nothing",
            "there",
        ): "&a\n  b: 'x'  # why\n  c: |\n    one\n    two\n  # after\n  d: [1, {e: 2}]",
    }
    assert {route: cut(text, document.place(route)) for route in shown} == shown
    assert cut(text, document.place(("é", "b"), key=True)) == "b"
    assert (document.place(("é", "b")).line, document.place(("é", "b")).column) == (2, 6)


def test_byte_order_mark_and_line_ends() -> None:
    text = "\ufeff# é\r\na: é\r\nb:\r\n  - c: |\r\n      x\r\n"
    document = only(text)
    place = document.place(("b", 0, "c"))
    assert (place.line, place.column) == (4, 8)
    assert cut(text, place) == "|\r\n      x"
    assert document.place(("a",)).offset == text.encode().index("é\r\nb".encode())


def test_second_document() -> None:
    text = "ü: 1\n---\nx:\n  k: z\n"
    _, second = read("f.yaml", text.encode())
    assert isinstance(second, Document)
    assert cut(text, second.place(("x", "k"))) == "z"
    assert second.place(("x", "k")).line == 4


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=12)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


def scalars(value: Any, route: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in scalars(one, (*route, key))]
    if isinstance(value, list):
        return [found for i, one in enumerate(value) for found in scalars(one, (*route, i))]
    return [(route, value)]


@settings(max_examples=60)
@given(
    st.dictionaries(TEXT, VALUE, min_size=1, max_size=3), st.sampled_from([None, True, False]), st.booleans()
)
def test_what_stands_at_a_place_reads_as_the_value(
    value: dict[str, Any], flow: bool | None, wide: bool
) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=wide)
    document = only(text)
    # PyYAML leaves some texts plain that Kubernetes resolves (y, 0E0), so what was read is compared
    for route, scalar in scalars(document.value):
        alone = cut(text, document.place(route))
        # continuation lines of a scalar keep their indent only inside a collection
        again = only(f"- {alone}\n")
        assert isinstance(again.value, list)
        assert again.value[0] == scalar, (text, route)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "data", [b"a\nbc\n", "é\r\n😀b\rc\n\nü".encode(), b"a\xff\n\xc3b\r\n", b"", "\u2028é\u0085\n".encode()]
)
def test_lines_columns_and_bytes_of_every_character_in_any_order(data: bytes, bom: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    expected: list[tuple[int, int, int]] = []
    line, column = 1, 1
    for index, character in enumerate(text):
        expected.append((line, column, len(text[:index].encode("utf-8", "surrogateescape"))))
        ends = character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n")
        line, column = (line + 1, 1) if ends else (line, column + 1)
    file = FileText(bom + data)
    order = list(enumerate(expected))
    for index, (line, column, offset) in [*order, *reversed(order), *order[::2], *order[1::2]]:
        assert file.locate(index) == (line, column, offset + len(bom))
        assert file.index_of_byte(offset) == index


@pytest.mark.parametrize(
    "text", ["a: {b: x}\n", "ü: {'😀': '😀é'}\n", '{"😀": 1, "ü😀": "😀"}\n', "a: '😀\n  😀 b'\n"]
)
def test_columns_in_utf16(text: str) -> None:
    [document] = read("f", text.encode())
    assert isinstance(document, Document)
    assert isinstance(document.value, dict)
    for name, value in document.value.items():
        for route in ((name,), *((name, one) for one in (value if isinstance(value, dict) else ()))):
            for key in (False, True):
                place = document.place(route, key=key)
                starts = [place.line, place.column], [place.end_line, place.end_column]
                expected = tuple(
                    len(document.lines[line - 1][: column - 1].encode("utf-16-le")) // 2 + 1
                    for line, column in starts
                )
                assert document.utf16_columns(place) == expected
