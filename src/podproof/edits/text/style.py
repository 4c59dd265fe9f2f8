"""How a document is written: indentation, lists, line ends. The syntax comes in, a Style goes out.

What the document does most often counts; where it shows nothing, the habits of Kubernetes' examples do.
"""

import re
from collections import Counter

import msgspec

from ...manifest.syntax_tree import CollectionNode, ScalarNode, Syntax
from .plain import is_plain

__all__ = ["Style", "column_of", "line_end_of", "line_start_of", "read_style"]

_AFTER_COMMA = re.compile(r",([ \t]*)[^ \t\r\n]")
_AFTER_COLON = re.compile(r'":([ \t]*)')
_JSON_INDENT = re.compile(r"[{\[][ \t]*\r?\n([ \t]+)")


class Style(msgspec.Struct, frozen=True):
    """How to write what is new. `indent` is that of a mapping in a mapping, `list_indent` that of a list.

    `quote` is the quote that strings have which need none, "" when they have none; `flow_lists` that lists of
    scalars stand in brackets. `json_indent` None: JSON on one line.
    """

    is_json: bool
    line_end: str
    indent: int = 2
    list_indent: int = 0
    quote: str = ""
    flow_lists: bool = False
    comma: str = ", "
    colon: str = ": "
    json_indent: str | None = None


def read_style(syntax: Syntax) -> Style:
    """Read a document's style from all of it."""
    text = syntax.text
    line_end = "\r\n" if "\r\n" in text else "\n"
    if syntax.is_json:
        return _json_style(text, line_end)
    indents: Counter[int] = Counter()
    list_indents: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    lists: Counter[bool] = Counter()
    pending: list[CollectionNode] = [syntax.root] if isinstance(syntax.root, CollectionNode) else []
    while pending:
        node = pending.pop()
        values = node.children[1::2] if node.is_mapping else node.children
        for number, child in enumerate(values):
            if isinstance(child, CollectionNode):
                pending.append(child)
                first = child.children[0] if child.children else None
                if not node.is_mapping or node.end is not None or first is None:
                    continue
                key = node.children[2 * number]
                if not child.is_mapping:
                    lists[child.end is not None] += all(isinstance(one, ScalarNode) for one in child.children)
                if child.end is None:
                    wide = column_of(text, first.start if child.is_mapping else child.start)
                    counter = indents if child.is_mapping else list_indents
                    counter[wide - column_of(text, key.start)] += 1
            elif isinstance(child, ScalarNode) and child.tag is None and _is_word(child.text):
                start = text[child.start : child.start + 1]
                quotes[start if start in "\"'" else ""] += 1
    return Style(
        is_json=False,
        line_end=line_end,
        indent=_most(indents, 2, least=1),
        list_indent=_most(list_indents, 0, least=0),
        quote=max(quotes, key=quotes.__getitem__, default=""),
        flow_lists=lists[True] > lists[False],
    )


def _json_style(text: str, line_end: str) -> Style:
    comma, colon, indent = _AFTER_COMMA.search(text), _AFTER_COLON.search(text), _JSON_INDENT.search(text)
    return Style(
        is_json=True,
        line_end=line_end,
        comma=f",{comma[1]}" if comma else ", ",
        colon=f":{colon[1]}" if colon else ": ",
        json_indent=indent[1] if indent else None,
    )


def _is_word(text: str) -> bool:
    """Tell whether a string is one that nobody quotes but for the habit."""
    return len(text) > 2 and text.isalpha() and is_plain(text)


def _most(counter: "Counter[int]", default: int, least: int) -> int:
    found = [value for value, _ in counter.most_common() if least <= value <= 16]
    return found[0] if found else default


def line_start_of(text: str, position: int) -> int:
    """Give where the line of a code point begins."""
    return text.rfind("\n", 0, position) + 1


def line_end_of(text: str, position: int) -> int:
    """Give where the line of a code point ends, before its line end."""
    end = text.find("\n", position)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1 : end] == "\r" else end


def column_of(text: str, position: int) -> int:
    """Give the code points before a position on its line."""
    return position - line_start_of(text, position)
