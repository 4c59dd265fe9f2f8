"""Values that start with an unquoted `*`: what to write, and the way back to the places of the file."""

import pytest
import yaml
from cost import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st

from podproof.manifest.document import Document, UnreadableDocument
from podproof.manifest.file_text import FileText
from podproof.manifest.reader import read, read_repaired
from podproof.manifest.repair import repair


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("- *", "- '*'"),
        ("a:\n- *\n", "a:\n- '*'\n"),
        ("a: * # all\n", "a: '*' # all\n"),
        ("a: *.example.com\n", "a: '*.example.com'\n"),
        ("a: *example.com\n", "a: '*example.com'\n"),
        ("schedule: */5 0,12 * * *\n", "schedule: '*/5 0,12 * * *'\n"),
        ("*: x\n", "'*': x\n"),
        ("a: [*, b]\n", "a: ['*', b]\n"),
        ("a: [\n  b, *]\n", "a: [\n  b, '*']\n"),
        ("{a: *}\n", "{a: '*'}\n"),
        ('{"a": *}', "{\"a\": '*'}"),
        # a bracket in a text that is no collection
        ("b: 'x ['\na: *, b\n", "b: 'x ['\na: '*, b'\n"),
        ("b: [x]\na: *, b\n", "b: [x]\na: '*, b'\n"),
        # in a block of text a star is a star
        ("a: *\nb: |\n  - *\nc: *\n", "a: '*'\nb: |\n  - *\nc: '*'\n"),
        ("a: *\r\nb: *\r\n", "a: '*'\r\nb: '*'\r\n"),
    ],
)
def test_stars_get_quotes(text: str, repaired: str) -> None:
    found = repair(text)
    assert found is not None
    assert found.text == repaired
    assert yaml.safe_load(found.text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",  # nothing is broken
        "a: &x 1\nb: *x\n",  # an alias
        "a: *x\n",  # an alias of nothing: the reader's business
        "a: & b\n",
        "a: *'b'\n",  # how to quote a quote is not sure
        "a: b: 1\nc: *\n",  # something else breaks first
        "\t- *\n",
        "",
    ],
)
def test_nothing_else_is_touched(text: str) -> None:
    assert repair(text) is None


def test_another_fault_after_a_star_stays() -> None:
    found = repair("a: *\nb: [\n")
    assert found is not None
    assert found.text == "a: '*'\nb: [\n"


KEYS = st.sampled_from(["a", "é", "😀", "key"])
VALUES = st.sampled_from(["*", "*.é", "1", "'*'", "[*, x]", "[a, *]", "*/5 * *"])


@given(
    st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=12), st.sampled_from(["", "\ufeff", "x: 1\n---\n"])
)
def test_places_are_those_of_the_file(entries: list[tuple[str, str]], before: str) -> None:
    """Every value of the copy stands in the file where its place says, without the quotes."""
    part = "".join(f"{key}{number}: {value}\n" for number, (key, value) in enumerate(entries))
    data = (before + part).encode()
    text = FileText(data)
    start = text.data.index(part.encode())
    read_ = read_repaired("f", 1, text, start, len(text.data))
    if read_ is None:
        assert not any(isinstance(result, UnreadableDocument) for result in read("f", data))
        return
    stars, document = read_
    assert all(text.text[star.start : star.end] == star.written[1:-1] for star in stars)
    assert isinstance(document, Document)
    assert isinstance(document.value, dict)
    lines = text.lines
    for number, (key, value) in enumerate(entries):
        name = f"{key}{number}"
        place, at_key = document.place((name,)), document.place((name,), key=True)
        line = lines[place.line - 1]
        assert line[at_key.column - 1 : at_key.end_column - 1] == name
        assert line[place.column - 1 : place.end_column - 1] == value
        assert data[at_key.offset : at_key.end_offset].decode() == name
        assert data[place.offset : place.end_offset].decode() == value


def test_the_work_is_bounded() -> None:
    found = repair("- *\n" * 200_000)
    assert found is None or len(found.stars) <= 20
    assert repair("a: [" + "x, " * 2_000_000 + "*]") is None  # too large to be an object
    flat = repair(_flat(3_000))
    assert flat is None or len(flat.stars) <= 20


def _flat(values: int) -> str:
    return "[" + "x, " * values + "*, " * 100 + "]"


def test_the_work_grows_with_the_text_and_no_faster() -> None:
    assert growth(lambda lines: repair("- *\n" * lines), 25_000) < LINEAR
    assert growth(lambda values: repair(_flat(values)), 500) < LINEAR
