"""Where a value is written: the collection that holds it, its key, its node."""

from typing import NamedTuple

from ...manifest.syntax_tree import CollectionNode, SyntaxNode

__all__ = ["Site", "Uneditable"]


class Uneditable(Exception):
    """Says what cannot be changed by itself, and at which code point of the document it stands."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position = position
        self.why = why


class Site(NamedTuple):
    """A value's place in the syntax: `parent` None for the root, `key` None for the root and in a list."""

    parent: CollectionNode | None
    key: SyntaxNode | None
    node: SyntaxNode
