"""What the source of the cluster tells, in the log and in the metrics."""

import io
import json
from typing import Any

from podproof.webhook.decision_log import DecisionLog
from podproof.webhook.metrics import Metrics
from podproof.webhook.source_reports import WrittenReports


class Written:
    """Reports, and what was written of them."""

    def __init__(self) -> None:
        self._log, self._metrics = io.BytesIO(), Metrics()
        self.reports = WrittenReports(DecisionLog(self._metrics, self._log), self._metrics)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log without their times."""
        lines = [json.loads(line) for line in self._log.getvalue().splitlines()]
        return [{key: value for key, value in line.items() if key != "time"} for line in lines]

    def metric(self, name: str) -> float:
        """The value of a metric; it is named with its labels."""
        lines = self._metrics.write().decode().splitlines()
        (value,) = (line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} "))
        return float(value)


def test_a_failure_that_goes_on_is_written_once_and_counted() -> None:
    written = Written()
    reports = written.reports
    reports.watching("namespaces")
    assert written.metric('podproof_watch_synced{resource="namespaces"}') == 0
    reports.synced("namespaces", 3)
    assert written.metric('podproof_watch_synced{resource="namespaces"}') == 1
    for _ in range(3):
        reports.failed("namespaces", "unreachable", "no route")
    reports.failed("namespaces", "forbidden", "no rights")
    assert written.metric('podproof_watch_synced{resource="namespaces"}') == 0
    assert written.metric('podproof_watch_restarts_total{failing="unreachable",resource="namespaces"}') == 3
    reports.synced("namespaces", 4)
    reports.failed("namespaces", "forbidden", "again")
    lost = {"level": "warning", "event": "watch lost", "resource": "namespaces"}
    assert written.lines == [
        {"level": "info", "event": "watch synced", "resource": "namespaces", "objects": 3},
        {**lost, "failing": "unreachable", "message": "no route"},
        {**lost, "failing": "forbidden", "message": "no rights"},
        {"level": "info", "event": "watch synced", "resource": "namespaces", "objects": 4},
        {**lost, "failing": "forbidden", "message": "again"},
    ]


def test_freshness_look_ups_and_pods_are_told() -> None:
    written = Written()
    reports = written.reports
    reports.freshness("synced", "")
    assert written.metric("podproof_cluster_synced") == 1
    reports.freshness("stale", "too old")
    assert written.metric("podproof_cluster_synced") == 0
    reports.looked_up("refused")
    assert written.metric('podproof_namespace_look_ups_total{result="refused"}') == 1
    reports.contact("roles")
    assert written.metric('podproof_watch_contact_timestamp_seconds{resource="roles"}') > 1_700_000_000
    reports.pods_unlisted("shop", "no rights")
    assert written.lines == [
        {"level": "info", "event": "cluster synced"},
        {"level": "warning", "event": "cluster stale", "reason": "too old"},
        {"level": "warning", "event": "pods not listed", "namespace": "shop", "message": "no rights"},
    ]
