"""JSON files: one value or several one after the other, with exact places and duplicate keys.

In: a file's text that begins like JSON. Out: the same results as for YAML, or None when the text is not
JSON and may be YAML's flow style. Values come from Python's own decoder, places from a scan on request.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from podproof.manifest.document import Document, EmptyDocument, UnreadableDocument
from podproof.manifest.doubled import mapping_of_pairs, repeated_routes
from podproof.manifest.file_text import FileText
from podproof.manifest.limits import Limits
from podproof.manifest.surrogates import has_escapes, unescape

if TYPE_CHECKING:
    from podproof.manifest.places import PlaceIndex
    from podproof.manifest.syntax_tree import Syntax, SyntaxNode

_BLANK = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)


class _BadLiteral(ValueError):
    """Says which literal cannot be read."""


def read_json(
    file: str, text: FileText, limits: Limits, *, is_broken: bool = False
) -> Iterator[Document | UnreadableDocument | EmptyDocument] | None:
    """Read every value of the text; None hands it on to the YAML reader.

    A file whose name ends in .json and that has no line `---` is always JSON, and so is a text whose first
    value is: its faults are JSON's faults then. `is_broken` says that it is known to have one: then nobody
    asks for the values before it.
    """
    try:
        whole = text.data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    results: list[Document | UnreadableDocument | EmptyDocument] = []
    surely = file.endswith(".json")
    position = _skip(whole, 0)
    index = 0
    line, counted = 1, 0
    has_surrogates = has_escapes(whole)
    may_be_deep = whole.count("{") + whole.count("[") > limits.max_depth
    while position < len(whole):
        index += 1
        if index > limits.max_documents:
            message = f"more than {limits.max_documents} values in one file: split the file"
            results.append(_unreadable(file, index, text, position, message))
            break
        line += whole.count("\n", counted, position)
        counted = position
        deep = find_too_deep(whole, position, limits.max_depth) if may_be_deep else None
        if deep is not None:
            results.append(_unreadable(file, index, text, deep, too_deep(limits.max_depth)))
            break
        again: set[str] = set()
        try:
            value, end = _decoder(None if is_broken else again, limits).raw_decode(whole, position)
        except json.JSONDecodeError as error:
            if "\n---" in whole or whole.startswith("---") or not surely:
                return None
            results.append(_unreadable(file, index, text, error.pos, _explain(error)))
            break
        except _BadLiteral as refused:
            results.append(_unreadable(file, index, text, position, str(refused)))
            break
        except ValueError:  # Python's own reader of integers refuses one, for which there are words of ours
            return read_json(file, text, limits)
        except RecursionError:
            message = "nested too deep to be read: no Kubernetes object is, so flatten it"
            results.append(_unreadable(file, index, text, position, message))
            break
        if not isinstance(value, (dict, list)) and not surely:
            return None
        if has_surrogates:
            value = unescape(value)
        repeats = bool(again) or has_surrogates
        results.append(_document(file, index, text, position, line, value, repeats))
        position = _skip(whole, end)
        if whole[position : position + 1] == ",":
            results.append(
                _unreadable(
                    file, index + 1, text, position, "a comma between values: put several objects in a List"
                )
            )
            break
    if not results:
        return None
    return iter(results)


def index_json(text: str, position: int) -> "PlaceIndex":
    """Scan the valid JSON value that begins at `position`, so that its places can be found."""
    from podproof.manifest.places import PlaceIndex

    return PlaceIndex(_scan(text, position), text)


def _scan(text: str, position: int) -> "SyntaxNode":
    """Read one valid value into nodes; only keys have their text, since places need no other."""
    from podproof.manifest.syntax_tree import CollectionNode, ScalarNode

    opened: list[CollectionNode] = []
    node: SyntaxNode
    for match in _TOKEN.finditer(text, position):
        token = match[0]
        if token in ":,":
            continue
        if token in "}]":
            closed = opened.pop()
            closed.end = match.end()
            if not opened:
                return closed
            continue
        if token in "{[":
            node = CollectionNode(match.start(), 0, token == "{")
        else:
            is_key = bool(opened) and opened[-1].is_mapping and len(opened[-1].children) % 2 == 0
            name = unescape(json.loads(token, strict=False)) if is_key else ""
            node = ScalarNode(match.start(), match.end(), 0, name, None, False, False)
        if opened:
            opened[-1].children.append(node)
        if isinstance(node, CollectionNode):
            opened.append(node)
        elif not opened:
            return node
    return ScalarNode(position, position, 0, "", None, False, False)


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _decoder(again: set[str] | None, limits: Limits) -> json.JSONDecoder:
    """Make a decoder that adds to `again` where a key stands twice; None: nobody asks for the values."""

    def constant(literal: str) -> object:
        raise _BadLiteral(f"{literal} is not a JSON number: write a number, or null")

    if again is None:
        return json.JSONDecoder(parse_constant=constant)

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        plain = dict(items)
        if len(plain) == len(items):
            return plain
        again.add("")
        return mapping_of_pairs(items)

    def integer(literal: str) -> int:
        if len(literal) > limits.max_digits:
            raise _BadLiteral(f"an integer of {len(literal)} digits is more than any field holds: shorten it")
        return int(literal)

    return json.JSONDecoder(object_pairs_hook=pairs, parse_int=integer, parse_constant=constant)


def _document(
    file: str, index: int, text: FileText, position: int, line: int, value: object, repeats: bool
) -> Document:
    def places() -> "PlaceIndex":
        return index_json(text.text, position)

    def syntax() -> "Syntax":
        from podproof.manifest.syntax_tree import Syntax

        return Syntax(_scan(text.text, position), text.text, 0, is_json=True)

    duplicates = tuple(repeated_routes(value)) if repeats else ()
    return Document(file, index, line, value, None, duplicates, text, places, syntax)


def too_deep(limit: int) -> str:
    """Say that something nests deeper."""
    return f"nested deeper than {limit} levels: no Kubernetes object is, so flatten it"


def find_too_deep(text: str, position: int, limit: int) -> int | None:
    """Find where one value first nests deeper than `limit` levels, as an index into `text`; None: nowhere.

    `position` is the index at which the value starts. The text must be JSON up to the place that is given.
    """
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text, position):
        token = match[0]
        if token in ("{", "["):
            depth += 1
            if depth > limit:
                return match.start()
        elif token in ("}", "]"):
            depth -= 1
            if depth <= 0:
                return None
    return None


def _explain(error: json.JSONDecodeError) -> str:
    remedy = {
        "Expecting property name enclosed in double quotes": 'quote the key with "; no comma before }',
        "Expecting ',' delimiter": "put a comma between the items, or close the bracket",
        "Expecting ':' delimiter": "put a colon after the key",
        "Expecting value": "write a value here; JSON has no comments and no comma before ]",
        "Unterminated string starting at": "the quote that opens here is never closed: close it",
        "Invalid control character at": "write the line break or tab inside the string as \\n or \\t",
        "Illegal trailing comma before end of object": "remove the comma",
        "Illegal trailing comma before end of array": "remove the comma",
    }.get(error.msg, "correct the JSON here")
    return f"the text is not JSON ({error.msg[:1].lower()}{error.msg[1:]}): {remedy}"


def _unreadable(file: str, index: int, text: FileText, at: int, message: str) -> UnreadableDocument:
    line, column, _ = text.locate(at)
    return UnreadableDocument(file, index, line, column, message)
