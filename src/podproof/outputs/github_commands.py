"""Commands for GitHub's runner that make annotations: what is said of a place comes in, a line goes out.

Source: GitHub's documentation, "Workflow commands for GitHub Actions"; github.com/actions/toolkit,
packages/core/src/command.ts, for the escapes; github.com/actions/runner, src/Runner.Common/ActionCommand.cs,
which finds commands of an older form anywhere in a line; github.com/orgs/community/discussions/26680 for the
limit.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from .repository_paths import is_file
from .rows import shorten

__all__ = ["MOST_SHOWN", "AnnotationKind", "annotation", "limited"]

AnnotationKind = Literal["error", "warning", "notice"]

MOST_SHOWN = 10
"""Annotations of one kind that GitHub shows of a step."""

_MOST_TITLE = 200
_MOST_MESSAGE = 4_000


def annotation(
    kind: AnnotationKind,
    message: str,
    title: str,
    file: str,
    line: int,
    column: int | None = None,
) -> str:
    """Write the command, with its line end; texts are printable."""
    properties = {"title": shorten(_harmless(title), _MOST_TITLE)}
    if is_file(file):
        properties = {"file": _harmless(file), "line": str(line)} | properties
        if column is not None:
            properties["col"] = str(column)
    written = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    return f"::{kind} {written}::{_escape(shorten(_harmless(message), _MOST_MESSAGE))}\n"


def limited(found: Mapping[AnnotationKind, list[str]], summary: str) -> Iterator[str]:
    """Give as many annotations of each kind as are shown, the summary, and a line that counts the others."""
    for texts in found.values():
        yield from texts[:MOST_SHOWN]
    yield f"podproof: {summary}\n"
    left = {kind: len(texts) - MOST_SHOWN for kind, texts in found.items() if len(texts) > MOST_SHOWN}
    if left:
        counts = ", ".join(f"{count:,} {kind}{'' if count == 1 else 's'}" for kind, count in left.items())
        yield f"podproof: without annotations, since GitHub shows {MOST_SHOWN} of a kind: {counts}\n"


def _harmless(text: str) -> str:
    """Break what would begin a command of the older form, wherever it stands."""
    return text.replace("##[", "# #[")


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
