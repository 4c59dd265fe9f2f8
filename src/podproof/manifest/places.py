"""An index of places: where each key and value of a document stands, as code point spans.

In: the events of one YAML document, or the text of one JSON value. Out: a tree of nodes with spans.
Built only when somebody asks for a place, so reading a thousand files costs nothing for it.
"""

from typing import Any

import yaml
from yaml._yaml import CParser

from podproof.manifest.scalars import MERGE_TAG, ScalarError, key_text, plain, tagged

Span = tuple[int, int]


class Entry:
    """One child of a collection: the span of its key (None in a list) and its node."""

    __slots__ = ("key", "node")

    def __init__(self, key: Span | None, node: "Node") -> None:
        self.key = key
        self.node = node


class Node:
    """A value's span and its children by key or index; `all_keys` has the keys that were written again."""

    __slots__ = ("all_keys", "children", "is_list", "merged", "span", "value")

    def __init__(self, start: int, end: int) -> None:
        self.span: Span = (start, end)
        self.children: dict[str, Entry] | list[Entry] | None = None
        self.is_list = False
        self.all_keys: dict[str, list[Span]] | None = None
        self.merged: set[str] | None = None
        self.value: object = None

    def entry(self, part: str | int) -> Entry | None:
        """Give the child at a key or an index, None when there is none."""
        children = self.children
        if isinstance(children, dict):
            return children.get(part) if isinstance(part, str) else None
        if isinstance(children, list) and isinstance(part, int) and 0 <= part < len(children):
            return children[part]
        return None

    def keys_of(self, part: str | int) -> list[Span]:
        """Give the span of every key written for `part`, in order."""
        if isinstance(part, str) and self.all_keys and part in self.all_keys:
            return self.all_keys[part]
        entry = self.entry(part)
        return [] if entry is None or entry.key is None else [entry.key]

    def add(self, key: str, span: Span, node: "Node") -> None:
        """Set a key that is written in the text; the last one counts."""
        children = self.children
        if not isinstance(children, dict):
            return
        old = children.get(key)
        if old is not None and old.key is not None and not (self.merged and key in self.merged):
            if self.all_keys is None:
                self.all_keys = {}
            self.all_keys.setdefault(key, [old.key]).append(span)
        if self.merged:
            self.merged.discard(key)
        children[key] = Entry(span, node)


_KEY = object()


def index_yaml(text: str, base: int) -> Node:
    """Walk the events of a document that was read before, and keep the spans; `base` is added to each."""
    parser: Any = CParser(text)
    try:
        return _walk(parser, text, base)
    finally:
        parser.dispose()


def _walk(parser: Any, text: str, base: int) -> Node:
    anchors: dict[str, Node] = {}
    stack: list[tuple[Node, str | None, Span | None, bool]] = []
    root = Node(base, base)
    current: Node | None = None
    key: str | None = None
    key_span: Span | None = None
    is_merge = False
    last_end = 0
    while True:
        event = parser.get_event()
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in ("|", ">"):
                end = _block_end(text, start, end)
            last_end = max(last_end, end)
            node = Node(start + base, end + base)
            expects_key = current is not None and not current.is_list and key is None and not is_merge
            if expects_key or event.anchor:
                node.value = _scalar(event)
            if event.anchor:
                anchors[event.anchor] = node
            if expects_key:
                if event.value == "<<" and (event.implicit[0] or event.tag == MERGE_TAG):
                    is_merge = True
                else:
                    key = key_text(node.value) or ""
                    key_span = node.span
                continue
        elif kind is yaml.AliasEvent:
            node = anchors[event.anchor]
            last_end = max(last_end, event.end_mark.index)
            if current is not None and not current.is_list and key is None and not is_merge:
                key = key_text(node.value) or ""
                key_span = (event.start_mark.index + base, event.end_mark.index + base)
                continue
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            start = event.start_mark.index
            node = Node(start + base, start + base)
            node.is_list = kind is yaml.SequenceStartEvent
            node.children = [] if node.is_list else {}
            if event.anchor:
                anchors[event.anchor] = node
            if current is not None:
                stack.append((current, key, key_span, is_merge))
            last_end = max(last_end, event.end_mark.index if event.flow_style else start)
            current, key, key_span, is_merge = node, None, None, False
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            assert current is not None
            start, end = event.start_mark.index, event.end_mark.index
            if end > start:  # a flow collection: the closing bracket is its own end
                last_end = max(last_end, end)
            node = current
            node.span = (node.span[0], max(last_end + base, node.span[0]))
            if not stack:
                return node
            current, key, key_span, is_merge = stack.pop()
        elif kind is yaml.DocumentEndEvent or kind is yaml.StreamEndEvent:
            return root
        else:
            continue
        if current is None:
            root = node
        elif isinstance(current.children, list):
            current.children.append(Entry(None, node))
        elif is_merge:
            is_merge = False
            _merge(current, node)
        elif key is not None and key_span is not None:
            current.add(key, key_span, node)
            key = None


def _scalar(event: Any) -> object:
    if event.tag is not None:
        try:
            return tagged(event.tag, event.value)
        except ScalarError:
            return event.value
    return plain(event.value) if event.implicit[0] else event.value


def _merge(into: Node, source: Node) -> None:
    sources = [source]
    if isinstance(source.children, list):
        sources = [entry.node for entry in reversed(source.children)]
    for one in sources:
        if isinstance(one.children, dict) and isinstance(into.children, dict):
            into.children.update(one.children)
            into.merged = (into.merged or set()) | one.children.keys()


def _block_end(text: str, start: int, end: int) -> int:
    """Give the end of a block scalar's last line: libyaml's mark runs on past comments to the next token."""
    header_end = text.find("\n", start, end)
    if header_end < 0:
        return start + len(text[start:end].rstrip())
    header = text[start:header_end].split("#")[0]
    keep = "+" in header
    indent = -1
    last = header_end
    position = header_end + 1
    while position < end:
        line_end = text.find("\n", position, end)
        line_end = end if line_end < 0 else line_end
        line = text[position:line_end].rstrip("\r")
        blank = not line.strip(" ")
        own = len(line) - len(line.lstrip(" "))
        if not blank:
            if indent < 0:
                indent = own if not any(c.isdigit() for c in header) else 1
            if own < indent:
                break
            last = line_end
        elif keep:
            last = line_end
        position = line_end + 1
    return last - 1 if text[last - 1 : last] == "\r" else last
