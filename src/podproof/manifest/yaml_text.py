"""One document in YAML, by libyaml's events: it comes in as text, goes out with its value or with its fault.

This is the reader that knows every rule and every message. Never splits a file into documents.
"""

import yaml

from podproof.manifest.document import Document, EmptyDocument, UnreadableDocument
from podproof.manifest.events import events
from podproof.manifest.file_text import FileText
from podproof.manifest.helm_source import helm_source
from podproof.manifest.limits import Limits
from podproof.manifest.places import PlaceIndex, index_yaml, yaml_syntax
from podproof.manifest.syntax_errors import explain_syntax_error
from podproof.manifest.syntax_tree import Syntax
from podproof.manifest.values import InvalidDocument, read_value

__all__ = ["read_yaml"]


def read_yaml(
    file: str, index: int, text: FileText, start: int, body: bytes, part: str, line: int, limits: Limits
) -> Document | UnreadableDocument | EmptyDocument:
    """Read one document from its bytes, which are also given as text; `start` is their byte in the file."""
    try:
        with events(body) as next_event:
            read_document = read_value(next_event, limits)
            if read_document is not None:
                # Kubernetes ignores what follows the value without a word; the parser complains about it here
                next_event()
    except InvalidDocument as fault:
        return _unreadable(file, index, text, start, fault.index, str(fault))
    except yaml.YAMLError as error:
        at_index, message = explain_syntax_error(error, part)
        return _unreadable(file, index, text, start, at_index, message)
    if read_document is None:
        return EmptyDocument(file, index, line)
    value, duplicates, first_line = read_document

    def places() -> PlaceIndex:
        return index_yaml(part, text.index_of_byte(start))

    def syntax() -> Syntax:
        return yaml_syntax(part, text.index_of_byte(start))

    return Document(
        file, index, line + first_line, value, helm_source(body), duplicates, text, places, syntax
    )


def _unreadable(
    file: str, index: int, text: FileText, start: int, at: int, message: str
) -> UnreadableDocument:
    line, column, _ = text.locate(text.index_of_byte(start) + at)
    return UnreadableDocument(file, index, line, column, message)
