"""Reports the documents of a segment that cannot be read, and what is found in the rest of each.

What could not be read comes in, one document after the other; pages with findings go out. Of very many, the
first are listed and the others counted.
"""

from collections.abc import Callable

from ...findings import MOST_LISTED, Finding, Severity
from ...inputs.input import InputObject, UnreadableInput
from ...manifest.document import Stretch
from ...results.checked import Located, Unlisted
from ...results.segment import Page
from .recover import Copies, point
from .selection import UNREADABLE

__all__ = ["BrokenDocuments"]

_AS_IF = "the document counts as not read; what is found in it below holds once that is written"
_NOTHING_ELSE = "the document counts as not read; once that is written, nothing else is found in it"


class BrokenDocuments:
    """What cannot be read of a segment, whose bytes are `data`.

    `lost` has file, line and message of all that could not be read.
    """

    def __init__(self, data: bytes, stretch: Stretch) -> None:
        self.lost: list[tuple[str, int, str]] = []
        self._data = data
        self._stretch = stretch
        self._count = 0
        self._copies: Copies | None = None
        self._last = Page()

    def report(self, lost: UnreadableInput, judge_copy: Callable[[InputObject, str], Page]) -> list[Page]:
        """Report what cannot be read, and the findings in the rest, as far as it is clear how to read on.

        `judge_copy` judges an object of a copy in which the document can be read; it gets what was written
        there, and gives a page.
        """
        self._count += 1
        if self._count > MOST_LISTED:
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
        self._last = Page(findings)
        return [self._last, *pages]

    def finish(self) -> None:
        """Count the documents that are not listed, since so many others are, once all are known."""
        if self._count <= MOST_LISTED:
            return
        last = self._last.findings[0]
        document = 0 if last.document is None else last.document
        self._last.unlisted.append(
            Unlisted(
                UNREADABLE,
                Severity.ERROR,
                last.file,
                document,
                last.place.line,
                None,
                self._count - MOST_LISTED,
            )
        )
