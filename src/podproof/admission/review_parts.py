"""What the fast ways to read a review have in common: the types of its parts, and the typed request of them.

What has been read comes in, what it says of its pod and the typed request go out. Nothing is decided here.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ..kube.rbac import UserInfo
from .request import AdmissionRequest
from .sent_pod import SentPod

__all__ = [
    "PlainReview",
    "ReviewNames",
    "StatedPod",
    "is_about_a_pod",
    "names_in",
    "plain_review",
    "review_decoder",
]

_SUBRESOURCES = ("", "ephemeralcontainers", "resize")
"""Those whose objects are pods."""
_NOBODY = UserInfo("", ())


class PlainReview(msgspec.Struct, frozen=True):
    """A request that was read, and the `uid` and API version to answer with."""

    request: AdmissionRequest
    uid: str
    version: str


class ReviewNames(msgspec.Struct, frozen=True, gc=False):
    """What each review has of its own: its `uid`, and what the request and the pod in it call the pod."""

    uid: str
    stated: str
    own: str

    @property
    def name(self) -> str:
        """The pod's name; "" while it is to be generated."""
        return self.stated or self.own

    @property
    def are_sound(self) -> bool:
        """Whether there is a uid, and the names do not contradict each other."""
        return bool(self.uid) and (not self.stated or not self.own or self.stated == self.own)


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


class _RequestPart(_Part, frozen=True, kw_only=True):
    """A request as the text has it, but for its objects."""

    uid: str | msgspec.UnsetType = msgspec.UNSET
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


def review_decoder(object_: Any, old_object: Any) -> Callable[[bytes], Any]:
    """Make the decoder of a review whose request has objects of these types; the old one may be left out."""
    request: Any = msgspec.defstruct(
        "_Request",
        [("object", object_), ("oldObject", old_object | msgspec.UnsetType, msgspec.UNSET)],
        bases=(_RequestPart,),
        frozen=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )
    review: Any = msgspec.defstruct(
        "_Review",
        [("kind", str), ("apiVersion", str), ("request", request)],
        frozen=True,
        gc=False,
        kw_only=True,
    )
    return msgspec.json.Decoder(review).decode


def is_about_a_pod(review: Any, pod: Any, old: Any, versions: tuple[str, ...]) -> bool:
    """Tell whether a review of one of these API versions is about a pod, and its objects say so too.

    Of the new object, kind and namespace are asked; of the old one, if there is one, the kind. Names are for
    `ReviewNames`.
    """
    request = review.request
    resource, kind = request.resource, request.kind
    if (
        review.kind != "AdmissionReview"
        or review.apiVersion not in versions
        or resource.resource != "pods"
        or resource.group != ""
        or request.operation not in ("CREATE", "UPDATE")
        or (request.subResource or "") not in _SUBRESOURCES
        or not _is_pod(pod)
        or (old and not _is_pod(old))
        or (kind is not msgspec.UNSET and kind.kind and kind.kind != "Pod")
    ):
        return False
    namespace = None if pod.metadata is None else pod.metadata.namespace
    return not namespace or namespace == (request.namespace or "")


def _is_pod(pod: Any) -> bool:
    """Tell whether an object is read as a pod, which is so whatever its API version is."""
    return pod.kind == "Pod" or not pod.kind


class _StatedMetadata(msgspec.Struct, frozen=True, gc=False):
    """What a pod is called."""

    name: str | None = None
    namespace: str | None = None


class StatedPod(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """As much of a pod as a request may contradict."""

    kind: str | None = None
    api_version: str | None = None
    metadata: _StatedMetadata | None = None


def names_in(review: Any, pod: Any) -> ReviewNames:
    """Return the names in a review about `pod`, or a StatedPod of it."""
    request, metadata = review.request, pod.metadata
    own = "" if metadata is None else metadata.name or ""
    return ReviewNames(request.uid or "", request.name or "", own)


def plain_review(review: Any, names: ReviewNames, pod: SentPod | None, old: SentPod | None) -> PlainReview:
    """Make the typed request of a review about a pod, with the objects that it has."""
    request = review.request
    user = request.userInfo
    typed = AdmissionRequest(
        operation=request.operation,
        group="",
        resource="pods",
        kind="Pod",
        sub_resource=request.subResource or "",
        namespace=request.namespace or "",
        name=names.name,
        user=_NOBODY if user is msgspec.UNSET else UserInfo(user.username or "", user.groups or ()),
        object=pod,
        old_object=old,
        dry_run=request.dryRun is True,
    )
    return PlainReview(typed, names.uid, review.apiVersion)
