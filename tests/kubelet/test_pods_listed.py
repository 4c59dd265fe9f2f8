"""`kubectl get pods` of running pods, and the phase with sidecars: every way a word comes about."""

from typing import Any

import pytest

from podproof.kubelet.get_pods import pod_row
from podproof.kubelet.phase import phase_of
from podproof.kubelet.pod_actions import compute_pod_actions

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def held(
    name: str, restarts: int = 0, *, ready: bool = False, started: bool = False, **state: Any
) -> dict[str, Any]:
    return {"name": name, "restartCount": restarts, "ready": ready, "started": started, "state": state}


def row(
    regular: list[dict[str, Any]] | None = None,
    inits: list[dict[str, Any]] | None = None,
    *,
    conditions: dict[str, str] | None = None,
    metadata: dict[str, Any] | None = None,
    **status: Any,
) -> str:
    """Write READY, STATUS and RESTARTS of a pod with an init container, a sidecar and two others."""
    spec = {
        "initContainers": [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}],
        "containers": [{"name": "a"}, {"name": "b"}],
    }
    told = {
        "phase": "Running",
        "initContainerStatuses": inits or [],
        "containerStatuses": regular or [],
        "conditions": [{"type": kind, "status": value} for kind, value in (conditions or {}).items()],
        **status,
    }
    return " ".join(pod_row({"metadata": metadata or {}, "spec": spec, "status": told}, NOW)[1:4])


DONE = held("i", terminated={"exitCode": 0, "reason": "Completed"})
SIDECAR = held("s", ready=True, started=True, running={})
RUNNING = [held("a", ready=True, running={}), held("b", ready=True, running={})]


@pytest.mark.parametrize(
    ("inits", "expected"),
    [
        ([held("i", waiting={})], "0/3 Init:0/2 0"),
        ([held("i", waiting={"reason": "PodInitializing"})], "0/3 Init:0/2 0"),
        ([held("i", waiting={"reason": "ImagePullBackOff"})], "0/3 Init:ImagePullBackOff 0"),
        ([held("i", 2, running={})], "0/3 Init:0/2 2"),
        ([held("i", terminated={"exitCode": 1, "reason": "Error"})], "0/3 Init:Error 0"),
        ([held("i", terminated={"exitCode": 1, "signal": 9})], "0/3 Init:Signal:9 0"),
        ([held("i", terminated={"exitCode": 3})], "0/3 Init:ExitCode:3 0"),
        ([DONE, held("s", 4, running={})], "0/3 Init:1/2 4"),
        ([DONE, held("s", waiting={"reason": "CrashLoopBackOff"})], "0/3 Init:CrashLoopBackOff 0"),
    ],
)
def test_while_it_initializes(inits: list[dict[str, Any]], expected: str) -> None:
    assert row(RUNNING, inits, phase="Pending") == expected


@pytest.mark.parametrize(
    ("regular", "inits", "conditions", "expected"),
    [
        (RUNNING, [DONE, SIDECAR], {}, "3/3 Running 0"),
        (RUNNING, [DONE, held("s", started=True, running={})], {}, "2/3 Running 0"),
        (
            RUNNING,
            [held("i", 5, terminated={"exitCode": 0}), held("s", 1, started=True)],
            {},
            "2/3 Running 1",
        ),
        (RUNNING, [held("i", 5, waiting={})], {"Initialized": "True"}, "2/3 Init:0/2 0"),
        (RUNNING, [held("i", 5, waiting={})], {"Initialized": "False"}, "0/3 Init:0/2 5"),
        ([RUNNING[0], held("b", running={})], [DONE, SIDECAR], {}, "2/3 Running 0"),
        (
            [RUNNING[0], held("b", 3, waiting={"reason": "CrashLoopBackOff"})],
            [],
            {},
            "1/3 CrashLoopBackOff 3",
        ),
        ([RUNNING[0], held("b", waiting={})], [], {}, "1/3 Running 0"),
        (
            [held("a", terminated={"reason": "Completed"}), held("b", terminated={"reason": "Completed"})],
            [],
            {},
            "0/3 Completed 0",
        ),
        ([held("a", terminated={"reason": "Completed"}), RUNNING[1]], [], {"Ready": "True"}, "1/3 Running 0"),
        (
            [held("a", terminated={"reason": "Completed"}), RUNNING[1]],
            [],
            {"Ready": "False"},
            "1/3 NotReady 0",
        ),
        (
            [
                held("a", terminated={"reason": "Completed"}),
                held("b", terminated={"exitCode": 1, "reason": "Error"}),
            ],
            [],
            {},
            "0/3 Error 0",
        ),
        ([held("a", terminated={"exitCode": 1}), RUNNING[1]], [], {}, "1/3 ExitCode:1 0"),
    ],
)
def test_once_it_has(
    regular: list[dict[str, Any]], inits: list[dict[str, Any]], conditions: dict[str, str], expected: str
) -> None:
    assert row(regular, inits, conditions=conditions) == expected


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("Running", "0/3 Terminating 0"),
        ("Pending", "0/3 Terminating 0"),
        ("Failed", "0/3 Failed 0"),
        ("Succeeded", "0/3 Succeeded 0"),
    ],
)
def test_a_pod_that_is_deleted(phase: str, expected: str) -> None:
    assert row(phase=phase, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}) == expected


