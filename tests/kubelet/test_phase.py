"""The pod's phase, from what its containers are in and whether they are started again."""

from typing import Any

import pytest

from podproof.kubelet.phase import phase_of

RUNNING: dict[str, Any] = {"state": {"running": {}}, "started": True}
WAITING: dict[str, Any] = {"state": {"waiting": {}}}
SIDECAR = {"name": "s", "restartPolicy": "Always"}


def ended(code: int) -> dict[str, Any]:
    return {"state": {"terminated": {"exitCode": code}}}


def back_off(code: int) -> dict[str, Any]:
    return {"state": {"waiting": {}}, "lastState": {"terminated": {"exitCode": code}}}


def phase(
    statuses: dict[str, Any],
    policy: str,
    *,
    init: Any = (),
    terminal: bool = False,
    initialized: bool = False,
) -> str:
    spec = {
        "restartPolicy": policy,
        "initContainers": list(init),
        "containers": [{"name": "a"}, {"name": "b"}],
    }
    return phase_of(spec, statuses, terminal=terminal, initialized=initialized)


@pytest.mark.parametrize(
    ("a", "b", "policy", "expected"),
    [
        (RUNNING, RUNNING, "Always", "Running"),
        (RUNNING, WAITING, "Always", "Pending"),
        (RUNNING, None, "Always", "Pending"),
        (WAITING, WAITING, "Always", "Pending"),
        (None, None, "Always", "Pending"),
        (ended(0), None, "Never", "Pending"),
        (RUNNING, ended(1), "Never", "Running"),
        (RUNNING, back_off(1), "Always", "Running"),
        (ended(0), ended(0), "Always", "Running"),
        (ended(1), ended(0), "OnFailure", "Running"),
        (back_off(1), back_off(1), "Always", "Running"),
        (ended(0), ended(0), "OnFailure", "Succeeded"),
        (ended(0), ended(0), "Never", "Succeeded"),
        (ended(0), ended(1), "Never", "Failed"),
        (ended(3), ended(0), "Never", "Failed"),
        # it waits and is not started again: a failure, whatever its last code
        (back_off(0), ended(0), "Never", "Failed"),
    ],
)
def test_regular_containers(a: Any, b: Any, policy: str, expected: str) -> None:
    statuses = {name: status for name, status in (("a", a), ("b", b)) if status is not None}
    assert phase(statuses, policy) == expected


def test_nothing_is_started_again_once_the_pod_is_terminal() -> None:
    done = {"a": ended(0), "b": ended(0)}
    assert phase(done, "Always", terminal=True) == "Succeeded"
    assert phase({"a": ended(0), "b": ended(1)}, "Always", terminal=True) == "Failed"
    assert phase({"a": RUNNING, "b": ended(1)}, "Always", terminal=True) == "Running"


@pytest.mark.parametrize(
    ("status", "policy", "expected"),
    [
        (None, "Always", "Pending"),
        (WAITING, "Always", "Pending"),
        (RUNNING, "Always", "Pending"),
        (ended(0), "Always", "Running"),
        (ended(1), "Always", "Running"),
        (ended(1), "OnFailure", "Running"),
        (ended(1), "Never", "Failed"),
        (back_off(1), "Always", "Running"),
        (back_off(1), "Never", "Failed"),
        (back_off(0), "Never", "Running"),
        # it runs again: its last end no longer counts
        ({**RUNNING, "lastState": {"terminated": {"exitCode": 1}}}, "OnFailure", "Pending"),
    ],
)
def test_an_init_container_holds_the_pod_back_or_fails_it(status: Any, policy: str, expected: str) -> None:
    statuses = {"a": RUNNING, "b": RUNNING, **({} if status is None else {"i": status})}
    assert phase(statuses, policy, init=({"name": "i"},)) == expected


@pytest.mark.parametrize(
    ("status", "initialized", "expected"),
    [
        (RUNNING, False, "Running"),
        ({**RUNNING, "started": False}, False, "Pending"),
        ({**RUNNING, "started": False}, True, "Running"),
        (WAITING, False, "Pending"),
        (WAITING, True, "Pending"),
        (back_off(1), False, "Running"),
        (ended(1), False, "Running"),
        (None, True, "Pending"),
    ],
)
def test_a_sidecar_holds_the_pod_back_until_it_has_started(
    status: Any, initialized: bool, expected: str
) -> None:
    statuses = {"a": RUNNING, "b": RUNNING, **({} if status is None else {"s": status})}
    assert phase(statuses, "Always", init=(SIDECAR,), initialized=initialized) == expected


def test_what_stands_behind_a_sidecar_counts_too() -> None:
    init = (SIDECAR, {"name": "i"})
    statuses = {"a": RUNNING, "b": RUNNING, "s": RUNNING}
    assert phase({**statuses, "i": WAITING}, "Always", init=init) == "Pending"
    assert phase({**statuses, "i": ended(0)}, "Always", init=init) == "Running"
    assert phase({**statuses, "i": ended(1)}, "Never", init=init) == "Failed"


def test_a_sidecars_end_decides_nothing() -> None:
    done = {"a": ended(0), "b": ended(0)}
    assert phase({**done, "s": ended(137)}, "Never", init=(SIDECAR,), initialized=True) == "Succeeded"
    # while it runs, the pod does
    assert phase({**done, "s": RUNNING}, "Never", init=(SIDECAR,), initialized=True) == "Running"
