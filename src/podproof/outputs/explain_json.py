"""Writes what `explain` found as JSON of schema `podproof/explain/v1`: objects come in, bytes go out.

They are the bytes that Python's `json.dumps(…, indent=2)` writes, in ASCII. Nothing is decided here.
"""

from collections.abc import Iterable, Iterator
from json import dumps

import msgspec

from ..results.explained import SCHEMA, ExplainedObject
from ..results.plain import to_plain

__all__ = ["json_parts"]

_HEAD = f'{{\n  "schema": "{SCHEMA}",\n  "objects": ['.encode()
_BEFORE, _BEHIND = len("[\n  [\n"), len("\n  ]\n]")
_COMPACT = (",", ":")


def json_parts(objects: Iterable[ExplainedObject]) -> Iterator[bytes]:
    """Write one object after the other, indented, with a line end."""
    before = _HEAD + b"\n"
    for entry in objects:
        yield before + _element(entry)
        before = b",\n"
    yield b"\n  ]\n}\n" if before == b",\n" else _HEAD + b"]\n}\n"


def _element(entry: ExplainedObject) -> bytes:
    """Write an object as it stands in the list."""
    encoded = _encoded(entry)
    if encoded is None:
        plain = [[to_plain(entry)]]
        try:
            laid_out = msgspec.json.format(dumps(plain, separators=_COMPACT), indent=2).encode("ascii")
        except msgspec.DecodeError:  # half a surrogate pair, NaN: what only Python takes for JSON
            laid_out = dumps(plain, indent=2).encode("ascii")
    else:
        laid_out = msgspec.json.format(b"[[" + encoded + b"]]", indent=2)
    return laid_out[_BEFORE:-_BEHIND]


def _encoded(entry: ExplainedObject) -> bytes | None:
    """Write an object in one line; None: msgspec might write it otherwise than Python.

    It does with what is not printable ASCII, with halves of surrogate pairs, and with floats, which only the
    container of a debugger might have.
    """
    if any(container.debug is not None for container in entry.containers):
        return None
    try:
        encoded = msgspec.json.encode(entry)
    except UnicodeEncodeError:
        return None
    return encoded if encoded.isascii() and b"\x7f" not in encoded else None
