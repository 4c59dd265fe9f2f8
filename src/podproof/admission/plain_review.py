"""The fast way to read a review: that of a pod, in the form in which API servers send it.

The body of a request comes in, and a typed request goes out of which is proved that the exact way
(`review.read_body`, `consistency.read_consistent`) reads the same: no field has a wrong type, no key stands
twice, and the request does not contradict its pod. None: it is for the exact way. Nothing is decided here.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from ..kube.go_json import mend
from ..kube.null_items import without_nulls
from ..kube.pod import Pod
from ..kube.rbac import UserInfo
from ..kube.whole_pod import has_decodable_parts, managed_fields, pod_with_nulls, whole_pod_of_text
from ..manifest.json_proofs import keeps_all_colons, nests_deeper, value_without_repeats
from .request import AdmissionRequest
from .review_text import MAX_DEPTH, proven_value
from .sent_pod import SentPod

__all__ = ["PlainRequestPart", "PlainReview", "is_about_a_pod", "read_plain"]

_DEPTH_OF_FIELDS = 10
"""More than the collections around managed fields."""
_MAX_BYTES = 256 * 1024
"""Bytes up to which a body is usual."""
_SUBRESOURCES = ("", "ephemeralcontainers", "resize")
"""Those whose objects are pods."""
_POD_KEYS = frozenset(("apiVersion", "kind", "metadata", "spec", "status"))


class PlainReview(msgspec.Struct, frozen=True):
    """A request that was read, and the `uid` and API version to answer with."""

    request: AdmissionRequest
    uid: str
    version: str


class _Part(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of what a review is made of: it holds what the text has, so that it can be written again."""


_Option = str | bool | tuple[str, ...] | dict[str, str] | None
"""What options of a request have. No number: one that is written anew may be longer than its text."""


class _Name(_Part, frozen=True, kw_only=True):
    """A kind or a resource, with its group and version."""

    group: str | msgspec.UnsetType = msgspec.UNSET
    version: str | msgspec.UnsetType = msgspec.UNSET
    kind: str | msgspec.UnsetType = msgspec.UNSET
    resource: str | msgspec.UnsetType = msgspec.UNSET


class _User(_Part, frozen=True, kw_only=True):
    username: str | msgspec.UnsetType = msgspec.UNSET
    uid: str | msgspec.UnsetType = msgspec.UNSET
    groups: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    extra: dict[str, tuple[str, ...]] | msgspec.UnsetType | None = msgspec.UNSET


class PlainRequestPart(_Part, frozen=True, kw_only=True):
    """A request as the text has it, but for its objects."""

    uid: str
    kind: _Name | msgspec.UnsetType = msgspec.UNSET
    resource: _Name
    subResource: str | msgspec.UnsetType = msgspec.UNSET
    requestKind: _Name | msgspec.UnsetType = msgspec.UNSET
    requestResource: _Name | msgspec.UnsetType = msgspec.UNSET
    requestSubResource: str | msgspec.UnsetType = msgspec.UNSET
    name: str | msgspec.UnsetType = msgspec.UNSET
    namespace: str | msgspec.UnsetType = msgspec.UNSET
    operation: str
    userInfo: _User | msgspec.UnsetType = msgspec.UNSET
    dryRun: bool | msgspec.UnsetType = msgspec.UNSET
    options: dict[str, _Option] | msgspec.UnsetType | None = msgspec.UNSET


@cache
def _decoder(nulls: bool) -> Callable[[bytes], Any]:
    """Make the decoder of a review, with `nulls` of one whose pod has nulls in its lists and maps."""
    pod = pod_with_nulls() if nulls else whole_pod_of_text()
    request: Any = msgspec.defstruct(
        "_PodRequest",
        [
            ("object", pod),
            ("oldObject", pod | None | msgspec.UnsetType, msgspec.UNSET),
        ],
        bases=(PlainRequestPart,),
        frozen=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )
    review: Any = msgspec.defstruct(
        "_PodReview",
        [("kind", str), ("apiVersion", str), ("request", request)],
        frozen=True,
        gc=False,
        kw_only=True,
    )
    return msgspec.json.Decoder(review).decode


_write = msgspec.json.Encoder().encode_into