def test_a_reason_counts_before_the_phase() -> None:
    assert row(reason="Evicted", phase="Failed") == "0/3 Evicted 0"
    assert row(phase=None) == "0/3 Unknown 0"


def test_when_it_was_restarted_last() -> None:
    def ended(name: str, at: str, restarts: int = 1) -> dict[str, Any]:
        last = {"lastState": {"terminated": {"finishedAt": at}}}
        return {**held(name, restarts, ready=True, running={}), **last}

    regular = [ended("a", "2025-12-31T23:59:00Z"), ended("b", "2025-12-31T23:50:00Z", 2)]
    assert row(regular) == "2/3 Running 3 (60s ago)"
    sidecar = {**ended("s", "2025-12-31T23:59:50Z"), "started": True}
    assert row(regular, [DONE, sidecar]) == "3/3 Running 4 (10s ago)"
    waiting = {**ended("i", "2025-12-31T23:59:55Z"), "state": {"waiting": {}}}
    assert row([], [waiting]) == "0/3 Init:0/2 1 (5s ago)"


def _phase(inits: list[dict[str, Any]], statuses: dict[str, Any], *, initialized: bool = False) -> str:
    spec = {"restartPolicy": "Always", "initContainers": inits, "containers": [{"name": "a"}]}
    return phase_of(spec, statuses, terminal=False, initialized=initialized)


UP: dict[str, Any] = {"state": {"running": {}}, "started": True}
DOWN = {"state": {"waiting": {}}}
GONE = {"state": {"terminated": {"exitCode": 0}}}


@pytest.mark.parametrize(
    ("statuses", "initialized", "expected"),
    [
        ({"i": GONE, "s": UP, "a": UP}, False, "Running"),
        ({"i": GONE, "s": UP}, False, "Pending"),
        ({"i": GONE, "s": {"state": {"running": {}}}, "a": UP}, False, "Pending"),
        ({"i": GONE, "s": {"state": {"running": {}}}, "a": UP}, True, "Running"),
        ({"i": GONE, "s": DOWN, "a": UP}, True, "Pending"),
        ({"i": GONE, "a": UP}, True, "Pending"),
        ({"i": {"state": {"running": {}}}, "s": UP, "a": UP}, True, "Pending"),
        ({"i": {"state": {"waiting": {}}}, "s": UP, "a": UP}, True, "Pending"),
        ({"i": GONE, "s": {"state": {"waiting": {}}, "lastState": GONE["state"]}, "a": UP}, True, "Running"),
        (
            {"i": GONE, "s": {"state": {"waiting": {}}, "lastState": GONE["state"]}, "a": GONE},
            True,
            "Running",
        ),
    ],
)
def test_the_phase_with_an_init_container_and_a_sidecar(
    statuses: dict[str, Any], initialized: bool, expected: str
) -> None:
    inits = [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}]
    assert _phase(inits, statuses, initialized=initialized) == expected


@pytest.mark.parametrize("policy", ["Always", "OnFailure", "Never"])
@pytest.mark.parametrize("code", [0, 1])
def test_an_init_container_that_failed_for_good(policy: str, code: int) -> None:
    status = {"state": {"terminated": {"exitCode": code}}}
    spec = {"restartPolicy": policy, "initContainers": [{"name": "i"}], "containers": [{"name": "a"}]}
    expected = "Failed" if (policy, code) == ("Never", 1) else "Pending"
    assert phase_of(spec, {"i": status}, terminal=False, initialized=False) == expected


def test_an_empty_pod_needs_nothing() -> None:
    assert compute_pod_actions({}, {}, {}).kill_pod


def test_a_status_without_counts() -> None:
    bare = {"name": "a", "state": {"running": {}}}
    assert row([bare, {**bare, "name": "b"}]) == "0/3 Running 0"
    assert row([], [{"name": "i", "state": {"waiting": {}}}]) == "0/3 Init:0/2 0"
    sidecar = {"name": "s", "started": True, "state": {"running": {}}}
    assert row([], [DONE, sidecar]) == "0/3 Running 0"


def test_the_phase_of_a_pod_whose_containers_are_all_gone() -> None:
    assert phase_of({"containers": []}, {}, terminal=False, initialized=False) == "Pending"
