"""What kind of terminal standard output is: the environment comes in; colors, width and encoding go out."""

import os
import sys
from collections.abc import Callable

from ..outputs.paint import no_link

_NO_TERMINAL_WIDTH = 160
"""Columns that source lines are cut to in files and pipes; few lines that people write are longer."""


def color_wanted(asked: str, to_file: bool) -> bool:
    """Decide about colors: the option, then NO_COLOR, FORCE_COLOR, then whether a terminal reads.

    Source: no-color.org (present and not empty); force-color.org.
    """
    if asked != "auto":
        return asked == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") and not to_file:
        return True
    return not to_file and _is_terminal() and os.environ.get("TERM") != "dumb"


def choose_link(asked: str, to_file: bool) -> Callable[[str], str]:
    """Give what makes the address of a check's page; it gives "" where the terminal shows no links.

    The pages are files of a checkout; an installed Podproof has none. `asked` are the colors, without which
    there are no links. Source: FORCE_HYPERLINK as in the supports-hyperlinks package (0 turns links off).
    """
    forced = os.environ.get("FORCE_HYPERLINK", "")
    capable = color_wanted(asked, to_file) and _is_terminal() and os.environ.get("TERM") != "dumb"
    folder = os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "docs", "rules")
    if to_file or forced == "0" or not (forced or capable) or not os.path.isdir(folder):
        return no_link
    from pathlib import Path

    base = Path(folder).resolve().as_uri()
    return lambda check: f"{base}/{check}.md"


def width(to_file: bool) -> int:
    """Return the columns that there are: the terminal's (or COLUMNS), a fixed number without one."""
    if to_file or not _is_terminal():
        return _NO_TERMINAL_WIDTH
    from shutil import get_terminal_size

    return max(40, get_terminal_size((_NO_TERMINAL_WIDTH, 24)).columns)


def encode(text: str, to_file: bool) -> bytes:
    """Encode text as standard output wants it; a file is UTF-8. What the encoding lacks is escaped."""
    encoding = "utf-8" if to_file or sys.stdout is None else sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace")


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
