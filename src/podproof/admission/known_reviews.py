"""Reviews that are answered by what was decided about others: pods of one workload differ in their names.

The body of a review and the cluster's state come in; out goes the decision about a review that asks the same
in the same state, with the names of this one, or the review that has been read for others to decide about.
What is remembered rests on the cluster, on what is asked, and on the pod's shape (see `ShapedPod`), and on
nothing else of the pod. Nothing is decided here.
"""

from typing import TypeVar

import msgspec

from ..kube.rbac import UserInfo
from .decision import Decision, renamed
from .outlined_review import outline_review, read_names, read_outlined
from .phases import allows_every_pod
from .plain_review import is_usual
from .request import AdmissionRequest
from .review_parts import PlainReview, ReviewNames
from .sent_pod import SentPod
from .shaped_pod import most_bytes
from .state import ClusterState
from .unseen_review import (
    decide_unseen_outlined,
    decide_unseen_typed,
    first_namespace,
    outline_unseen,
)

__all__ = ["DecidedReview", "KnownReview", "KnownReviews"]

K = TypeVar("K", bytes, str)
V = TypeVar("V")

_LARGEST = 8192
"""Bytes of what is asked that is worth remembering, and of the texts that are said about it."""
_MOST = 1024
"""So much is remembered of each kind, 24 MiB at most in all; when there is more, all of it is forgotten."""


class KnownReview(msgspec.Struct, frozen=True):
    """What is asked in reviews that differ in names, and what was decided.

    Neither `request` nor `decision` has a name, and the request has no object and no groups of its user.
    `version` is the API version to answer with.
    """

    request: AdmissionRequest
    version: str
    decision: Decision


class DecidedReview(msgspec.Struct, frozen=True, gc=False):
    """A review about which is decided: what is known, and what is of this review alone."""

    known: KnownReview
    uid: str
    name: str
    decision: Decision


class KnownReviews:
    """What was decided about pods, in the validating phase and in the latest state of a cluster."""

    def __init__(self, versions: tuple[str, ...]) -> None:
        self._versions = versions
        self._state: ClusterState | None = None
        self._seen: dict[bytes, KnownReview] = {}
        self._unseen: dict[bytes, KnownReview] = {}
        self._allows_every_pod: dict[str, bool] = {}

    def answer(self, body: bytes, state: ClusterState) -> DecidedReview | PlainReview | None:
        """Decide about a pod, or else read the review of one; None: that is for other ways.

        Raises ReviewError: a key stands twice in it.
        """
        if state is not self._state:
            self._forget()
            self._state = state
        namespace = first_namespace(body)
        unseen = self._allows_every_pod.get(namespace)
        if unseen is None:
            unseen = allows_every_pod(state, namespace)
            _keep(self._allows_every_pod, namespace, unseen)
        if unseen and (decided := self._answer_unseen(body, state)) is not None:
            return decided
        outlines = outline_review(body, state.minor) if is_usual(body) else None
        if outlines is None:
            return None
        known = None if outlines.faults else self._seen.get(outlines.asked)
        names = None if known is None else read_names(outlines.names)
        if known is None or names is None:
            return read_outlined(outlines, self._versions, state.minor)
        return _with_names(known, names)

    def keep(self, review: PlainReview, decision: Decision, state: ClusterState) -> None:
        """Remember what was decided in a state about a review that `answer` has read, if it may be."""
        sent = review.request.object
        asked = sent.shape_at(state.minor) if isinstance(sent, SentPod) and not sent.was_read else None
        if asked is None or state is not self._state or not (decision.allowed or decision.why):
            return
        if _size(decision) <= _LARGEST:
            _keep(self._seen, asked, _without_names(review, decision))

    def _answer_unseen(self, body: bytes, state: ClusterState) -> DecidedReview | None:
        outlines = outline_unseen(body)
        if outlines is None:
            decided = decide_unseen_typed(body, self._versions, state)
            return None if decided is None else _decided(*decided)
        names, asked = outlines
        known = self._unseen.get(asked)
        if known is not None:
            read = read_names(names)
            return None if read is None else _with_names(known, read)
        decided = decide_unseen_outlined(names, asked, self._versions, state)
        if decided is None:
            return None
        _keep(self._unseen, asked, _without_names(*decided))
        return _decided(*decided)

    def _forget(self) -> None:
        self._seen, self._unseen, self._allows_every_pod = {}, {}, {}


def _keep(known: dict[K, V], key: K, value: V) -> None:
    if len(key) > _LARGEST:
        return
    if len(known) >= _MOST:
        known.clear()
    known[key] = value


def _size(decision: Decision) -> int:
    """Count the bytes that the texts in a decision may take; they name containers many times over."""
    texts = (decision.message or "", decision.why, *decision.warnings, *decision.audit_annotations.values())
    return sum(map(most_bytes, texts))


def _with_names(known: KnownReview, names: ReviewNames) -> DecidedReview:
    decision = known.decision
    if not decision.allowed:
        decision = renamed(decision, known.request.group_resource, names.name)
    return DecidedReview(known, names.uid, names.name, decision)


def _decided(review: PlainReview, decision: Decision) -> DecidedReview:
    return DecidedReview(_without_names(review, decision), review.uid, review.request.name, decision)


def _without_names(review: PlainReview, decision: Decision) -> KnownReview:
    user = UserInfo(review.request.user.name, ())
    request = msgspec.structs.replace(review.request, name="", user=user, object=None, old_object=None)
    if not decision.allowed:
        decision = renamed(decision, request.group_resource, "")
    return KnownReview(request, review.version, decision)
