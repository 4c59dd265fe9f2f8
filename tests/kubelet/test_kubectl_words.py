"""What kubectl shows of a pod with a status: its line, ages, columns, describe."""

from typing import Any

import pytest

from podproof.kube.go_duration import format_duration, parse_duration
from podproof.kubelet.describe import describe
from podproof.kubelet.durations import human_duration
from podproof.kubelet.events import EventLog
from podproof.kubelet.get_pods import pod_row, table
from podproof.kubelet.resources import container_resources, quality_of_service
from podproof.kubelet.tabwriter import align

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (121, "2m1s"), (125, "2m5s"),
        (599, "9m59s"), (600, "10m"), (659, "10m"), (3 * 3600 - 1, "179m"), (3 * 3600, "3h"),
        (3 * 3600 + 59, "3h"), (3 * 3600 + 60, "3h1m"), (3 * 3600 + 600, "3h10m"), (8 * 3600 - 1, "7h59m"),
        (8 * 3600, "8h"), (9 * 3600 - 1, "8h"), (47 * 3600, "47h"), (48 * 3600, "2d"), (49 * 3600 - 1, "2d"),
        (49 * 3600, "2d1h"), (8 * 86400 - 1, "7d23h"), (8 * 86400, "8d"), (9 * 86400 - 1, "8d"),
        (729 * 86400, "729d"), (730 * 86400, "2y"), (731 * 86400, "2y1d"), (800 * 86400, "2y70d"),
        (8 * 365 * 86400 - 1, "7y364d"), (8 * 365 * 86400, "8y"), (9 * 365 * 86400 - 1, "8y"),
        (9 * 365 * 86400, "9y"),
    ],
)  # fmt: skip
def test_ages(seconds: int, text: str) -> None:
    assert human_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (10, "10s"), (80, "1m20s"), (300, "5m0s"), (3600, "1h0m0s"), (1.5, "1.5s"), (0.2, "200ms")],
)
def test_go_durations(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "s", "1x", "-", "1m 2s", "m5"])
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


def pod(*statuses: dict[str, Any], inits: tuple[dict[str, Any], ...] = (), **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "creationTimestamp": "2023-11-14T22:13:15Z"},
        "spec": {
            "containers": [{"name": held["name"]} for held in statuses],
            "initContainers": [held.pop("spec") for held in inits],
        },
        "status": {
            "phase": "Running",
            "containerStatuses": list(statuses),
            "initContainerStatuses": list(inits),
            **status,
        },
    }


def held(name: str, state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": name, "state": state, "ready": False, "restartCount": 0, **fields}


RUNNING: dict[str, Any] = {"running": {}}


def ended(code: int, reason: str = "") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason}}


SIDECAR = {"name": "s", "restartPolicy": "Always"}
READY = {"conditions": [{"type": "Ready", "status": "True"}]}


@pytest.mark.parametrize(
    ("shown", "ready", "word"),
    [
        (pod(held("a", RUNNING, ready=True)), "1/1", "Running"),
        (pod(held("a", {"waiting": {"reason": "CrashLoopBackOff"}})), "0/1", "CrashLoopBackOff"),
        (pod(held("a", ended(1, "Error")), held("b", ended(0, "Completed"))), "0/2", "Error"),
        (pod(held("a", ended(137, "OOMKilled"))), "0/1", "OOMKilled"),
        (pod(held("a", ended(3))), "0/1", "ExitCode:3"),
        (pod(held("a", {"terminated": {"exitCode": 1, "signal": 9}})), "0/1", "Signal:9"),
        (pod(held("a", ended(0, "Completed")), held("b", RUNNING, ready=True)), "1/2", "NotReady"),
        (pod(held("a", ended(0, "Completed")), held("b", RUNNING, ready=True), **READY), "1/2", "Running"),
        (pod(held("a", ended(0, "Completed")), phase="Succeeded"), "0/1", "Completed"),
        (pod(held("a", {"waiting": {}}), phase="Failed", reason="Evicted"), "0/1", "Evicted"),
        (
            pod(held("a", {"waiting": {"reason": "PodInitializing"}}),
                inits=(held("i", RUNNING, spec={"name": "i"}),)),
            "0/1",
            "Init:0/1",
        ),
        (
            pod(held("a", {"waiting": {"reason": "PodInitializing"}}),
                inits=(held("i", ended(2), spec={"name": "i"}),)),
            "0/1",
            "Init:ExitCode:2",
        ),
        (
            pod(held("a", RUNNING, ready=True),
                inits=(held("s", RUNNING, ready=True, started=True, spec=SIDECAR),)),
            "2/2",
            "Running",
        ),
    ],
)  # fmt: skip
def test_lines(shown: dict[str, Any], ready: str, word: str) -> None:
    assert pod_row(shown, NOW)[:3] == ("web", ready, word)


def test_restarts_tell_when() -> None:
    last = {"terminated": {"finishedAt": "2023-11-14T22:13:00Z"}}
    shown = pod(held("a", RUNNING, ready=True, restartCount=4, lastState=last))
    assert pod_row(shown, NOW)[3:] == ("4 (20s ago)", "5s")


