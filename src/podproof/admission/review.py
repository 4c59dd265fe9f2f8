"""AdmissionReviews, bytes in and bytes out: all that a webhook needs to answer.

The body that the API server sends comes in, the body to answer with goes out. Whatever comes in, an
AdmissionReview goes out, and what cannot be read is denied with 400. Nothing here opens sockets.
Source: k8s.io/api v0.37.2 admission/v1/types.go.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from ..manifest.surrogates import unescape
from ..manifest.type_name import type_name
from .attributes import Clock, Moment
from .cluster import Cluster
from .consistency import read_consistent
from .decision import Decision, bad_request
from .phases import Phase, answer_phase
from .plain_review import read_plain
from .request import AdmissionRequest, RequestError
from .review_text import MAX_BYTES, REVIEW_VERSIONS, ReviewError, exact_value
from .server import answer

__all__ = [
    "MAX_BYTES",
    "REVIEW_VERSIONS",
    "AdmissionReview",
    "ReviewError",
    "answer_review",
    "decide",
    "read_body",
    "read_review",
    "response_to",
    "write_response",
]

_write = msgspec.json.Encoder().encode


class AdmissionReview(msgspec.Struct, frozen=True):
    """A request to answer, and the `uid` and API version to answer with."""

    request: Mapping[str, Any]
    uid: str
    version: str


def read_review(value: Mapping[str, Any]) -> AdmissionReview:
    """Read an AdmissionReview; a `uid` that is not a string counts as "".

    Raises ReviewError: the API version is unknown, or there is no request.
    """
    version, request = value.get("apiVersion"), value.get("request")
    if version not in REVIEW_VERSIONS:
        raise ReviewError(
            f'apiVersion "{version}" of the AdmissionReview is unknown, write {REVIEW_VERSIONS[0]}'
        )
    if not isinstance(request, Mapping):
        state = "has a response only" if "response" in value else "has no request"
        raise ReviewError(f"the AdmissionReview {state}: write what the API server sent")
    uid = request.get("uid")
    return AdmissionReview(request, uid if isinstance(uid, str) else "", version)


def response_to(uid: str, version: str, decision: Decision) -> dict[str, Any]:
    """Make the review that answers the request `uid`; patch and status as the API server reads them."""
    response: dict[str, Any] = {"uid": uid, "allowed": decision.allowed}
    if not decision.allowed:
        status: dict[str, Any] = {
            "status": "Failure",
            "message": decision.message,
            "reason": decision.reason,
            "code": decision.code,
        }
        if decision.details is not None:
            status["details"] = decision.details
        response["status"] = status
    if decision.warnings:
        response["warnings"] = list(decision.warnings)
    if decision.audit_annotations:
        annotations = decision.audit_annotations
        response["auditAnnotations"] = (
            annotations if len(annotations) == 1 else dict(sorted(annotations.items()))
        )
    if decision.patch:
        patch = json.dumps(unescape(list(decision.patch)), separators=(",", ":"), ensure_ascii=False)
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(patch.encode()).decode()
    return {"kind": "AdmissionReview", "apiVersion": version, "response": response}


def answer_review(
    data: bytes,
    cluster: Cluster,
    *,
    phase: Phase | None = None,
    clock: Clock | None = None,
    moment: Moment | None = None,
) -> bytes:
    """Answer the body of a webhook's request; never raises for what `data` holds.

    The response has the uid of the request, "" when that cannot be read, which the API server takes for a
    failure. `phase` is that of the webhook; None answers for the whole way through the API server. `clock` is
    that of `Cluster.admit`.
    """
    try:
        plain = read_plain(data, REVIEW_VERSIONS, cluster) if phase is not None else None
        if plain is not None:
            decision = decide(plain.request, cluster, phase=phase, clock=clock, moment=moment)
            return write_response(plain.uid, plain.version, decision)
        review = read_body(data)
    except ReviewError as error:
        return write_response("", error.version, bad_request(str(error)))
    try:
        request = read_consistent(review.request)
        decision = decide(request, cluster, phase=phase, clock=clock, moment=moment)
    except RequestError as error:
        decision = bad_request(str(error))
    return write_response(review.uid, review.version, decision)


def read_body(data: bytes) -> AdmissionReview:
    """Read the body of a webhook's request.

    Raises ReviewError: it is not an AdmissionReview with a request that has a uid.
    """
    try:
        review = read_review(_object(data))
    except RecursionError:
        raise ReviewError("the AdmissionReview is nested too deeply") from None
    if not review.uid:
        stated = type_name(review.request.get("uid"))
        raise ReviewError(
            f"request.uid of the AdmissionReview must be a string that is not empty, is {stated}",
            version=review.version,
        )
    return review


def decide(
    request: AdmissionRequest,
    cluster: Cluster,
    *,
    phase: Phase | None = None,
    clock: Clock | None = None,
    moment: Moment | None = None,
) -> Decision:
    """Decide about the request of a review; the arguments are those of `answer_review`."""
    try:
        if phase is None:
            return answer(cluster, request, mutated=True, clock=clock, moment=moment)
        return answer_phase(cluster, request, phase, clock=clock, moment=moment)
    except RecursionError:
        return bad_request("the AdmissionReview is nested too deeply")


def write_response(uid: str, version: str, decision: Decision) -> bytes:
    """Write the body that answers the request `uid`.

    The keys of audit annotations are without the plugins' prefixes: the API server writes the webhook's name
    before them, and drops a key that has a slash of its own.
    Source: kubernetes 1.37.2, apiserver pkg/admission/attributes.go, checkKeyFormat.
    """
    review = response_to(uid, version, decision)
    annotations = review["response"].get("auditAnnotations")
    if annotations:
        bare = {key[key.rfind("/") + 1 :]: text for key, text in annotations.items()}
        review["response"]["auditAnnotations"] = bare
    try:
        return _write(review)
    except UnicodeEncodeError:  # it has half a surrogate pair
        return _write(unescape(review))


def _object(data: bytes) -> Mapping[str, Any]:
    """Read the AdmissionReview of a body.

    Raises ReviewError: it is not one, too large or too deep, or sets a key twice.
    """
    if len(data) > MAX_BYTES:
        raise ReviewError(f"the body has more than {MAX_BYTES} bytes")
    value = exact_value(data)
    if not isinstance(value, Mapping):
        raise ReviewError(f"an AdmissionReview must be a mapping, is {type_name(value)}")
    if value.get("kind") != "AdmissionReview":
        raise ReviewError("the body is not an AdmissionReview: its kind is another")
    return value
