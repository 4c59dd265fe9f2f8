"""Writes what `fix` would change for people: a diff for each file, and a line for each decision.

Fixed values come in, text goes out; colors are an argument. The diff alone is what `git apply` takes.
"""

from collections.abc import Iterator

from ..results.fixed import FileFix, Fixed
from .fix_decisions import KINDS, DecisionLines, kind_shown, name_object
from .paint import Paint
from .plain import one_line, source_line
from .unified_diff import unified_diff

__all__ = ["patch", "render", "summary"]


def patch(fixed: Fixed) -> Iterator[str]:
    """Write all changes as one unified diff, as the files are: nothing in it is made printable."""
    for file in fixed.files:
        yield from _diff(file)


def render(
    fixed: Fixed,
    *,
    color: bool = False,
    columns: int = 160,
    verbose: bool = False,
    files: str = "to change",
) -> Iterator[str]:
    """Write each file's diff, below it what was decided and what is left, and the sum at the end.

    `verbose` repeats reasons that were given already, and names what was skipped. `files` says what becomes
    of the files; "": nothing, and there is no diff.
    """
    paint = Paint(color)
    decisions = DecisionLines(paint, columns, verbose=verbose)
    for file in fixed.files:
        changed = False
        for line in _diff(file) if files else ():
            changed = True
            yield f"{_painted(line, paint)}\n"
        if changed:
            yield "\n"
        yield from (f"{line}\n" for line in _reasons(file, paint, decisions))
        yield "\n"
    for entry in fixed.unreadable:
        yield f"{paint('bold', f'{one_line(entry.file)}:{entry.line}')}  {one_line(entry.reason)}\n"
    if verbose:
        for entry in fixed.skipped:
            where = paint("bold", one_line(entry.file))
            yield f"{where}  {paint('dim', 'skipped')}  {one_line(entry.reason)}\n"
    yield f"{summary(fixed, paint, files=files)}\n"


def summary(fixed: Fixed, paint: Paint, *, files: str = "to change") -> str:
    """Say in one line what would be mended, by which kinds of changes, and what is left.

    `files` says what becomes of them; "": nothing.
    """
    kinds = [kind_shown(each) for file in fixed.files for one in file.objects for each in one.decisions]
    each = ", ".join(f"{kinds.count(kind):,} {kind}" for kind in KINDS if kind in kinds)
    changed = sum(file.before != file.after and not file.refused for file in fixed.files)
    left = sum(file.left for file in fixed.files)
    refused = sum(bool(file.refused) for file in fixed.files)
    parts = [
        f"{fixed.workloads:,} {'workload' if fixed.workloads == 1 else 'workloads'}",
        *([f"{changed:,} {'file' if changed == 1 else 'files'} {files}"] if files else ()),
        f"{len(kinds):,} {'change' if len(kinds) == 1 else 'changes'}{f' ({each})' if each else ''}",
        f"mend {fixed.mended:,} {'error' if fixed.mended == 1 else 'errors'}",
        paint("error" if left else "bold", f"{left:,} left"),
    ]
    if refused:
        parts.append(paint("error", f"{refused:,} {'file' if refused == 1 else 'files'} refused"))
    if fixed.unreadable:
        parts.append(paint("error", f"{len(fixed.unreadable):,} not read"))
    return " · ".join(parts)


def _diff(file: FileFix) -> Iterator[str]:
    text = file.before.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return unified_diff(file.file, text, file.edits)


def _painted(line: str, paint: Paint) -> str:
    text = "\n".join(source_line(part.rstrip("\r")) for part in line.rstrip("\n").split("\n"))
    if line.startswith(("---", "+++")):
        return paint("bold", text)
    styles = {"@": "frame", "-": "error", "+": "add"}
    return paint(styles[line[0]], text) if line[0] in styles else text


def _reasons(file: FileFix, paint: Paint, decisions: DecisionLines) -> Iterator[str]:
    """Give a heading for each object, and below it what was decided about it and what is left."""
    if file.refused:
        where = paint("bold", one_line(file.file))
        yield f"{where}  {paint('error', 'not changed')}: {one_line(file.refused)}"
    for each in file.objects:
        yield paint("bold", f"{one_line(name_object(each.object))} · {one_line(file.file)}:{each.line}")
        yield from decisions.of(each)
