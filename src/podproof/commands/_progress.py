"""Progress of long work on a terminal: whether somebody watches is decided here, what is drawn is not."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ..outputs.progress_line import ProgressLine

__all__ = ["counting", "working"]

_Found = TypeVar("_Found")


@contextmanager
def counting(found: Iterable[_Found], what: str, *, quiet: bool = False) -> Iterator[Iterable[_Found]]:
    """Pass on what is found, and say on a terminal how many that are by now, until the block ends.

    Where nobody watches, it is passed on as it is. No thread is started: workers are copies of this process.
    """
    if quiet or not _is_watched():
        yield found
        return
    line = _make_line()
    try:
        yield _counted(found, what, line.tell)
    finally:
        line.close()


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on a terminal what is being done, and for how long by now, until the block ends."""
    if not _is_watched():
        yield
        return
    line = _make_line()
    line.tell(what)
    line.tick()
    try:
        yield
    finally:
        line.close()


def _is_watched() -> bool:
    """Say whether standard error is a terminal that a person sees; CI services may have one, too."""
    if sys.stderr is None or not sys.stderr.isatty():
        return False
    return os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


def _make_line() -> "ProgressLine":
    import shutil

    from ..outputs.progress_line import ProgressLine

    def write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    return ProgressLine(write, lambda: shutil.get_terminal_size().columns)


def _counted(found: Iterable[_Found], what: str, tell: Callable[[str], None]) -> Iterator[_Found]:
    for number, one in enumerate(found, 1):
        tell(f"{what}: {number:,} files")
        yield one
