"""`admit` for programs: an AdmissionReview with the response for every request.

An AdmitOutcome comes in; JSON (one review a line) or YAML (one document each) goes out. The patch is what the
ServiceAccount plugin and the policies change in the object that was sent. Nothing here decides.
Source: k8s.io/api v0.37.2 admission/v1/types.go.
"""

import json
from typing import Any

from ..admission.decision import bad_request
from ..admission.review import response_to
from ..manifest.surrogates import unescape
from ..results.admitted import AdmitAnswer, AdmitOutcome

__all__ = ["render_json", "render_yaml", "review"]


def review(answer: AdmitAnswer) -> dict[str, Any]:
    """Make the review of one answer; kubectl's own refusal to send has the code 400.

    Beside the response, `pods` says of a workload whether its pods will be admitted: `message` is the
    server's refusal, `event` the message of its controller's event FailedCreate, `not_yet` the field by which
    its controller creates none for now.
    """
    decision = answer.decision
    if answer.local:
        decision = bad_request(answer.local.removeprefix("error: "))
    written = response_to(answer.submission.uid, answer.submission.version, decision)
    if answer.pods is not None:
        written["pods"] = {"allowed": answer.pods.allowed}
        if not answer.pods.allowed:
            written["pods"] |= {"message": answer.pods.message or "", "event": answer.failed_create}
        if answer.not_yet:
            written["pods"]["not_yet"] = answer.not_yet
    return written


def render_json(outcome: AdmitOutcome) -> bytes:
    """Write one review a line, in the order of the requests."""
    lines = [json.dumps(unescape(review(answer)), ensure_ascii=True) for answer in outcome.answers]
    return "".join(f"{line}\n" for line in lines).encode()


def render_yaml(outcome: AdmitOutcome) -> bytes:
    """Write one document for each request, in their order."""
    from .yaml_text import write_yaml

    reviews = [unescape(review(answer)) for answer in outcome.answers]
    if not reviews:
        return b""
    text = write_yaml(reviews, sort_keys=False, width=1000)
    return text.encode()
