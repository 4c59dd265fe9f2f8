"""The pod's five conditions, by its containers' statuses, its phase and its sandbox."""

from typing import Any

import pytest

from podproof.kubelet.conditions import conditions_of

INIT, SIDECAR = {"name": "i"}, {"name": "s", "restartPolicy": "Always"}
READY: dict[str, Any] = {"ready": True, "started": True, "state": {"running": {"startedAt": "t"}}}
RUNNING: dict[str, Any] = {"ready": False, "started": True, "state": {"running": {"startedAt": "t"}}}
WAITING: dict[str, Any] = {"ready": False, "started": False, "state": {"waiting": {}}}
RESTARTING: dict[str, Any] = {**WAITING, "lastState": {"terminated": {"exitCode": 1}}}
ENDED: dict[str, Any] = {"ready": False, "started": False, "state": {"terminated": {"exitCode": 0}}}


def conditions(
    statuses: dict[str, dict[str, Any]], *, init: Any = (), phase: str = "Running", sandbox: Any = "ready",
    **spec: Any,
) -> dict[str, tuple[str, str, str]]:  # fmt: skip
    listed = conditions_of(
        {"initContainers": list(init), "containers": [{"name": "a"}, {"name": "b"}], **spec},
        statuses, phase, sandbox,
    )  # fmt: skip
    assert [condition["type"] for condition in listed] == [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ]
    assert all(c.get(name) != "" for c in listed for name in ("reason", "message"))
    return {c["type"]: (c["status"], c.get("reason", ""), c.get("message", "")) for c in listed}


TRUE = ("True", "", "")


def test_all_is_true_of_a_pod_that_runs() -> None:
    assert set(conditions({"a": READY, "b": READY}).values()) == {TRUE}


@pytest.mark.parametrize(
    ("sandbox", "expected"),
    [
        ("ready", TRUE),
        ("none", ("False", "PodSandboxNotReady", "no pod sandbox exists")),
        ("not ready", ("False", "PodSandboxNotReady", "pod sandbox is not ready")),
    ],
)
def test_the_sandbox(sandbox: str, expected: tuple[str, str, str]) -> None:
    found = conditions({"a": READY, "b": READY}, sandbox=sandbox)
    assert found["PodReadyToStartContainers"] == expected


@pytest.mark.parametrize(
    ("statuses", "init", "phase", "reason", "message"),
    [
        ({"a": READY, "b": RUNNING}, (), "Running", "ContainersNotReady",
         "containers with unready status: [b]"),
        ({"a": RUNNING, "b": RUNNING}, (), "Running", "ContainersNotReady",
         "containers with unready status: [a b]"),
        ({"a": READY}, (), "Running", "ContainersNotReady", "containers with unknown status: [b]"),
        ({"a": RUNNING}, (), "Running", "ContainersNotReady",
         "containers with unknown status: [b], containers with unready status: [a]"),
        # sidecars count, init containers do not
        ({"a": READY, "b": READY, "s": RUNNING, "i": ENDED}, (INIT, SIDECAR), "Running", "ContainersNotReady",
         "containers with unready status: [s]"),
        ({"a": ENDED, "b": ENDED}, (), "Succeeded", "PodCompleted", ""),
        ({"a": ENDED}, (), "Succeeded", "ContainersNotReady",
         "containers with unknown status: [b], containers with unready status: [a]"),
        ({"a": ENDED, "b": READY}, (), "Failed", "PodFailed", ""),
    ],
)  # fmt: skip
def test_a_pod_is_as_ready_as_its_containers(
    statuses: dict[str, dict[str, Any]], init: Any, phase: str, reason: str, message: str
) -> None:
    found = conditions(statuses, init=init, phase=phase)
    assert found["ContainersReady"] == found["Ready"] == ("False", reason, message)


@pytest.mark.parametrize(
    ("init", "statuses", "phase", "expected"),
    [
        ((), {}, "Pending", TRUE),
        ((INIT,), {"i": {**ENDED, "ready": True}}, "Pending", TRUE),
        ((INIT,), {"i": WAITING}, "Pending",
         ("False", "ContainersNotInitialized", "containers with incomplete status: [i]")),
        ((INIT, SIDECAR), {}, "Pending",
         ("False", "ContainersNotInitialized", "containers with incomplete status: [i s]")),
        # a sidecar is complete when it has started, though it is not ready
        ((SIDECAR,), {"s": RUNNING}, "Pending", TRUE),
        ((SIDECAR,), {"s": {**RUNNING, "started": False, "ready": True}}, "Pending",
         ("False", "ContainersNotInitialized", "containers with incomplete status: [s]")),
        # what has begun stays initialized
        ((INIT,), {"i": WAITING, "a": RUNNING}, "Running", TRUE),
        ((INIT,), {"i": WAITING, "a": ENDED}, "Running", TRUE),
        ((INIT,), {"i": WAITING, "a": RESTARTING}, "Running", TRUE),
        ((INIT,), {"i": WAITING, "a": WAITING}, "Pending",
         ("False", "ContainersNotInitialized", "containers with incomplete status: [i]")),
        ((INIT,), {"i": WAITING}, "Succeeded", ("True", "PodCompleted", "")),
        ((), {"a": ENDED, "b": ENDED}, "Succeeded", ("True", "PodCompleted", "")),
    ],
)  # fmt: skip
def test_initialized(
    init: Any, statuses: dict[str, dict[str, Any]], phase: str, expected: tuple[str, str, str]
) -> None:
    assert conditions(statuses, init=init, phase=phase)["Initialized"] == expected


def test_readiness_gates_keep_a_pod_from_being_ready_and_not_its_containers() -> None:
    gates = [{"conditionType": "example.com/x"}, {"conditionType": "example.com/y"}]
    found = conditions({"a": READY, "b": READY}, readinessGates=gates)
    message = ", ".join(
        f'corresponding condition of pod readiness gate "example.com/{name}" does not exist.'
        for name in ("x", "y")
    )
    assert found["Ready"] == ("False", "ReadinessGatesNotReady", message)
    assert found["ContainersReady"] == TRUE
    unready = conditions({"a": READY, "b": RUNNING}, readinessGates=gates)
    assert unready["Ready"][1] == "ContainersNotReady"
