"""What begins on a line of a document: a line comes in, the route of a key or an item goes out.

The way back from places to routes, for those who have a line only. The lines of a collection's children are
looked up once. Never knows what stands there.
"""

from bisect import bisect_left
from collections.abc import Iterable

from podproof.manifest.document import Document
from podproof.manifest.route import Route

__all__ = ["LineIndex"]

_Children = tuple[list[int], list[tuple[Route, object]]]
"""The lines on which children begin, in order, and the children."""


class LineIndex:
    """Finds routes by lines in one document. What an alias or a merge brings in is found at the anchor."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[Route, _Children] = {}

    def first_from(self, line: int) -> tuple[Route, int] | None:
        """Give the outermost key or item that is the first to begin at a line or below it, and its line."""
        best: tuple[Route, int] | None = None
        route: Route = ()
        value = self._document.value
        while isinstance(value, dict | list) and value:
            lines, children = self._known.get(route) or self._children(route, value)
            at = bisect_left(lines, line)
            if at < len(lines):
                best = children[at][0], lines[at]
            if not at:
                break
            route, value = children[at - 1]
        return best

    def _children(self, route: Route, value: dict[str, object] | list[object]) -> _Children:
        document = self._document
        whole = document.place(route)
        steps: Iterable[tuple[str | int, object]] = (
            value.items() if isinstance(value, dict) else enumerate(value)
        )
        begun = []
        for step, child in steps:
            line = document.place((*route, step), key=True).line
            if whole.line <= line <= whole.end_line:
                begun.append((line, (*route, step), child))
        begun.sort(key=lambda entry: entry[0])
        found = [line for line, _, _ in begun], [(at, child) for _, at, child in begun]
        self._known[route] = found
        return found
