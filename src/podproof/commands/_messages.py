"""The command line's own voice, on standard error: a line comes in, and stands there as one line."""

import sys

__all__ = ["progress", "say"]


def say(message: str) -> None:
    """Say one line; without a standard error (`2>&-`) there is nobody to hear it."""
    from ..outputs.plain import one_line

    if sys.stderr is not None:
        print(f"podproof: {one_line(message)}", file=sys.stderr)  # noqa: T201 - the command line's own voice


def progress(message: str) -> None:
    """Say a line only where a person watches: never in a pipe or a log."""
    if sys.stderr is not None and sys.stderr.isatty():
        say(message)
