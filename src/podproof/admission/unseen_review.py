"""Reviews of pods in namespaces where every pod is allowed: they are answered without a look into the pod.

The body of a request and the cluster's state come in; the request and the Decision go out, which are those of
the exact way. None: the pod has to be looked at, or the review read in another way. Of a pod, only what the
request may contradict is read: a fault anywhere else in it goes unnoticed, even a key that stands twice or,
with the native reader, what is not JSON.
What is decided, `phases` says.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from ..kube.outline_table import Fields, OutlineTable
from ..manifest.native_json import outline_reader
from .decision import Decision
from .outlined_review import ASKED, NAMES, asked_decoder, named_pod, read_names, review_rows
from .phases import answer_unseen
from .review_parts import (
    PlainReview,
    ReviewNames,
    StatedPod,
    is_about_a_pod,
    names_in,
    plain_review,
    review_decoder,
)
from .state import ClusterState

if TYPE_CHECKING:
    from podproof_reader import Outline

__all__ = [
    "decide_unseen_outlined",
    "decide_unseen_typed",
    "first_namespace",
    "outline_unseen",
]

_NAMESPACE = b'"namespace":"'
_HEAD = 4096
"""Bytes in which an API server has named the namespace."""
_LONGEST_NAME = 63
_write = msgspec.json.Encoder().encode_into
_stated = msgspec.json.Decoder(StatedPod).decode


def decide_unseen_outlined(
    names: bytes, asked: bytes, versions: tuple[str, ...], state: ClusterState
) -> tuple[PlainReview, Decision] | None:
    """Decide about a new or changed pod by where it is asked for; the request that is returned has no object.

    `names` and `asked` are the outlines of its review, and `versions` the API versions that are known.
    """
    named = read_names(names)
    if named is None:
        return None
    try:
        review = asked_decoder()(asked)
    except msgspec.ValidationError:
        return None
    return _decide((review, named, review.request.object), versions, state)


def decide_unseen_typed(
    body: bytes, versions: tuple[str, ...], state: ClusterState
) -> tuple[PlainReview, Decision] | None:
    """Decide as `decide_unseen_outlined` does of a review that has no outlines."""
    return _decide(_read(body), versions, state)


def _decide(
    found: tuple[Any, ReviewNames, Any] | None, versions: tuple[str, ...], state: ClusterState
) -> tuple[PlainReview, Decision] | None:
    if found is None:
        return None
    review, names, pod = found
    if not is_about_a_pod(review, pod, None, versions) or pod.api_version not in (None, "", "v1"):
        return None
    read = plain_review(review, names, None, None)
    decision = answer_unseen(state, read.request)
    return None if decision is None else (read, decision)


def first_namespace(body: bytes) -> str:
    """Find the first namespace that the head of a body names; "": none is.

    Something other than the request may name it, so it proves nothing: it only tells which way may do.
    """
    start = body.find(_NAMESPACE, 0, _HEAD) + len(_NAMESPACE)
    end = body.find(b'"', start, start + _LONGEST_NAME + 1)
    if start < len(_NAMESPACE) or end < 0:
        return ""
    return body[start:end].decode("ascii", "replace")


def outline_unseen(body: bytes) -> tuple[bytes, bytes] | None:
    """Make the outlines of the names and of what is asked besides, with objects skipped; None: it is odd."""
    reader = _reader()
    outlines = None if reader is None else reader.read_known(body)
    return (outlines[0], outlines[1]) if isinstance(outlines, tuple) else None


@cache
def _reader() -> "Outline | None":
    return outline_reader(_rows, 2)


def _rows() -> list[tuple[Any, ...]]:
    """Make the table of a review in which the objects are skipped, but for what the pod is called."""
    table = OutlineTable()
    pod = named_pod(table)
    old: Fields = dict.fromkeys(pod, (table.plain("skipped"), 0))
    return review_rows(table, (table.struct(pod), NAMES | ASKED), (table.struct(old), ASKED))


@cache
def _decoder() -> Callable[[bytes], Any]:
    """Make the decoder of a review whose objects are kept as they are written."""
    return review_decoder(msgspec.Raw, msgspec.Raw)


def _read(body: bytes) -> tuple[Any, ReviewNames, Any] | None:
    """Read a review, the names in it, and what its pod is called; None: that is for other ways."""
    try:
        review = _decoder()(body)
        pod = _stated(review.request.object)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    names = names_in(review, pod)
    if not (names.are_sound and _may_be_old(review.request.oldObject) and _is_whole(review, body)):
        return None
    return review, names, pod


def _may_be_old(object_: msgspec.Raw | msgspec.UnsetType) -> bool:
    return object_ is msgspec.UNSET or bytes(object_) == b"null" or bytes(object_)[:1] == b"{"


def _is_whole(review: Any, body: bytes) -> bool:
    """Tell whether no key stands twice around the objects: one that did would be missing from the text."""
    written = bytearray(len(body))
    _write(review, written)
    return len(written) == len(body) - body.endswith(b"\n")
