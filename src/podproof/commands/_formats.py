"""The option `--format NAME[=FILE]` of `check`: its values come in; reports, and where each goes, come out.

`check` imports this module at its start, so it imports nothing but click and the table of names.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..outputs.formats import FORMATS, ReportStyle

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    _ParamType = click.ParamType[tuple[str, str | None]]  # generic in some versions only

    from ..results.segment import CheckedRun, CheckReport
else:
    _ParamType = click.ParamType

__all__ = ["Destination", "Outputs", "choose_destinations", "find_root", "option"]

_STDOUT = "-"

_PIECE = 1 << 16
"""Characters that are encoded and written at once."""


class Destination(NamedTuple):
    """A format and the file it is written to; None: standard output."""

    format_: str
    file: str | None

    @property
    def to_terminal(self) -> bool:
        """Whether people may read it as it is written."""
        return self.file is None and FORMATS[self.format_].for_terminals


class _FormatName(_ParamType):
    """NAME or NAME=FILE."""

    name = "format"
    choices = tuple(FORMATS)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str | None]:
        """Tell the name from the file; None: no file is named."""
        name, equals, file = value.partition("=")
        if name not in FORMATS:
            from difflib import get_close_matches

            near = get_close_matches(name, FORMATS, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(FORMATS)}"
            self.fail(f"unknown format {name!r}, {remedy}", param, ctx)
        if equals and not file:
            self.fail(f"{value} names no file: write {name}=FILE, or {name} alone", param, ctx)
        return name, file or None

    def shell_complete(
        self, _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        """Give the names that begin so."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]


option = click.option(
    "--format",
    "formats",
    metavar="NAME[=FILE]",
    type=_FormatName(),
    multiple=True,
    help=f"{', '.join(FORMATS)}; with FILE, written there. May be given several times."
    f"  [default: {next(iter(FORMATS))}]",
)


def choose_destinations(formats: Sequence[tuple[str, str | None]], output: str | None) -> list[Destination]:
    """Decide where each format goes; `output` is for the only one without a file of its own.

    Raises UsageError: several would go to standard output, or into one file; `output` is left over.
    """
    from ..errors import UsageError

    asked = list(formats) or [(next(iter(FORMATS)), None)]
    fileless = [name for name, file in asked if file is None]
    if output is not None:
        if not fileless:
            raise UsageError(f"--output {output}: every --format names a file already; leave --output out")
        if len(fileless) > 1:
            raise UsageError(
                f"--output {output} is for one format, and {_and(fileless)} name no file:"
                f" write --format {fileless[-1]}=FILE"
            )
    chosen = [
        Destination(name, None if (file or output or _STDOUT) == _STDOUT else file or output)
        for name, file in asked
    ]
    seen: dict[str, str] = {}
    for name, file in chosen:
        if file is None:
            place, where = _STDOUT, "to standard output"
        else:
            place, where = os.path.realpath(file), f"into {file}"
        if place in seen:
            raise UsageError(
                f"--format {seen[place]} and {name} would both be written {where}:"
                f" write --format {name}=FILE with a file of its own"
            )
        seen[place] = name
    return chosen


class Outputs:
    """The formats of one run: one report for all of them, and where each is delivered."""

    def __init__(self, destinations: Sequence[Destination], color: str, style: ReportStyle) -> None:
        self._destinations = tuple(destinations)
        reports = [_make_report(each, color, style) for each in self._destinations]
        self._several = None
        self.report: CheckReport = reports[0]
        if len(reports) > 1:
            from ..outputs.several import SeveralReports

            self.report = self._several = SeveralReports(reports)

    def deliver(self, run: "CheckedRun") -> None:
        """Write every file whole, and then standard output, whose reader may have gone.

        Raises OutputError: one of them cannot be written.
        """
        from ..outputs.sink import deliver

        for number, each in sorted(enumerate(self._destinations), key=lambda pair: pair[1].file is None):
            texts = self.report.write(run) if self._several is None else self._several.write_one(number, run)
            deliver(_encode(texts, each), each.file)

    @property
    def for_programs(self) -> bool:
        """Whether standard output is for a program, so that nobody reads in it what could not be read."""
        return any(each.file is None and not each.to_terminal for each in self._destinations)


def _make_report(destination: Destination, color: str, style: ReportStyle) -> "CheckReport":
    chosen = FORMATS[destination.format_]
    if chosen.for_terminals:
        from .terminal import choose_link, color_wanted, width

        to_file = destination.file is not None
        return chosen.make(
            style._replace(
                color=color_wanted(color, to_file), columns=width(to_file), link=choose_link(color, to_file)
            )
        )
    from .. import __version__

    folder = os.path.abspath(".")
    return chosen.make(style._replace(root=find_root(folder), folder=folder, version=__version__))


def find_root(folder: str) -> str:
    """Give the repository's root: the nearest folder with a `.git` at or above this one, else this one."""
    current = folder
    while not os.path.exists(os.path.join(current, ".git")):
        above = os.path.dirname(current)
        if above == current:
            return folder
        current = above
    return current


def _encode(texts: Iterable[str], destination: Destination) -> Iterable[bytes]:
    if FORMATS[destination.format_].for_terminals:
        from .terminal import encode

        return (encode(text, destination.file is not None) for text in _in_pieces(texts))
    from ..manifest.surrogates import to_utf8

    return map(to_utf8, _in_pieces(texts))


def _in_pieces(texts: Iterable[str]) -> Iterator[str]:
    """Put short texts together, since to encode and to write each by itself takes longer than to make it."""
    pending: list[str] = []
    length = 0
    for text in texts:
        pending.append(text)
        length += len(text)
        if length > _PIECE:
            yield "".join(pending)
            pending, length = [], 0
    yield "".join(pending)


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
