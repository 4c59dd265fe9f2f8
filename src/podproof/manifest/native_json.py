"""The native reader of JSON, where it is installed: text comes in, outlines go out, or why there are none.

An outline is JSON with nothing but what somebody keeps, of a text in which all else has its type and no key
stands twice. Whatever is odd is left to the readers in Python, which have the words for it, too.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .native import native_module

if TYPE_CHECKING:
    from podproof_reader import Outline

__all__ = ["MAX_DEPTH", "nests_deeper", "outline_reader", "syntax_fault"]

MAX_DEPTH = 200
"""Collections in each other; no workload nests deeper than thirty."""


def outline_reader(rows: Callable[[], list[tuple[Any, ...]]], count: int) -> "Outline | None":
    """Make the reader of `count` outlines by a table (see `podproof_reader.Outline`); None: there is none."""
    module = native_module()
    if module is None:
        return None
    outline: Outline = module.Outline(rows(), count, MAX_DEPTH)
    return outline


def syntax_fault(data: bytes) -> tuple[int, int, int] | None:
    """Find where a text stops being JSON, as `podproof_reader.Outline` does; None: it is, or nobody knows."""
    module = native_module()
    if module is None:
        return None
    fault: tuple[int, int, int] | None = module.Outline.syntax_fault(data)
    return fault


def nests_deeper(data: bytes, limit: int) -> bool:
    """Tell whether a text nests deeper, be it JSON or not; False as well: nobody knows."""
    module = native_module()
    return module is not None and bool(module.Outline.nests_deeper(data, limit))
