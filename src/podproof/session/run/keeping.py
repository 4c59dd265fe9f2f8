"""Looks after the pods of `run --keep` once the command is over: probes and restarts go on until their end.

A run's pods come in. What they are is written for `ps`, `logs`, `describe` and `exec`, and what `stop` asks
for is done (`kept_pods`); this returns when the last pod has been stopped.
"""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ...errors import OutputError
from .kept_pods import KeptFiles
from .supervise import SupervisedPod

__all__ = ["KeptRun", "PodKeeper", "kept_log"]

_LOOK = 0.1
"""Seconds between two looks at the pods and at what is asked for."""

_PRUNE = 5.0
"""Seconds between two looks for logs that nothing tells of any more."""


def kept_log(session: Path) -> Path:
    """Give the file into which the process of a session's kept pods writes why it ends before them."""
    return session.parents[1] / "kept.log"


class KeptRun(Protocol):
    """A run whose pods are kept."""

    @property
    def pods(self) -> Sequence[SupervisedPod]:
        """Every pod that was started so far."""

    def advance(self) -> None:
        """Start what Jobs want next. Raises EngineError: the engine is gone."""

    def stop(self, pod: SupervisedPod) -> None:
        """Ask for the end of a pod; its Job, if any, starts no other one."""


class PodKeeper:
    """Looks after one run's pods, in this process. Raises OutputError: the session's folder is full."""

    def __init__(self, run: KeptRun, session: Path) -> None:
        self._run = run
        self._files = KeptFiles(session, os.getpid())
        self._gone: set[SupervisedPod] = set()
        for pod in run.pods:
            self._write(pod)

    def keep(self, interrupted: Callable[[], int]) -> None:
        """Return when every pod has been stopped, or a signal came (`interrupted` gives how many did).

        Raises EngineError: the engine is gone.
        """
        before = interrupted()
        prune_at = time.monotonic()
        while len(self._gone) < len(self._run.pods) and interrupted() == before:
            time.sleep(_LOOK)
            self._run.advance()
            for pod in self._run.pods:
                with suppress(OutputError):  # a full disk, perhaps by these pods: the next look tries again
                    self._write(pod)
            if time.monotonic() >= prune_at:
                prune_at = time.monotonic() + _PRUNE
                self._remove_old_logs()

    def _write(self, pod: SupervisedPod) -> None:
        if pod in self._gone:
            return
        snapshot = pod.snapshot
        uid = str(snapshot.pod["metadata"]["uid"])
        if not pod.alive:
            self._gone.add(pod)
            self._files.remove(uid)
            return
        if self._files.is_to_stop(uid):
            self._run.stop(pod)
        self._files.write(snapshot, pod.planned.owner, pod.log_files)

    def _remove_old_logs(self) -> None:
        """Remove logs of attempts that the runtime has forgotten: a container may be restarted for weeks."""
        for pod in self._run.pods:
            for folder in pod.logs.values():
                known = {int(path.stem) for path in pod.log_files.values() if path.parent == folder}
                for path in folder.glob("*.log"):
                    number = int(path.stem) if path.stem.isdecimal() else None
                    if number is not None and number not in known and number < max(known, default=0):
                        with suppress(OSError):
                            path.unlink()
