"""What is shown while pods run: gives the reporter for this terminal."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..outputs.run_live import LiveReporter
from ..outputs.sink import write_stdout
from .terminal import color_wanted

__all__ = ["live_reporter"]


@contextmanager
def live_reporter(*, yaml: bool, raw: bool, color: str) -> Iterator[LiveReporter]:
    """Report until the block ends: logs to standard output, or to standard error when that is for YAML.

    `raw` leaves what containers print as it is; `color` is what `--color` says.
    """
    watched = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def draw(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    def to_stderr(data: bytes) -> None:
        sys.stderr.buffer.write(data)
        sys.stderr.flush()

    reporter = LiveReporter(
        to_stderr if yaml else write_stdout,
        draw if watched else None,
        columns=lambda: shutil.get_terminal_size().columns,
        rows=lambda: shutil.get_terminal_size().lines,
        color=not yaml and color_wanted(color, False),
        raw=raw,
    )
    try:
        yield reporter
    finally:
        reporter.close()
