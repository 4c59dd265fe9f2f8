"""Reads one YAML document in one pass; `read` gives None for whatever is unusual."""

from collections.abc import Callable

INTERFACE: int
"""Changes with what Reader takes or gives."""

__version__: str

class Reader:
    """Reads documents by rules that it is given.

    A scalar without quotes that is empty or starts with one of the characters `special` is resolved by
    `resolve`; any other is text. `key_text` makes a key of a value; None: it cannot be one. Both are asked
    once for a text and their answers are remembered, so these must not change.
    """

    def __new__(
        cls, special: str, resolve: Callable[[str], object], key_text: Callable[[object], str | None]
    ) -> Reader: ...
    def read(self, data: bytes, max_depth: int) -> tuple[object, int, bytes] | None:
        """Give a document's value, the line of its first node counted from 0, and its tape.

        None: there is no document or more than one; or it has a tag, an anchor, an alias, a merge key, a
        key twice, a directive, a byte order mark, more than `max_depth` or 100 levels, or a fault. Raises
        what the rules raise.

        The tape has four native unsigned 32-bit numbers for each node, in the text's order: start, end,
        next, kind. Positions are bytes. `next` is the index in the tape of the first node that is not in
        this one. Kinds: 0 a scalar; 1 a block scalar, whose end may lie behind comments after it; 2 a
        collection in brackets; 3 any other collection, whose end is the index in the tape of the node
        with which it ends.
        """
