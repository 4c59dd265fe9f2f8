"""Where each key and value of a document stands, as code point spans.

In: the syntax tree of one document and the text that it was read from. Out: the span of a route. Built only
when somebody asks for a place, so reading a thousand files costs nothing for it, and only the mappings on the
way to a place are ever looked into.
"""

from podproof.manifest.block_end import block_end
from podproof.manifest.events import events
from podproof.manifest.route import Route
from podproof.manifest.scalars import MERGE_KEY
from podproof.manifest.syntax_tree import (
    CollectionNode,
    ScalarNode,
    Syntax,
    SyntaxNode,
    compose,
    is_merge_key,
    key_name,
    merge_sources,
)

__all__ = ["PlaceIndex", "Span", "end_of", "index_yaml", "yaml_syntax"]

Span = tuple[int, int]
"""Start and end of a stretch of the file's text, in code points; the end is exclusive."""


_Target = ScalarNode | CollectionNode


_Child = tuple[SyntaxNode | None, _Target]
"""A key, None in a list, and its value; both may stand elsewhere, at an anchor."""


class _Fields:
    """The fields of a mapping after merges, and every key that the mapping itself writes more than once."""

    __slots__ = ("by_key", "repeated")

    def __init__(self) -> None:
        self.by_key: dict[str | int, _Child] = {}
        self.repeated: dict[str | int, list[SyntaxNode]] = {}


def index_yaml(text: str, base: int) -> "PlaceIndex":
    """Read the places of a document that was read before; `base` is its first code point in the file."""
    return PlaceIndex(yaml_syntax(text, base).root, text, base)


def yaml_syntax(text: str, base: int) -> Syntax:
    """Read a document that was read before as it is written; `base` is its first code point in the file."""
    with events(text) as next_event:
        root = compose(next_event) or ScalarNode(0, 0, 0, "", None, True, False)
    return Syntax(root, text, base, is_json=False)


def end_of(node: SyntaxNode, text: str) -> int:
    """Give where a node ends: a block collection with its last child, or with the key of an empty one."""
    end = node.start
    while isinstance(node, CollectionNode) and node.end is None and node.children:
        if node.is_mapping:
            end = max(end, _own_end(node.children[-2], text))
        node = node.children[-1]
    return max(end, _own_end(node, text))


def _own_end(node: SyntaxNode, text: str) -> int:
    if isinstance(node, ScalarNode) and node.is_block:
        return block_end(text, node.start, node.end)
    return node.start if node.end is None else node.end


class PlaceIndex:
    """Finds the spans of a document's keys and values by their routes."""

    def __init__(self, root: SyntaxNode, text: str, base: int = 0) -> None:
        self._root = root
        self._text = text
        self._base = base
        self._fields_of: dict[int, _Fields] = {}

    def find(self, route: Route, *, key: bool = False) -> Span:
        """Give the span of the value at `route` (or of its key), or of its nearest ancestor that exists.

        A value that an alias or a merge brings in has the span at the anchor. A list element has no key: its
        value's span is given.
        """
        node = self._root.target
        nearest: SyntaxNode = self._root
        for part in route:
            child = self._child(node, part)
            if child is None:
                break
            key_node, node = child
            nearest = key_node if key and key_node is not None else node
        return self._span(nearest)

    def keys(self, route: Route) -> list[Span]:
        """Give the span of every key written for `route`, in the text's order; empty when there is none."""
        node = self._root.target
        for part in route[:-1]:
            child = self._child(node, part)
            if child is None:
                return []
            node = child[1]
        child = self._child(node, route[-1]) if route else None
        if child is None or child[0] is None:
            return []
        return [self._span(key) for key in self._fields_of[id(node)].repeated.get(route[-1], (child[0],))]

    def _child(self, node: _Target, part: str | int) -> _Child | None:
        """Give what a collection has at a key or an index; None when it has nothing there."""
        if not isinstance(node, CollectionNode):
            return None
        if node.is_mapping:
            fields = self._fields_of.get(id(node)) or self._fields(node)
            return fields.by_key.get(part)
        if isinstance(part, int) and 0 <= part < len(node.children):
            return None, node.children[part].target
        return None

    def _fields(self, mapping: CollectionNode) -> _Fields:
        """Give a mapping's fields; what it merges is worked out before, without recursion."""
        waiting = [mapping]
        while waiting:
            merging = waiting[-1]
            unread = [source for source in _merged_by(merging) if id(source) not in self._fields_of]
            if unread:
                waiting.extend(unread)
            else:
                self._fields_of[id(merging)] = self._read_fields(merging)
                waiting.pop()
        return self._fields_of[id(mapping)]

    def _read_fields(self, mapping: CollectionNode) -> _Fields:
        fields = _Fields()
        by_key = fields.by_key
        merged: set[str | int] = set()
        pairs = iter(mapping.children)
        for key, value in zip(pairs, pairs, strict=True):
            name = key_name(key)
            if name == MERGE_KEY and is_merge_key(key):
                for source in merge_sources(value) or ():
                    more = self._fields_of[id(source.target)].by_key
                    by_key.update(more)
                    merged.update(more)
                continue
            if name in by_key and name not in merged:
                first = by_key[name][0]
                fields.repeated.setdefault(name, [first] if first else []).append(key)
            merged.discard(name)
            by_key[name] = key, value.target
        return fields

    def _span(self, node: SyntaxNode) -> Span:
        return node.start + self._base, end_of(node, self._text) + self._base


def _merged_by(mapping: CollectionNode) -> list[CollectionNode]:
    """Give every mapping that is merged into another one."""
    merged: list[CollectionNode] = []
    for number, key in enumerate(mapping.children[::2]):
        if key.__class__ is ScalarNode and is_merge_key(key):
            for source in merge_sources(mapping.children[2 * number + 1]) or ():
                if isinstance(source.target, CollectionNode):
                    merged.append(source.target)
    return merged
