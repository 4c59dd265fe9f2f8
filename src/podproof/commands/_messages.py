"""Messages of the command line on standard error: each comes in as text and is printed as one line."""

import sys

__all__ = ["note_level", "note_version", "progress", "say"]


def say(message: str) -> None:
    """Print a message as one line; nothing is printed when standard error is closed (`2>&-`)."""
    from ..outputs.plain import one_line

    if sys.stderr is not None:
        print(f"podproof: {one_line(message)}", file=sys.stderr)  # noqa: T201 - the command line's own voice


def note_version(text: str | None) -> None:
    """Say as which version one that is not fully known is judged; None: nothing was asked for."""
    from ..kube.versions import version_note

    note = version_note(text or "latest")
    if note:
        say(f"note: {note}")


def note_level(level: str, version: str) -> None:
    """Say as which version a level of Pod Security is judged that is newer than every known one."""
    from ..kube.versions import NEWEST
    from ..policies.levels import level_note, parse_level_version

    note = level_note(parse_level_version(level, version), NEWEST)
    if note:
        say(f"note: {note}")


def progress(message: str) -> None:
    """Print a message only on a terminal, never into a pipe or a log."""
    if sys.stderr is not None and sys.stderr.isatty():
        say(message)
