"""Reviews of pods in namespaces where every pod is allowed: they are answered without a look into the pod.

The body of a request and the cluster's state come in; the request and the Decision go out, which are those of
the exact way. None: the pod has to be looked at, or the review read in another way. Of a pod, only what the
request may contradict is read: a fault anywhere else in it goes unnoticed, even a key that stands twice or,
with the native reader, what is not JSON.
What is decided, `phases` says.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from ..kube.outline_table import Fields, OutlineTable
from ..kube.types import workload_type
from ..kube.versions import NEWEST
from ..manifest.native_json import OutlineReader, outline_reader
from .decision import Decision
from .outlined_review import head_decoder, review_rows
from .phases import allows_every_pod, answer_unseen
from .review_parts import PlainReview, StatedPod, is_about_a_pod, plain_review, review_decoder
from .state import ClusterState

__all__ = ["decide_unseen"]

_NAMESPACE = b'"namespace":"'
_HEAD = 4096
"""Bytes in which an API server has named the namespace."""
_LONGEST_NAME = 63
_NAMES = ("name", "namespace")
_write = msgspec.json.Encoder().encode_into
_stated = msgspec.json.Decoder(StatedPod).decode


def decide_unseen(
    body: bytes, versions: tuple[str, ...], state: ClusterState
) -> tuple[PlainReview, Decision] | None:
    """Decide about a new or changed pod by where it is asked for; the request that is returned has no object.

    `versions` are the API versions of reviews that are known.
    """
    if not _may_be_unseen(body, state):
        return None
    found = _read_natively(body) or _read(body)
    if found is None:
        return None
    review, pod = found
    request = review.request
    if not (
        review.kind == "AdmissionReview"
        and review.apiVersion in versions
        and request.uid
        and is_about_a_pod(request, pod, None)
    ):
        return None
    read = plain_review(review, pod, None, None)
    decision = answer_unseen(state, read.request)
    return None if decision is None else (read, decision)


def _may_be_unseen(body: bytes, state: ClusterState) -> bool:
    """Tell whether decoding may be worth it: every pod is allowed in the first namespace that a body names.

    Something other than the request may name it, so this proves nothing.
    """
    start = body.find(_NAMESPACE, 0, _HEAD) + len(_NAMESPACE)
    end = body.find(b'"', start, start + _LONGEST_NAME + 1)
    if start < len(_NAMESPACE) or end < 0:
        return False
    return allows_every_pod(state, body[start:end].decode("ascii", "replace"))


@cache
def _reader() -> OutlineReader | None:
    return outline_reader(_rows, 1)


def _rows() -> list[tuple[Any, ...]]:
    """Make the table of a review in which the objects are skipped, but for what the pod is called."""
    table = OutlineTable()
    skipped, string = table.plain("skipped"), table.plain("string")
    fields = workload_type("v1", "Pod", NEWEST)
    assert fields is not None
    metadata: Fields = dict.fromkeys(fields.fields["metadata"].type.fields, (skipped, 0))
    metadata |= dict.fromkeys(_NAMES, (string, 1))
    old: Fields = dict.fromkeys(fields.fields, (skipped, 0))
    pod: Fields = {
        **old,
        "kind": (string, 1),
        "apiVersion": (string, 1),
        "metadata": (table.struct(metadata), 1),
    }
    return review_rows(table, (table.struct(pod), 1), (table.struct(old), 1))


def _read_natively(body: bytes) -> tuple[Any, Any] | None:
    """Read a review and what its pod is called; None: that is for the other way."""
    read = _reader()
    outlines = None if read is None else read(body)
    if outlines.__class__ is not tuple:
        return None
    try:
        review = head_decoder()(outlines[0])
    except msgspec.ValidationError:
        return None
    return review, review.request.object


@cache
def _decoder() -> Callable[[bytes], Any]:
    """Make the decoder of a review whose objects are kept as they are written."""
    return review_decoder(msgspec.Raw, msgspec.Raw)


def _read(body: bytes) -> tuple[Any, Any] | None:
    try:
        review = _decoder()(body)
        pod = _stated(review.request.object)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return (review, pod) if _may_be_old(review.request.oldObject) and _is_whole(review, body) else None


def _may_be_old(object_: msgspec.Raw | msgspec.UnsetType) -> bool:
    return object_ is msgspec.UNSET or bytes(object_) == b"null" or bytes(object_)[:1] == b"{"


def _is_whole(review: Any, body: bytes) -> bool:
    """Tell whether no key stands twice around the objects: one that did would be missing from the text."""
    written = bytearray(len(body))
    _write(review, written)
    return len(written) == len(body) - body.endswith(b"\n")
