"""What every check has, of whatever kind: an id, a summary and a severity.

A check's page is its module's docstring: first why a person should care, then the restricted fields, the
allowed values, since which version, and the source. Its id is the module's name with hyphens.
"""

from typing import ClassVar

import msgspec

from ...findings import Severity

__all__ = ["Check"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with a name: what `podproof rules` lists and what --select, --ignore and severity refer to.

    `id` is kebab-case and the module's name; `summary` is a noun phrase for lists and reports.
    """

    kind: ClassVar[str] = "check"

    id: str
    summary: str
    severity: Severity = Severity.ERROR
