"""A review from its bytes to its answer: what is known of the cluster is fetched, and `admission` is asked.

The body of a request and the phase come in, an AnsweredReview goes out. Whatever happens on the way, the
answer is a denial unless `admission` allowed the request: while nothing is known of the cluster, when the
request's namespace is not known, and when something here or there fails. Who only wants advice gets each
denial as a warning. Nothing is judged here.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec

from ..admission.advice import as_advice
from ..admission.attributes import Clock, Moment
from ..admission.cluster import Cluster
from ..admission.consistency import read_consistent
from ..admission.decision import Decision, bad_request, internal_error
from ..admission.known_reviews import DecidedReview, KnownReviews
from ..admission.labels import PREFIX
from ..admission.phases import Phase
from ..admission.plain_review import read_plain, read_without_outlines
from ..admission.request import AdmissionRequest, RequestError
from ..admission.review import (
    REVIEW_VERSIONS,
    ReviewError,
    decide,
    read_body,
    write_response,
)
from ..admission.review_parts import PlainReview
from ..errors import InputError
from ..session.serve.cluster_source import ClusterSource
from .decision_log import DecisionLog
from .limits import DEFAULT, ServerLimits

__all__ = ["AnsweredReview", "Reviewer"]

_T = TypeVar("_T")
_ENFORCE = (f"{PREFIX}enforce", f"{PREFIX}enforce-version")


class AnsweredReview(msgspec.Struct, frozen=True):
    """An answered review. `status` is that of HTTP, and `request` None when the body could not be read.

    `decision` is the verdict, which advice in the body never shows as a denial. `name` is the object's, which
    the request may lack.
    """

    status: int
    body: bytes
    uid: str
    decision: Decision
    request: AdmissionRequest | None = None
    name: str = ""
    failed: bool = False


class _Uid(msgspec.Struct, frozen=True):
    uid: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    """As much of a review as its answer needs when everything else fails."""

    request: _Uid = _Uid()
    apiVersion: str = REVIEW_VERSIONS[0]


class Reviewer:
    """Answers reviews by what a source knows of its cluster.

    `now` is the clock of deadlines, and `today` that of exemptions, in seconds since 1970; `warn_before` says
    how many seconds before its end an exemption is told of.
    """

    def __init__(
        self,
        source: ClusterSource,
        log: DecisionLog,
        limits: ServerLimits = DEFAULT,
        now: Clock = time.monotonic,
        *,
        warn_before: float = 0,
        today: Clock = time.time,
    ) -> None:
        self._source, self._log, self._limits, self._now = source, log, limits, now
        self._warn_before, self._today = warn_before, today
        self._thread = ThreadPoolExecutor(1, "large-review")
        self._known = KnownReviews(REVIEW_VERSIONS)

    def answer_at_once(self, data: bytes, phase: Phase, deadline: float) -> AnsweredReview | None:
        """Answer as `answer` does; None: something has to be waited for."""
        if len(data) >= self._limits.large:
            return None
        try:
            return self._answer_at_once(data, phase, deadline)
        except Exception as error:  # noqa: BLE001 - a fault of ours must deny, never fall through
            return self._failed(data, phase, error)

    async def answer(self, data: bytes, phase: Phase, deadline: float) -> AnsweredReview:
        """Answer the body of a request whose client waits until `deadline`; it does not raise."""
        try:
            return await self._answer(data, phase, deadline)
        except Exception as error:  # noqa: BLE001 - a fault of ours must deny, never fall through
            return self._failed(data, phase, error)

    def _failed(self, data: bytes, phase: Phase, error: Exception) -> AnsweredReview:
        self._log.fault("review failed", error, phase=phase)
        uid, version = _envelope(data)
        decision = internal_error("the webhook failed while it looked at the request, see its log")
        return AnsweredReview(200, _write(uid, version, decision, phase), uid, decision, failed=True)

    async def _answer(self, data: bytes, phase: Phase, deadline: float) -> AnsweredReview:
        large = len(data) >= self._limits.large
        known = self._source.snapshot().cluster
        read = (
            await self._in_thread(lambda: _read(data, phase, known)) if large else _read(data, phase, known)
        )
        if isinstance(read, AnsweredReview):
            return read
        request = read.request
        cluster = self._known_cluster(request) or await self._find_cluster(request, deadline)
        if large or (request.resource == "namespaces" and request.operation == "UPDATE"):
            return await self._in_thread(lambda: self._judge(read, cluster, phase, deadline))
        return self._judge(read, cluster, phase, deadline)

    def _answer_at_once(self, data: bytes, phase: Phase, deadline: float) -> AnsweredReview | None:
        snapshot = self._source.snapshot()
        cluster = snapshot.cluster
        if phase != "validating" or cluster is None or snapshot.freshness != "synced":
            return self._answer_read(_read(data, phase, cluster), phase, deadline)
        try:
            known = self._known.answer(data, cluster)
        except ReviewError as error:
            return _refused(error)
        if isinstance(known, DecidedReview):
            return _decided(known)
        if known is None:
            return self._answer_read(_read_otherwise(data, phase), phase, deadline)
        answered = self._answer_read(known, phase, deadline)
        if answered is not None:
            self._known.keep(known, answered.decision, cluster)
        return answered

    def _answer_read(
        self, read: PlainReview | AnsweredReview, phase: Phase, deadline: float
    ) -> AnsweredReview | None:
        if isinstance(read, AnsweredReview):
            return read
        cluster = self._known_cluster(read.request)
        return None if cluster is None else self._judge(read, cluster, phase, deadline)

    def _judge(
        self, read: PlainReview, cluster: Cluster | Decision, phase: Phase, deadline: float
    ) -> AnsweredReview:
        """Answer what has been read, by what is known of the cluster or as the denial says without it."""
        request = read.request
        if isinstance(cluster, Cluster):
            moment = Moment(self._today(), self._warn_before)
            clock = self._clock_until(deadline) if request.resource == "namespaces" else None
            decision = decide(request, cluster, phase=phase, clock=clock, moment=moment)
        else:
            decision = cluster
        return _answered(read, decision, phase)

    def _known_cluster(self, request: AdmissionRequest) -> Cluster | Decision | None:
        """Return the cluster if it knows all that a request needs, or a denial; None: it has to be asked."""
        snapshot = self._source.snapshot()
        cluster = snapshot.cluster
        if cluster is None:
            if snapshot.freshness == "stale":
                return internal_error(f"what is known of the cluster is too old: {snapshot.reason}")
            return internal_error(f"nothing is known of the cluster yet: {snapshot.reason}")
        namespace = request.namespace
        if request.resource == "namespaces":
            return None if request.operation == "UPDATE" else cluster  # a namespace's pods may be many
        if not namespace or (snapshot.freshness == "synced" and cluster.labels_of(namespace) is not None):
            return cluster
        return None

    async def _find_cluster(self, request: AdmissionRequest, deadline: float) -> Cluster | Decision:
        """Return the cluster with what a request needs of it once that has been asked for, or a denial."""
        cluster = self._source.snapshot().cluster
        assert cluster is not None  # it was there a moment ago, and nothing has been waited for
        if request.resource == "namespaces":
            if not _changes_level(request):
                return cluster
            seconds = min(1.0, max(0.001, (deadline - self._now()) / 2))
            return await self._source.with_pods(cluster, request.name, seconds)
        namespace = request.namespace
        try:
            async with asyncio.timeout((deadline - self._now()) / 2):
                found = await self._source.look_up(namespace)
        except TimeoutError:
            return internal_error(f"the cluster did not say in time whether it has namespace {namespace}")
        except InputError as error:
            return internal_error(f"namespace {namespace} could not be looked up: {error}")
        return cluster.without("Namespace", namespace) if found is None else found

    def _clock_until(self, deadline: float) -> Clock:
        """Make a clock by which what may take a second takes half of the time that is left, if that is less.

        Source: pod-security-admission v0.37.2 admission/admission.go, EvaluatePodsInNamespace.
        """
        pace = 1 / min(1.0, max(0.001, (deadline - self._now()) / 2))
        return lambda: self._now() * pace

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _changes_level(request: AdmissionRequest) -> bool:
    """Say whether an update of a namespace may change the level that is enforced on its existing pods."""
    if request.operation != "UPDATE" or request.sub_resource:
        return False
    return _enforced(request.object) != _enforced(request.old_object)


def _enforced(namespace: Mapping[str, Any] | None) -> list[Any]:
    metadata = (namespace or {}).get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    return [labels.get(key) if isinstance(labels, Mapping) else None for key in _ENFORCE]


def _read(data: bytes, phase: Phase, cluster: Cluster | None) -> PlainReview | AnsweredReview:
    """Read a review, in the fast way if it is for that; one that cannot be read is answered at once."""
    try:
        return read_plain(data, REVIEW_VERSIONS, cluster) or _read_exactly(data, phase)
    except ReviewError as error:
        return _refused(error)


def _read_otherwise(data: bytes, phase: Phase) -> PlainReview | AnsweredReview:
    """Read as `_read` does a review that has no outlines."""
    try:
        return read_without_outlines(data, REVIEW_VERSIONS) or _read_exactly(data, phase)
    except ReviewError as error:
        return _refused(error)


def _read_exactly(data: bytes, phase: Phase) -> PlainReview | AnsweredReview:
    """Read a review as the exact way does; one that contradicts itself is answered. Raises ReviewError."""
    review = read_body(data)
    try:
        return PlainReview(read_consistent(review.request), review.uid, review.version)
    except RequestError as error:
        decision = bad_request(str(error))
        return AnsweredReview(200, _write(review.uid, review.version, decision, phase), review.uid, decision)


def _refused(error: ReviewError) -> AnsweredReview:
    decision = bad_request(str(error))
    return AnsweredReview(400, write_response("", error.version, decision), "", decision)


def _decided(decided: DecidedReview) -> AnsweredReview:
    known, decision = decided.known, decided.decision
    body = write_response(decided.uid, known.version, decision)
    return AnsweredReview(200, body, decided.uid, decision, known.request, decided.name)


def _answered(read: PlainReview, decision: Decision, phase: Phase) -> AnsweredReview:
    body = _write(read.uid, read.version, decision, phase)
    return AnsweredReview(200, body, read.uid, decision, read.request, read.request.name)


def _write(uid: str, version: str, decision: Decision, phase: Phase) -> bytes:
    return write_response(uid, version, as_advice(decision) if phase == "advising" else decision)


def _envelope(data: bytes) -> tuple[str, str]:
    """Read uid and version by other means than those that have just failed; "" where there is no uid."""
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "", REVIEW_VERSIONS[0]
    version = envelope.apiVersion if envelope.apiVersion in REVIEW_VERSIONS else REVIEW_VERSIONS[0]
    return envelope.request.uid, version
