"""The JSON of a review: bytes come in, plain data goes out of which is proved that no key stands twice.

What cannot be proved is for the exact reader, and a key that does stand twice is refused. Nothing of a review
is known here.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import InputError
from ..kube.go_json import mend
from ..manifest.document import Document, UnreadableDocument
from ..manifest.file_text import FileText
from ..manifest.json_proofs import lost_colons, nests_deeper, with_plain_colons
from ..manifest.json_repeats import first_repeat
from ..manifest.json_text import read_json, too_deep
from ..manifest.limits import Limits
from ..manifest.native_json import MAX_DEPTH, outline_reader, syntax_fault
from ..manifest.native_json import nests_deeper as surely_nests_deeper
from ..manifest.route import Route, format_route

if TYPE_CHECKING:
    from podproof_reader import Outline

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "REVIEW_VERSIONS",
    "ReviewError",
    "exact_value",
    "proven_value",
    "set_twice",
    "value_of",
]

MAX_BYTES = 8 * 1024 * 1024
"""Bytes of a body: an API server takes objects of 3 MiB, and a review has two of them."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LIMITS = Limits(max_bytes=MAX_BYTES, max_depth=MAX_DEPTH, max_documents=1)

REVIEW_VERSIONS = ("admission.k8s.io/v1", "admission.k8s.io/v1beta1")
"""The API versions of AdmissionReview, the newest first."""


class ReviewError(InputError):
    """Says what in an AdmissionReview cannot be read; `version` is the API version to answer with."""

    def __init__(self, message: str, *, version: str = REVIEW_VERSIONS[0]) -> None:
        super().__init__(message)
        self.version = version


def proven_value(text: bytes) -> Any:
    """Read JSON; None: it is null, too deep, or it cannot be told what stands twice.

    Raises ReviewError: a key stands twice. msgspec.MsgspecError, ValueError, OverflowError,
    RecursionError: it cannot be read so fast.
    """
    text = with_plain_colons(text)
    value = msgspec.json.decode(text)
    lost = lost_colons(text, value)
    if nests_deeper(text, MAX_DEPTH):
        return None
    if not lost:
        return value
    route = first_repeat(text, value, lost)
    if route is not None:
        raise set_twice(route)
    return None


def exact_value(data: bytes) -> Any:
    """Read the JSON of a review. Raises ReviewError: it is none, is too deep, or sets a key twice."""
    reader = _reader()
    if reader is None:
        proven = _proven(data)
        return _any_json(data) if proven is None else proven
    text = data.removeprefix(_BYTE_ORDER_MARK)
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and surely_nests_deeper(text, MAX_DEPTH):
        _require_utf8(text)
        raise _unreadable(too_deep(MAX_DEPTH))
    proof = reader.read(text)
    if isinstance(proof, tuple):
        return value_of(text)
    if proof is not None:
        raise set_twice(tuple(proof))
    if syntax_fault(text) is not None:
        return _any_json(data, is_broken=True)
    proven = _proven(data)
    return _any_json(data) if proven is None else proven


@cache
def _reader() -> "Outline | None":
    """Make what proves of a text that no key stands twice, and that it is not deep; None: there is none."""
    return outline_reader(lambda: [("any",)], 0)


def value_of(data: bytes) -> Any:
    """Read what `exact_value` does of JSON that is known to be sound."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return _any_json(data)


def _proven(data: bytes) -> Any:
    """Read JSON of which can be proved that no key stands twice; None: it is for the exact way.

    Text that cannot be read is tried again without the halves of surrogate pairs that stand alone in it.
    Raises ReviewError: a key stands twice.
    """
    try:
        try:
            return proven_value(data)
        except msgspec.DecodeError:
            data.decode()  # only escapes are mended: what is not UTF-8 is refused
            mended = mend(data)
            return None if mended == data else proven_value(mended)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None


def _any_json(data: bytes, *, is_broken: bool = False) -> Any:
    """Read JSON in any form; `is_broken`: it is none. Raises ReviewError: as `exact_value` does."""
    documents = list(read_json("review.json", FileText(data), _LIMITS, is_broken=is_broken) or ())
    for document in documents:
        if isinstance(document, UnreadableDocument):
            raise _unreadable(document.message)
    if is_broken:  # what no other reader takes for JSON this one does: it has to look at all of it
        return _any_json(data)
    if len(documents) != 1 or not isinstance(documents[0], Document):
        raise _no_object()
    for route in documents[0].duplicates:
        raise set_twice(route)
    return documents[0].value


def _require_utf8(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise _no_object() from None


def _unreadable(why: str) -> ReviewError:
    return ReviewError(f"the body cannot be read as JSON: {why}")


def _no_object() -> ReviewError:
    return ReviewError("the body is not one JSON object")


def set_twice(route: Route) -> ReviewError:
    """Make the error about a key that stands twice."""
    return ReviewError(f"{format_route(route)} is set twice, which contradicts itself")
