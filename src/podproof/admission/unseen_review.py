"""Reviews of pods in namespaces where every pod is allowed: they are answered without a look into the pod.

The body of a request and the cluster's state come in; the request and the Decision go out, which are those of
the exact way. None: the pod has to be looked at, or the review read in another way. Of a pod, only what the
request may contradict is read: a fault anywhere else in it, even a key that stands twice, goes unnoticed.
What is decided, `phases` says.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from ..kube.rbac import UserInfo
from .decision import Decision
from .phases import allows_every_pod, answer_unseen
from .plain_review import PlainRequestPart, PlainReview, is_about_a_pod
from .request import AdmissionRequest
from .state import ClusterState

__all__ = ["decide_unseen"]

_NAMESPACE = b'"namespace":"'
_HEAD = 4096
"""Bytes in which an API server has named the namespace."""
_LONGEST_NAME = 63
_NOBODY = UserInfo("", ())
_write = msgspec.json.Encoder().encode_into


class _StatedNames(msgspec.Struct, frozen=True, gc=False):
    """What a pod is called."""

    name: str | None = None
    namespace: str | None = None


class _StatedPod(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """As much of a pod as a request may contradict."""

    kind: str | None = None
    api_version: str | None = None
    metadata: _StatedNames | None = None


_stated = msgspec.json.Decoder(_StatedPod).decode


def decide_unseen(
    body: bytes, versions: tuple[str, ...], state: ClusterState
) -> tuple[PlainReview, Decision] | None:
    """Decide about a new or changed pod by where it is asked for; the request that is returned has no object.

    `versions` are the API versions of reviews that are known.
    """
    if not _may_be_unseen(body, state):
        return None
    try:
        review = _decoder()(body)
        request = review.request
        pod = _stated(request.object)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    user = request.userInfo
    if not (
        review.kind == "AdmissionReview"
        and review.apiVersion in versions
        and request.uid
        and is_about_a_pod(request, pod, None)
        and _may_be_old(request.oldObject)
        and _is_whole(review, body)
    ):
        return None
    typed = AdmissionRequest(
        operation=request.operation,
        group="",
        resource="pods",
        kind="Pod",
        sub_resource=request.subResource or "",
        namespace=request.namespace or "",
        name=request.name or (pod.metadata and pod.metadata.name) or "",
        user=_NOBODY if user is msgspec.UNSET else UserInfo(user.username or "", user.groups or ()),
        object=None,
        old_object=None,
        dry_run=request.dryRun is True,
    )
    decision = answer_unseen(state, typed)
    return None if decision is None else (PlainReview(typed, request.uid, review.apiVersion), decision)


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
def _decoder() -> Callable[[bytes], Any]:
    """Make the decoder of a review whose objects are kept as they are written."""
    request: Any = msgspec.defstruct(
        "_UnseenRequest",
        [("object", msgspec.Raw), ("oldObject", msgspec.Raw | msgspec.UnsetType, msgspec.UNSET)],
        bases=(PlainRequestPart,),
        frozen=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )
    review: Any = msgspec.defstruct(
        "_UnseenReview", [("kind", str), ("apiVersion", str), ("request", request)], frozen=True, gc=False
    )
    return msgspec.json.Decoder(review).decode


def _may_be_old(object_: msgspec.Raw | msgspec.UnsetType) -> bool:
    return object_ is msgspec.UNSET or bytes(object_) == b"null" or bytes(object_)[:1] == b"{"


def _is_whole(review: Any, body: bytes) -> bool:
    """Tell whether no key stands twice around the objects: one that did would be missing from the text."""
    written = bytearray(len(body))
    _write(review, written)
    return len(written) == len(body) - body.endswith(b"\n")
