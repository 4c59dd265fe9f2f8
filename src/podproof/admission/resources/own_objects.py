"""Requests about objects of Podproof's own kinds: refused where they would have no effect.

A request comes in, a Decision goes out. Their definitions let the API server refuse most of it by itself, but
no definition can look at a policy's annotations. What an update leaves as it was is let be, so that
finalizers and labels of a malformed object can be changed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...kube.own_kinds import GROUP
from ...kube.status import Acceptance
from ..decision import Decision, bad_request, invalid_details
from ..request import AdmissionRequest
from .exemptions import accept_exemption
from .policies import accept_own_policy

__all__ = ["answer_own_object", "is_own"]

_ACCEPT: dict[str, Callable[[Mapping[str, Any]], Acceptance]] = {
    "podsecuritypolicies": accept_own_policy,
    "podsecurityexemptions": accept_exemption,
}
_ALLOWED = Decision(True)


def is_own(request: AdmissionRequest) -> bool:
    """Say whether a request is about an object of Podproof's own kinds."""
    return request.group == GROUP and request.resource in _ACCEPT and not request.sub_resource


def answer_own_object(request: AdmissionRequest) -> Decision:
    """Answer the creation or update of an object for which `is_own` holds."""
    if request.object is None:
        return bad_request("failed to decode object")
    if request.old_object is not None and _meaning(request.object) == _meaning(request.old_object):
        return _ALLOWED
    accepted = _ACCEPT[request.resource](request.object)
    if accepted.object is not None:
        return Decision(True, completed=accepted.object)
    details = None
    if accepted.reason == "Invalid":
        details = invalid_details(request.qualified_kind, request.name, accepted.causes)
    return Decision(False, accepted.code, accepted.message, reason=accepted.reason, details=details)


def _meaning(object_: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what of an object has an effect."""
    metadata = object_.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return object_.get("apiVersion"), object_.get("modes"), object_.get("spec"), annotations
