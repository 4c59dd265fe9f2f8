"""Writes values into mappings and lists in brackets: JSON, and YAML's flow style."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...manifest.places import end_of
from ...manifest.syntax_tree import CollectionNode, SyntaxNode
from .comments import comments_in
from .site import Site, Uneditable
from .spans import TextEdit
from .style import Style, line_end_of, line_start_of
from .write import write_inline, write_key

__all__ = ["Brackets"]

_REST_OF_LINE = re.compile(r"[ \t]*(,?)[ \t]*(#[^\r\n]*)")


class Brackets:
    """Adds text edits to a list; raises Uneditable and CannotWrite as Writing and write.py say."""

    def __init__(self, text: str, style: Style, edits: list[TextEdit]) -> None:
        self._text = text
        self._style = msgspec.structs.replace(style, flow_lists=True)
        self._one_line = msgspec.structs.replace(self._style, json_indent=None)
        self._edits = edits

    def replace(self, site: Site, value: Any) -> None:
        """Write a value in place of another."""
        _, key, node = site
        text = self._text
        end = end_of(node, text)
        start = node.start
        blank = ""
        if start == end and key is not None:
            behind = text[end_of(key, text) : start]
            if ":" not in behind:
                raise Uneditable(node.start, "its key has no value")
            blank = "" if behind.endswith(" ") else " "
        if text.startswith(("&", "!"), start) and not self._style.is_json:
            raise Uneditable(node.start, "it has an anchor or a tag")
        if isinstance(node, CollectionNode) and comments_in(text, start, end, (node,)):
            raise Uneditable(node.start, "comments stand in it")
        margin = self._margin(start if key is None else key.start)
        style = self._one_line if margin is None else self._style
        self._edits.append(TextEdit(start, end, blank + write_inline(value, style, margin or "")))

    def add_keys(
        self, behind: tuple[SyntaxNode, SyntaxNode] | None, first: SyntaxNode, added: Mapping[str, Any]
    ) -> None:
        """Write keys behind a pair; None: in front of the `first` key to stay."""
        margin = self._margin(first.start if behind is None else behind[0].start)
        style = self._one_line if margin is None else self._style
        texts = [
            f"{write_key(name, style)}{style.colon}{write_inline(value, style, margin or '')}"
            for name, value in added.items()
        ]
        if behind is not None:
            self._write_behind(max(end_of(one, self._text) for one in behind), texts, margin)
            return
        comma = self._comma(margin)
        self._edits.append(TextEdit(first.start, first.start, "".join(text + comma for text in texts)))

    def append(self, last: SyntaxNode, items: Sequence[Any], style: Style) -> None:
        """Write items behind another one, in its style."""
        margin = self._margin(last.start)
        indent = None if margin is None else self._style.json_indent
        style = msgspec.structs.replace(style, flow_lists=True, json_indent=indent)
        texts = [write_inline(item, style, margin or "") for item in items]
        self._write_behind(end_of(last, self._text), texts, margin)

    def remove(self, entries: Sequence[tuple[SyntaxNode | None, SyntaxNode, bool]]) -> None:
        """Remove the entries that do not stay, with their commas."""
        begins = [value.start if key is None else key.start for key, value, _ in entries]
        ends = [
            max(end_of(value, self._text), end_of(value if key is None else key, self._text))
            for key, value, _ in entries
        ]
        stays = [entry[2] for entry in entries]
        last = max(position for position, kept in enumerate(stays) if kept)
        spans = [(begins[position], begins[position + 1]) for position in range(last) if not stays[position]]
        if last + 1 < len(entries):
            spans.append((ends[last], ends[-1]))
        nodes = [node for key, value, _ in entries for node in (key, value) if node is not None]
        for start, end in spans:
            if comments_in(self._text, start, end, nodes):
                raise Uneditable(start, "comments stand beside what would be removed")
            self._edits.append(TextEdit(start, end, ""))

    def _comma(self, margin: str | None) -> str:
        return self._style.comma if margin is None else f",{self._style.line_end}{margin}"

    def _margin(self, position: int) -> str | None:
        """Give the blanks before something that begins its line, None where it does not."""
        before = self._text[line_start_of(self._text, position) : position]
        return None if before.strip() else before

    def _write_behind(self, end: int, texts: Sequence[str], margin: str | None) -> None:
        """Write texts behind something, on lines of their own where it has one."""
        comma = self._comma(margin)
        rest = _REST_OF_LINE.match(self._text, end)
        if rest is None or margin is None:
            self._edits.append(TextEdit(end, end, "".join(comma + text for text in texts)))
            return
        # a comment ends the line: it stays beside what it is about
        at = line_end_of(self._text, end)
        if not rest[1]:
            self._edits.append(TextEdit(end, end, ","))
        written = comma.join(texts) + rest[1]
        self._edits.append(TextEdit(at, at, self._style.line_end + margin + written))
