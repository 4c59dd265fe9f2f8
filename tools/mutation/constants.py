"""What the deciding rooms work out once in a process, while tests are traced: caches come in, the lines that
fill them go out.

A test must be found by every line that it hangs on, though another test filled a cache before it. To empty
all caches for each test would do, and be most of the time of most tests: decoders of whole pods are made of
300 types. So a value that takes no arguments is worked out once, alone, and a test that asks for it is taken
to run the lines that this runs.
"""

from typing import Any

from .live import Live
from .reach import ROOMS, Lines, Tracer

__all__ = ["Constants"]


class Constants:
    """The cached functions of the deciding rooms that take no arguments, and the lines that each runs."""

    def __init__(self, live: Live, tracer: Tracer) -> None:
        """Work out each from the beginning, since one may ask for another."""
        self.others = [cached for cached in live.caches if not _is_constant(cached)]
        self.lines: list[tuple[Any, Lines]] = []
        self.asked: list[int] = []
        for cached in filter(_is_constant, live.caches):
            live.forget()
            tracer.start()
            cached()
            tracer.stop()
            self.lines.append((cached, tracer.take()))

    def fill(self) -> None:
        """Get ready for a test: empty all other caches, and remember how often each value was asked for."""
        for other in self.others:
            other.cache_clear()
        self.asked = []
        for cached, _ in self.lines:
            cached()  # a test may have emptied it
            self.asked.append(cached.cache_info().hits)

    def with_used(self, lines: Lines) -> Lines:
        """Add to a test's lines those of the values that it asked for, or emptied."""
        for (cached, own), asked in zip(self.lines, self.asked, strict=True):
            if cached.cache_info().hits != asked:
                lines = {p: sorted({*lines.get(p, ()), *own.get(p, ())}) for p in lines.keys() | own}
        return lines


def _is_constant(cached: Any) -> bool:
    function = cached.__wrapped__
    room = function.__module__.split(".")[1:2]
    code = function.__code__
    return bool(room) and room[0] in ROOMS and not code.co_argcount + code.co_kwonlyargcount
