"""Documents of a YAML file, split as Kubernetes splits them: by the text of lines, before any parsing.

In: bytes. Out: the stretch and the first line of each document. A line that starts with `---` ends a document
and the rest of that line is dropped, even inside a block scalar; `...` alone on a line ends one too.
"""

import re
from collections.abc import Iterator

import msgspec

from podproof.manifest.file_text import Stretch
from podproof.pattern import pattern

_SEPARATOR = pattern(rb"^(?:---[^\n]*|\.\.\.[ \t\r]*(?:#[^\n]*)?)(?:\n|\Z)", re.MULTILINE)
_TEXT = pattern(rb"---[ \t\r\f\v]*([^\s#])")
_OTHER_END = pattern(rb"(?:\r|\xc2\x85|\xe2\x80[\xa8\xa9])---(?=\s|\xc2\x85|\xe2\x80[\xa8\xa9]|\Z)")
_OTHER_ENDS = (b"\r---", b"\x85---", b"\xa8---", b"\xa9---")
_CONTENT = pattern(rb"^[ \t]*[^\s#]", re.MULTILINE)


def split(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Give start offset, end offset and 1-based first line of every document.

    What stands before the first separator is a document only if it has content; nothing after the last
    separator is none either.
    """
    start = 0
    line = 1
    first = True
    for end, behind in _separators(data):
        wanted = not first or _CONTENT.search(data, start, end)
        if wanted and not (data[end : end + 1] == b"-" and _closed(data, start, end)):
            yield start, end, line
        first = False
        line += data.count(b"\n", start, behind)
        start = behind
    if first or data[start:].strip():
        yield start, len(data), line


def is_one(data: bytes) -> bool:
    """Tell of most files at once that nothing in them could separate documents."""
    return b"---" not in data and b"\n..." not in data and not data.startswith(b"...")


def _separators(data: bytes) -> Iterator[tuple[int, int]]:
    """Give where each line begins that ends a document, and where the next one does."""
    if b"\n..." in data or data.startswith(b"..."):
        for match in _SEPARATOR.finditer(data):
            yield match.span()
        return
    for at in _lines_of_dashes(data):
        yield at, data.find(b"\n", at) + 1 or len(data)


def _lines_of_dashes(data: bytes) -> Iterator[int]:
    """Give where each line begins that starts with `---`."""
    if data.startswith(b"---"):
        yield 0
    at = data.find(b"\n---") + 1
    while at:
        yield at
        at = data.find(b"\n---", at) + 1


def _has_other_end(data: bytes) -> bool:
    """Tell whether `---` stands behind a line end that is no line feed."""
    # a single byte is looked for much faster, and most files have none of these
    return any(end[:1] in data and end in data for end in _OTHER_ENDS)


def find_lost(data: bytes) -> list[tuple[int, str]]:
    """Give the byte where something begins that no document has, and what is wrong there.

    kubectl refuses text behind `---`, other tools drop it. For all of them only a line feed begins a line:
    behind another line end the YAML reader finds a second document, which nobody reads.
    Source: apimachinery 0.37.2 pkg/util/yaml/decoder.go, YAMLReader.
    """
    if b"---" not in data:
        return []
    texts = (_TEXT.match(data, at) for at in _lines_of_dashes(data))
    lost = [
        (match.start(1), "what follows --- on its line is lost: write it on the next line")
        for match in texts
        if match is not None
    ]
    if _has_other_end(data):
        why = "what follows is lost, since no line feed stands before ---: save it with line feeds"
        lost += [(match.start(), why) for match in _OTHER_END.finditer(data)]
    return sorted(lost)


def cut(data: bytes, size: int, max_documents: int) -> Iterator[tuple[bytes, Stretch]]:
    """Cut a file's bytes before lines `---` into stretches of at least `size` bytes.

    Read by itself, a stretch has the documents that the file has there, and what is lost between them. Behind
    `max_documents`, which nobody reads, nothing is cut, and a file with unusual line ends stays whole.
    """
    if _has_other_end(data) or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        yield data, Stretch()
        return
    bom = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    begin, began = 0, Stretch()
    before = (0, 0)  # start and end of the document before
    for count, (start, end, line) in enumerate(split(data[bom:] if bom else data)):
        if count >= max_documents:
            break
        start, end = start + bom, end + bom
        at = before[1]
        if (
            at - begin >= size
            and data.startswith(b"---", at)
            and data.find(b"\n", at) + 1 == start
            and data[before[0] : at].strip()
        ):
            yield data[begin:at], msgspec.structs.replace(began, below=(_text(data[at:start]),))
            last = _text(data[data.rfind(b"\n", 0, at - 1) + 1 : at])
            begin, began = at, Stretch(count, line - 2, at, (last,))
        before = (start, end)
    yield data[begin:], began


def _text(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def _closed(data: bytes, start: int, end: int) -> bool:
    """Tell whether the stretch lies between `...` and `---` and has nothing in it: that is not a document."""
    return (
        start > 0
        and not data[start:end].strip()
        and data[data.rfind(b"\n", 0, start - 1) + 1 : start].startswith(b"...")
    )
