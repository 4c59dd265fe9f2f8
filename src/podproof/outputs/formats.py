"""The formats of `check`: a name comes in, the report that writes it goes out; its module is imported then.

This is the one table of them: the command line, its completion and the documentation have their names from
here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from .paint import no_link

if TYPE_CHECKING:
    from ..results.segment import CheckReport
    from .repository_paths import RepositoryPaths

__all__ = ["FORMATS", "Format", "ReportStyle"]


class ReportStyle(NamedTuple):
    """How text for people is to look, and where files belong; a format takes what concerns it.

    `columns` is the width to write for; `root` and `folder` are those of RepositoryPaths, `version` is
    Podproof's, `fail_on` the least severity that makes a run fail, or "never". `show` is what text tells, and
    `link` gives the address of a check's page, "" for none.
    """

    color: bool = False
    columns: int = 160
    verbose: bool = False
    root: str = ""
    folder: str = ""
    version: str = ""
    fail_on: str = "error"
    show: Literal["all", "findings", "statistics", "summary"] = "all"
    link: "Callable[[str], str]" = no_link


class Format(NamedTuple):
    """One format: what makes its report, and whether people read it as it is, on a terminal."""

    make: "Callable[[ReportStyle], CheckReport]"
    for_terminals: bool = False


def _text(style: ReportStyle) -> "CheckReport":
    if style.show in ("statistics", "summary"):
        from .check_statistics import StatisticsReport

        return StatisticsReport(
            color=style.color,
            columns=style.columns,
            verbose=style.verbose,
            tables=style.show == "statistics",
        )
    from .check_text import TextReport

    return TextReport(
        color=style.color,
        columns=style.columns,
        verbose=style.verbose,
        quiet=style.show == "findings",
        link=style.link,
    )


def _concise(style: ReportStyle) -> "CheckReport":
    from .check_concise import ConciseReport

    return ConciseReport(color=style.color, quiet=style.show == "findings", link=style.link)


def _full(style: ReportStyle) -> "CheckReport":
    from .check_full import FullReport

    return FullReport(color=style.color, columns=style.columns, verbose=style.verbose)


def _json(_style: ReportStyle) -> "CheckReport":
    from .check_json import JsonReport

    return JsonReport()


def _paths(style: ReportStyle) -> "RepositoryPaths":
    from .repository_paths import RepositoryPaths

    return RepositoryPaths(style.root, style.folder)


def _sarif(style: ReportStyle) -> "CheckReport":
    from .check_sarif import SarifReport

    return SarifReport(_paths(style), style.version)


def _junit(style: ReportStyle) -> "CheckReport":
    from .check_junit import JUnitReport

    return JUnitReport(_paths(style), style.fail_on)


def _github(style: ReportStyle) -> "CheckReport":
    from .check_github import GitHubReport

    return GitHubReport(_paths(style))


def _gitlab(style: ReportStyle) -> "CheckReport":
    from .check_gitlab import GitLabReport

    return GitLabReport(_paths(style))


def _markdown(style: ReportStyle) -> "CheckReport":
    from .check_markdown import MarkdownReport

    return MarkdownReport(_paths(style))


def _html(_style: ReportStyle) -> "CheckReport":
    from .pages.check_report import HtmlReport

    return HtmlReport()


FORMATS: dict[str, Format] = {
    "text": Format(_text, for_terminals=True),
    "concise": Format(_concise, for_terminals=True),
    "full": Format(_full, for_terminals=True),
    "json": Format(_json),
    "sarif": Format(_sarif),
    "junit": Format(_junit),
    "github": Format(_github),
    "gitlab": Format(_gitlab),
    "markdown": Format(_markdown),
    "html": Format(_html),
}
"""By its name; the first is the default."""
