"""The fastest way to read a review of a pod: by way of its outlines, where the native reader is installed.

The body of a request comes in, and its outlines go out; of these, the typed request that the exact way reads
(see `plain_review`). None: it is another review, or one for the exact way. Nothing is decided here.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from ..kube.go_json import mend
from ..kube.outline_table import Fields, OutlineTable
from ..kube.pod import ObjectMeta, Pod
from ..kube.types import workload_type
from ..kube.versions import NEWEST, Minor
from ..kube.whole_pod import ReadFields
from ..manifest.native_json import outline_reader
from ..policies.read_fields import READ_FIELDS, SHAPE_FIELDS
from .review_parts import (
    PlainReview,
    ReviewNames,
    StatedPod,
    is_about_a_pod,
    plain_review,
    review_decoder,
)
from .review_text import set_twice
from .sent_pod import Fault, SentPod

if TYPE_CHECKING:
    from podproof_reader import Outline

__all__ = [
    "ASKED",
    "NAMES",
    "ReviewOutlines",
    "asked_decoder",
    "has_outlines",
    "named_pod",
    "outline_review",
    "read_names",
    "read_outlined",
    "review_rows",
]

NAMES, ASKED, _TYPED = 1, 2, 4
"""The outlines: of the names, of the request without them, and of its objects to be typed.

