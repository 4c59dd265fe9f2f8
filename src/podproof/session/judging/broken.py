"""Reports the documents of a segment that cannot be read, and what is found in the rest of each.

What could not be read comes in, one document after the other; pages with findings go out. Of very many, the
first are listed and the others counted.
"""

from collections.abc import Callable

from ...findings import MOST_LISTED, Finding, Severity
from ...inputs.input import InputObject, UnreadableInput
from ...manifest.file_text import Stretch
from ...results.checked import Located, Unlisted
from ...results.segment import Page
from .recover import Copies, point
from .selection import UNREADABLE

__all__ = ["BrokenDocuments"]

_AS_IF = "the document counts as not read; what is found in it below holds once that is written"
_NOTHING_ELSE = "the document counts as not read; once that is written, nothing else is found in it"


class BrokenDocuments:
    """What cannot be read of a segment, whose bytes are `data`.

    `share` says how many documents are listed here of those that are of a whole file, and of how many it is
    said here that they are not; None: the segment stands for itself.
    `lost` has file, line and message of all that could not be read, and `count` says how many documents.
    """

    def __init__(self, data: bytes, stretch: Stretch, share: tuple[int, int] | None = None) -> None:
        self.lost: list[tuple[str, int, str]] = []
        self.count = 0
        self._data = data
        self._stretch = stretch
        self._most = MOST_LISTED if share is None else share[0]
        self._beyond = None if share is None else share[1]
        self._copies: Copies | None = None
        self._last: tuple[Page, UnreadableInput] | None = None

    def report(self, lost: UnreadableInput, judge_copy: Callable[[InputObject, str], Page]) -> list[Page]:
        """Report what cannot be read, and the findings in the rest, as far as it is clear how to read on.

        `judge_copy` judges an object of a copy in which the document can be read; it gets what was written
        there, and gives a page.
        """
        self.count += 1
        if self.count > self._most:
            self.lost.append((lost.file, lost.line, lost.message))
            return []
        if self._copies is None:
            self._copies = Copies(self._data, self._stretch)
        copy = self._copies.of(lost)
        faults = [(point(lost.line, lost.column), lost.message)]
        pages: list[Page] = []
        help_lines: tuple[str, ...] = ()
        if copy is not None:
            faults.extend(copy.faults)
            pages = [judge_copy(item, copy.read_as) for item in copy.items]
            if copy.broken is None:
                help_lines = (_AS_IF if any(page.findings for page in pages) else _NOTHING_ELSE,)
        lines = self._copies.text.lines if self._data and lost.document is not None else ()
        findings = [
            Located(
                Finding(UNREADABLE, Severity.ERROR, message, help=() if number else help_lines),
                lost.file,
                place,
                lost.document,
                lines=lines,
            )
            for number, (place, message) in enumerate(faults)
        ]
        self.lost += [(lost.file, place.line, message) for place, message in faults]
        page = Page(findings)
        self._last = page, lost
        return [page, *pages]

    def finish(self) -> None:
        """Count the documents that are not listed, since so many others are, once all are known."""
        beyond = max(0, self.count - self._most) if self._beyond is None else self._beyond
        if self._last is None or not beyond:
            return
        page, last = self._last
        document = 0 if last.document is None else last.document
        page.unlisted.append(
            Unlisted(UNREADABLE, Severity.ERROR, last.file, document, last.line, None, beyond)
        )
