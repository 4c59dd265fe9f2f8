"""A session is what one podproof process runs: its pods, its folder, its cgroup, its lock.

A session whose process is gone is reaped by whoever finds it: sandboxes by their label, then mounts, folder
and cgroup. A pod labelled to be kept keeps its session, until it is stopped.
"""

import secrets
from collections.abc import Iterator

from ...errors import OutputError
from ..engine import Engine, EngineError
from .cleanup import remove_cgroup, remove_tree
from .locks import FileLock
from .places import Places

__all__ = ["KEEP_LABEL", "SESSION_LABEL", "Session", "SessionState", "reap_dead"]

SESSION_LABEL = "podproof.dev/session"
KEEP_LABEL = "podproof.dev/keep"


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
            where = error.filename or places.session_folders
            raise OutputError(f"cannot write {where}: {error.strerror or error}") from error
        return cls(places, id, lock)

    def close(self, engine: Engine) -> None:
        """End the session: whatever is left is removed, unless a pod of it is kept.

        What cannot be removed now is left to the keeper, or to the next start.
        """
        try:
            done = _reap(self._places, self.id, engine)
        except (EngineError, OSError):
            done = False
        self._lock.release(remove=done)


SessionState = tuple[int, int]
"""How many sessions have a living process, and how many are kept or could not be reaped."""


def reap_dead(places: Places, engine: Engine, endpoint: str, *, orphans: bool = False) -> SessionState:
    """Reap every session of an endpoint whose process is gone. `orphans`: folders without a lock as well."""
    living = left = 0
    for id in _sessions(places, orphans=orphans):
        path = places.session_locks / f"{id}.lock"
        try:
            lock = FileLock.take(path, wait=False)
            if lock is None:
                living += 1
                continue
            if (path.read_text() or endpoint) != endpoint:
                lock.release()
                continue
            done = False
            try:
                done = _reap(places, id, engine)
            finally:
                lock.release(remove=done)
            left += not done
        except (EngineError, OSError):
            left += 1
    return living, left


def _sessions(places: Places, *, orphans: bool) -> Iterator[str]:
    ids = {path.stem for path in places.session_locks.glob("*.lock")}
    if orphans and places.session_folders.is_dir():
        ids |= {path.name for path in places.session_folders.iterdir()}
    yield from sorted(ids)


def _reap(places: Places, id: str, engine: Engine) -> bool:
    """Remove everything of a session; False when a pod of it is kept.

    Raises EngineError, OSError: something could not be removed, and is worth another try.
    """
    sandboxes = engine.sandboxes({SESSION_LABEL: id})
    kept = [one for one in sandboxes if one.labels.get(KEEP_LABEL) == "true"]
    cgroup = f"{places.cgroup}/{id}"
    for sandbox in sandboxes:
        if sandbox not in kept:
            try:
                remove_sandbox(engine, sandbox.id)
            except EngineError:
                if not kept:
                    # The task of a container whose start was cut off is nobody's to the runtime, which then
                    # refuses to remove it: it lets go of the task when its process has ended.
                    remove_cgroup(cgroup)
                raise
    if kept:
        return False
    remove_cgroup(cgroup)
    remove_tree(places.session_folders / id)
    return True


def remove_sandbox(engine: Engine, id: str) -> None:
    """Stop and remove a sandbox with its containers; one that is gone is removed."""
    for step in (engine.stop_sandbox, engine.remove_sandbox):
        try:
            step(id)
        except EngineError as error:
            if error.code != "NotFound":
                raise
