"""What exemptions do to the verdicts on one pod, and what of it is told.

Verdicts of Pod Security come in, with the exemptions for the pod and the time; verdicts without what is
exempt go out, and in the end the audit annotations and warnings. Nothing here reads a clock.
"""

from collections.abc import Callable, Mapping

import msgspec

from ..kube.go_duration import format_duration
from ..kube.go_format import quote
from ..kube.pod import Pod
from ..policies.exemptions import ExemptionTable, PodSecurityExemption, exempt
from ..policies.pod_security import Evaluator, Verdict
from .attributes import Moment
from .exemption_index import ExemptionIndex

__all__ = ["EXEMPTED", "EXPIRED", "ExemptPod", "Exempting"]

EXEMPTED = "podproof.dev/exemptions"
EXPIRED = "podproof.dev/expired-exemptions"
_MOST_NAMED = 10
"""Exemptions that one answer names; a warning has about 150 characters, and all together 4,096 are sent."""
_DAY = 24 * 3600


class Exempting(msgspec.Struct, frozen=True):
    """The exemptions that are in force, and when they are asked."""

    index: ExemptionIndex
    moment: Moment

    def of(self, namespace: str, labels: Mapping[str, str] | None, pod: Pod) -> "ExemptPod":
        """Return what judges a pod of a namespace that has labels."""

        def find() -> ExemptionTable:
            own = None if pod.metadata is None else pod.metadata.labels
            return self.index.table_for(namespace, labels or {}, own)

        return ExemptPod(find, self.moment)


class ExemptPod:
    """A pod that is judged, and which exemptions that has needed by now."""

    __slots__ = ("_expired", "_find", "_moment", "_table", "_used")

    def __init__(self, find: Callable[[], ExemptionTable], moment: Moment) -> None:
        self._find, self._moment = find, moment
        self._table: ExemptionTable | None = None
        self._used: dict[PodSecurityExemption, dict[str, None]] = {}
        self._expired: dict[PodSecurityExemption, dict[str, None]] = {}

    def judge(self, evaluator: Evaluator, pod: Pod, verdict: Verdict) -> Verdict:
        """Return the verdict without what is exempt."""
        if verdict.allowed:
            return verdict
        if self._table is None:  # nobody looks for exemptions until something is to be exempt
            self._table = self._find()
        if not self._table:
            return verdict
        exempted = exempt(evaluator, pod, verdict, self._table, self._moment.time)
        for noted, found in ((self._used, exempted.used), (self._expired, exempted.expired)):
            for exemption, control in found:
                noted.setdefault(exemption, {})[control] = None
        return exempted.verdict

    @property
    def audit_annotations(self) -> dict[str, str]:
        """Which exemptions the verdicts rest on, and which ended before them, with their controls."""
        return {
            key: "; ".join(f"{one.name} ({_controls(of)})" for one, of in list(noted.items())[:_MOST_NAMED])
            for key, noted in ((EXEMPTED, self._used), (EXPIRED, self._expired))
            if noted
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to say of exemptions that have ended, or are about to."""
        told = [
            f"{_named(one)} for {_controls(of)} has no effect: it expired at {one.expires}; ask {one.owner}"
            for one, of in self._expired.items()
        ]
        for one, of in self._used.items():
            left = one.expires_at - self._moment.time
            if left <= self._moment.warn_before:
                told.append(
                    f"this relies on {_named(one)} for {_controls(of)}, which expires in {_span(left)}, at "
                    f"{one.expires}; ask {one.owner}"
                )
        return tuple(told[:_MOST_NAMED])


def _named(exemption: PodSecurityExemption) -> str:
    return f"PodSecurityExemption {quote(exemption.name)}"


def _controls(controls: Mapping[str, None]) -> str:
    return ", ".join(sorted(controls))


def _span(seconds: float) -> str:
    """Write a time to go: whole days, and the rest as Go does."""
    if seconds >= 2 * _DAY:
        return f"{int(seconds // _DAY)} days"
    return format_duration(float(int(max(seconds, 0.0))))
