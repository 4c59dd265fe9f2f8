"""How a document is written, made of what the native reader has read: value, tape and text in, its tree out.

To read the events of the text once more would make the same tree, and takes three times as long.
"""

from collections.abc import Iterator
from itertools import chain

from podproof.manifest.syntax_tree import CollectionNode, ScalarNode, Syntax, SyntaxNode

__all__ = ["has_tape_syntax", "tape_syntax"]

_WIDTH = 4
_BLOCK_SCALAR, _FLOW = 1, 2
_NO_MORE = object()


def has_tape_syntax(body: bytes) -> bool:
    """Tell whether bytes are code points, and line feeds end all lines: then the tape says all of the tree.

    At the end of a last line without a line feed, libyaml counts one line more for some nodes.
    """
    return body.endswith(b"\n") and body.isascii() and b"\r" not in body


def tape_syntax(value: object, tape: bytes, text: str, base: int) -> Syntax:
    """Give what `places.yaml_syntax` does, of a document for which `has_tape_syntax`."""
    return Syntax(_compose(value, tape, text), text, base, is_json=False)


def _compose(value: object, tape: bytes, text: str) -> SyntaxNode:
    numbers = memoryview(tape).cast("I")
    entry = line = counted = 0
    held = value
    root: SyntaxNode | None = None
    opened: list[tuple[CollectionNode, Iterator[object]]] = []
    while True:
        start, end, kind = numbers[entry], numbers[entry + 1], numbers[entry + 3]
        entry += _WIDTH
        line += text.count("\n", counted, start)
        counted = start
        node: SyntaxNode
        if isinstance(held, (dict, list)):
            node = CollectionNode(start, line, isinstance(held, dict))
            if kind == _FLOW:
                node.end = end
        else:
            node = _scalar(held, text[start:end], start, end, line, is_block=kind == _BLOCK_SCALAR)
        if opened:
            opened[-1][0].children.append(node)
        if root is None:
            root = node
        if isinstance(node, CollectionNode):
            opened.append((node, _children(held)))
        while opened and (held := next(opened[-1][1], _NO_MORE)) is _NO_MORE:
            opened.pop()
        if not opened:
            return root


def _children(held: object) -> Iterator[object]:
    """Give keys and values alternately, or elements, as they stand in the text."""
    if isinstance(held, dict):
        return chain.from_iterable(held.items())
    return iter(held) if isinstance(held, list) else iter(())


def _scalar(held: object, source: str, start: int, end: int, line: int, *, is_block: bool) -> ScalarNode:
    is_quoted = source[:1] in ('"', "'")
    if not is_block and not is_quoted and "\n" not in source:
        return ScalarNode(start, end, line, source, None, True, False)
    # what has quotes, is a block or goes on in another line is text, and never anything else
    assert isinstance(held, str)
    return ScalarNode(start, end, line, held, None, not is_block and not is_quoted, is_block)
