"""What is kept of each answered review: its count and time for Prometheus, and one line of the log.

An answered review comes in; nothing goes out but what metrics and log are told.
"""

from typing import Any

from ..admission.phases import Phase
from ..admission.request import RESOURCES
from .decision_log import DecisionLog
from .metrics import Metrics
from .reviewer import AnsweredReview

__all__ = ["ReviewRecords"]

_EXEMPT = "pod-security.kubernetes.io/exempt"
_NAMED = frozenset(resource for _, resource in RESOURCES.values())


class ReviewRecords:
    """Tells metrics and log of reviews."""

    def __init__(self, log: DecisionLog, metrics: Metrics) -> None:
        self._log, self._metrics = log, metrics

    def keep(self, reviewed: AnsweredReview, phase: Phase, seconds: float) -> None:
        """Keep a review that took `seconds` from its whole body to its whole answer."""
        decision, request = reviewed.decision, reviewed.request
        resource = operation = "unknown"
        members: dict[str, Any] = {}
        if request is not None:
            resource = request.resource if request.resource in _NAMED else "other"
            operation = request.operation
            members = {
                "operation": operation,
                "resource": request.group_resource,
                "subresource": request.sub_resource,
                "namespace": request.namespace,
                "name": request.name,
                "user": request.user.name,
                "dry_run": request.dry_run,
            }
        answered = "allowed" if decision.allowed else "denied"
        if reviewed.failed or request is None or (not decision.allowed and decision.code == 500):
            answered = "error"
        self._metrics.count_review(phase, operation, resource, answered, seconds)
        exempt = decision.audit_annotations.get(_EXEMPT)
        if exempt is not None:
            self._metrics.exemptions.labels(exempt).inc()
        self._log.info(
            "decision",
            phase=phase,
            uid=reviewed.uid,
            **members,
            allowed=decision.allowed,
            plugin=decision.plugin,
            code=decision.code,
            message=decision.message,
            warnings=len(decision.warnings),
            patched=bool(decision.patch),
            audit=decision.audit_annotations,
            milliseconds=round(seconds * 1000, 3),
        )
