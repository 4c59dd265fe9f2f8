"""A session is what one podproof process runs: its pods, its folder, its cgroup, its lock.

A session whose process is gone is reaped by whoever finds it: sandboxes by their label, then mounts, folder
and cgroup. Pods that are kept have a process that goes on, and write into the folder `kept` of their session.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from ...errors import OutputError
from ..engine import Engine, EngineError
from .cleanup import kill_processes, processes_with, remove_cgroup, remove_tree, unmount_below
from .locks import FileLock
from .places import Places

__all__ = ["KEPT", "KEPT_PID", "SESSION_LABEL", "Reaper", "Session", "SessionState", "reap_dead"]

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
            _reap(self._places, self.id, engine)
        except (EngineError, OSError):
            done = False
        self._lock.release(remove=done)


_FIRST_DELAY, _MAX_DELAY = 0.5, 60.0
"""Seconds before the second try to reap a session, and at most."""

_ALONE = 8
"""After how many failures a session is removed without the runtime: after about two minutes."""

_State = Literal["living", "reaped", "another's"]

SessionState = tuple[int, int]
"""How many sessions have a living process, and how many could not be reaped."""


class Reaper:
    """Reaps the sessions of one engine whose processes are gone.

    What fails is tried again later, each time after twice as long, and harder: at last without the runtime.
    `report` is told in a line why a session is not reaped, once for every reason. `clock` is in seconds.
    """

    def __init__(
        self,
        places: Places,
        engine: Engine,
        *,
        report: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = places
        self._engine = engine
        self._report = report
        self._clock = clock
        self._failures: dict[str, _Failures] = {}

    def look(self, endpoint: str, *, orphans: bool = False) -> SessionState:
        """Reap what can be reaped at an endpoint. `orphans`: folders without a lock as well.

        Nothing that is wrong with one session keeps the others from being reaped.
        """
        living = left = 0
        for id in _sessions(self._places, orphans=orphans):
            failures = self._failures.get(id)
            if failures is not None and self._clock() < failures.again_at:
                left += 1
                continue
            try:
                state = self._try(id, endpoint, failures)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other sessions go on
                self._fail(id, error)
                left += 1
            else:
                self._failures.pop(id, None)
                living += state == "living"
        return living, left

    def _try(self, id: str, endpoint: str, failures: "_Failures | None") -> _State:
        path = self._places.session_locks / f"{id}.lock"
        lock = FileLock.take(path, wait=False)
        if lock is None:
            return "living"
        done = False
        try:
            if (path.read_text() or endpoint) != endpoint:
                return "another's"
            alone = failures is not None and failures.count >= _ALONE
            _reap(self._places, id, self._engine, alone=alone)
            done = True
        finally:
            lock.release(remove=done)
        return "reaped"

    def _fail(self, id: str, error: Exception) -> None:
        before = self._failures.get(id, _Failures())
        delay = min(_MAX_DELAY, _FIRST_DELAY * 2**before.count)
        text = f"{type(error).__name__}: {error}".replace("\n", " ")
        if text != before.text:
            self._report(f"session {id} is not reaped: {text}")
        self._failures[id] = _Failures(before.count + 1, self._clock() + delay, text)


class _Failures(msgspec.Struct, frozen=True):
    """How often a session could not be reaped, when to try again, and why the last time."""

    count: int = 0
    again_at: float = 0.0
    text: str = ""


def reap_dead(places: Places, engine: Engine, endpoint: str, *, orphans: bool = False) -> SessionState:
    """Look once for sessions whose processes are gone, and reap them."""
    return Reaper(places, engine).look(endpoint, orphans=orphans)


def _sessions(places: Places, *, orphans: bool) -> Iterator[str]:
    ids = {path.stem for path in places.session_locks.glob("*.lock")}
    if orphans and places.session_folders.is_dir():
        ids |= {path.name for path in places.session_folders.iterdir()}
    yield from sorted(ids)


def _reap(places: Places, id: str, engine: Engine, *, alone: bool = False) -> None:
    """Remove everything of a session. It may be begun again at any point.

    `alone`: what the runtime does not remove is left to it. Raises EngineError, OSError: something could not
    be removed, and is worth another try.
    """
    sandboxes = engine.sandboxes({SESSION_LABEL: id})
    cgroup, folder = f"{places.cgroup}/{id}", places.session_folders / id
    failed = _remove_sandboxes(engine, [one.id for one in sandboxes])
    if failed:
        # The task of a container whose start was cut off is nobody's to the runtime, which then refuses to
        # remove it: it lets go of the task when its process has ended and its mounts are gone. A shim that is
        # frozen answers nobody, and keeps the runtime waiting.
        for sandbox, _ in failed:
            kill_processes(shims_of(places, sandbox))
        remove_cgroup(cgroup)
        unmount_below(folder)
        failed = _remove_sandboxes(engine, [sandbox for sandbox, _ in failed])
        if failed and not alone:
            raise failed[-1][1]
    remove_cgroup(cgroup)
    remove_tree(folder)


def shims_of(places: Places, sandbox: str) -> set[int]:
    """Find the processes by which the runtime holds the containers of a sandbox."""
    return {*processes_with(sandbox, "-id")} & {*processes_with(str(places.socket), "-address")}


def _remove_sandboxes(engine: Engine, ids: Iterable[str]) -> list[tuple[str, EngineError]]:
    """Remove the sandboxes, and give those that could not be, each with the reason."""
    failed: list[tuple[str, EngineError]] = []
    for id in ids:
        try:
            remove_sandbox(engine, id)
        except EngineError as error:
            failed.append((id, error))
    return failed


def remove_sandbox(engine: Engine, id: str) -> None:
    """Stop and remove a sandbox with its containers; one that is gone is removed."""
    for step in (engine.stop_sandbox, engine.remove_sandbox):
        try:
            step(id)
        except EngineError as error:
            if error.code != "NotFound":
                raise
