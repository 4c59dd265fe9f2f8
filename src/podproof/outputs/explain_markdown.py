"""Writes what `explain` found as Markdown: the values and sentences of every other format, escaped."""

from ..results.explained import Explained, ExplainedContainer
from .explain_words import (
    containers,
    debug_lines,
    hints,
    process_lines,
    rows,
    start_line,
    title,
)
from .markdown_text import escaped

__all__ = ["markdown"]


def markdown(explained: Explained, *, field: str | None = None) -> str:
    """Write a heading, a table and a list for each container; `field` as for text."""
    out: list[str] = []
    for entry, container in containers(explained):
        out += [f"## {escaped(title(entry, container))}", ""]
        if entry.file:
            out += [escaped(f"{entry.file}:{entry.line}"), ""]
        out += ["| field | value | set by |", "|---|---|---|"]
        out += [
            f"| {' | '.join(escaped(cell) for cell in (row.name, row.value, row.who))} |"
            for row in rows(entry, container, field)
        ]
        out += ["", *(f"- {escaped(line)}" for line in _ends(container)), ""]
    hint_items = [f"- {escaped(hint)}" for hint in hints(explained, field)]
    return "\n".join([*out, *(["To know what is unknown here:", "", *hint_items, ""] if hint_items else [])])


def _ends(container: ExplainedContainer) -> list[str]:
    return [*process_lines(container), *debug_lines(container), start_line(container)]
