"""The table of `explain` that a person reads on a terminal: what was explained comes in, text goes out."""

from collections.abc import Iterable, Iterator, Sequence

from ..results.explained import Explained, ExplainedContainer, ExplainedObject
from .explain_words import (
    ExplainedRow,
    Hints,
    debug_lines,
    process_lines,
    rows,
    start_line,
    title,
)
from .plain import one_line, width

__all__ = ["text", "text_parts"]

_MAX_COLUMNS = 120
"""Wider tables are hard to read: the eye loses the row."""

_HEADS = ("FIELD", "VALUE", "SET BY")


def text(explained: Explained, *, columns: int = 110, field: str | None = None) -> str:
    """Write what `text_parts` gives."""
    return "".join(text_parts(explained.objects, columns=columns, field=field))


def text_parts(
    objects: Iterable[ExplainedObject], *, columns: int = 110, field: str | None = None
) -> Iterator[str]:
    """Write a table for each container, then what its process will be; no line is wider than `columns`.

    `field` names the only one to show in the tables; None: all of them. A part is a container, and what would
    tell more.
    A word that is wider than its column (a path, a digest) is the exception: it is never broken.
    """
    columns = min(max(columns, 60), _MAX_COLUMNS)
    hints = Hints(field)
    before = ""
    for entry in objects:
        for container in entry.containers:
            hints.see(container)
            yield before + "\n".join(_lines(entry, container, columns, field))
            before = "\n"
    hint_lines = list(hints.lines())
    if hint_lines:
        out = ["to know what is unknown here:"]
        for hint in hint_lines:
            out += [f"  {part}" for part in _wrapped(hint, columns - 2, "  ")]
        yield before + "\n".join([*out, ""])


def _lines(
    entry: ExplainedObject, container: ExplainedContainer, columns: int, field: str | None
) -> list[str]:
    """Write one container; the last line is empty."""
    place = f"{entry.file}:{entry.line}  " if entry.file else ""
    out = [*_wrapped(one_line(place) + title(entry, container), columns, "    "), ""]
    out += _table(list(rows(entry, container, field)), columns)
    out.append("")
    for number, line in enumerate(process_lines(container)):
        indent = "  " if not number else "    "
        out += [indent + part for part in _wrapped(line, columns - len(indent), "  ")]
    for line in debug_lines(container):
        out += [f"  {part}" for part in _wrapped(line, columns - 2, "    ")]
    out += [f"  {part}" for part in _wrapped(start_line(container), columns - 2, "    ")]
    out.append("")
    return out


def _table(table_rows: Sequence[ExplainedRow], columns: int) -> Iterator[str]:
    first = max((len(row.name) for row in table_rows), default=0)
    room = columns - first - 6
    short = [length for row in table_rows if (length := len(row.value)) <= room // 3]
    second = max((*short, len(_HEADS[1]), 9))
    third = room - second
    gap = " " * (first + second + 6)
    yield f"  {_HEADS[0]:<{first}}  {_HEADS[1]:<{second}}  {_HEADS[2]}"
    for row in table_rows:
        value = row.value
        taken = width(value)
        fits = taken <= second
        if not fits:
            value = f"these {len(row.items)}:" if row.items else "as follows:"
            taken = len(value)
        who = _wrapped(row.who, third, "")
        padding = " " * (second - taken)
        yield f"  {row.name:<{first}}  {value}{padding}  {who[0]}"
        for part in who[1:]:
            yield gap + part
        if not fits:
            indent = " " * (first + 6)
            for part in _listed(row, columns - len(indent)):
                yield indent + part


def _listed(row: ExplainedRow, columns: int) -> Iterator[str]:
    """Break a long value: names in running lines, sentences each on its own."""
    if not row.items or " " not in "".join(row.items):
        yield from _wrapped(row.value, columns, "")
        return
    for item in row.items:
        yield from _wrapped(item, columns, "  ")


def _wrapped(line: str, columns: int, indent: str) -> list[str]:
    """Break a line at blanks; `indent` opens each line but the first."""
    if line.isascii():
        if len(line) <= columns:
            return [line]
        if "  " not in line and line[:1] != " ":
            return _wrapped_plain(line, columns, indent)
    elif width(line) <= columns:
        return [line]
    out: list[str] = []
    words: list[str] = []
    taken = 0  # columns, with the blank that would follow
    for word in line.split(" "):
        columns_of_word = width(word)
        if words == [""]:
            words, taken = [], 0
        if words and taken + columns_of_word > columns:
            out.append(" ".join(words))
            words, taken = [indent + word], len(indent) + columns_of_word + 1
        else:
            words.append(word)
            taken += columns_of_word + 1
    return [*out, " ".join(words)]


def _wrapped_plain(line: str, columns: int, indent: str) -> list[str]:
    """Do the same where each letter takes a column, and one blank stands between words."""
    out: list[str] = []
    opens, start, room = "", 0, max(columns, 0)
    while len(line) - start > room:
        # the last blank that lets the line fit, or the end of a word that is too long
        end = line.rfind(" ", start, start + room + 1)
        if end < 0:
            end = line.find(" ", start + room + 1)
            if end < 0:
                break
        out.append(opens + line[start:end])
        opens, start, room = indent, end + 1, max(columns - len(indent), 0)
    return [*out, opens + line[start:]]
