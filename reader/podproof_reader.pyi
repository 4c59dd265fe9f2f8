"""Reads one YAML document, or gives the outline of a JSON text; None is the answer to whatever is unusual."""

from collections.abc import Callable
from typing import Any, Literal

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

Faults = list[tuple[list[str | int], bytes]]
"""Values of a wrong type: the way to each, and what stands there, of a collection the brackets alone."""

class Outline:
    """Gives `count` outlines of JSON texts by a table of types, the first of which is that of the root.

    A row is one of ("any",), ("skipped",), ("string",), ("stated",), ("bool",), ("integer", least, greatest),
    ("time",), ("quantity",), ("integer or text",), ("list", item), ("map", item), ("chosen", item,
    [(beginning, facts), ...]) and ("struct", [(name, type, kept, pointer, facts, pruned), ...]). Types are
    named by their places in the table, and the bits of `kept` are the outlines in which a field is kept. The
    others may be left out. `pointer`: a null takes away what the key had before. `facts` are bits that hold
    for a text if the field is in it. What is `pruned` is left out where nothing is kept of its value but
    brackets. Of what is chosen those keys are kept that begin in one of these ways. Something stated is a
    string and cannot be null; of what is skipped only the end is looked for. Raises ValueError, TypeError:
    the table is wrong.
    """

    def __new__(cls, table: list[tuple[Any, ...]], count: int, max_depth: int) -> Outline: ...
    def read(self, data: bytes) -> tuple[bytes, ...] | list[str | int] | None:
        """Give outlines, each the JSON of a text without blanks and the fields that are not kept in it.

        Fields that the table has not are passed over. Nulls are taken for any value; in lists and maps that
        are kept they become "", 0, false and {}. Numbers such as 1e3 are integers, too. A list: that is the
        route of the first key that stands twice, an object's own before those of what is in it. None: a
        value has a wrong type, or the text has half a surrogate pair, a number of more than 300 letters, or
        one that may not fit into a double and is kept, more than `max_depth` or 500 levels, or a fault.
        """
    def read_known(self, data: bytes) -> tuple[bytes, ...] | list[str | int] | None:
        """Give outlines as `read` does, but None where a struct has a field that the table has not."""
    def read_with_faults(self, data: bytes) -> tuple[tuple[bytes, ...], Faults] | list[str | int] | None:
        """Give outlines as `read` does, with null for each value of a wrong type, and those that matter.

        They are the first one, and the first that is no time, quantity, or integer or text.
        """
    def read_as_server(
        self, data: bytes
    ) -> (
        tuple[int, *tuple[bytes, ...]]
        | tuple[tuple[int, *tuple[bytes, ...]], bytes]
        | Literal["twice"]
        | None
    ):
        """Give facts and outlines of what an API server reads that is not asked for strict validation.

        Bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD. A value whose key stood before
        is decoded over the earlier one, as Go's decoder does. Numbers with a fraction or an exponent are no
        integers. With them comes an object of those members by which the server knows the kind of
        the outermost object, if one of their names has another case. "twice": for such a text only the exact
        decoder is left; None: the text is odd in any other way that `read` has.
        """
    def refused_by_server(self, data: bytes) -> tuple[bytes, Faults] | None:
        """Give the values of a wrong type that matter to such a server, behind the object of those members.

        None: the text is odd in another way.
        """
    @staticmethod
    def syntax_fault(data: bytes) -> tuple[int, int, int] | None:
        """Find where a text stops being JSON; None: it is JSON.

        Given is the place of the first byte that Go's scanner does not take, which may be the end; what it
        was looking for (see `kube/go_json.py`); and the letter that the word has there, or the bracket.
        """
    @staticmethod
    def nests_deeper(data: bytes, limit: int) -> bool:
        """Tell whether more than `limit` collections are in each other in the first value of a text.

        The text need not be JSON; False as well: a string in it has no end.
        """
