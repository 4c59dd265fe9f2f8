"""How a run came about, for reports that are kept: options come in, names and words go out.

The date is read here and nowhere else, since outputs read no clock. SOURCE_DATE_EPOCH replaces it, so that
the same input makes the same bytes.
Source: https://reproducible-builds.org/specs/source-date-epoch/.
"""

import os
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session.config import ProjectConfiguration

__all__ = ["checked_facts", "explained_facts", "report_date"]

_MOST = 253402300799
"""The last second of the year 9999."""


def report_date() -> str:
    """Write now, or what SOURCE_DATE_EPOCH says, as `2026-01-31 12:00:00 UTC`.

    Raises UsageError: SOURCE_DATE_EPOCH is not a number of seconds.
    """
    from ..errors import UsageError

    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if text and not (text.isascii() and text.isdigit() and int(text) <= _MOST):
        raise UsageError(f"SOURCE_DATE_EPOCH must be seconds since 1970, has {text!r}")
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(int(text) if text else time.time()))


def checked_facts(
    configuration: "ProjectConfiguration", paths: Iterable[str], **options: object
) -> tuple[tuple[str, str], ...]:
    """Give date, version, what was checked, and every option that was given, as one finds them on a page."""
    return (
        *_date_and_version(),
        ("checked", ", ".join(paths) or "."),
        ("configuration", configuration.path or "none"),
        *_configured(configuration),
        *_given(options),
    )


def explained_facts(
    configuration: "ProjectConfiguration", paths: Iterable[str], minor: int, **options: object
) -> tuple[tuple[str, str], ...]:
    """Give the same for a page of `explain`; `minor` is the N of the node's Kubernetes 1.N."""
    return (
        *_date_and_version(),
        ("explained", ", ".join(paths)),
        ("Kubernetes", f"v1.{minor}"),
        ("configuration", configuration.path or "none"),
        *_given(options),
    )


def _date_and_version() -> tuple[tuple[str, str], ...]:
    from .. import __version__

    return (("date", report_date()), ("Podproof", __version__))


def _configured(configuration: "ProjectConfiguration") -> Iterator[tuple[str, str]]:
    for name in ("select", "ignore", "exclude"):
        values = getattr(configuration, name)
        if values:
            yield f"configured {name}", ", ".join(values)
    if configuration.severity:
        ranks = (f"{check} {word}" for check, word in configuration.severity.items())
        yield "configured severity", ", ".join(ranks)
    for glob, ids in configuration.per_file_ignores.items():
        yield f"ignored in {glob}", ", ".join(ids)


def _given(options: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in options.items():
        if value in (None, (), False, ""):
            continue
        words = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield f"--{name.replace('_', '-')}", "yes" if value is True else words
