"""Which items of a list became which: two lists come in, the way from one to the other goes out."""

from typing import Any

import msgspec

from .same import is_same

__all__ = ["Alignment", "align"]


class Alignment(msgspec.Struct, frozen=True):
    """`of_old` has for each old item the index of what it became, None where it is removed.

    `appended` are new items that stand behind all others.
    """

    of_old: tuple[int | None, ...]
    appended: tuple[Any, ...]


def align(old: list[Any], new: list[Any]) -> Alignment | None:
    """Align two lists as edits change them: items change in place, are removed, or come behind the last.

    None: something new stands among the others, so that the list has to be written anew.
    """
    first = 0
    while first < min(len(old), len(new)) and is_same(old[first], new[first]):
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and is_same(old[-1 - last], new[-1 - last]):
        last += 1
    before, after = old[first : len(old) - last], new[first : len(new) - last]
    of_old: list[int | None] = list(range(first))
    if len(before) == len(after):
        of_old += range(first, first + len(before))
    elif len(before) > len(after):
        index = first
        for item in before:
            stays = index < first + len(after) and is_same(item, new[index])
            of_old.append(index if stays else None)
            index += stays
        if index < first + len(after):
            return None
    elif last:
        return None
    else:
        of_old += range(first, first + len(before))
        return Alignment(tuple(of_old), tuple(new[first + len(before) :]))
    of_old += range(len(new) - last, len(new))
    return Alignment(tuple(of_old), ())
