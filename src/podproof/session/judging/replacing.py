"""Finds fixes in the text of a document: a fix comes in, what to write where in the file goes out.

Every fix is made by itself and read again, which costs as much as reading the document: of long documents,
and of many findings in one, there is none.
"""

from ...edits.apply import EditError
from ...edits.edit import Fix
from ...edits.text.apply import TextEditError, TextEditor
from ...manifest.document import Document
from ...results.checked import Replacement

__all__ = ["Replacing"]

_LONGEST = 128 * 1024
"""Characters of a document's file in which fixes are looked for."""

_MOST = 400
"""Fixes of one document; the findings of a workload with forty containers are fewer."""


class Replacing:
    """Remembers the document that it was asked about last."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._editor: TextEditor | None = None
        self._left = 0
        self._known: dict[str, tuple[Replacement, ...]] = {}

    def find(self, document: Document, fix: Fix) -> tuple[Replacement, ...]:
        """Give a fix, whose routes are counted from the document, in its text; empty: it is not to be had."""
        if self._document is not document:
            self._document, self._editor, self._known = document, TextEditor(document), {}
            self._left = _MOST if len(document.text) <= _LONGEST else 0
        key = repr(fix.edits)
        if key not in self._known:
            self._known[key] = self._made(document, fix)
        return self._known[key]

    def _made(self, document: Document, fix: Fix) -> tuple[Replacement, ...]:
        if not self._left or self._editor is None:
            return ()
        self._left -= 1
        try:
            edits = self._editor.edit(fix.edits)
        except (TextEditError, EditError):
            return ()
        return tuple(Replacement(document.stretch(edit.start, edit.end), edit.text) for edit in edits)
