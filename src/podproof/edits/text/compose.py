"""Edits of a text, and edits of what they make of it: one list comes out that makes both at once."""

from collections.abc import Sequence

import msgspec

from .spans import TextEdit, change_text

__all__ = ["compose"]


class _EditBetween(msgspec.Struct, frozen=True, gc=False):
    """An edit of the first list, or of the second: its place in the text between them."""

    start: int
    end: int
    is_first: bool
    edit: TextEdit


def compose(
    between: str, first: Sequence[TextEdit], second: Sequence[TextEdit]
) -> list[tuple[TextEdit, tuple[int, ...]]]:
    """Give edits of the original text, each with the indexes of those of the second list that are in it.

    Both lists are as `change_text` takes them. The first has made the text `between`, in which the second
    counts.
    """
    changes: list[_EditBetween] = []
    moved = 0
    for edit in sorted(first, key=lambda edit: (edit.start, edit.end)):
        start = edit.start + moved
        changes.append(_EditBetween(start, start + len(edit.text), True, edit))
        moved += len(edit.text) - (edit.end - edit.start)
    number = {id(edit): index for index, edit in enumerate(second)}
    changes += [_EditBetween(edit.start, edit.end, False, edit) for edit in second]
    changes.sort(key=lambda change: (change.start, change.end))
    composed: list[tuple[TextEdit, tuple[int, ...]]] = []
    moved = 0  # code points that the first list has added so far
    position = 0
    while position < len(changes):
        group = [changes[position]]
        end = group[0].end
        position += 1
        while position < len(changes) and changes[position].start < end:
            group.append(changes[position])
            end = max(end, changes[position].end)
            position += 1
        firsts = [change for change in group if change.is_first]
        seconds = [change for change in group if not change.is_first]
        start = group[0].start
        added = sum(len(one.edit.text) - (one.edit.end - one.edit.start) for one in firsts)
        text = change_text(between[start:end], [one.edit.moved(-start) for one in seconds])
        span = TextEdit(start - moved, end - moved - added, text)
        routes = tuple(dict.fromkeys(route for one in seconds for route in one.edit.routes))
        composed.append(
            (
                msgspec.structs.replace(span, routes=routes),
                tuple(number[id(one.edit)] for one in seconds),
            )
        )
        moved += added
    return composed
