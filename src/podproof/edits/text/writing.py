"""Writes values into a document's text: at a key, at an item, behind others, in blocks and in brackets.

Sites and values come in, text edits are collected. Comments stay, wherever what they stand beside goes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ...manifest.places import end_of
from ...manifest.syntax_tree import CollectionNode, ScalarNode, Syntax, SyntaxNode
from .brackets import Brackets
from .comments import comments_in
from .site import Site, Uneditable
from .spans import TextEdit
from .style import Style, column_of, line_end_of, line_start_of
from .write import CannotWrite, entry_lines, write_inline, write_key, writes_inline

__all__ = ["Entry", "Pair", "Writing"]

Pair = tuple[SyntaxNode, SyntaxNode]

Entry = tuple[SyntaxNode | None, SyntaxNode, bool]
"""A key, None in a list, its value, and whether it stays."""

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)+")
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+")
_OLD_QUOTES = "\"'"


class Writing:
    """Collects in `edits` what is to be written; positions are code points of the syntax' text.

    Every method raises Uneditable: what stands there cannot be changed by itself.
    """

    def __init__(self, syntax: Syntax, style: Style) -> None:
        self.edits: list[TextEdit] = []
        self._text = syntax.text
        self._style = style
        self._brackets = Brackets(syntax.text, style, self.edits)

    def replace(self, site: Site, value: Any) -> None:
        """Write a value in place of the one at a site."""
        parent, key, node = site
        try:
            if self._style.is_json or (parent is not None and parent.end is not None):
                self._brackets.replace(site, value)
            elif parent is None:
                self._replace_root(node, value)
            elif key is not None:
                self._replace_at_key(key, node, value)
            else:
                self._replace_item(node, value)
        except CannotWrite as error:
            raise Uneditable(node.start, str(error)) from None

    def add_keys(
        self, node: CollectionNode, behind: Pair | None, first: SyntaxNode, added: Mapping[str, Any]
    ) -> None:
        """Write keys behind a pair of a mapping; None: in front of `first`, the first key to stay."""
        try:
            if node.end is not None:
                self._brackets.add_keys(behind, first, added)
                return
            lines = [
                line
                for name, value in added.items()
                for line in entry_lines(f"{write_key(name, self._style)}:", value, self._style)
            ]
        except CannotWrite as error:
            raise Uneditable(node.start, str(error)) from None
        margin = column_of(self._text, node.children[0].start)
        if behind is not None:
            self._insert_lines(self._end(*behind), lines, margin)
            return
        between = self._style.line_end + " " * margin
        at = line_start_of(self._text, first.start)
        if self._text[at : first.start].strip():  # behind a dash
            self._write(first.start, first.start, between.join([*lines, ""]))
            return
        before = max((self._end(None, one) for one in node.children if one.start < first.start), default=0)
        while (above := line_start_of(self._text, at - 1)) >= before:
            if not self._text[above:at].lstrip().startswith("#"):
                break
            at = above  # the comments right above the key are about it
        written = "".join(" " * margin + line + self._style.line_end for line in lines)
        self._write(at, at, written)

    def rename(self, key: SyntaxNode, name: str) -> None:
        """Write another name in place of a key, in the quotes that it has."""
        end = end_of(key, self._text)
        first = self._text[key.start : key.start + 1]
        if not isinstance(key, ScalarNode) or key.is_block or first in ("&", "!", "*", "?", ""):
            raise Uneditable(key.start, "its key is written in an unusual way")
        quote = first if first in _OLD_QUOTES else ""
        try:
            written = write_inline(name, msgspec.structs.replace(self._style, quote=quote))
        except CannotWrite as error:
            raise Uneditable(key.start, str(error)) from None
        self._write(key.start, end, written)

    def append(self, node: CollectionNode, last: SyntaxNode, items: Sequence[Any]) -> None:
        """Write items behind the last item of a list that stays."""
        style = self._style_of_items(last)
        try:
            if node.end is not None:
                self._brackets.append(last, items, style)
                return
            lines = [line for item in items for line in entry_lines("-", item, style)]
        except CannotWrite as error:
            raise Uneditable(node.start, str(error)) from None
        self._insert_lines(self._end(None, last), lines, column_of(self._text, self._dash(last)))

    def remove(self, node: CollectionNode, entries: Sequence[Entry]) -> None:
        """Remove the entries of a collection that do not stay; at least one does."""
        if node.end is not None:
            self._brackets.remove(entries)
            return
        position = 0
        while position < len(entries):
            if entries[position][2]:
                position += 1
                continue
            begin = self._begin(entries[position])
            if self._text[line_start_of(self._text, begin) : begin].strip():
                position = self._remove_before_next(entries, position, begin)
            else:
                self._remove_lines(entries[position], begin)
                position += 1

    def _replace_root(self, node: SyntaxNode, value: Any) -> None:
        """Write another value for the whole document, below the comments that stood in the old one."""
        end = end_of(node, self._text)
        lines = [*comments_in(self._text, node.start, end, (node,)), *_lines_of(value, self._style)]
        self._write(node.start, end, self._style.line_end.join(lines))

    def _replace_at_key(self, key: SyntaxNode, node: SyntaxNode, value: Any) -> None:
        text, style = self._text, self._style
        key_end = end_of(key, text)
        colon = text.find(":", key_end)
        if colon < 0 or text[key_end:colon].strip(" \t"):
            raise Uneditable(key.start, "its key is written in an unusual way")
        inline = write_inline(value, style) if writes_inline(value, style) else None
        lines = entry_lines("-:", value, style)[1:]
        margin = column_of(text, key.start)
        end = end_of(node, text)
        if isinstance(node, CollectionNode) and node.end is None:
            # a block below its key: the lines of the key and of what follows stay
            first = line_end_of(text, colon)
            comments = comments_in(text, first, line_end_of(text, end), (node,))
            if inline is not None:
                at = colon + 1
                if node.start < first:  # an anchor or a tag
                    at = node.start + len(self._properties(node).rstrip())
                self._write(at, at, f" {inline}")
            beside = column_of(text, node.children[0].start) if lines and node.is_mapping else margin
            lines = [*(" " * margin + line for line in lines), *(" " * beside + one for one in comments)]
            self._write(first, line_end_of(text, end), "".join(style.line_end + line for line in lines))
            return
        comments = comments_in(text, colon, end, (node,))
        if inline is not None:
            if node.start < end:
                self._write(node.start, end, self._anchor(node) + inline)
            else:
                self._write(colon + 1, colon + 1, f" {inline}")
        else:
            anchor = self._anchor(node).rstrip()
            self._write(colon + 1, end, f" {anchor}" if anchor else "")
            self._insert_lines(end, lines, margin)
        self._insert_lines(end, comments, margin)

    def _replace_item(self, node: SyntaxNode, value: Any) -> None:
        """Write a value behind a dash; comments in what was there become lines below it."""
        text = self._text
        dash = self._dash(node)
        margin = column_of(text, dash)
        lines = entry_lines("-", value, self._style_of_items(node))
        end = end_of(node, text)
        comments = comments_in(text, dash, end, (node,))
        written = (self._style.line_end + " " * margin).join([lines[0][2:], *lines[1:]])
        blank = " " if node.start == dash + 1 else ""
        self._write(node.start, end, blank + self._anchor(node) + written)
        self._insert_lines(end, [f"  {one}" for one in comments], margin)

    def _remove_lines(self, entry: Entry, begin: int) -> None:
        """Remove an entry that has its lines for itself; its comments become lines of their own."""
        text = self._text
        start = line_start_of(text, begin)
        key, value, _ = entry
        end = line_end_of(text, self._end(key, value))
        nodes = (value,) if key is None else (key, value)
        kept = [text[start:begin] + one for one in comments_in(text, begin, end, nodes)]
        if start:
            # up to the line's end, where lines may be inserted, and with the line end before it
            before = line_end_of(text, start - 1)
            self._write(before, end, "".join(self._style.line_end + line for line in kept))
        else:
            behind = text.find("\n", end) + 1
            self._write(start, behind, "".join(line + self._style.line_end for line in kept))

    def _remove_before_next(self, entries: Sequence[Entry], position: int, begin: int) -> int:
        """Remove what stands behind a dash, up to the next entry that stays; gives that one's position."""
        removed: list[SyntaxNode] = []
        while not entries[position][2]:
            key, value, _ = entries[position]
            removed += [value] if key is None else [key, value]
            position += 1
            if position == len(entries):
                raise Uneditable(begin, "nothing of it stays")
        end = self._begin(entries[position])
        margin = self._style.line_end + " " * column_of(self._text, begin)
        self._write(begin, end, "".join(one + margin for one in comments_in(self._text, begin, end, removed)))
        return position

    def _begin(self, entry: Entry) -> int:
        key, value, _ = entry
        return self._dash(value) if key is None else key.start

    def _end(self, key: SyntaxNode | None, value: SyntaxNode) -> int:
        end = end_of(value, self._text)
        return end if key is None else max(end, end_of(key, self._text))

    def _dash(self, item: SyntaxNode) -> int:
        """Give the dash of an item of a block."""
        start = line_start_of(self._text, item.start)
        before = self._text[start : item.start].rstrip(" ")
        if not before.endswith("-"):
            raise Uneditable(item.start, "its dash stands on another line")
        return start + len(before) - 1

    def _properties(self, node: SyntaxNode) -> str:
        """Give the anchor and the tag that are written in front of a value, with the blanks behind them."""
        match = _PROPERTIES.match(self._text, node.start)
        return match[0] if match else ""

    def _anchor(self, node: SyntaxNode) -> str:
        match = _ANCHOR.search(self._properties(node))
        return f"{match[0]} " if match else ""

    def _style_of_items(self, item: SyntaxNode) -> Style:
        """Give the style for what stands beside an item: its quotes."""
        if not isinstance(item, ScalarNode) or item.is_block or item.start == item.end:
            return self._style
        first = self._text[item.start]
        return msgspec.structs.replace(self._style, quote=first if first in _OLD_QUOTES else "")

    def _insert_lines(self, end: int, lines: Iterable[str], margin: int) -> None:
        """Write lines below the line on which something ends."""
        at = line_end_of(self._text, end)
        self._write(at, at, "".join(self._style.line_end + " " * margin + line for line in lines))

    def _write(self, start: int, end: int, text: str) -> None:
        if start < end or text:
            self.edits.append(TextEdit(start, end, text))


def _lines_of(value: Any, style: Style) -> list[str]:
    return [line[2:] for line in entry_lines("-", value, style)]
