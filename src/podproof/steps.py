"""Does work for many objects step by step, each step for all before the next: steps come in, results go out.

What judges one object is more code than a processor's caches hold. Where many are judged, a step's code is
fetched once for all of them instead of once for each.
"""

from collections.abc import Generator, Iterable
from typing import TypeVar

__all__ = ["Steps", "finish", "in_step"]

_T = TypeVar("_T")

Steps = Generator[None, None, _T]
"""Work that stops after each of its steps; its result is what it returns."""


def finish(steps: Steps[_T]) -> _T:
    """Do all steps of one piece of work; gives its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result


def in_step(several: Iterable[Steps[_T]]) -> Steps[list[_T]]:
    """Do several pieces of work beside each other, step by step; gives their results, in their order."""
    results: dict[int, _T] = {}
    active = list(enumerate(several))
    while active:
        ended = len(results)
        for number, steps in active:
            try:
                next(steps)
            except StopIteration as end:
                results[number] = end.value
        if len(results) > ended:  # rarely: most have as many steps as the others
            active = [entry for entry in active if entry[0] not in results]
        if active:
            yield
    return [results[number] for number in range(len(results))]
