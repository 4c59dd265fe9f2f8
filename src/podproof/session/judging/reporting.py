"""Puts what was found in an object on its page: findings come in, located ones and counts of the rest go out.

What is ignored in the manifest, or accepted, is told from what counts. Only what is listed is looked for in
the text.
"""

from typing import TYPE_CHECKING, Literal

import msgspec

from ...edits.edit import based
from ...findings import MOST_LISTED, Finding, Severity
from ...inputs.input import InputObject
from ...results.checked import Located, Unlisted
from ...results.segment import Counts, Page
from .judge import Judged
from .places import locate
from .selection import Selection

if TYPE_CHECKING:
    from .accepting import Accepting
    from .ignores import Ignores
    from .replacing import Replacing

__all__ = ["Reporting"]


class Reporting:
    """Reports the findings of one segment, whose `counts` it is given.

    `accepting` None: nothing is accepted; `replacing` None: nobody asks how fixes are written.
    """

    def __init__(
        self,
        selection: Selection,
        counts: Counts,
        accepting: "Accepting | None",
        replacing: "Replacing | None",
    ) -> None:
        self._selection = selection
        self._counts = counts
        self._accepting = accepting
        self._replacing = replacing

    def report(
        self,
        page: Page,
        judged: Judged,
        item: InputObject,
        ignored: frozenset[str],
        read_as: str = "",
        ignores: "Ignores | None" = None,
    ) -> set[str]:
        """Add what is found in an object to a page: each check's first findings, and a count of the rest.

        `ignored` are the checks that its file ignores, `ignores` what its manifest does. Gives the checks of
        which a finding is accepted.
        """
        listed: dict[object, int] = {}
        left: dict[tuple[str, Severity, Literal["", "ignore", "baseline"]], int] = {}
        accepted: set[str] = set()
        reports = self._selection.reporter(ignored)
        for finding in judged.findings:
            if not reports(finding.check):
                continue
            located = suppression = None
            if ignores is not None and ignores.concerns(finding.check):
                located = self.locate(finding, judged, item, read_as)
                suppression = ignores.suppress(finding, item.route_prefix, located.place.line)
            if suppression is None and self._accepting is not None:
                suppression = self._accepting.take(item.document.file, judged.object, finding)
            key: object = finding.check
            if suppression is not None:
                accepted.add(finding.check)
                key = finding.check, suppression.kind
            count = listed[key] = listed.get(key, 0) + 1
            if count <= MOST_LISTED:
                located = located or self.locate(finding, judged, item, read_as)
                if suppression is not None:
                    located = msgspec.structs.replace(located, suppression=suppression)
                page.findings.append(located)
            else:
                severity = self._selection.severity.get(finding.check, finding.severity)
                rest = finding.check, severity, suppression.kind if suppression else ""
                left[rest] = left.get(rest, 0) + 1
                if finding.fix is not None and suppression is None and not read_as:
                    self._counts.fixable += severity is Severity.ERROR
        document = item.document
        for (check, severity, kind), count in left.items():
            line = document.place(item.route_prefix).line if item.route_prefix else document.line
            page.unlisted.append(
                Unlisted(check, severity, document.file, document.index, line, judged.object, count, kind)
            )
        return accepted

    def locate(
        self,
        finding: Finding,
        judged: Judged,
        item: InputObject,
        read_as: str = "",
        *,
        with_lines: bool = True,
    ) -> Located:
        """Find the place of a finding, with what an output shows of it."""
        located = locate(
            finding,
            judged,
            item.document,
            item.route_prefix,
            severity=self._selection.severity.get(finding.check),
            read_as=read_as,
            with_lines=with_lines,
        )
        if self._replacing is not None and finding.fix is not None and not read_as:
            found = self._replacing.find(item.document, based(finding.fix, item.route_prefix))
            located = msgspec.structs.replace(located, replacements=found)
        return located
