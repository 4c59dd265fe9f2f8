"""The native reader of JSON, where it is installed: a text comes in, its outlines go out, or nothing.

An outline is JSON with nothing but what somebody keeps, of a text in which all else has its type and no key
stands twice. Whatever is odd is left to the readers in Python.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .native import native_module

if TYPE_CHECKING:
    from podproof_reader import Outline

__all__ = ["MAX_DEPTH", "OutlineReader", "ServerReader", "outline_reader", "server_reader"]

MAX_DEPTH = 200
"""Collections in each other; no workload nests deeper than thirty."""

OutlineReader = Callable[[bytes], tuple[bytes, ...] | list[str | int] | None]
"""Gives the outlines of a text, or as a list the route of a key that stands twice; None: it is odd."""

ServerReader = Callable[[bytes], tuple[int, *tuple[bytes, ...]] | str]
"""Gives the facts and the outlines of what a server reads.

"twice": only the exact decoder is left; "odd": others are."""


def outline_reader(rows: Callable[[], list[tuple[Any, ...]]], count: int) -> OutlineReader | None:
    """Make the reader of `count` outlines by a table (see `podproof_reader.Outline`); None: there is none."""
    outline = _outline(rows, count)
    return None if outline is None else outline.read


def server_reader(rows: Callable[[], list[tuple[Any, ...]]], count: int) -> ServerReader | None:
    """Make the reader of `count` outlines of what a server reads by a table; None: there is none."""
    outline = _outline(rows, count)
    return None if outline is None else outline.read_as_server


def _outline(rows: Callable[[], list[tuple[Any, ...]]], count: int) -> "Outline | None":
    module = native_module()
    if module is None:
        return None
    outline: Outline = module.Outline(rows(), count, MAX_DEPTH)
    return outline
