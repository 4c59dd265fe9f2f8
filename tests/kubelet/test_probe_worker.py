"""When a probe asks, and what its answers amount to: thresholds, delays, restarts."""

from typing import Any

import pytest

from podproof.kubelet.probes import PROBES, ProbeKind, ProbeWorker, unhealthy


def worker(kind: ProbeKind, **spec: Any) -> ProbeWorker:
    """Make the worker of a container that was made at 100 s."""
    made = ProbeWorker(kind, "c", spec)
    made.attach("1", 100.0)
    return made


def test_the_kinds_and_what_counts_before_the_first_answer() -> None:
    assert PROBES == (
        ("startup", "startupProbe"),
        ("liveness", "livenessProbe"),
        ("readiness", "readinessProbe"),
    )
    assert [worker(kind).result for kind, _ in PROBES] == [None, True, False]


@pytest.mark.parametrize(
    ("spec", "period", "timeout"),
    [
        ({}, 10.0, 1.0),
        ({"periodSeconds": 3, "timeoutSeconds": 2}, 3.0, 2.0),
        ({"periodSeconds": 0}, 10.0, 1.0),
    ],
)
def test_period_and_timeout(spec: dict[str, int], period: float, timeout: float) -> None:
    found = worker("liveness", **spec)
    assert (found.period, found.timeout) == (period, timeout)


@pytest.mark.parametrize(
    ("kind", "answers", "changes", "result"),
    [
        ("liveness", [False, False], [False, False], True),
        ("liveness", [False, False, False], [False, False, True], False),
        ("liveness", [False, False, True, False], [False, False, True, False], True),
        ("liveness", [True, True], [True, True], True),
        ("readiness", [True], [True], True),
        ("readiness", [True, False, False, True], [True, False, False, True], True),
        ("readiness", [True, False, False, False], [True, False, False, True], False),
        ("startup", [False, False], [False, False], None),
        ("startup", [False, False, False], [False, False, True], False),
        ("startup", [False, True], [False, True], True),
    ],
)
def test_thresholds_unless_set(
    kind: ProbeKind, answers: list[bool], changes: list[bool], result: bool | None
) -> None:
    found = worker(kind)
    assert [found.record("1", answer) for answer in answers] == changes
    assert found.result is result


def test_thresholds_that_are_set() -> None:
    found = worker("readiness", successThreshold=2, failureThreshold=1)
    assert [found.record("1", True), found.result] == [False, False]
    assert [found.record("1", True), found.result] == [True, True]
    assert [found.record("1", False), found.result] == [True, False]


@pytest.mark.parametrize(
    ("kind", "answer", "asks_on"),
    [
        ("startup", True, False),
        ("startup", False, False),
        ("liveness", False, False),
        ("liveness", True, True),
        ("readiness", False, True),
    ],
)
def test_what_is_asked_after_a_decision(kind: ProbeKind, answer: bool, asks_on: bool) -> None:
    found = worker(kind, failureThreshold=1)
    assert found.record("1", answer)
    assert found.due(200.0, 100.0, kind != "startup") is asks_on
    assert found.record("1", answer) is asks_on


def test_answers_about_another_container_do_not_count() -> None:
    found = worker("liveness", failureThreshold=1)
    assert not found.record("2", False)
    assert found.result is True


def test_a_container_that_is_made_again_begins_anew() -> None:
    found = worker("liveness", failureThreshold=2)
    assert [found.record("1", False), found.record("1", False), found.result] == [False, True, False]
    found.attach("1", 150.0)
    assert found.result is False
    found.attach("2", 150.0)
    assert found.result is True
    assert not found.due(149.0, 150.0, True)
    assert found.due(150.0, 150.0, True)
    assert [found.record("2", False), found.record("2", False)] == [False, True]


@pytest.mark.parametrize(("kind", "result"), [("readiness", False), ("liveness", True), ("startup", True)])
def test_what_has_ended_is_not_ready(kind: ProbeKind, result: bool) -> None:
    found = worker(kind)
    found.record("1", True)
    found.ended()
    assert found.result is result


@pytest.mark.parametrize(
    ("kind", "started", "due"),
    [
        ("startup", False, True),
        ("startup", True, False),
        ("liveness", False, False),
        ("liveness", True, True),
        ("readiness", False, False),
        ("readiness", True, True),
    ],
)
def test_the_startup_probe_comes_before_the_others(kind: ProbeKind, started: bool, due: bool) -> None:
    assert worker(kind).due(100.0, 100.0, started) is due


def test_the_moments() -> None:
    found = worker("liveness", periodSeconds=5)
    moments = (100, 101, 104.9, 105, 109, 110, 127, 129, 130)
    assert [m for m in moments if found.due(m, 100.0, True)] == [100, 105, 110, 127, 130]


def test_the_first_delay() -> None:
    found = worker("readiness", periodSeconds=2, initialDelaySeconds=3)
    # a moment that is too early is used up
    assert [m for m in range(100, 110) if found.due(m, 100.0, True)] == [104, 106, 108]
    exact = worker("readiness", periodSeconds=1, initialDelaySeconds=3)
    assert [m for m in range(100, 106) if exact.due(m, 100.0, True)] == [103, 104, 105]


def test_a_start_asks_at_once() -> None:
    found = worker("readiness")
    assert found.due(100.0, 100.0, True)
    assert not found.due(104.0, 100.0, True)
    found.trigger(104.0)
    assert found.due(104.0, 100.0, True)
    assert not found.due(113.0, 100.0, True)
    assert found.due(114.0, 100.0, True)


def test_the_words() -> None:
    assert unhealthy("startup", "no") == "Startup probe failed: no"
    assert (
        unhealthy("readiness", "no", errored=True)
        == "Readiness probe errored and resulted in unknown state: no"
    )