def test_a_deleted_pod_is_terminating() -> None:
    shown = pod(held("a", RUNNING))
    shown["metadata"]["deletionTimestamp"] = "2023-11-14T22:13:00Z"
    assert pod_row(shown, NOW)[2] == "Terminating"


def test_the_table() -> None:
    assert table([("web", "1/1", "Running", "0", "5s"), ("a-longer-name", "0/1", "Error", "2", "1m")]) == (
        "NAME            READY   STATUS    RESTARTS   AGE\n"
        "web             1/1     Running   0          5s\n"
        "a-longer-name   0/1     Error     2          1m\n"
    )


def test_columns_end_with_the_lines_that_have_them() -> None:
    assert align("a:\tb\nlonger:\tc\nnone\nx:\ty") == "a:       b\nlonger:  c\nnone\nx:  y"


def test_ever_new_words_for_the_same_become_one_event() -> None:
    log = EventLog()
    for number in range(30):
        log.add(
            "Warning", "Unhealthy", f"exec {number} failed", NOW + number, field_path="spec.containers{a}"
        )
    *single, combined = log.listed
    assert [event.message for event in single] == [f"exec {number} failed" for number in range(9)]
    assert (combined.message, combined.count) == ("(combined from similar events): exec 29 failed", 21)
    log.add("Warning", "BackOff", "exec again", NOW + 40, field_path="spec.containers{a}")
    assert log.listed[-1].message == "exec again"
    log.add("Warning", "Unhealthy", "exec again", NOW + 700, field_path="spec.containers{a}")
    assert log.listed[-1].message == "exec again"


def test_similar_events_are_those_of_the_pod_whichever_container_they_name() -> None:
    log = EventLog()
    for number in range(30):
        for name in ("a", "b"):
            log.add("Warning", "Unhealthy", "refused", NOW + number, field_path=f"spec.containers{{{name}}}")
    assert [(event.message, event.count) for event in log.listed] == [("refused", 30), ("refused", 30)]
    for number in range(10):
        name = "a" if number % 2 else "b"
        log.add("Warning", "Unhealthy", f"exec {number}", NOW + 30, field_path=f"spec.containers{{{name}}}")
    combined = log.listed[-1]
    assert (combined.message, combined.count) == ("(combined from similar events): exec 9", 2)
    assert len(log.listed) == 2 + 8 + 1


def test_describe_lists_states_and_counted_events() -> None:
    log = EventLog()
    log.add("Normal", "Started", "Container started", NOW - 60, field_path="spec.containers{a}")
    for age in (50, 40, 10):
        log.add("Warning", "BackOff", "Back-off restarting", NOW - age, field_path="spec.containers{a}")
    shown = pod(
        held(
            "a",
            {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
            restartCount=2,
            lastState=ended(1, "Error"),
        )
    )
    text = describe(shown, log.listed, NOW)
    assert (
        "    State:          Waiting\n      Reason:       CrashLoopBackOff\n    Last State:     Terminated\n"
        in text
    )
    assert "      Reason:       Error\n      Exit Code:    1\n" in text
    assert text.endswith(
        "Events:\n"
        "  Type     Reason   Age                From     Message\n"
        "  ----     ------   ----               ----     -------\n"
        "  Normal   Started  60s                kubelet  spec.containers{a}: Container started\n"
        "  Warning  BackOff  10s (x3 over 50s)  kubelet  spec.containers{a}: Back-off restarting\n"
    )


def limited(**resources: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "a", "resources": resources}]}}


@pytest.mark.parametrize(
    ("shown", "quality", "score", "shares"),
    [
        (limited(), "BestEffort", 1000, 2),
        (
            limited(limits={"cpu": "1", "memory": "1Gi"}, requests={"cpu": "1", "memory": "1Gi"}),
            "Guaranteed",
            -997,
            1024,
        ),
        (limited(requests={"memory": "1Gi"}), "Burstable", 875, 2),
        (limited(requests={"cpu": "500m"}), "Burstable", 999, 512),
        (limited(limits={"cpu": "100m"}), "Burstable", 999, 102),
        (limited(requests={"memory": "8Gi"}), "Burstable", 3, 2),
    ],
)
def test_quality_of_service(shown: dict[str, Any], quality: str, score: int, shares: int) -> None:
    assert quality_of_service(shown) == quality
    made = container_resources(shown["spec"]["containers"][0], shown, memory=8 << 30)
    assert (made.oom_score_adj, made.cpu_shares) == (score, shares)


def test_limits_become_quota_and_bytes() -> None:
    shown = limited(limits={"cpu": "1500m", "memory": "64Mi"})
    made = container_resources(shown["spec"]["containers"][0], shown, memory=8 << 30)
    assert (made.cpu_quota, made.cpu_period, made.memory_limit_in_bytes) == (
        150000,
        100000,
        64 << 20,
    )
    shown = limited(limits={"cpu": "1m"})
    assert container_resources(shown["spec"]["containers"][0], shown, memory=1).cpu_quota == 1000
