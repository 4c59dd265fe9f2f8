"""Reads a file's bytes into documents: YAML or JSON, one or many, each on its own.

In: a name for messages and bytes. Out: for each document in order a Document, an UnreadableDocument with
place and remedy, or an EmptyDocument; one broken document never hides another. Never opens files and never
knows Kubernetes.
"""

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from podproof.manifest.document import Document, EmptyDocument, UnreadableDocument
from podproof.manifest.file_text import WHOLE, FileText, Stretch
from podproof.manifest.limits import DEFAULT, Limits
from podproof.manifest.native import read_natively
from podproof.manifest.split import cut, find_lost, is_one, split

if TYPE_CHECKING:
    from podproof.manifest.repair import Star

ReadDocument = Document | UnreadableDocument | EmptyDocument

MARK = b"podproof:"
"""What every comment to this program holds."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read(
    file: str, data: bytes, limits: Limits = DEFAULT, stretch: Stretch = WHOLE
) -> Iterator[ReadDocument]:
    """Read every document of `data`; `file` is the name that results carry.

    Nothing is raised for what stands in `data`: whatever cannot be read is an UnreadableDocument. Where
    `data` is a `stretch` that `split.cut` has cut out of a file, the results are those of the whole file.
    """
    refused = None if stretch.bytes else _refuse(data, limits)
    if refused is not None:
        yield UnreadableDocument(file, 1, 1, 1, refused)
        return
    text = FileText(data, stretch)
    if _may_be_json(text.data):
        from podproof.manifest.json_text import read_json

        results = read_json(file, text, limits)
        if results is not None:
            yield from results
            return
    alone = is_one(text.data)
    lost = deque(() if alone else find_lost(text.data))
    count = above = 0
    marked = MARK in text.data
    parts = ((0, len(text.data), 1),) if alone else split(text.data)
    for count, (start, end, line_in_text) in enumerate(parts, stretch.documents + 1):
        line = stretch.lines + line_in_text
        while lost and lost[0][0] < start:
            yield _lost(file, count, text, *lost.popleft())
        if count > limits.max_documents:
            yield UnreadableDocument(
                file,
                count,
                line,
                1,
                f"more than {limits.max_documents} documents in one file: split the file",
            )
            return
        document = _read_one(file, count, text, start, end, line, limits)
        if marked and isinstance(document, Document) and text.data.find(MARK, above, end) >= 0:
            from podproof.manifest.comments import find_comments

            document.with_comments(partial(find_comments, text, above, start, end))
        above = end
        yield document
    for offset, why in lost:
        yield _lost(file, count, text, offset, why)


def _lost(file: str, index: int, text: FileText, offset: int, why: str) -> UnreadableDocument:
    line, column, _ = text.locate(text.index_of_byte(offset))
    return UnreadableDocument(file, index, line, column, why)


def read_repaired(
    file: str, index: int, text: FileText, start: int, end: int, limits: Limits = DEFAULT
) -> "tuple[tuple[Star, ...], ReadDocument] | None":
    """Read document `index`, bytes `start` to `end` of a file, as if its unquoted stars had quotes.

    Gives the stars, in code points of the file, and what was read; its places are those of the file. None:
    something else is broken.
    """
    from podproof.manifest.repair import RepairedText, repair
    from podproof.manifest.yaml_text import read_yaml

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
    result = read_yaml(file, index, shown, 0, repaired.text.encode(), repaired.text, line, limits)
    return tuple(star.moved(base) for star in repaired.stars), result


def cut_file(data: bytes, size: int, limits: Limits = DEFAULT) -> Iterator[tuple[bytes, Stretch]]:
    """Cut a file of many documents into stretches of about `size` bytes, which can be read one by one.

    What is not plainly a stream of documents stays whole: JSON, what is refused or may be over a limit.
    """
    if len(data) <= size or data[:4096].lstrip()[:1] in (b"{", b"[") or _refuse(data, limits) is not None:
        yield data, WHOLE
    else:
        yield from cut(data, size, limits.max_documents)


def _may_be_json(data: bytes) -> bool:
    if data[:1].isalnum():
        return False  # nearly every file
    head = data[:4096].lstrip()
    return head[:1] in (b"{", b"[") and not head.startswith(b"{{")


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
    document = read_natively(file, index, text, start, body, line, limits)
    if document is not None:
        return document
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
    from podproof.manifest.yaml_text import read_yaml

    return read_yaml(file, index, text, start, body, part, line, limits)
