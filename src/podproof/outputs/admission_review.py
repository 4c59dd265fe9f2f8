"""`admit` for programs: an AdmissionReview with the response for every request.

An Outcome comes in; JSON (one review a line) or YAML (one document each) goes out. The patch is what the
ServiceAccount plugin and the policies change in the object that was sent. Nothing here decides.
Source: k8s.io/api v0.37.2 admission/v1/types.go.
"""

import base64
import json
from typing import Any

from ..results.admitted import Answer, Outcome
from .plain import unescape

__all__ = ["render_json", "render_yaml", "review"]


def review(answer: Answer) -> dict[str, Any]:
    """Make the review of one answer; kubectl's own refusal to send has the code 400."""
    decision = answer.decision
    response: dict[str, Any] = {"uid": answer.asked.uid, "allowed": answer.allowed}
    if answer.local:
        message = answer.local.removeprefix("error: ")
        response["status"] = {"status": "Failure", "message": message, "reason": "BadRequest", "code": 400}
    elif not decision.allowed:
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
        response["auditAnnotations"] = dict(sorted(decision.audit_annotations.items()))
    if answer.patch:
        patch = json.dumps(unescape(list(answer.patch)), separators=(",", ":"), ensure_ascii=False)
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(patch.encode()).decode()
    return {"kind": "AdmissionReview", "apiVersion": answer.asked.version, "response": response}


def render_json(outcome: Outcome) -> bytes:
    """Write one review a line, in the order of the requests."""
    lines = [json.dumps(unescape(review(answer)), ensure_ascii=True) for answer in outcome.answers]
    return "".join(f"{line}\n" for line in lines).encode()


def render_yaml(outcome: Outcome) -> bytes:
    """Write one document for each request, in their order."""
    import yaml

    reviews = [unescape(review(answer)) for answer in outcome.answers]
    if not reviews:
        return b""
    text: str = yaml.safe_dump_all(reviews, sort_keys=False, allow_unicode=True, width=1000)
    return text.encode()
