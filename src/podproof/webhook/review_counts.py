"""Counts and times of reviews in a server of one process: each costs an addition or two.

Labels and seconds come in; what Prometheus' client has of a Counter and a Histogram goes out when it asks.
With several workers these two are the client's own, since others have to read them.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from .packages import prometheus_client

__all__ = ["REVIEWS", "SECONDS", "ReviewCounts"]

REVIEWS = (
    "podproof_admission_reviews",
    "Reviews by what was answered: allowed, denied, or error where nothing could be decided.",
    ("phase", "operation", "resource", "decision"),
)
"""Name, description and labels of the Counter."""
SECONDS = (
    "podproof_admission_review_seconds",
    "Time from the whole body to the whole answer.",
    ("phase",),
)
"""The same of the Histogram."""


class ReviewCounts:
    """A collector of both; `bounds` are the upper bounds of the buckets, in seconds and in order."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._reviews: dict[tuple[str, ...], int] = {}
        self._times: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def count(self, labels: tuple[str, str, str, str], seconds: float) -> None:
        """Count a review, whose phase is the first label."""
        self._reviews[labels] = self._reviews.get(labels, 0) + 1
        phase = labels[0]
        times = self._times.get(phase)
        if times is None:
            times = self._times[phase] = [0] * (len(self._bounds) + 1)
            self._sums[phase] = 0.0
        times[bisect_left(self._bounds, seconds)] += 1
        self._sums[phase] += seconds

    def collect(self) -> Iterator[Any]:
        """Give both metrics as the client writes them."""
        core = prometheus_client.metrics_core
        name, told, labels = REVIEWS
        reviews = core.CounterMetricFamily(name, told, labels=labels)
        for values, count in self._reviews.items():
            reviews.add_metric(values, count)
        yield reviews
        name, told, of_phase = SECONDS
        seconds = core.HistogramMetricFamily(name, told, labels=of_phase)
        bounds = [prometheus_client.utils.floatToGoString(bound) for bound in (*self._bounds, float("inf"))]
        for phase, times in self._times.items():
            buckets = list(zip(bounds, accumulate(times), strict=True))
            seconds.add_metric((phase,), buckets=buckets, sum_value=self._sums[phase])
        yield seconds
