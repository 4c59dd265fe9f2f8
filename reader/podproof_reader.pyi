"""Reads one YAML document, or gives the outline of a JSON text; None is the answer to whatever is unusual."""

from collections.abc import Callable
from typing import Any

INTERFACE: int
"""Changes with what is taken or given here."""

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

def reach(value: object, tape: bytes, route: tuple[str | int, ...]) -> tuple[int, int | None, int] | None:
    """Go along a route of a document that Reader has read, from its value and its tape.

    Gives the number of steps that exist, and the entries of the last key and of the value that these lead
    to, each as the index of its first number; the key's is None for the root and for elements. None: a
    collection on the way has more than 64 members, or the tape is not the value's.
    """

class Outline:
    """Gives `count` outlines of JSON texts by a table of types, the first of which is that of the root.

    A row is one of ("any",), ("skipped",), ("string",), ("stated",), ("bool",), ("integer", least, greatest),
    ("asked", rule), ("list", item), ("map", item), ("chosen", item, [(beginning, facts), ...]) and
    ("struct", [(name, type, kept, pointer, facts, pruned), ...]). Types are named by their places in the
    table, and the bits of `kept` are the outlines in which a field is kept. The others may be left out.
    `pointer`: a null takes away what the key had before. `facts` are bits that hold for a text if the field
    is in it. What is `pruned` is left out where nothing is kept of its value but brackets. Of what is chosen
    those keys are kept that begin in one of these ways. Something stated is a string and cannot be null; of
    what is skipped only the end is looked for. A `rule` is asked whether the text of a string or number has
    the type, once for a text; accepted ones are remembered, so these must not change. Raises ValueError,
    TypeError: the table is wrong.
    """

    def __new__(cls, table: list[tuple[Any, ...]], count: int, max_depth: int) -> Outline: ...
    def read(self, data: bytes) -> tuple[bytes, ...] | list[str | int] | None:
        """Give outlines, each the JSON of a text without blanks and the fields that are not kept in it.

        Nulls are taken for any value; in lists and maps that are kept they become "", 0, false and {}. A
        list: that is the route of the first key that stands twice, an object's own before those of what is
        in it. None: a value has a wrong type, a field is unknown, or the text has half a surrogate pair, a
        number that may not fit into a double, more than `max_depth` or 500 levels, or a fault. Raises what
        a rule raises.
        """
    def read_as_server(self, data: bytes) -> tuple[int, *tuple[bytes, ...]] | str:
        """Give facts and outlines of what an API server reads that is not asked for strict validation.

        Unknown fields are passed over, but not such in the outermost object as are a field's name in another
        case, or may be. Bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD. A value whose
        key stood before is decoded over the earlier one, as Go's decoder does. "twice": for such a text only
        the exact decoder is left; "odd": it is odd in any other way that `read` has.
        """