def read_plain(body: bytes, versions: tuple[str, ...]) -> PlainReview | None:
    """Read the creation or update of a pod; None: it is another review, or one for the exact way.

    The objects of the request are SentPods. `versions` are the API versions of reviews that are known.
    Raises ReviewError: a key stands twice in it.
    """
    if len(body) > _MAX_BYTES or b'"pods"' not in body:
        return None
    has_nulls = False
    try:
        try:
            review = _decoder(nulls=False)(body)
        except msgspec.ValidationError:
            has_nulls, review = True, _decoder(nulls=True)(body)
        except msgspec.DecodeError:
            body.decode()  # only escapes are mended: what is not UTF-8 is refused
            body = mend(body)
            review = _decoder(nulls=False)(body)
        request = review.request
        if not (
            review.kind == "AdmissionReview"
            and review.apiVersion in versions
            and request.uid
            and is_about_a_pod(request, request.object, request.oldObject)
            and _is_proven(review, body)
        ):
            return None
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    user, old, pod = request.userInfo, request.oldObject, request.object
    if has_nulls:
        pod, old = without_nulls(pod), without_nulls(old) if old else None
    groups: tuple[str, ...] = ()
    name = ""
    if user is not msgspec.UNSET:
        groups, name = user.groups or (), user.username or ""
    typed = AdmissionRequest(
        operation=request.operation,
        group="",
        resource="pods",
        kind="Pod",
        sub_resource=request.subResource or "",
        namespace=request.namespace or "",
        name=request.name or _name_of(pod),
        user=UserInfo(name, groups),
        object=SentPod(pod, body, "object"),
        old_object=SentPod(old, body, "oldObject") if old else None,
        dry_run=request.dryRun is True,
    )
    return PlainReview(typed, request.uid, review.apiVersion)


def is_about_a_pod(request: PlainRequestPart, pod: Any, old: Any) -> bool:
    """Tell whether a request is about a pod, says so of its objects, and does not contradict them.

    Of the new object, kind, API version, name and namespace are asked; of the old one, if there is one, the
    first two.
    """
    resource, kind = request.resource, request.kind
    if (
        resource.resource != "pods"
        or resource.group != ""
        or request.operation not in ("CREATE", "UPDATE")
        or (request.subResource or "") not in _SUBRESOURCES
        or not _is_pod(pod)
        or (old and not _is_pod(old))
        or (kind is not msgspec.UNSET and kind.kind and kind.kind != "Pod")
    ):
        return False
    metadata = pod.metadata
    if metadata is None:
        return True
    stated, namespace = request.name, metadata.namespace
    return not (
        (stated and metadata.name and stated != metadata.name)
        or (namespace and namespace != (request.namespace or ""))
    )


def _is_pod(pod: Any) -> bool:
    return (pod.kind == "Pod" or not pod.kind) and (pod.api_version == "v1" or not pod.api_version)


def _is_proven(review: Any, body: bytes) -> bool:
    """Tell whether no key stands twice in a body, nothing in it is too deep, and what was kept is sound.

    What was read and is written again is never longer than its text: a key that stood twice makes it shorter.
    Only what has no type can be deep: unknown fields, and what `_is_sound` looks into.
    """
    request = review.request
    written = bytearray(len(body))
    _write(review, written)
    if len(written) != len(body) - body.endswith(b"\n") and not keeps_all_colons(body, written):
        value = proven_value(body)
        if value is None:
            return False
        plain = value["request"]
        # a server finds apiVersion and kind of an object whatever their case
        if not all(_POD_KEYS.issuperset(plain.get(key) or ()) for key in ("object", "oldObject")):
            return False
    return _is_sound(request.object) and (not request.oldObject or _is_sound(request.oldObject))


def _is_sound(pod: Pod) -> bool:
    """Look into the parts of a pod that were kept as they are written."""
    if not has_decodable_parts(pod):
        return False
    for fields in managed_fields(pod):
        text = bytes(fields)
        if value_without_repeats(text) is None or nests_deeper(text, MAX_DEPTH - _DEPTH_OF_FIELDS):
            return False
    return True


def _name_of(pod: Pod) -> str:
    return "" if pod.metadata is None else pod.metadata.name or ""
