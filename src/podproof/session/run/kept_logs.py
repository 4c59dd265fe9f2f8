"""What a container of a kept pod has written: a pod and a container go in, bytes come out as they come.

The runtime's log files are read, which only root and the runtime can write.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from ...errors import StateError
from ...kubelet.which_container import (
    NoSuchContainer,
    attempt_with_logs,
    choose_container,
    running_attempt,
)
from ...runtimes.embedded import Places
from ...runtimes.pods.logs import LogFollower, LogLine
from .kept_pods import KeptPod, find_kept

__all__ = ["chosen", "kept_log_lines"]

_LOOK = 0.2
"""Seconds between two looks at a log that is followed."""

_MAX_LINE = 64 * 1024
"""Bytes of a line without an end that are kept before they are given."""


def chosen(kept: KeptPod, container: str | None, note: Callable[[str], None]) -> str:
    """Choose a container of the pod as kubectl does; `note` is told when nobody named it.

    Raises UsageError: the pod has none of that name.
    """
    try:
        choice = choose_container(kept.pod, container)
    except NoSuchContainer as error:
        raise StateError(str(error)) from None
    if choice.note:
        note(choice.note)
    return choice.name


def kept_log_lines(
    kept: KeptPod,
    container: str,
    *,
    previous: bool = False,
    follow: bool = False,
    tail: int = -1,
    places: Places,
    interrupted: Callable[[], int] = lambda: 0,
) -> Iterator[bytes]:
    """Give the lines of a container's log, the last `tail` of them (-1: all), each with its line feed.

    `follow`: also those to come, until this attempt at the container has ended or a signal came.
    Raises UsageError: there is no such attempt.
    """
    try:
        id = attempt_with_logs(kept.pod, container, previous=previous)
    except NoSuchContainer as error:
        raise StateError(str(error)) from None
    path = Path(kept.logs.get(id, ""))
    if id not in kept.logs:
        raise StateError(f'container "{container}" in pod "{kept.name}": the log of {id} is gone')
    yield from _whole(_lines(kept, container, id, path, follow, tail, places, interrupted))


def _lines(
    kept: KeptPod,
    container: str,
    id: str,
    path: Path,
    follow: bool,
    tail: int,
    places: Places,
    interrupted: Callable[[], int],
) -> Iterator[LogLine]:
    follower = LogFollower(path)
    yield from _last(follower, tail)
    while follow and not interrupted():
        # asked before the look: what was written until the end is still read
        running = any(
            running_attempt(one.pod, container) == id for one in find_kept(places) if one.uid == kept.uid
        )
        lines = list(follower.new_lines())
        yield from lines
        if not running and not lines:
            return
        if not lines:
            time.sleep(_LOOK)


def _last(follower: LogFollower, tail: int) -> Iterator[LogLine]:
    """Give what is in the log by now, at most the last lines of it, as the runtime has split them."""
    lines = follower.all_new_lines()
    yield from lines if tail < 0 else deque(lines, maxlen=tail)


def _whole(lines: Iterator[LogLine]) -> Iterator[bytes]:
    """Put lines together that the runtime has split; the parts of two streams stay apart."""
    parts: dict[str, bytes] = {}
    for line in lines:
        data = parts.pop(line.stream, b"") + line.data
        if line.whole or len(data) > _MAX_LINE:
            yield data
        else:
            parts[line.stream] = data
    yield from (data for data in parts.values() if data)
