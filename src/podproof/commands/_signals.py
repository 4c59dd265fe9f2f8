"""Signals that end a run in its own way: while the block runs, they are recorded instead of obeyed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["caught_signals"]


@contextmanager
def caught_signals() -> Iterator[list[int]]:
    """Give the list in which SIGINT and SIGTERM are recorded; their handlers are restored afterwards.

    Its length tells a second signal from the first; 128 + its first is the exit code that shells expect.
    """
    caught: list[int] = []

    def take(number: int, _frame: FrameType | None) -> None:
        caught.append(number)

    before = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
