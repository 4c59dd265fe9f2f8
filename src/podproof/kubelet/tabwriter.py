"""Aligns text at its tabs as Go's text/tabwriter does with kubectl's settings; text in, text out."""

__all__ = ["align"]

_PADDING = 2
"""Spaces after the widest cell. Source: kubectl pkg/describe, tabbedString."""


def align(text: str) -> str:
    """Pad every cell that a tab ends to the width of its column, which ends at a line without that cell."""
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[0] * (len(cells) - 1) for cells in lines]
    for column in range(max((len(cells) for cells in lines), default=1) - 1):
        start = 0
        while start < len(lines):
            if len(lines[start]) - 1 <= column:
                start += 1
                continue
            end = start
            while end < len(lines) and len(lines[end]) - 1 > column:
                end += 1
            width = max(len(lines[row][column]) for row in range(start, end)) + _PADDING
            for row in range(start, end):
                widths[row][column] = width
            start = end
    return "\n".join(
        "".join(cell.ljust(width) for cell, width in zip(cells, padded, strict=False)) + cells[-1]
        for cells, padded in zip(lines, widths, strict=True)
    )
