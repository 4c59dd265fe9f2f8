"""What Prometheus is told: counts, times and states of the webhook.

Numbers come in, the text of an exposition goes out. With several workers each process keeps its numbers in
files of one folder, and whichever is asked adds them up. Labels have few values, whatever clients send.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from .metrics_folder import FOLDER_VARIABLE
from .packages import prometheus_client
from .review_counts import REVIEWS, SECONDS, ReviewCounts

__all__ = ["Metrics"]

_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0)


Count = Callable[[tuple[str, str, str, str], float], None]
"""Counts a review by its labels, of which the phase is the first, with its seconds."""


def _counting(registry: Any) -> Count:
    """Return what counts reviews, in files where there are several workers."""
    if FOLDER_VARIABLE not in os.environ:
        counts = ReviewCounts(_BUCKETS)
        registry.register(counts)
        return counts.count
    reviews = prometheus_client.Counter(*REVIEWS, registry=registry)
    times = prometheus_client.Histogram(*SECONDS, buckets=_BUCKETS, registry=registry)

    @cache
    def of(labels: tuple[str, str, str, str]) -> tuple[Callable[[], None], Callable[[float], None]]:
        return reviews.labels(*labels).inc, times.labels(labels[0]).observe

    def count(labels: tuple[str, str, str, str], seconds: float) -> None:
        inc, observe = of(labels)
        inc()
        observe(seconds)

    return count


class Metrics:
    """The metrics of one server; each is named and described where it is made."""

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()
        registry = prometheus_client.CollectorRegistry()
        self._registry = registry
        self._count = _counting(registry)
        self.exemptions = prometheus_client.Counter(
            "podproof_admission_exemptions",
            "Reviews that were not judged, by what exempts them: namespace, user or runtimeClass.",
            ("by",),
            registry=registry,
        )
        self.exemption_expiry = prometheus_client.Gauge(
            "podproof_exemption_expiry_timestamp_seconds",
            "When a PodSecurityExemption expires, in seconds since 1970; of many, those that expire first.",
            ("name",),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.malformed_exemptions = prometheus_client.Gauge(
            "podproof_malformed_exemptions",
            "PodSecurityExemptions that cannot be read, and so exempt nothing.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.refusals = prometheus_client.Counter(
            "podproof_http_refusals",
            "Requests that were refused before anything was asked about them, by status.",
            ("status",),
            registry=registry,
        )
        self.in_flight = prometheus_client.Gauge(
            "podproof_admission_reviews_in_flight",
            "Reviews being read or answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.synced = prometheus_client.Gauge(
            "podproof_cluster_synced",
            "1 while what is known of the cluster is up to date, else 0.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.watch_synced = prometheus_client.Gauge(
            "podproof_watch_synced",
            "1 while a watched resource is known and its watch has not failed, else 0.",
            ("resource",),
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.watch_contact = prometheus_client.Gauge(
            "podproof_watch_contact_timestamp_seconds",
            "When the API server last said something about a watched resource, in seconds since 1970.",
            ("resource",),
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.watch_restarts = prometheus_client.Counter(
            "podproof_watch_restarts",
            "Failures after which a watch was opened anew, by resource and kind of failure.",
            ("resource", "failing"),
            registry=registry,
        )
        self.look_ups = prometheus_client.Counter(
            "podproof_namespace_look_ups",
            "Namespaces that the API server was asked for one by one, by result: found, missing, failed, "
            "or refused because there were too many.",
            ("result",),
            registry=registry,
        )
        self.certificate_expiry = prometheus_client.Gauge(
            "podproof_certificate_expiry_timestamp_seconds",
            "When the certificate that is served expires, in seconds since 1970.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.certificate_failures = prometheus_client.Counter(
            "podproof_certificate_reload_failures",
            "Changes of the certificate that could not be loaded.",
            registry=registry,
        )
        self.certificate_authority_expiry = prometheus_client.Gauge(
            "podproof_certificate_authority_expiry_timestamp_seconds",
            "When the webhook's own authority expires, in seconds since 1970; 0 without one.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.certificate_changes = prometheus_client.Counter(
            "podproof_certificate_changes",
            "What was done about the webhook's own certificates: made, published or forgotten.",
            ("change",),
            registry=registry,
        )
        self.certificate_configurations = prometheus_client.Gauge(
            "podproof_certificate_configurations",
            "Webhook configurations that exist, of two.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.certificate_leader = prometheus_client.Gauge(
            "podproof_certificate_leader",
            "1 while this is the one that makes the webhook's own certificates, else 0.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.lost_log_lines = prometheus_client.Counter(
            "podproof_log_lines_lost", "Lines that could not be written.", registry=registry
        )

    def count_review(self, phase: str, operation: str, resource: str, decision: str, seconds: float) -> None:
        """Count a review that was answered, and how long that took."""
        self._count((phase, operation, resource, decision), seconds)

    def write(self) -> bytes:
        """Write the exposition in Prometheus' text format."""
        registry = self._registry
        if FOLDER_VARIABLE in os.environ:
            from prometheus_client.multiprocess import MultiProcessCollector

            registry = prometheus_client.CollectorRegistry()
            MultiProcessCollector(registry)
        written: bytes = prometheus_client.generate_latest(registry)
        return written