What is asked has the object's shape, so that nearly every decision rests on nothing else.
"""
_NAMES: ReadFields = {Pod: frozenset(("metadata",)), ObjectMeta: frozenset(("name",))}
_ASKED: ReadFields = {
    **SHAPE_FIELDS,
    Pod: frozenset(("api_version", "kind", "metadata", "spec")),
    ObjectMeta: SHAPE_FIELDS[ObjectMeta] | {"namespace"},
}
_LAYERS: tuple[ReadFields, ...] = (_NAMES, _ASKED, READ_FIELDS)


class ReviewOutlines(msgspec.Struct, frozen=True, gc=False):
    """The outlines of a review, and the body that they are of, in which halves of surrogates are mended."""

    body: bytes
    names: bytes
    asked: bytes
    typed: bytes
    faults: tuple[Fault, ...] = ()
    """Values of a wrong type in the objects, with their routes from the review: null in the outlines."""

    def faults_in(self, member: str) -> tuple[Fault, ...] | None:
        """Return what `SentPod` is told of the faults in one of the objects; None: there are none in any.

        None of an object's is missing if there is one: the server stops at the first that decodes itself.
        """
        if not self.faults:
            return None
        return tuple([(route[2:], value) for route, value in self.faults if route[1] == member])


@lru_cache(maxsize=8)
def _reader(minor: Minor) -> "Outline | None":
    def rows() -> list[tuple[Any, ...]]:
        table = OutlineTable(*_LAYERS)
        pod = table.pod(minor)
        return review_rows(table, (pod, NAMES | ASKED | _TYPED), (pod, ASKED | _TYPED))

    return outline_reader(rows, len(_LAYERS))


def review_rows(table: OutlineTable, pod: tuple[int, int], old: tuple[int, int]) -> list[tuple[Any, ...]]:
    """Make the rows for a review whose objects have these types and outlines.

    Source: k8s.io/api v0.37.2 admission/v1/types.go.
    """
    any_, bool_, string = table.plain("any"), table.plain("bool"), table.plain("string")
    strings = table.list_of(table.plain("stated"))
    name: Fields = {"group": (string, ASKED), "version": (string, ASKED)}
    kind = table.struct({**name, "kind": (string, ASKED)})
    resource = table.struct({**name, "resource": (string, ASKED)})
    user: Fields = {
        "username": (string, ASKED),
        "uid": (string, 0),
        "groups": (strings, ASKED),
        "extra": (table.map_of(strings), 0),
    }
    request: Fields = {
        "uid": (string, NAMES),
        "kind": (kind, ASKED),
        "resource": (resource, ASKED),
        "subResource": (string, ASKED),
        "requestKind": (kind, 0),
        "requestResource": (resource, 0),
        "requestSubResource": (string, 0),
        "name": (string, NAMES),
        "namespace": (string, ASKED),
        "operation": (string, ASKED),
        "userInfo": (table.struct(user), ASKED),
        "object": pod,
        "oldObject": old,
        "dryRun": (bool_, ASKED),
        "options": (any_, 0),
    }
    objects = pod[1] | old[1]
    root: Fields = {"kind": (string, ASKED), "apiVersion": (string, ASKED)}
    return table.rows({**root, "request": (table.struct(request), NAMES | ASKED | objects)})


def named_pod(table: OutlineTable) -> Fields:
    """Make the fields of a pod in which all is skipped but for what it is called."""
    skipped, string = table.plain("skipped"), table.plain("string")
    type_ = workload_type("v1", "Pod", NEWEST)
    assert type_ is not None
    metadata: Fields = dict.fromkeys(type_.fields["metadata"].type.fields, (skipped, 0))
    metadata |= {"name": (string, NAMES), "namespace": (string, ASKED)}
    pod: Fields = dict.fromkeys(type_.fields, (skipped, 0))
    own: Fields = {
        "kind": (string, ASKED),
        "apiVersion": (string, ASKED),
        "metadata": (table.struct(metadata), NAMES | ASKED),
    }
    return pod | own


@cache
def asked_decoder() -> Callable[[bytes], Any]:
    """Make the decoder of what is asked, without the shape in it."""
    return review_decoder(StatedPod, StatedPod | None)


class _NamedMetadata(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None


class _NamedPod(msgspec.Struct, frozen=True, gc=False):
    metadata: _NamedMetadata | None = None


class _NamedRequest(msgspec.Struct, frozen=True, gc=False):
    uid: str
    object: _NamedPod
    name: str | None = None


class _NamedReview(msgspec.Struct, frozen=True, gc=False):
    request: _NamedRequest


_named = msgspec.json.Decoder(_NamedReview).decode


def read_names(outline: bytes) -> ReviewNames | None:
    """Read the outline of the names; None: there is no uid or pod, or the names contradict each other."""
    try:
        request = _named(outline).request
    except msgspec.ValidationError:
        return None
    metadata = request.object.metadata
    own = "" if metadata is None else metadata.name or ""
    names = ReviewNames(request.uid, request.name or "", own)
    return names if names.are_sound else None


def outline_review(body: bytes, minor: Minor) -> ReviewOutlines | None:
    """Make the outlines of the creation or update of a pod. Raises ReviewError: a key stands twice in it."""
    reader = _reader(minor)
    if reader is None:
        return None
    outlines = reader.read(body)
    if outlines is None and (mended := _mended(body)) is not None:
        body, outlines = mended, reader.read(mended)
    if isinstance(outlines, tuple):
        names, asked, typed = outlines
        return ReviewOutlines(body, names, asked, typed)
    if outlines is not None:
        raise set_twice(tuple(outlines))
    found = reader.read_with_faults(body)
    if isinstance(found, list):
        raise set_twice(tuple(found))
    # of many faults only the first are told: one in the object must not hide another around it
    if found is None or not _has_sound_names(body):
        return None
    faults = tuple([(tuple(route), text) for route, text in found[1]])
    names, asked, typed = found[0]
    return ReviewOutlines(body, names, asked, typed, faults)


def has_outlines(minor: Minor) -> bool:
    """Tell whether there is a native reader, which makes outlines of whatever the exact way need not see."""
    return _reader(minor) is not None


def _has_sound_names(body: bytes) -> bool:
    """Tell whether all has its type around the objects of a review, and in them what they are known by."""
    reader = _reader_of_names()
    return reader is not None and isinstance(reader.read(body), tuple)


@cache
def _reader_of_names() -> "Outline | None":
    def rows() -> list[tuple[Any, ...]]:
        table = OutlineTable()
        pod = table.struct(named_pod(table))
        return review_rows(table, (pod, 0), (pod, 0))

    return outline_reader(rows, 0)


def read_outlined(outlines: ReviewOutlines, versions: tuple[str, ...], minor: Minor) -> PlainReview | None:
    """Read a review of its outlines at Kubernetes 1.`minor` as `plain_review.read_plain` does of its body."""
    names = read_names(outlines.names)
    if names is None:
        return None
    try:
        review = asked_decoder()(outlines.asked)
    except msgspec.ValidationError:  # something is null that other ways look at
        return None
    old = review.request.oldObject
    if not is_about_a_pod(review, review.request.object, old, versions):
        return None
    sent = _sent(outlines, "object", minor, review.request.object)
    sent_old = _sent(outlines, "oldObject", minor, old) if old else None
    return plain_review(review, names, sent, sent_old)


def _sent(outlines: ReviewOutlines, member: str, minor: Minor, stated: StatedPod) -> SentPod:
    faults = outlines.faults_in(member)
    shape = outlines.asked if member == "object" and faults is None else None
    pod = SentPod(outlines.body, member, None, minor, outline=outlines.typed, shape=shape)
    if faults is not None:
        pod.faults, pod.api_version = faults, stated.api_version
    return pod


def _mended(body: bytes) -> bytes | None:
    """Mend the halves of surrogate pairs in a body; None: there are none, or it is not UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    mended = mend(body)
    return None if mended == body else mended
