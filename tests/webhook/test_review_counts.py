"""Counts and times of reviews of one process are written as Prometheus' own client writes them."""

import random

import prometheus_client

from podproof.webhook.metrics import _BUCKETS
from podproof.webhook.review_counts import REVIEWS, SECONDS, ReviewCounts


def test_the_exposition_is_that_of_the_client() -> None:
    prometheus_client.disable_created_metrics()
    theirs, ours = prometheus_client.CollectorRegistry(), prometheus_client.CollectorRegistry()
    counter = prometheus_client.Counter(*REVIEWS, registry=theirs)
    histogram = prometheus_client.Histogram(*SECONDS, buckets=_BUCKETS, registry=theirs)
    counts = ReviewCounts(_BUCKETS)
    ours.register(counts)
    assert prometheus_client.generate_latest(ours) == prometheus_client.generate_latest(theirs)
    chance = random.Random(1)
    for _ in range(200):
        phase = chance.choice(("validating", "mutating"))
        labels = (phase, "CREATE", chance.choice(("pods", "other")), chance.choice(("allowed", "denied")))
        seconds = chance.choice((*_BUCKETS, 0.0, 20.0, chance.random() / 100))
        counter.labels(*labels).inc()
        histogram.labels(phase).observe(seconds)
        counts.count(labels, seconds)
    assert prometheus_client.generate_latest(ours) == prometheus_client.generate_latest(theirs)
