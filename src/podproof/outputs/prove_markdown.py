"""Writes a proof as Markdown: the values of every other format, escaped."""

from collections.abc import Iterable

from ..results.proved import Proof, Shown
from .markdown_text import escaped
from .prove_words import ProvedRow, attack_rows, closing, environment_lines, field_rows, title

__all__ = ["markdown"]


def markdown(proof: Proof) -> str:
    """Write headings, tables and lists; the statements come first where there are any."""
    out = ["# What was proven", "", escaped(closing(proof)), ""]
    for claim in proof.claims:
        out += [
            f"## {escaped(claim.result)}: {escaped(claim.id)}",
            "",
            f"> {escaped(claim.says)}",
            "",
        ]
        out += [escaped(claim.truth), ""]
        out += [f"- {escaped(_shown(shown))}" for shown in claim.shown]
        out.append("")
    for container in proof.containers:
        out += [f"## {escaped(title(container))}", "", escaped(container.source), ""]
        out += [*_lines(("field", "predicted", "observed", "who says so"), field_rows(container)), ""]
        out += [*_lines(("attack", "predicted", "observed", "evidence"), attack_rows(container)), ""]
    out += ["## Environment", ""]
    out += [f"- {name}: {escaped(words)}" for name, words in environment_lines(proof)]
    out += [f"- problem: {escaped(line)}" for line in proof.problems]
    return "\n".join(out) + "\n"


def _lines(head: tuple[str, ...], rows: Iterable[ProvedRow]) -> list[str]:
    table_rows = list(rows)
    if not table_rows:
        return []
    out = [f"| {' | '.join(head)} | |", f"|{'---|' * 5}"]
    for row in table_rows:
        cells = (row.name, row.predicted, row.observed, row.evidence, row.mark)
        out.append(f"| {' | '.join(escaped(cell) for cell in cells)} |")
    return out


def _shown(shown: Shown) -> str:
    return f"{'' if shown.holds else 'NOT SHOWN, '}{shown.by}: {shown.what}: {shown.found}"
