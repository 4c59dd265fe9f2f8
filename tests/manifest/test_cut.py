"""Stretches of a file, read one by one, give what the whole file gives."""

from collections.abc import Iterator

import pytest
from yaml_texts import TEXTS

from podproof.manifest.document import Document, EmptyDocument, UnreadableDocument
from podproof.manifest.limits import DEFAULT, Limits
from podproof.manifest.reader import ReadDocument, cut_file, read

POD = "kind: Pod\nmetadata: {name: ä}\nspec:\n  containers: [{name: é, image: x}]\n"
FILES = {
    "plain": POD + "---\n" + POD + "--- # next\n" + POD,
    "leading separators": "---\n---\n" + POD + "---\n" + POD,
    "blank documents between": POD + "---\n\n---\n# nothing\n---\n" + POD + "---\n" + POD,
    "ended by dots": POD + "...\n---\n" + POD + "...\n" + POD + "---\n" + POD,
    "text behind a separator": POD + "--- lost: 1\n" + POD + "---\n" + POD,
    "byte order mark": "\ufeff" + POD + "---\n" + POD + "---\n" + POD,
    "Windows": (POD + "---\n" + POD + "---\n" + POD).replace("\n", "\r\n"),
    "carriage returns": POD + "---\n" + POD.replace("\n", "\r") + "\n---\n" + POD,
    "other line ends": POD + "---\na: b\r---\nc: d\n---\n" + POD + "---\n" + POD,
    "broken": POD + "---\na: [\n---\n" + POD + "---\nb: *c\n---\n" + POD,
    "comment before a separator": POD + "# end\n---\n# start\n" + POD + "---\n" + POD,
    "separator in a block": "a: |\n  x\n---\nb: |\n  y\n--- z\n" + POD,
    "no line end": POD + "---\n" + POD + "---",
}


@pytest.mark.parametrize("name", FILES)
def test_stretches_give_what_the_file_gives(name: str) -> None:
    compare(FILES[name].encode())


def test_stretches_of_every_kind_of_text_give_what_the_file_gives() -> None:
    texts = [text.encode() if isinstance(text, str) else text for text in TEXTS]
    for first, second in zip(texts, texts[1:] + texts[:1], strict=True):
        compare(first + b"\n---\n" + second + b"\n---\n" + POD.encode())


def test_a_file_is_cut_where_it_is_long_enough() -> None:
    data = (POD + "---\n").encode() * 10
    assert [stretch.documents for _, stretch in cut_file(data, len(data))] == [0]
    assert [stretch.documents for _, stretch in cut_file(data, 1)] == list(range(10))
    assert [stretch.documents for _, stretch in cut_file(data, 4 * len(data) // 10)] == [0, 5, 9]


@pytest.mark.parametrize(
    "data", [b'{"a": 1}\n---\n{"b": 2}\n', b"\xff\xfea\0\n\0-\0-\0-\0\n\0", b"\0\n---\na: 1\n"]
)
def test_what_is_no_stream_of_documents_stays_whole(data: bytes) -> None:
    assert len(list(cut_file(data, 1))) == 1


@pytest.mark.parametrize("most", range(1, 7))
def test_a_file_of_too_many_documents_is_cut_where_they_are_read(most: int) -> None:
    data = b"a: 1\n--- lost\n" * 4 + b"a: 1\n---\n[" + b"\n--- lost\na: 1" * 3
    limits = Limits(max_documents=most)
    compare(data, limits)
    assert len(list(cut_file(data, 1, limits))) == most
    assert len(list(cut_file(data, 1, DEFAULT))) == 9


def compare(data: bytes, limits: Limits = DEFAULT) -> None:
    whole = list(_seen(read("f.yaml", data, limits)))
    for size in (1, 40, 200):
        stretches = list(cut_file(data, size, limits))
        assert b"".join(part for part, _ in stretches) == data
        read_apart = [
            seen for part, stretch in stretches for seen in _seen(read("f.yaml", part, limits, stretch))
        ]
        assert read_apart == whole


def _seen(results: Iterator[ReadDocument]) -> Iterator[object]:
    """Give all that can be asked of each document: values, and the places and lines of everything in it."""
    for result in results:
        if not isinstance(result, Document):
            assert isinstance(result, UnreadableDocument | EmptyDocument)
            yield result
            continue
        yield result.index, result.line, repr(result.value), result.duplicates
        routes = [()] if not isinstance(result.value, dict) else [(), *((key,) for key in result.value)]
        for route in routes:
            place = result.place(route)
            yield place, result.place(route, key=True), result.duplicate_places(route, 3)
            yield [result.lines[number - 1] for number in range(max(1, place.line - 2), place.line + 1)]
