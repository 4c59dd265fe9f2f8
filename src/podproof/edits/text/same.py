"""Whether two plain values are the same, types included: `True`, `1` and `1.0` are three."""

from typing import Any

__all__ = ["is_same"]


def is_same(one: Any, other: Any) -> bool:
    """Compare two values of dicts, lists and scalars; the order of keys does not matter."""
    pending = [(one, other)]
    while pending:
        left, right = pending.pop()
        if left is right:
            continue
        if left.__class__ is not right.__class__:
            return False
        if isinstance(left, dict):
            if left.keys() != right.keys():
                return False
            pending += [(value, right[key]) for key, value in left.items()]
        elif isinstance(left, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
        elif left != right and not (left != left and right != right):
            return False
    return True
