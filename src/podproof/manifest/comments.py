"""The comments of a YAML text that speak to this program: a document's bytes come in, the comments go out.

Such a comment holds `podproof:`; a text without the word is never looked into. What stands in quotes, in a
block scalar or in another value is no comment. It is found by libyaml's events whoever read the document, so
that all readers agree. Never knows what a comment means.
"""

import re
from collections.abc import Iterator

import yaml

from podproof.manifest.block_end import block_end
from podproof.manifest.document import Comment
from podproof.manifest.file_text import FileText, Place

__all__ = ["find_comments"]

_COMMENT = re.compile(r"(?<!\S)#[ \t]*podproof:([^\r\n\x85\u2028\u2029]*)")
_LINE_END = re.compile("[\r\n\x85\u2028\u2029]")
_BLOCK_STYLES = ("|", ">")


def find_comments(text: FileText, above: int, start: int, end: int) -> tuple[Comment, ...]:
    """Find the comments of the document that is bytes `start` to `end` of a text, in their order.

    From byte `above` to `start` stand lines `---` and comments that belong to no document before it.
    """
    found = [*_head_comments(text, above, start), *_body_comments(text, start, end)]
    return tuple(found)


def _head_comments(text: FileText, above: int, start: int) -> Iterator[Comment]:
    part = text.data[above:start].decode("utf-8", "replace")
    base = text.index_of_byte(above)
    for match in _COMMENT.finditer(part):
        yield Comment(match[1].strip(), _place(text, base, match), alone=True)


def _body_comments(text: FileText, start: int, end: int) -> Iterator[Comment]:
    part = text.data[start:end].decode("utf-8")
    base = text.index_of_byte(start)
    values = _values(part)
    starts = (end.end() for end in _LINE_END.finditer(part))
    line_start, next_start = 0, 0
    value_start, value_end = next(values, (len(part), len(part)))
    for match in _COMMENT.finditer(part):
        while value_end <= match.start():
            value_start, value_end = next(values, (len(part), len(part) + 1))
        if value_start <= match.start():
            continue
        while next_start <= match.start():
            line_start, next_start = next_start, next(starts, len(part) + 1)
        alone = part[line_start : match.end()].lstrip(" \t").startswith("#")
        yield Comment(match[1].strip(), _place(text, base, match), alone)


def _place(text: FileText, base: int, match: re.Match[str]) -> Place:
    first = text.locate(base + match.start())
    last = text.locate(base + match.start() + len(match[0].rstrip()))
    return Place(*first, *last)


def _values(part: str) -> Iterator[tuple[int, int]]:
    """Give start and end of every scalar, in code points; of a block scalar, those of its lines."""
    from podproof.manifest.events import SCALAR, events

    with events(part) as next_event:
        try:
            while (event := next_event()).__class__ is not yaml.DocumentEndEvent:
                if event.__class__ is not SCALAR:
                    if event.__class__ is yaml.StreamEndEvent:
                        return
                    continue
                start, stop = event.start_mark, event.end_mark
                first, last = (0 if start is None else start.index), (0 if stop is None else stop.index)
                if event.style in _BLOCK_STYLES:
                    end = block_end(part, first, last)
                    header = part.find("\n", first, last)
                    first, last = (end if header < 0 else header), end
                yield first, last
        except yaml.YAMLError:  # behind what was read: no comment there is one of the document's
            return
