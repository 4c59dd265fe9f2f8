"""Reads a file's bytes into documents: YAML or JSON, one or many, each on its own.

In: a name for messages and bytes. Out: for each document in order a Document, an UnreadableDocument with
place and remedy, or an EmptyDocument; one broken document never hides another. Never opens files and never
knows Kubernetes.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import yaml

from podproof.manifest.document import Document, EmptyDocument, FileText, UnreadableDocument
from podproof.manifest.events import events
from podproof.manifest.limits import DEFAULT, Limits
from podproof.manifest.places import PlaceIndex, index_yaml
from podproof.manifest.split import split
from podproof.manifest.syntax_errors import explain_syntax_error
from podproof.manifest.values import InvalidDocument, read_value

if TYPE_CHECKING:
    from podproof.manifest.repair import Star

ReadDocument = Document | UnreadableDocument | EmptyDocument

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read(file: str, data: bytes, limits: Limits = DEFAULT) -> Iterator[ReadDocument]:
    """Read every document of `data`; `file` is the name that results carry.

    Nothing is raised for what stands in `data`: whatever cannot be read is an UnreadableDocument.
    """
    refused = _refuse(data, limits)
    if refused is not None:
        yield UnreadableDocument(file, 1, 1, 1, refused)
        return
    text = FileText(data)
    head = text.data[:4096].lstrip()
    if head[:1] in (b"{", b"[") and not head.startswith(b"{{"):
        from podproof.manifest.json_text import read_json

        results = read_json(file, text, limits)
        if results is not None:
            yield from results
            return
    for count, (start, end, line) in enumerate(split(text.data), 1):
        if count > limits.max_documents:
            yield UnreadableDocument(
                file,
                count,
                line,
                1,
                f"more than {limits.max_documents} documents in one file: split the file",
            )
            return
        yield _read_one(file, count, text, start, end, line, limits)


def read_repaired(
    file: str, index: int, text: FileText, start: int, end: int, limits: Limits = DEFAULT
) -> "tuple[tuple[Star, ...], ReadDocument] | None":
    """Read document `index`, bytes `start` to `end` of a file, as if its unquoted stars had quotes.

    Gives the stars, in code points of the file, and what was read; its places are those of the file. None:
    something else is broken.
    """
    from podproof.manifest.repair import RepairedText, repair

    try:
        part = text.data[start:end].decode("utf-8")
    except UnicodeDecodeError:
        return None
    repaired = repair(part)
    if repaired is None:
        return None
    base = text.index_of_byte(start)
    shown = RepairedText(text, base, repaired)
    line = text.locate(base)[0]
    result = _read_text(file, index, shown, 0, repaired.text.encode(), repaired.text, line, limits)
    return tuple(star.moved(base) for star in repaired.stars), result


def _refuse(data: bytes, limits: Limits) -> str | None:
    if len(data) > limits.max_bytes:
        return f"{len(data)} bytes are more than the {limits.max_bytes} allowed in one file: split the file"
    if data[:2] in _UTF16 or (len(data) >= 4 and (data[:4:2] == b"\0\0" or data[1:4:2] == b"\0\0")):
        return "the text is UTF-16 or UTF-32: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"
    if b"\0" in data[:8192]:
        return "the file is binary, not text: name manifests in YAML or JSON"
    return None


def _read_one(
    file: str, index: int, text: FileText, start: int, end: int, line: int, limits: Limits
) -> ReadDocument:
    body = text.data if start == 0 and end == len(text.data) else text.data[start:end]
    try:
        part = body.decode("utf-8")
    except UnicodeDecodeError as error:
        at = text.locate(text.index_of_byte(start + error.start))
        return UnreadableDocument(
            file,
            index,
            at[0],
            at[1],
            f"the byte 0x{body[error.start]:02X} is not UTF-8: save the file as UTF-8",
        )
    return _read_text(file, index, text, start, body, part, line, limits)


def _read_text(
    file: str, index: int, text: FileText, start: int, body: bytes, part: str, line: int, limits: Limits
) -> ReadDocument:
    """Read one document from its bytes, which are also given as text; `start` is their byte in the file."""
    try:
        with events(body) as next_event:
            read_document = read_value(next_event, limits)
            if read_document is not None:
                # Kubernetes ignores what follows the value without a word; the parser complains about it here
                next_event()
    except InvalidDocument as fault:
        return _unreadable(file, index, text, start, fault.index, str(fault))
    except yaml.YAMLError as error:
        at_index, message = explain_syntax_error(error, part)
        return _unreadable(file, index, text, start, at_index, message)
    if read_document is None:
        return EmptyDocument(file, index, line)
    value, duplicates, first_line = read_document

    def places() -> PlaceIndex:
        return index_yaml(part, text.index_of_byte(start))

    source = _source(part) if b"# Source:" in body else None
    return Document(file, index, line + first_line, value, source, duplicates, text, places)


def _unreadable(
    file: str, index: int, text: FileText, start: int, at: int, message: str
) -> UnreadableDocument:
    line, column, _ = text.locate(text.index_of_byte(start) + at)
    return UnreadableDocument(file, index, line, column, message)


def _source(part: str) -> str | None:
    """Find the template's path in the comments above the content, as `helm template` writes it."""
    for line in part.splitlines():
        if line.startswith("# Source:"):
            return line[9:].strip() or None
        if line and not line.startswith("#") and not line.isspace():
            return None
    return None
