"""A unified diff from the edits that were made: two texts and the spans come in, lines go out.

The edits say what changed, so that nothing is searched for and the cost is that of the text. `git apply` and
`patch` take the result.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

import msgspec

from ..edits.text.spans import TextEdit

__all__ = ["unified_diff"]

_CONTEXT = 3
_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class _Block(msgspec.Struct):
    """Lines `start` to `end` of the old text (0-based, exclusive) that become `lines`."""

    start: int
    end: int
    lines: list[str]


def unified_diff(path: str, text: str, edits: Iterable[TextEdit]) -> Iterator[str]:
    """Give the lines of a diff, each with its line end; none where nothing differs.

    `edits` are sorted, and do not overlap. A last line without an end is said as `diff` says it.
    """
    lines = _split(text)
    blocks = _blocks(text, lines, edits)
    if not blocks:
        return
    yield f"--- {_name('a', path)}\n"
    yield f"+++ {_name('b', path)}\n"
    shift = 0
    for group in _groups(blocks):
        first = max(0, group[0].start - _CONTEXT)
        last = min(len(lines), group[-1].end + _CONTEXT)
        body: list[str] = []
        position = first
        for block in group:
            body += [f" {line}" for line in lines[position : block.start]]
            body += [f"-{line}" for line in lines[block.start : block.end]]
            body += [f"+{line}" for line in block.lines]
            position = block.end
        body += [f" {line}" for line in lines[position:last]]
        grown = sum(len(block.lines) - (block.end - block.start) for block in group)
        old, new = last - first, last - first + grown
        yield f"@@ -{_range(first, old)} +{_range(first + shift, new)} @@\n"
        for line in body:
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        shift += grown


def _blocks(text: str, lines: list[str], edits: Iterable[TextEdit]) -> list[_Block]:
    """Turn spans into whole lines that differ."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    if lines and not lines[-1].endswith("\n"):
        starts[-1] += 1  # what is written at the end belongs to the last line
    blocks: list[_Block] = []
    number = 0
    pending: list[TextEdit] = []

    def finish(end: int) -> None:
        if not pending:
            return
        first = _line_at(starts, pending[0].start)
        parts, position = [], starts[first]
        for edit in pending:
            parts += [text[position : edit.start], edit.text]
            position = edit.end
        new = _split("".join([*parts, text[position : starts[end]]]))
        most = min(end - first, len(new))
        above = 0
        while above < most and lines[first + above] == new[above]:
            above += 1
        below = 0
        while below < most - above and lines[end - 1 - below] == new[-1 - below]:
            below += 1
        block = _Block(first + above, end - below, new[above : len(new) - below])
        if block.lines or block.start < block.end:
            blocks.append(block)
        pending.clear()

    for edit in edits:
        if pending and _line_at(starts, edit.start) >= number:
            finish(number)
        pending.append(edit)
        number = max(number, min(_line_at(starts, edit.end) + 1, len(lines)))
    finish(number)
    return blocks


def _line_at(starts: list[int], position: int) -> int:
    return max(0, min(bisect_right(starts, position) - 1, len(starts) - 1))


def _groups(blocks: list[_Block]) -> Iterator[list[_Block]]:
    group = [blocks[0]]
    for block in blocks[1:]:
        if block.start - group[-1].end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(block)
    yield group


def _split(text: str) -> list[str]:
    """Cut a text behind its line feeds, as diff does, and nowhere else."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _range(start: int, count: int) -> str:
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def _name(side: str, path: str) -> str:
    """Write a file's name as git does: below `a` and `b`, in quotes where it is unusual."""
    name = f"{side}/{path.removeprefix('./').lstrip('/')}"
    if name.isprintable() and name.isascii() and not set(name) & set('"\\'):
        return f"{name}\t" if " " in name else name
    quoted = "".join(
        _QUOTED.get(character)
        or (
            character
            if " " <= character <= "~"
            else "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
        )
        for character in name
    )
    return f'"{quoted}"'
