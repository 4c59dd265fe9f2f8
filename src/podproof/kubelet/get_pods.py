"""A running pod's line in `kubectl get pods`: NAME READY STATUS RESTARTS AGE.

Source: kubernetes pkg/printers/internalversion/printers.go, printPod (1.37).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..kube.visit import WITHOUT_EPHEMERAL, visit_mappings
from .durations import human_duration

__all__ = ["pod_row", "table"]

Row = tuple[str, str, str, str, str]


def pod_row(pod: Mapping[str, Any], now: float) -> Row:
    """Write the line of a pod with its status; `now` in seconds since the epoch."""
    spec, status, metadata = pod.get("spec") or {}, pod.get("status") or {}, pod.get("metadata") or {}
    kinds = {c["name"]: kind for kind, c, _ in visit_mappings(spec, fields=WITHOUT_EPHEMERAL)}
    total = sum(kind != "init" for kind in kinds.values())
    initial = sum(kind != "container" for kind in kinds.values())
    word: str = status.get("reason") or status.get("phase") or "Unknown"
    initializing, ready, restarts, sidecar_restarts = False, 0, 0, 0
    ends: list[float] = []
    sidecar_ends: list[float] = []
    for index, container in enumerate(status.get("initContainerStatuses") or ()):
        sidecar = kinds.get(container["name"]) == "sidecar"
        restarts += int(container.get("restartCount") or 0)
        ends.append(_last_end(container))
        if sidecar:
            sidecar_restarts += int(container.get("restartCount") or 0)
            sidecar_ends.append(_last_end(container))
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting")
        if ended is not None and not ended.get("exitCode"):
            continue
        if sidecar and container.get("started"):
            ready += bool(container.get("ready"))
            continue
        initializing = True
        if ended is not None:
            word = f"Init:{_ended_word(ended)}"
        elif waiting and waiting.get("reason") not in (None, "", "PodInitializing"):
            word = f"Init:{waiting['reason']}"
        else:
            word = f"Init:{index}/{initial}"
        break
    if not initializing or _is(status, "Initialized"):
        restarts, ends = sidecar_restarts, sidecar_ends
        word, regular_ready = _regular(status, word, ends)
        ready += regular_ready
        restarts += sum(
            int(container.get("restartCount") or 0) for container in status.get("containerStatuses") or ()
        )
    if metadata.get("deletionTimestamp") and status.get("phase") not in ("Failed", "Succeeded"):
        word = "Terminating"
    again = str(restarts)
    if restarts and max(ends):
        again = f"{restarts} ({human_duration(now - max(ends))} ago)"
    created = _seconds(metadata.get("creationTimestamp"))
    age = human_duration(now - created) if created else "<unknown>"
    return str(metadata.get("name") or ""), f"{ready}/{total}", word, again, age


def _regular(status: Mapping[str, Any], word: str, ends: list[float]) -> tuple[str, int]:
    """Read the regular containers backwards: the first one has the last word."""
    ready, running, error = 0, False, ""
    for container in reversed(status.get("containerStatuses") or ()):
        ends.append(_last_end(container))
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting")
        if waiting is not None and waiting.get("reason"):
            word = waiting["reason"]
        elif ended is not None:
            word = _ended_word(ended)
            if ended.get("exitCode"):
                error = word
        elif container.get("ready") and state.get("running") is not None:
            running = True
            ready += 1
    if word == "Completed":
        if running and _is(status, "Ready"):
            word = "Running"
        elif error:
            word = error
        elif running:
            word = "NotReady"
    return word, ready


def _ended_word(ended: Mapping[str, Any]) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    if ended.get("signal"):
        return f"Signal:{ended['signal']}"
    return f"ExitCode:{ended.get('exitCode') or 0}"


def _is(status: Mapping[str, Any], type: str) -> bool:
    return any(c["type"] == type and c["status"] == "True" for c in status.get("conditions") or ())


def _last_end(container: Mapping[str, Any]) -> float:
    ended = (container.get("lastState") or {}).get("terminated") or {}
    return _seconds(ended.get("finishedAt"))


def _seconds(text: object) -> float:
    return datetime.fromisoformat(text).timestamp() if isinstance(text, str) and text else 0.0


def table(rows: list[Row]) -> str:
    """Write the table under its heading, aligned as kubectl does with three spaces between columns."""
    lines = [("NAME", "READY", "STATUS", "RESTARTS", "AGE"), *rows]
    widths = [max(len(line[column]) for line in lines) + 3 for column in range(4)]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)) + line[4] + "\n"
        for line in lines
    )
