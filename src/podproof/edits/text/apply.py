"""Edits made in the text of a document: a Document and edits come in, spans of the file's text go out."""

from collections.abc import Iterable

from ...errors import PodproofError
from ...manifest.document import Document
from ...manifest.places import end_of
from ...manifest.reader import read
from ...manifest.syntax_tree import Syntax
from ..apply import KeyOrder, apply_edits
from ..edit import Edit
from .plan import Planner
from .same import is_same
from .site import Uneditable
from .spans import OverlappingEdits, TextEdit, change_text

__all__ = ["TextEditError", "TextEditor", "edit_text"]


class TextEditError(PodproofError):
    """Says why a document's text cannot be edited, and where: `line` and `column` are 1-based."""

    def __init__(self, line: int, column: int, why: str) -> None:
        super().__init__(f"line {line}, column {column}: {why}")
        self.line = line
        self.column = column
        self.why = why


def edit_text(
    document: Document, edits: Iterable[Edit], order: KeyOrder | None = None
) -> tuple[TextEdit, ...]:
    """Say how the edits are made in the document's file; see `TextEditor.edit`."""
    return TextEditor(document, order).edit(edits)


class TextEditor:
    """Makes edits in the text of one document, each time as if no others were made.

    `order` says where new keys are written; None: behind the others.
    """

    def __init__(self, document: Document, order: KeyOrder | None = None) -> None:
        self._document = document
        self._order = order
        self._known: tuple[Syntax, Planner] | None = None

    def edit(self, edits: Iterable[Edit]) -> tuple[TextEdit, ...]:
        """Say how edits are made; code points are counted from the file's start.

        What was written is read again before it is given, and has the value that `apply_edits` makes. Raises
        TextEditError: the text cannot be edited by itself, with its place; EditError as `apply_edits` does. A
        document that was read as somebody meant it cannot be edited.
        """
        document = self._document
        value = document.value
        if not isinstance(value, dict):
            raise TextEditError(document.line, 1, "the document is not a mapping")
        expected = apply_edits(value, edits, self._order)
        if self._known is None:
            syntax = document.syntax()
            self._known = syntax, Planner(syntax)
        syntax, planner = self._known
        begin, end = 0, len(syntax.text)
        if syntax.is_json:
            begin, end = syntax.root.start, end_of(syntax.root, syntax.text)
        try:
            written = planner.plan(value, expected)
            changed = change_text(syntax.text[:end], written)[begin:]
        except Uneditable as refused:
            line, column = document.locate(syntax.base + refused.position)
            raise TextEditError(line, column, f"cannot be edited: {refused.why}") from None
        except OverlappingEdits:
            raise TextEditError(document.line, 1, "the edits cannot be made at once") from None
        results = read(document.file, changed.encode("utf-8", "surrogateescape"))
        if [isinstance(one, Document) and is_same(one.value, expected) for one in results] != [True]:
            why = "the edits cannot be written so that nothing else changes"
            raise TextEditError(document.line, 1, why)
        written.sort(key=lambda edit: (edit.start, edit.end))
        return tuple(edit.moved(syntax.base) for edit in written)
