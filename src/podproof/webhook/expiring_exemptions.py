"""Watches the exemptions of a cluster come to their end, and tells of each step once.

A source of snapshots comes in; a metric with each one's end, lines of the log, and what an ExemptionNotices
port makes of them go out. Nothing here decides what is exempt.
"""

import asyncio
import time
from typing import Literal

from ..admission.attributes import Clock
from ..admission.exemption_index import PodSecurityExemption
from ..errors import InputError
from ..session.serve.cluster_source import ClusterSource, ExemptionNotices
from .decision_log import DecisionLog
from .metrics import Metrics

__all__ = ["ExpiringExemptions"]

_SECONDS = 30.0
_MOST_IN_METRIC = 1000
"""Exemptions whose end is a metric of its own: those that end first."""
_MOST_TOLD = 100
"""Lines and notices of one look; what is beyond is told in the next ones."""

Step = Literal["expiring", "expired"]


class ExpiringExemptions:
    """Looks at what a source knows, again and again.

    `warn_before` says how many seconds before its end an exemption is told of, and `today` what time it is.
    """

    def __init__(
        self,
        source: ClusterSource,
        warn_before: float,
        *,
        notices: ExemptionNotices | None = None,
        today: Clock = time.time,
    ) -> None:
        self._source, self._warn_before, self._today = source, warn_before, today
        self._notices = notices
        self._told: dict[tuple[str, str], Step] = {}
        self._malformed: frozenset[str] = frozenset()
        self._in_metric: frozenset[str] = frozenset()

    async def watch(self, log: DecisionLog, metrics: Metrics) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look(log, metrics)
            except Exception as error:  # noqa: BLE001 - what is only told must not end what decides
                log.fault("exemptions could not be looked at", error)
            await asyncio.sleep(_SECONDS)

    async def look(self, log: DecisionLog, metrics: Metrics) -> None:
        """Tell of what has changed since the last look."""
        cluster = self._source.snapshot().cluster
        if cluster is None or not cluster.settings.exemptions:
            return
        exemptions = cluster.exemptions.in_order
        self._measure(exemptions, metrics)
        told = 0
        for exemption in exemptions:
            step = self._step(exemption)
            key = (exemption.name, exemption.expires)
            if step is None or self._told.get(key) == step or told == _MOST_TOLD:
                continue
            told += 1
            self._told[key] = step
            log.warning(
                "exemption", name=exemption.name, step=step, expires=exemption.expires, owner=exemption.owner
            )
            if self._notices is not None:
                await self._write(exemption, step, self._notices, log)
        known = {(one.name, one.expires) for one in exemptions}
        self._told = {key: step for key, step in self._told.items() if key in known}
        malformed = frozenset(cluster.malformed_exemptions)
        for problem in sorted(malformed - self._malformed)[:_MOST_TOLD]:
            log.warning("exemption", step="malformed", problem=problem)
        self._malformed = malformed
        metrics.malformed_exemptions.set(len(malformed))

    async def _write(
        self, exemption: PodSecurityExemption, step: Step, notices: ExemptionNotices, log: DecisionLog
    ) -> None:
        """Have a notice written; who reads the log knows of the step in any case."""
        try:
            await notices.tell(exemption, step)
        except InputError as error:
            log.warning("exemption event not written", name=exemption.name, reason=str(error))

    def _step(self, exemption: PodSecurityExemption) -> Step | None:
        left = exemption.expires_at - self._today()
        if left <= 0:
            return "expired"
        return "expiring" if left <= self._warn_before else None

    def _measure(self, exemptions: tuple[PodSecurityExemption, ...], metrics: Metrics) -> None:
        first = sorted(exemptions, key=lambda one: one.expires_at)[:_MOST_IN_METRIC]
        for one in first:
            metrics.exemption_expiry.labels(one.name).set(one.expires_at)
        names = frozenset(one.name for one in first)
        for gone in self._in_metric - names:
            metrics.exemption_expiry.remove(gone)
        self._in_metric = names
