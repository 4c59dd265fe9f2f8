"""Exemptions on their way to their end: a metric each, a line and a notice for each step, and never twice."""

import asyncio
import io
import json
from typing import Any

from podproof import Cluster
from podproof.admission.exemption_index import PodSecurityExemption
from podproof.errors import InputError
from podproof.session.serve.folder_source import FolderSource
from podproof.webhook.decision_log import DecisionLog
from podproof.webhook.expiring_exemptions import ExpiringExemptions
from podproof.webhook.metrics import Metrics

CONFIGURATION = {
    "apiVersion": "podproof.dev/v1alpha1",
    "kind": "PodproofConfiguration",
    "podSecurityExemption": {"enabled": True},
}
EXPIRES = 1_800_000_000.0


def _exemption(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "podproof.dev/v1alpha1",
        "kind": "PodSecurityExemption",
        "metadata": {"name": name},
        "spec": {
            "owner": "team-a",
            "reason": "until it is rewritten",
            "expires": "2027-01-15T08:00:00Z",
            "namespaces": ["shop"],
            "checks": ["privileged"],
            **spec,
        },
    }


class Notices:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.failing = False

    async def tell(self, exemption: PodSecurityExemption, step: str) -> None:
        if self.failing:
            raise InputError("no event today")
        self.told.append((exemption.name, step))


class Watched:
    """A watch over some objects, at a time that the test sets."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.lines = io.BytesIO()
        self.metrics = Metrics()
        self.notices = Notices()
        self.now = EXPIRES
        self.source = FolderSource(Cluster.from_objects(objects))
        self._watch = ExpiringExemptions(self.source, 3600, notices=self.notices, today=lambda: self.now)
        self._log = DecisionLog(self.metrics, self.lines)

    def look(self, now: float) -> list[tuple[str, str]]:
        self.now = now
        self.lines.seek(0)
        self.lines.truncate()
        asyncio.run(self._watch.look(self._log, self.metrics))
        lines = [json.loads(line) for line in self.lines.getvalue().splitlines()]
        return [(line.get("name", ""), line.get("step", line["event"])) for line in lines]

    @property
    def exposition(self) -> str:
        return self.metrics.write().decode()


def test_each_step_is_told_once() -> None:
    watched = Watched(CONFIGURATION, _exemption("a"), _exemption("b", expires="2030-01-01T00:00:00Z"))
    assert watched.look(EXPIRES - 3601) == []
    assert watched.look(EXPIRES - 3600) == [("a", "expiring")]
    assert watched.look(EXPIRES - 1) == []
    assert watched.look(EXPIRES) == [("a", "expired")]
    assert watched.look(EXPIRES + 1) == []
    assert watched.notices.told == [("a", "expiring"), ("a", "expired")]


def test_a_notice_that_cannot_be_written_is_told_in_the_log() -> None:
    watched = Watched(CONFIGURATION, _exemption("a"))
    watched.notices.failing = True
    assert watched.look(EXPIRES) == [("a", "expired"), ("a", "exemption event not written")]


def test_the_end_of_each_is_a_metric() -> None:
    watched = Watched(CONFIGURATION, _exemption("a"))
    watched.look(0)
    assert 'podproof_exemption_expiry_timestamp_seconds{name="a"} 1.8e+09' in watched.exposition
    cluster = watched.source.snapshot().cluster
    assert cluster is not None
    watched.source._snapshot = FolderSource(
        cluster.without("PodSecurityExemption.podproof.dev", "a")
    ).snapshot()
    watched.look(0)
    assert 'timestamp_seconds{name="a"}' not in watched.exposition


def test_malformed_ones_are_told_and_counted() -> None:
    watched = Watched(CONFIGURATION, _exemption("a", expires="never"), _exemption("b", namespaces=[]))
    assert watched.look(0) == [("", "malformed"), ("", "malformed")]
    assert watched.look(0) == []
    assert "podproof_malformed_exemptions 2.0" in watched.exposition


def test_nothing_is_told_of_what_is_not_in_force() -> None:
    watched = Watched(_exemption("a"))
    assert watched.look(EXPIRES) == []
    assert "name=" not in watched.exposition
