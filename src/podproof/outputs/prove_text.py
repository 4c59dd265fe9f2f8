"""The table of `prove` that a person reads: a proof comes in, text goes out."""

from ..results.proved import ClaimLine, Proof, ProvedContainer
from .plain import one_line
from .prove_words import ProvedRow, attack_rows, closing, environment_lines, field_rows, title

__all__ = ["text"]

_NARROWEST = 9
"""Columns below which a cell is not squeezed, whatever the width of the line."""

_BESIDE = 8
"""Columns of a line beside its four cells: the mark, and the gaps."""

_LONG = 20


def text(proof: Proof, *, columns: int = 110) -> str:
    """Write the statements if there are any, a table for each container, the environment and the sums."""
    out: list[str] = []
    for claim in proof.claims:
        out += _claim(claim, columns)
    for container in proof.containers:
        out += _container(container, columns)
    out += [f"  {name:<9} {words}" for name, words in environment_lines(proof)]
    out += [
        "",
        *(f"problem: {one_line(line)}" for line in proof.problems),
        closing(proof, gap="    "),
    ]
    return "\n".join(out) + "\n"


def _container(container: ProvedContainer, columns: int) -> list[str]:
    fields, attacks = list(field_rows(container)), list(attack_rows(container))
    wrong = [row for row in (*fields, *attacks) if row.mark == "NOT AS PREDICTED"]
    out = [f"{one_line(container.source)}  {title(container)}"]
    if wrong:
        out += [
            "",
            *_table(wrong, ("not as predicted", "predicted", "observed", "origin or evidence"), columns),
        ]
    out += ["", *_table(fields, ("field", "predicted", "observed", "who says so"), columns)]
    if attacks:
        out += ["", *_table(attacks, ("attack", "predicted", "observed", ""), columns, below=True)]
    return [*out, ""]


def _table(
    rows: list[ProvedRow], head: tuple[str, str, str, str], columns: int, *, below: bool = False
) -> list[str]:
    """Write rows of four cells, the last beside the others, or `below` them with the whole line to itself."""
    cells = [head, *((row.name, row.predicted, _seen(row), row.evidence) for row in rows)]
    wanted = [max(len(line[column]) for line in cells) for column in range(3 if below else 4)]
    word = max(len(word) for line in cells for word in line[0].split())
    widths = _widths(wanted, columns, word)
    marks = ["", *("!" if row.mark == "NOT AS PREDICTED" else " " for row in rows)]
    out: list[str] = []
    for mark, cell in zip(marks, cells, strict=True):
        out += _lines(mark, cell, widths)
        if below:
            out += _below(cell[3], columns) if cell is not head else []
    return out


def _seen(row: ProvedRow) -> str:
    """Give what was observed; a long value that equals the prediction is not written twice."""
    return "the same" if row.observed == row.predicted and len(row.observed) > _LONG else row.observed


def _widths(wanted: list[int], columns: int, word: int) -> list[int]:
    """Share the line out: whatever is too much is taken from the widest column, again and again.

    The first column keeps `word`, the width of its longest word, as long as others can give.
    """
    widths = list(wanted)
    for floor in (word, _NARROWEST):
        floors = [floor, *(_NARROWEST for _ in widths[1:])]
        while sum(widths) + _BESIDE > columns:
            spare = [width if width > least else 0 for width, least in zip(widths, floors, strict=True)]
            if not any(spare):
                break
            widths[spare.index(max(spare))] -= 1
    return widths


def _lines(mark: str, cells: tuple[str, ...], widths: list[int]) -> list[str]:
    """Write one row; what does not fit its column goes on below, within the column."""
    columns = [
        _wrapped(cell, width, within_words=column < 3)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=False))
    ]
    out: list[str] = []
    for index in range(max(1, *map(len, columns))):
        parts = [
            f"{cell[index] if index < len(cell) else '':<{width}}"
            for cell, width in zip(columns, widths, strict=True)
        ]
        out.append(f"{(mark if not index else '') or ' '} {'  '.join(parts)}".rstrip())
    return out


def _below(text: str, columns: int) -> list[str]:
    return [" " * 6 + line for line in _wrapped(text, columns - 6, within_words=False)]


def _wrapped(text: str, width: int, *, within_words: bool = True) -> list[str]:
    """Break between words, and within one that is wider than the column, unless nothing comes after it."""
    from textwrap import wrap

    return wrap(text, width, break_on_hyphens=False, break_long_words=within_words)


def _claim(claim: ClaimLine, columns: int) -> list[str]:
    from textwrap import wrap

    where = claim.manifest + (f", container {claim.container}" if claim.container else "")
    out = [f"{claim.result}: {one_line(claim.id)}  ({one_line(where)})"]
    out += wrap(one_line(claim.says), columns, initial_indent='  "', subsequent_indent="   ")
    out[-1] += '"'
    if claim.result != "proven":
        out += wrap(one_line(claim.truth), columns, initial_indent="  = ", subsequent_indent="    ")
    for shown in claim.shown:
        mark = " " if shown.holds else "!"
        line = one_line(f"{shown.by}: {shown.what}: {shown.found}")
        first, *more = _wrapped(line, columns - 6)
        out += [f"  {mark} {first}", *(" " * 6 + rest for rest in more)]
    return [*out, ""]
