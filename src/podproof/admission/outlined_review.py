"""The fastest way to read a review of a pod: by way of its outline, where the native reader is installed.

The body of a request comes in, and the typed request goes out that the exact way reads (see `plain_review`).
None: it is another review, or one for other ways. Nothing is decided here.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import msgspec

from ..kube.go_json import mend
from ..kube.outline_table import Fields, OutlineTable
from ..kube.pod import ObjectMeta, Pod
from ..kube.versions import Minor
from ..kube.whole_pod import ReadFields
from ..manifest.native_json import OutlineReader, outline_reader
from ..policies.read_fields import READ_FIELDS, SHAPE_FIELDS
from .review_parts import PlainReview, StatedPod, is_about_a_pod, plain_review, review_decoder
from .review_text import set_twice
from .sent_pod import SentPod

__all__ = ["head_decoder", "read_outlined", "review_rows"]


_HEAD, _TYPED, _SHAPE = 1, 2, 4
"""The outlines: of the request without its objects, of its objects to be typed, and of the object's shape."""
_NAMES: ReadFields = {
    Pod: frozenset(("api_version", "kind", "metadata")),
    ObjectMeta: frozenset(("name", "namespace")),
}
"""What the head has of a pod: as much as a request may contradict."""
_SHAPE_OF_POD: ReadFields = {**SHAPE_FIELDS, Pod: frozenset(("metadata", "spec"))}
_LAYERS: tuple[ReadFields, ...] = (_NAMES, READ_FIELDS, _SHAPE_OF_POD)


@lru_cache(maxsize=8)
def _reader(minor: Minor) -> OutlineReader | None:
    def rows() -> list[tuple[Any, ...]]:
        table = OutlineTable(*_LAYERS)
        pod = table.pod(minor)
        return review_rows(table, (pod, _HEAD | _TYPED | _SHAPE), (pod, _HEAD | _TYPED))

    return outline_reader(rows, len(_LAYERS))


def review_rows(table: OutlineTable, pod: tuple[int, int], old: tuple[int, int]) -> list[tuple[Any, ...]]:
    """Make the rows for a review whose objects have these types and outlines.

    Source: k8s.io/api v0.37.2 admission/v1/types.go.
    """
    any_, bool_, string = table.plain("any"), table.plain("bool"), table.plain("string")
    strings = table.list_of(table.plain("stated"))
    name: Fields = {"group": (string, _HEAD), "version": (string, _HEAD)}
    kind = table.struct({**name, "kind": (string, _HEAD)})
    resource = table.struct({**name, "resource": (string, _HEAD)})
    user: Fields = {
        "username": (string, _HEAD),
        "uid": (string, 0),
        "groups": (strings, _HEAD),
        "extra": (table.map_of(strings), 0),
    }
    request: Fields = {
        "uid": (string, _HEAD),
        "kind": (kind, _HEAD),
        "resource": (resource, _HEAD),
        "subResource": (string, _HEAD),
        "requestKind": (kind, 0),
        "requestResource": (resource, 0),
        "requestSubResource": (string, 0),
        "name": (string, _HEAD),
        "namespace": (string, _HEAD),
        "operation": (string, _HEAD),
        "userInfo": (table.struct(user), _HEAD),
        "object": pod,
        "oldObject": old,
        "dryRun": (bool_, _HEAD),
        "options": (any_, 0),
    }
    objects = pod[1] | old[1]
    root: Fields = {"kind": (string, _HEAD), "apiVersion": (string, _HEAD)}
    return table.rows({**root, "request": (table.struct(request), _HEAD | objects)})


@cache
def head_decoder() -> Callable[[bytes], Any]:
    """Make the decoder of a review of which the head is left."""
    return review_decoder(StatedPod, StatedPod | None)


def read_outlined(body: bytes, versions: tuple[str, ...], minor: Minor) -> PlainReview | None:
    """Read the creation or update of a pod as `plain_review.read_plain` does.

    Raises ReviewError: a key stands twice in it.
    """
    read = _reader(minor)
    if read is None:
        return None
    outlines = read(body)
    if outlines is None and (mended := _mended(body)) is not None:
        body, outlines = mended, read(mended)
    if outlines is None:
        return None
    if isinstance(outlines, list):
        raise set_twice(tuple(outlines))
    head, outline, shape = outlines
    try:
        review = head_decoder()(head)
    except msgspec.ValidationError:  # something is null that other ways look at
        return None
    request = review.request
    pod, old = request.object, request.oldObject
    if not (
        review.kind == "AdmissionReview"
        and review.apiVersion in versions
        and request.uid
        and is_about_a_pod(request, pod, old)
    ):
        return None
    sent = SentPod(body, "object", None, minor, outline=outline, shape=shape)
    sent_old = SentPod(body, "oldObject", None, minor, outline=outline) if old else None
    return plain_review(review, pod, sent, sent_old)


def _mended(body: bytes) -> bytes | None:
    """Mend the halves of surrogate pairs in a body; None: there are none, or it is not UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    mended = mend(body)
    return None if mended == body else mended
