"""A session is what one podproof process runs: its pods, its folder, its cgroup, its lock.

A session whose process is gone is reaped by whoever finds it: sandboxes by their label, then mounts, folder
and cgroup. Pods that are kept have a process that goes on, and write into the folder `kept` of their session.
"""

import secrets

from ...errors import OutputError
from ..engine import Engine, EngineError
from .cleanup import kill_processes, processes_with, remove_cgroup, remove_tree, unmount_below
from .locks import FileLock
from .places import Places

__all__ = ["KEPT", "KEPT_PID", "SESSION_LABEL", "Session", "reap_session", "remove_sandbox"]

SESSION_LABEL = "podproof.dev/session"

KEPT, KEPT_PID = "kept", "pid"
"""The folder in a session's that tells of kept pods, and the file in it with the number of their process."""


class Session:
    """This process's session: `id`, `directory` for volumes and logs, `cgroup` as a parent of pods'."""

    def __init__(self, places: Places, id: str, lock: FileLock) -> None:
        self.id = id
        self.directory = places.session_folders / id
        self.cgroup = f"{places.cgroup}/{id}"
        self._places = places
        self._lock = lock

    @classmethod
    def open(cls, places: Places, endpoint: str) -> "Session":
        """Begin a session at an endpoint. Raises OutputError: the folders cannot be written."""
        lock: FileLock | None = None
        try:
            places.session_locks.mkdir(parents=True, exist_ok=True)
            id = secrets.token_hex(4)
            lock = FileLock.take(places.session_locks / f"{id}.lock", wait=True)
            assert lock is not None
            lock.write(endpoint)
            # Containers' own users pass through on their way to a volume, and read no folder's list.
            places.session_folders.mkdir(mode=0o711, parents=True, exist_ok=True)
            (places.session_folders / id).mkdir(mode=0o711)
        except OSError as error:
            if lock is not None:
                lock.release(remove=True)  # else the session lived as long as this process, without anything
            where = error.filename or places.session_folders
            raise OutputError(f"cannot write {where}: {error.strerror or error}") from error
        return cls(places, id, lock)

    def close(self, engine: Engine) -> None:
        """End the session: whatever is left is removed.

        What cannot be removed now is left to the keeper, or to the next start.
        """
        done = True
        try:
            reap_session(self._places, self.id, engine)
        except (EngineError, OSError):
            done = False
        self._lock.release(remove=done)


def reap_session(places: Places, id: str, engine: Engine, *, alone: bool = False) -> bool:
    """Remove everything of a session; whether nothing is left of it. It may be begun again at any point.

    `alone`: what the runtime does not remove is left to it. Raises EngineError, OSError: something could not
    be removed, and is worth another try.
    """
    cgroup, folder = f"{places.cgroup}/{id}", places.session_folders / id
    failed = _remove_pods(engine, id)
    if failed:
        # The task of a container whose start was cut off is nobody's to the runtime, which then refuses to
        # remove it: it lets go of the task when its process has ended and its mounts are gone. A shim that is
        # frozen answers nobody, and keeps the runtime waiting.
        for sandbox in failed:
            kill_processes(shims_of(places, sandbox))
        remove_cgroup(cgroup)
        unmount_below(folder)
        failed = _remove_pods(engine, id)
        if failed and not alone:
            raise [*failed.values()][-1]
    remove_cgroup(cgroup)
    remove_tree(folder)
    return not failed


def shims_of(places: Places, sandbox: str) -> set[int]:
    """Find the processes by which the runtime holds the containers of a sandbox."""
    return {*processes_with(sandbox, "-id")} & {*processes_with(str(places.socket), "-address")}


def _remove_pods(engine: Engine, id: str) -> dict[str, EngineError]:
    """Remove a session's sandboxes and containers, and give those that could not be, each with the reason."""
    failed: dict[str, EngineError] = {}
    for sandbox in engine.sandboxes({SESSION_LABEL: id}):
        try:
            remove_sandbox(engine, sandbox.id)
        except EngineError as error:
            failed[sandbox.id] = error
    if failed:
        return failed
    # A container that was being created while its sandbox went is in none that the runtime still knows.
    for container in engine.containers({SESSION_LABEL: id}):
        try:
            engine.remove_container(container.id)
        except EngineError as error:
            failed[container.id] = error
    return failed


def remove_sandbox(engine: Engine, id: str) -> None:
    """Stop and remove a sandbox with its containers; one that is gone is removed."""
    for step in (engine.stop_sandbox, engine.remove_sandbox):
        try:
            step(id)
        except EngineError as error:
            if error.code != "NotFound":
                raise
