"""One document as a tree of nodes, as it is written: nothing is resolved, merged or dropped.

In: the events of one document. Out: its root. Places and the server's values are both read from this tree;
the values that are judged are not (see values.py). JSON is scanned into the same nodes (see json_text.py).
"""

from typing import NamedTuple

from podproof.manifest.events import (
    ALIAS,
    MAPPING_START,
    SCALAR,
    SEQUENCE_START,
    NextEvent,
    open_document,
)
from podproof.manifest.scalars import MAY_BE_SPECIAL, MERGE_KEY, MERGE_TAG, ScalarError, key_text, resolve

__all__ = [
    "AliasNode",
    "CollectionNode",
    "ScalarNode",
    "Syntax",
    "SyntaxNode",
    "UnknownAnchor",
    "compose",
    "is_merge_key",
    "key_name",
    "merge_sources",
    "scalar_value",
]


class UnknownAnchor(Exception):
    """Says which anchor an alias names that no node before it has."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ScalarNode:
    """A scalar: `plain` tells that it has neither quotes nor a tag.

    Of every node `start` and `end` are code points from 0, and `line` counts from 0. The end of a block
    scalar is libyaml's, which lies behind the comments that follow.
    """

    __slots__ = ("end", "is_block", "line", "plain", "start", "tag", "text")

    def __init__(
        self, start: int, end: int, line: int, text: str, tag: str | None, plain: bool, is_block: bool
    ) -> None:
        self.start = start
        self.end = end
        self.line = line
        self.text = text
        self.tag = tag
        self.plain = plain
        self.is_block = is_block

    @property
    def target(self) -> "ScalarNode":
        """The node that has the value: this one."""
        return self


class CollectionNode:
    """A mapping, in whose `children` keys and values alternate, or a list.

    `end` is None for a block collection, which ends where its last child does.
    """

    __slots__ = ("children", "end", "is_mapping", "line", "start")

    def __init__(self, start: int, line: int, is_mapping: bool) -> None:
        self.start = start
        self.end: int | None = None
        self.line = line
        self.is_mapping = is_mapping
        self.children: list[SyntaxNode] = []

    @property
    def target(self) -> "CollectionNode":
        """The node that has the value: this one."""
        return self


class AliasNode:
    """An alias: the name of an anchor, and in `target` the node that it stands for."""

    __slots__ = ("end", "line", "name", "start", "target")

    def __init__(
        self, start: int, end: int, line: int, name: str, target: ScalarNode | CollectionNode
    ) -> None:
        self.start = start
        self.end = end
        self.line = line
        self.name = name
        self.target = target


SyntaxNode = ScalarNode | CollectionNode | AliasNode


class Syntax(NamedTuple):
    """A document as it is written: its root, and the text whose code points the nodes count.

    `text` begins at the code point `base` of the file. In JSON the scalars that are not keys have no text.
    """

    root: SyntaxNode
    text: str
    base: int
    is_json: bool


def compose(next_event: NextEvent) -> SyntaxNode | None:
    """Read the next document to its end; None when the stream holds none.

    Depth is bounded by libyaml, at 1,000 collections. Raises UnknownAnchor: an alias comes before its anchor;
    yaml.YAMLError: the text is not YAML.
    """
    if not open_document(next_event):
        return None
    anchors: dict[str, ScalarNode | CollectionNode] = {}
    opened: list[CollectionNode] = []
    node: SyntaxNode
    while True:
        event = next_event()
        kind = event.__class__
        start = event.start_mark
        if kind is SCALAR:
            node = ScalarNode(
                start.index,
                event.end_mark.index,
                start.line,
                event.value,
                event.tag,
                event.implicit[0],
                event.style in ("|", ">"),
            )
        elif kind is MAPPING_START or kind is SEQUENCE_START:
            node = CollectionNode(start.index, start.line, kind is MAPPING_START)
        elif kind is ALIAS:
            if event.anchor not in anchors:
                raise UnknownAnchor(event.anchor)
            node = AliasNode(
                start.index, event.end_mark.index, start.line, event.anchor, anchors[event.anchor]
            )
        else:
            closed = opened.pop()
            end = event.end_mark.index
            if end > start.index:  # a closing bracket: a block ends without a character
                closed.end = end
            if opened:
                continue
            next_event()
            return closed
        if event.anchor is not None and not isinstance(node, AliasNode):
            anchors[event.anchor] = node
        if opened:
            opened[-1].children.append(node)
        if isinstance(node, CollectionNode):
            opened.append(node)
        elif not opened:
            next_event()
            return node


def scalar_value(node: ScalarNode) -> object:
    """Resolve a scalar by Kubernetes' rules; raises ScalarError as `resolve` does."""
    return resolve(node.text, node.tag, plain=node.plain)


def key_name(key: SyntaxNode) -> str:
    """Give the text that a key is in JSON; the document was read, so it has one."""
    node = key.target
    if isinstance(node, CollectionNode):
        return ""
    if node.tag is None and node.text and node.text[0] not in MAY_BE_SPECIAL:
        return node.text
    try:
        return key_text(scalar_value(node)) or ""
    except ScalarError:
        return ""


def is_merge_key(node: SyntaxNode) -> bool:
    """Tell whether a mapping's key is `<<`, written without quotes or with the tag of merges."""
    if not isinstance(node, ScalarNode) or node.text != MERGE_KEY:
        return False
    return node.plain or node.tag == MERGE_TAG


def merge_sources(node: SyntaxNode) -> list[SyntaxNode] | None:
    """Give the mappings, or aliases of mappings, that the value of a merge key names; the last one wins.

    None when it is something else, which go-yaml refuses; an alias of a list of mappings is refused too.
    Source: go.yaml.in/yaml/v2 v2.4.4 decode.go, merge.
    """
    if _is_mapping(node):
        return [node]
    if not isinstance(node, CollectionNode) or not all(_is_mapping(child) for child in node.children):
        return None
    return node.children[::-1]


def _is_mapping(node: SyntaxNode) -> bool:
    target = node.target
    return isinstance(target, CollectionNode) and target.is_mapping
