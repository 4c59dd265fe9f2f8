"""READY and STATUS of a pod that has not run yet, as `kubectl get pods` would print them."""

from typing import Any

import pytest

from podproof.effective.value import Unknown
from podproof.kubelet.predicted_columns import ready_column, status_column
from podproof.kubelet.start_prediction import PodStartPrediction, StartPrediction, WarningEvent

EVENT = WarningEvent("FailedCreatePodSandBox", "m", ())


def container(name: str, kind: Any = "container", reason: str | None = None) -> StartPrediction:
    return StartPrediction(name, kind, reason is None, reason)


def pod(*containers: StartPrediction, phase: Any = "Pending", **fields: Any) -> PodStartPrediction:
    made = {"reason": None, "message": "", "event": None, **fields}
    return PodStartPrediction(phase=phase, containers=containers, **made)


INITIALIZING = container("a", reason="PodInitializing")


@pytest.mark.parametrize(
    ("prediction", "ready", "status"),
    [
        (pod(container("a"), phase="Running"), "1/1", "Running"),
        (pod(container("a", reason="CreateContainerError")), "0/1", "CreateContainerError"),
        # kubectl reads the containers, which are sorted by name, from the last
        (pod(container("b", reason="B"), container("a", reason="A")), "0/2", "A"),
        (pod(container("a", reason="A"), container("b")), "1/2", "A"),
        # init containers count for nothing, sidecars do, ephemeral ones do not
        (pod(container("i", "init"), container("a"), phase="Running"), "1/1", "Running"),
        (pod(container("s", "sidecar"), container("a"), phase="Running"), "2/2", "Running"),
        (pod(container("a"), container("e", "ephemeral", "X"), phase="Running"), "1/1", "Running"),
        # an init container that does not start is told as one
        (pod(container("i", "init", "CreateContainerConfigError"), INITIALIZING), "0/1",
         "Init:CreateContainerConfigError"),
        (pod(container("s", "sidecar", "CreateContainerError"), INITIALIZING), "0/2",
         "Init:CreateContainerError"),
        (pod(container("i", "init"), container("j", "init", "X"), container("k", "init", "PodInitializing"),
             INITIALIZING), "0/1", "Init:X"),
        # without a sandbox nobody has begun: none of the N init containers is done
        (pod(container("i", "init", "ContainerCreating"), container("a", reason="ContainerCreating"),
             event=EVENT), "0/1", "Init:0/1"),
        (pod(container("i", "init", "ContainerCreating"), container("s", "sidecar", "ContainerCreating"),
             container("a", reason="ContainerCreating"), event=EVENT), "0/2", "Init:0/2"),
        (pod(container("s", "sidecar", "ContainerCreating"), container("a", reason="ContainerCreating"),
             event=EVENT), "0/2", "Init:0/1"),
        (pod(container("a", reason="ContainerCreating"), event=EVENT), "0/1", "ContainerCreating"),
        # a pod that the node refuses is its own reason, and nothing of it is ready
        (pod(container("a"), phase="Failed", reason="AppArmor", event=EVENT), "0/1", "AppArmor"),
        # one that it holds back has containers that say so
        (pod(container("a", reason="Blocked"), reason="AppArmor", event=EVENT), "0/1", "Blocked"),
        (pod(container("i", "init", "Blocked"), container("a", reason="Blocked"), reason="AppArmor",
             event=EVENT), "0/1", "Init:Blocked"),
        (pod(StartPrediction("a", "container", Unknown("the image")), phase=None), "0/1", "Unknown"),
    ],
)  # fmt: skip
def test_columns(prediction: PodStartPrediction, ready: str, status: str) -> None:
    assert (ready_column(prediction), status_column(prediction)) == (ready, status)


def test_a_failed_pod_without_a_reason_is_told_by_its_phase() -> None:
    assert status_column(pod(container("a"), phase="Failed")) == "Failed"
    assert status_column(pod(container("a"), phase="Failed", reason="Evicted")) == "Evicted"
    assert status_column(pod(container("a"), phase="Pending", reason="Evicted")) == "Pending"
