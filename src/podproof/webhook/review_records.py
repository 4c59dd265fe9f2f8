"""What is kept of each answered review: its count and time for Prometheus, and one line of the log.

An answered review comes in; nothing goes out but what metrics and log are told.
"""

from datetime import UTC, datetime

import msgspec

from ..admission.phases import Phase
from ..admission.request import RESOURCES
from .decision_log import DecisionLine, DecisionLog
from .metrics import Metrics
from .reviewer import AnsweredReview

__all__ = ["ReviewRecords"]

_UNSET = msgspec.UNSET
_EXEMPT = "pod-security.kubernetes.io/exempt"
_NAMED = frozenset(resource for _, resource in RESOURCES.values())


class ReviewRecords:
    """Tells metrics and log of reviews."""

    def __init__(self, log: DecisionLog, metrics: Metrics) -> None:
        self._log, self._metrics = log, metrics

    def keep(self, reviewed: AnsweredReview, phase: Phase, seconds: float) -> None:
        """Keep a review that took `seconds` from its whole body to its whole answer."""
        decision, request = reviewed.decision, reviewed.request
        allowed = decision.allowed
        answered = "allowed" if allowed else "denied"
        if reviewed.failed or request is None or (not allowed and decision.code == 500):
            answered = "error"
        resource = operation = "unknown"
        if request is not None:
            resource = request.resource if request.resource in _NAMED else "other"
            operation = request.operation
        self._metrics.count_review(phase, operation, resource, answered, seconds)
        audit = decision.audit_annotations
        if _EXEMPT in audit:
            self._metrics.exemptions.labels(audit[_EXEMPT]).inc()
        self._log.decide(
            DecisionLine(
                time=datetime.now(UTC),
                phase=phase,
                uid=reviewed.uid,
                operation=_UNSET if request is None else operation,
                resource=_UNSET if request is None else request.group_resource,
                subresource=_UNSET if request is None else request.sub_resource,
                namespace=_UNSET if request is None else request.namespace,
                name=_UNSET if request is None else reviewed.name,
                user=_UNSET if request is None else request.user.name,
                dry_run=_UNSET if request is None else request.dry_run,
                allowed=allowed,
                plugin=decision.plugin,
                code=decision.code,
                message=decision.message,
                warnings=len(decision.warnings),
                patched=bool(decision.patch),
                audit=audit,
                milliseconds=round(seconds * 1000, 3),
            )
        )
