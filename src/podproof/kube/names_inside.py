"""Tells in one pass which names fields have inside of an object: values come in, names go out.

Whoever looks for something by its name, and says where it is, need not do so where no field has the name:
to note where each field is costs most of a walk, and most objects hold nothing that anybody looks for.
"""

from collections.abc import Iterable

__all__ = ["names_inside"]


def names_inside(values: Iterable[object], depth: int) -> set[object] | None:
    """Give the name of every field inside of the values; None: they go deeper than `depth` levels.

    A level is a mapping or a list; values that are neither have no fields.
    """
    names: set[object] = set()
    level: Iterable[object] = values
    for _ in range(depth):
        below: list[object] = []
        for value in level:
            if value.__class__ is str:  # most of them
                continue
            if isinstance(value, dict):
                names.update(value)
                below += value.values()
            elif isinstance(value, list):
                below += value
        if not below:
            return names
        level = below
    return None
