"""The table of `prove` that a person reads: the JSON document comes in, text goes out."""

from typing import Any

from .plain import one_line
from .prove_words import Row, attack_rows, closing, environment_lines, field_rows, title

__all__ = ["text"]

_WIDEST = 48


def text(document: dict[str, Any], *, columns: int = 110) -> str:
    """Write the statements if there are any, a table for each container, the environment and the sums."""
    out: list[str] = []
    for claim in document.get("claims", ()):
        out += _claim(claim, columns)
    for container in document["containers"]:
        out += _container(container)
    out += [f"  {name:<9} {words}" for name, words in environment_lines(document)]
    out += [
        "",
        *(f"problem: {one_line(line)}" for line in document.get("problems", ())),
        closing(document, gap="    "),
    ]
    return "\n".join(out) + "\n"


def _container(container: dict[str, Any]) -> list[str]:
    fields, attacks = list(field_rows(container)), list(attack_rows(container))
    wrong = [row for row in (*fields, *attacks) if row.mark == "NOT AS PREDICTED"]
    out = [f"{one_line(container['source'])}  {title(container)}"]
    if wrong:
        out += ["", *_table(wrong, ("not as predicted", "predicted", "observed", "origin or evidence"))]
    out += ["", *_table(fields, ("field", "predicted", "observed", "who says so"))]
    if attacks:
        out += ["", *_table(attacks, ("attack", "predicted", "observed", "evidence"))]
    return [*out, ""]


def _table(rows: list[Row], head: tuple[str, str, str, str]) -> list[str]:
    cells = [head, *((row.name, row.predicted, row.observed, row.evidence) for row in rows)]
    widths = [min(_WIDEST, max(len(line[column]) for line in cells)) for column in range(3)]
    marks = ["", *("!" if row.mark == "NOT AS PREDICTED" else " " for row in rows)]
    return [line for mark, cell in zip(marks, cells, strict=True) for line in _line(mark, cell, widths)]


def _line(mark: str, cells: tuple[str, str, str, str], widths: list[int]) -> list[str]:
    """Write one row; a cell that is too wide has the line to itself, and the rest comes below it."""
    out: list[str] = []
    line = f"{mark or ' '} "
    start = len(line)
    for cell, width in zip(cells, (*widths, 0), strict=True):
        if len(line) > start and width and len(cell) > width:
            line += cell
            out.append(line.rstrip())
            line = " " * (start + width + 2)
        else:
            line += f"{cell:<{width}}  " if width else cell
        start += width + 2
    out.append(line.rstrip())
    return out


def _claim(claim: dict[str, Any], columns: int) -> list[str]:
    from textwrap import wrap

    where = claim["manifest"] + (f", container {claim['container']}" if claim["container"] else "")
    out = [f"{claim['result']}: {one_line(claim['id'])}  ({one_line(where)})"]
    out += wrap(one_line(claim["says"]), columns, initial_indent='  "', subsequent_indent="   ")
    out[-1] += '"'
    if claim["result"] != "proven":
        out += wrap(one_line(claim["truth"]), columns, initial_indent="  = ", subsequent_indent="    ")
    for shown in claim["shown"]:
        mark = " " if shown["holds"] else "!"
        out.append(one_line(f"  {mark} {shown['by']}: {shown['what']}: {shown['found']}"))
    return [*out, ""]
