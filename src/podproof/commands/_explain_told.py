"""What `explain` tells on standard error: objects pass through as they are explained, lines come out last."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inputs.input import SkippedInput
    from ..results.explained import ExplainedObject

__all__ = ["Told"]

_MOST_NAMES = 20
"""Names of containers that one message lists."""


class Told:
    """Collects, object by object, what is told when all of them are written, and what the exit code says."""

    def __init__(self, container: str | None, *, verbose: bool) -> None:
        """`container`: the name of those to show, None: all; `verbose`: all that was skipped is listed."""
        self.problems: list[str] = []
        self.unexplained: list[str] = []
        self.any_container = False
        self.any_refused = False
        self._container = container
        self._verbose = verbose
        self._names: set[str] = set()
        self._refused: list[str] = []
        self._unknown: list[str] = []
        self._skipped: list[SkippedInput] = []
        self._skipped_count = 0

    def choose(self, objects: Iterable["ExplainedObject"]) -> Iterator["ExplainedObject"]:
        """Pass on each object with the containers to show."""
        for entry in objects:
            self._see(entry)
            chosen = entry.only(container=self._container)
            self.any_container = self.any_container or bool(chosen.containers)
            yield chosen

    def _see(self, entry: "ExplainedObject") -> None:
        if self._container is not None:
            self._names.update(one.name for one in entry.containers)
        if entry.refused is not None:
            self.any_refused = True
            if not entry.containers:  # beside which it could be said
                self._refused.append(f"{_place(entry)}the API server refuses it: {entry.refused}")
        if entry.unknown_fields:  # that the server drops, of which nothing else is seen here
            first, *others = entry.unknown_fields
            what = f"unknown field {first}" + (f" and {len(others)} more" if others else "")
            ignored = "the API server ignores it, kubectl refuses it"
            self._unknown.append(f"note: {_place(entry)}{entry.kind} has {what}: {ignored}")

    def skip(self, one: "SkippedInput") -> None:
        """Take something that is no object to explain."""
        self._skipped_count += 1
        if self._verbose or not self._skipped:
            self._skipped.append(one)

    def lines(self, before: Sequence[str] = ()) -> Iterator[str]:
        """Give all lines in their order; `before` are problems that come before the others."""
        yield from before
        yield from self.problems
        yield from (f"note: {text}" for text in self.unexplained)
        yield from chain(self._refused, self._unknown)
        if self._container is not None and self._container not in self._names and self._names:
            names = sorted(self._names)
            more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
            there = ", ".join(names[:_MOST_NAMES])
            yield f"no container is named {self._container!r}, there are {there}{more}"
        elif not self.any_container and not before and not self.problems:
            yield "there is nothing to explain"
        yield from self._skips()

    def _skips(self) -> Iterator[str]:
        """Tell what was left out: all of it, or how much and the first."""
        if self._verbose:
            for one in self._skipped:
                yield f"note: skipped {one.file}:{one.line}: {one.reason}"
        elif self._skipped:
            (first,) = self._skipped
            many = f"{self._skipped_count} inputs are" if self._skipped_count > 1 else "1 input is"
            which = ", the first is" if self._skipped_count > 1 else ":"
            yield f"note: {many} skipped{which} {first.file}:{first.line}: {first.reason}"


def _place(entry: "ExplainedObject") -> str:
    return f"{entry.file}:{entry.line}: " if entry.file is not None else ""
