"""When a run is over, by what --until says and the pods' snapshots.

Text goes in and an Until comes out; with snapshots, whether the run is over. Time is an argument, in seconds
since the run began.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from ...errors import UsageError
from ...runtimes.pods.values import PodSnapshot
from .progress import debuggers_ended, is_ready, is_stuck

__all__ = ["Until", "is_hopeless", "is_over", "parse_until"]


class Until(msgspec.Struct, frozen=True):
    """When a run is over: `ready`, `completed`, after `seconds`, or (`end`) when every pod has ended."""

    kind: Literal["end", "ready", "completed", "time"]
    seconds: float = 0.0


def parse_until(text: str | None) -> Until:
    """Read --until. Raises UsageError: neither a word nor a duration."""
    from ...kube.go_duration import parse_duration

    if text is None:
        return Until("end")
    if text == "ready":
        return Until("ready")
    if text == "completed":
        return Until("completed")
    seconds = parse_duration(text)
    if seconds is None:
        raise UsageError(f"--until must be ready, completed or a duration such as 30s or 2m, has {text!r}")
    return Until("time", seconds)


def is_over(
    snapshots: Sequence[PodSnapshot],
    until: Until,
    waited: float,
    *,
    waiting: bool = False,
    to_come: bool = False,
) -> bool:
    """Tell whether what was waited for has come about, `waited` seconds after the run began.

    `waiting`: more pods are yet to start; `to_come`: among them such as start when others are ready.
    """
    ended = all(snapshot.finished for snapshot in snapshots) and not waiting
    if until.kind == "time":
        return waited >= until.seconds or ended
    if ended:
        return True
    debugged = [debuggers_ended(snapshot) for snapshot in snapshots]
    if any(ended is False for ended in debugged):
        return False
    if until.kind == "ready":
        return not to_come and all(is_ready(snapshot) or snapshot.finished for snapshot in snapshots)
    # a run with --debug is over when its debuggers have ended
    return until.kind == "end" and any(debugged)


def is_hopeless(snapshots: Sequence[PodSnapshot], until: Until) -> bool:
    """Tell whether nothing that is waited for can come about any more."""
    if until.kind == "time":
        return False
    moving = [snapshot for snapshot in snapshots if not snapshot.finished]
    if not moving or not any(is_stuck(snapshot) for snapshot in moving):
        return False
    if not all(snapshot.settled for snapshot in moving):
        return False  # the other containers have not had their turn
    return all(is_stuck(snapshot) or is_ready(snapshot) for snapshot in moving)
