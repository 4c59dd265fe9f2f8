"""What the checks about ignores share: one ignore as somebody wrote it comes in, findings go out.

An ignore accepts findings of some checks about a place of a manifest, in a comment or an annotation. The
session reads it, and knows once all findings are known what it was good for.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar

import msgspec

from ...findings import Finding, Severity
from .check import Check

__all__ = ["IgnoreCheck", "WrittenIgnore", "about"]


class WrittenIgnore(msgspec.Struct, frozen=True):
    """One ignore: the `checks` that it names, and what became of it.

    `faults` say what is wrong with it, each with a remedy. `expired` is the last day on which it held (""
    where it holds). `unused` are those of its checks that found nothing it could accept.
    """

    checks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    expired: str = ""
    unused: tuple[str, ...] = ()


class IgnoreCheck(Check, frozen=True, kw_only=True):
    """A check about ignores: `find` yields its findings about the one it is given, without a route."""

    kind: ClassVar[str] = "ignore"

    severity: Severity = Severity.WARNING
    find: Callable[[WrittenIgnore], Iterator[Finding]]


def about(check: Check, message: str) -> Finding:
    """Make a finding about an ignore."""
    return Finding(check.id, check.severity, message)
