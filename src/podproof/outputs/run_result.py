"""What a run leaves behind on standard output: kubectl's table, its describe, or the pods as YAML."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..kubelet.describe import describe
from ..kubelet.endings import endings
from ..kubelet.events import PodEvent
from ..kubelet.get_pods import pod_row, table
from ..runtimes.pods.values import PodSnapshot
from .plain import one_line

__all__ = ["Described", "descriptions", "rows", "to_yaml"]


class Described(Protocol):
    """A pod with its status, and what has happened to it."""

    @property
    def pod(self) -> Mapping[str, Any]:
        """The mapping with `.status`."""

    @property
    def events(self) -> Sequence[PodEvent]:
        """Its events."""


def rows(snapshots: Sequence[PodSnapshot], now: float) -> str:
    """Write the table of `kubectl get pods`, and below it why containers ended that failed."""
    written = table([pod_row(snapshot.pod, now) for snapshot in snapshots])
    lines = [*written.splitlines(), *(line for snapshot in snapshots for line in endings(snapshot.pod))]
    return "".join(f"{one_line(line)}\n" for line in lines)


def descriptions(snapshots: Sequence[Described], now: float) -> str:
    """Write `kubectl describe pod` for each, two empty lines between them."""
    texts = [describe(snapshot.pod, snapshot.events, now) for snapshot in snapshots]
    return "\n\n".join("".join(f"{one_line(line)}\n" for line in text.splitlines()) for text in texts)


def to_yaml(snapshots: Sequence[PodSnapshot]) -> str:
    """Write the pods with their status as `kubectl get -o yaml` does: one, or a List."""
    from .yaml_text import write_yaml

    pods = [snapshot.pod for snapshot in snapshots]
    value = pods[0] if len(pods) == 1 else {"apiVersion": "v1", "kind": "List", "items": pods}
    return write_yaml([value], sort_keys=True, width=4096)
