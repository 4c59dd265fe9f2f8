"""Reviews of pods in namespaces where every pod is allowed: they are answered without a look at the pod.

The body of a request and the cluster's state come in; the request and the Decision go out, which are those of
the exact way. None: the pod has to be looked at, or the review read in another way. What is decided, `phases`
says.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from ..kube.rbac import UserInfo
from .decision import Decision
from .phases import answer_unseen
from .plain_review import SUBRESOURCES_OF_PODS, PlainRequestPart, PlainReview
from .request import AdmissionRequest
from .state import ClusterState

__all__ = ["decide_unseen"]

_NAMESPACE = b'"namespace":"'
_HEAD = 4096
"""Bytes in which an API server has named the namespace."""
_LONGEST_NAME = 63
_NOBODY = UserInfo("", ())
_write = msgspec.json.Encoder().encode_into


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
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    request = review.request
    resource, kind, user = request.resource, request.kind, request.userInfo
    if not (
        review.kind == "AdmissionReview"
        and review.apiVersion in versions
        and request.uid
        and resource.resource == "pods"
        and resource.group == ""
        and request.operation in ("CREATE", "UPDATE")
        and (request.subResource or "") in SUBRESOURCES_OF_PODS
        and (kind is msgspec.UNSET or not kind.kind or kind.kind == "Pod")
        and bytes(request.object)[:1] == b"{"
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
        name=request.name or "",
        user=_NOBODY if user is msgspec.UNSET else UserInfo(user.username or "", user.groups or ()),
        object=None,
        old_object=None,
        dry_run=request.dryRun is True,
    )
    decision = answer_unseen(state, typed)
    return None if decision is None else (PlainReview(typed, request.uid, review.apiVersion), decision)


def _may_be_unseen(body: bytes, state: ClusterState) -> bool:
    """Tell whether it is worth a look: whether the first namespace that a body names is of that kind.

    It may be named by something else than the request: this proves nothing.
    """
    start = body.find(_NAMESPACE, 0, _HEAD) + len(_NAMESPACE)
    end = body.find(b'"', start, start + _LONGEST_NAME + 1)
    if start < len(_NAMESPACE) or end < 0:
        return False
    named = body[start:end].decode("ascii", "replace")
    return answer_unseen(state, _asked(named)) is not None


def _asked(namespace: str) -> AdmissionRequest:
    return AdmissionRequest("CREATE", "", "pods", "Pod", "", namespace, "", _NOBODY, None, None)


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


def _is_whole(review: Any, body: bytes) -> bool:
    """Tell whether no key stands twice around the objects: one that did would be missing from the text."""
    written = bytearray(len(body))
    _write(review, written)
    return len(written) == len(body) - body.endswith(b"\n")
