"""Writes what `explain` found as Markdown: the values and sentences of every other format, escaped."""

from collections.abc import Iterable, Iterator

from ..results.explained import Explained, ExplainedContainer, ExplainedObject
from .explain_words import (
    Hints,
    debug_lines,
    process_lines,
    rows,
    start_line,
    title,
)
from .markdown_text import escaped

__all__ = ["markdown", "markdown_parts"]


def markdown(explained: Explained, *, field: str | None = None) -> str:
    """Write what `markdown_parts` gives."""
    return "".join(markdown_parts(explained.objects, field=field))


def markdown_parts(objects: Iterable[ExplainedObject], *, field: str | None = None) -> Iterator[str]:
    """Write a heading, a table and a list for each container; `field` and parts as for text."""
    hints = Hints(field)
    before = ""
    for entry in objects:
        for container in entry.containers:
            hints.see(container)
            yield before + "\n".join(_lines(entry, container, field))
            before = "\n"
    hint_items = [f"- {escaped(hint)}" for hint in hints.lines()]
    if hint_items:
        yield before + "\n".join(["To know what is unknown here:", "", *hint_items, ""])


def _lines(entry: ExplainedObject, container: ExplainedContainer, field: str | None) -> list[str]:
    """Write one container; the last line is empty."""
    out = [f"## {escaped(title(entry, container))}", ""]
    if entry.file:
        out += [escaped(f"{entry.file}:{entry.line}"), ""]
    out += ["| field | value | set by |", "|---|---|---|"]
    out += [
        f"| {' | '.join(escaped(cell) for cell in (row.name, row.value, row.who))} |"
        for row in rows(entry, container, field)
    ]
    return [*out, "", *(f"- {escaped(line)}" for line in _ends(container)), ""]


def _ends(container: ExplainedContainer) -> list[str]:
    return [*process_lines(container), *debug_lines(container), start_line(container)]
