"""kubectl's words for a pod that has not run yet: the columns READY and STATUS of `kubectl get pods`.

Source: kubernetes pkg/printers/internalversion/printers.go, printPod; recorded on a kubelet 1.37.2.
"""

from .start_prediction import PodStartPrediction

__all__ = ["ready_column", "status_column"]


def ready_column(start: PodStartPrediction) -> str:
    """Write READY as containers that run over those that count: sidecars do, ephemeral ones do not."""
    counted = [start for start in start.containers if start.kind in ("container", "sidecar")]
    ready = sum(container.starts is True for container in counted) if start.phase != "Failed" else 0
    return f"{ready}/{len(counted)}"


def status_column(start: PodStartPrediction) -> str:
    """Write STATUS: the pod's own reason, else a waiting container's, with `Init:` before an init one's.

    An undecided pod is `Unknown`, as kubectl calls one whose node is silent.
    """
    if start.phase is None:
        return "Unknown"
    if start.phase == "Failed" and start.reason is not None:
        return start.reason  # no container of a refused pod has a status
    for container in start.containers:
        waits = container.kind in ("init", "sidecar") and container.starts is False
        if waits and container.reason not in (None, "ContainerCreating", "PodInitializing"):
            return f"Init:{container.reason}"
    if start.event is not None and any(
        container.kind in ("init", "sidecar") for container in start.containers
    ):
        initializing = [c for c in start.containers if c.kind in ("init", "sidecar")]
        return f"Init:0/{len(initializing)}"
    status: str = start.phase
    # kubectl walks the regular containers' statuses, which are sorted by name, backwards: the first one wins
    for container in sorted(start.containers, key=lambda container: container.name, reverse=True):
        if container.kind == "container" and container.starts is False and container.reason:
            status = container.reason
    return status
