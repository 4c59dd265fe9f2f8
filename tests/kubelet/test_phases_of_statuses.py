"""The phase of a pod by what each container of it does: source kubernetes 1.37.2 pkg/kubelet, getPhase."""

from typing import Any

import pytest
from test_status import CRASHING, INIT, SIDECAR, attempt, known, pod_status

from podproof.kubelet.status import ContainerRuntimeState, PodRuntimeState

RUNS, MADE = known(attempt(), started=True), known(attempt("created"))
DONE, FAILED = known(attempt("exited", 0)), known(attempt("exited", 1))
BACK = known(attempt("exited", 1), waiting=CRASHING)
NEVER = known(waiting=("ErrImagePull", "m"))
TWO = [{"name": "a", "image": "i"}, {"name": "b", "image": "i"}]


def phase(policy: str, *, terminal: bool = False, init: Any = (), **states: ContainerRuntimeState) -> str:
    state = PodRuntimeState(sandbox="ready", terminal=terminal)
    containers = TWO if "b" in states else TWO[:1]
    found = pod_status(states, init=init, containers=containers, restartPolicy=policy, state=state)
    return str(found["phase"])


@pytest.mark.parametrize(
    ("policy", "a", "b", "expected"),
    [
        ("Always", RUNS, RUNS, "Running"),
        ("Always", RUNS, NEVER, "Pending"),
        ("Always", NEVER, NEVER, "Pending"),
        ("Always", MADE, RUNS, "Pending"),
        ("Always", RUNS, BACK, "Running"),
        ("Always", BACK, BACK, "Running"),
        ("Always", DONE, DONE, "Running"),
        ("Always", DONE, NEVER, "Pending"),
        ("OnFailure", DONE, FAILED, "Running"),
        ("OnFailure", DONE, RUNS, "Running"),
        ("Never", DONE, RUNS, "Running"),
        ("Never", FAILED, NEVER, "Pending"),
    ],
)
def test_two_containers(
    policy: str, a: ContainerRuntimeState, b: ContainerRuntimeState, expected: str
) -> None:
    assert phase(policy, a=a, b=b) == phase(policy, a=b, b=a) == expected


@pytest.mark.parametrize(
    ("policy", "a", "b", "expected"),
    [
        ("Never", DONE, DONE, "Succeeded"),
        ("Never", DONE, FAILED, "Failed"),
        ("Never", FAILED, FAILED, "Failed"),
        ("OnFailure", DONE, DONE, "Succeeded"),
        ("OnFailure", DONE, FAILED, "Failed"),
        ("Always", DONE, DONE, "Succeeded"),
        ("Always", DONE, FAILED, "Failed"),
        ("Always", RUNS, FAILED, "Running"),
    ],
)
def test_when_nothing_is_started_any_more(
    policy: str, a: ContainerRuntimeState, b: ContainerRuntimeState, expected: str
) -> None:
    assert phase(policy, a=a, b=b, terminal=True) == phase(policy, a=b, b=a, terminal=True) == expected


@pytest.mark.parametrize(
    ("policy", "init", "i", "a", "expected"),
    [
        ("Always", INIT, NEVER, NEVER, "Pending"),
        ("Always", INIT, RUNS, NEVER, "Pending"),
        ("Always", INIT, FAILED, NEVER, "Pending"),
        ("Always", INIT, DONE, NEVER, "Pending"),
        ("Always", INIT, DONE, RUNS, "Running"),
        ("Always", SIDECAR, NEVER, NEVER, "Pending"),
        ("Always", SIDECAR, RUNS, NEVER, "Pending"),
        ("Always", SIDECAR, RUNS, RUNS, "Running"),
        # a sidecar that has not started holds back only what has not run
        ("Always", SIDECAR, known(attempt()), RUNS, "Running"),
        ("Always", SIDECAR, known(attempt()), MADE, "Pending"),
        ("Always", SIDECAR, known(attempt()), BACK, "Running"),
        ("Always", SIDECAR, BACK, RUNS, "Running"),
        ("Always", SIDECAR, MADE, RUNS, "Pending"),
        ("Never", SIDECAR, RUNS, RUNS, "Running"),
    ],
)
def test_an_init_container_or_a_sidecar(
    policy: str, init: Any, i: ContainerRuntimeState, a: ContainerRuntimeState, expected: str
) -> None:
    assert phase(policy, init=[init], i=i, a=a) == expected


@pytest.mark.parametrize(
    ("policy", "i", "expected"),
    [("Never", FAILED, "Failed"), ("OnFailure", FAILED, "Pending"), ("Never", DONE, "Pending"),
     ("Always", FAILED, "Pending")],
)  # fmt: skip
def test_an_init_container_that_fails_for_good(policy: str, i: ContainerRuntimeState, expected: str) -> None:
    assert phase(policy, init=[INIT], i=i, a=known(), terminal=True) == expected


@pytest.mark.parametrize("previous", ["Failed", "Succeeded"])
def test_an_end_is_never_left(previous: str) -> None:
    found = pod_status({"a": RUNS}, previous={"phase": previous}, state=PodRuntimeState(terminal=True))
    assert found["phase"] == previous
    # until nothing runs any more the phase is what it was
    assert pod_status({"a": RUNS}, previous={"phase": previous})["phase"] == previous
    assert pod_status({"a": RUNS}, previous={"phase": "Pending"})["phase"] == "Running"
