"""The embedded engine seen from outside: what runs in it, how to end it, and how to begin from nothing.

None of this starts the engine, and none of it waits for a keeper or a runtime that does not answer.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Literal

import msgspec

from ..cri.client import CriEngine
from ..engine import EngineError, NoEngine
from ..safe_files import UsageCount
from .cleanup import has_ended, kill_processes, processes_with, remove_cgroup, remove_tree
from .daemon import Daemon
from .locks import FileLock
from .places import Places
from .sessions import KEPT, KEPT_PID

__all__ = ["EngineStatus", "SessionStatus", "end_engine", "engine_status", "reset_engine"]

_ANSWER = 5.0
"""Seconds within which a runtime that is well answers."""

_GRACE = 20.0
"""Seconds that a keeper has to end the engine before it is ended from here."""


class SessionStatus(msgspec.Struct, frozen=True):
    """A session: its command runs, its pods are kept, or something of it is left that is yet to be reaped."""

    id: str
    state: Literal["running", "kept", "left"]


class EngineStatus(msgspec.Struct, frozen=True):
    """What there is of the engine. Process ids are None where there is no such process.

    `runtime`: name and version, "" while it does not answer. `disk`: bytes of images and of what pods wrote.
    """

    keeper: int | None
    containerd: int | None
    runtime: str
    sessions: tuple[SessionStatus, ...]
    disk: int


def engine_status(places: Places) -> EngineStatus:
    """Look at the engine, within seconds."""
    keeper = _keeper(places)
    containerd = next(processes_with(str(places.config), "--config"), None)
    runtime = ""
    if containerd is not None:
        engine = CriEngine(f"unix://{places.socket}")
        engine.hurry(_ANSWER)
        try:
            features = engine.features()
            runtime = f"{features.name} {features.version}"
        except EngineError:
            pass  # then it says so by answering nothing
        finally:
            engine.close()
    return EngineStatus(keeper, containerd, runtime, tuple(_sessions(places)), _disk(places))


def _keeper(places: Places) -> int | None:
    if not FileLock.is_held(places.keeper_lock):
        return None
    try:
        return int(places.keeper_lock.read_text())
    except (OSError, ValueError):
        return None  # it is just beginning or ending


def _sessions(places: Places) -> list[SessionStatus]:
    ids = {path.stem for path in places.session_locks.glob("*.lock")}
    ids |= {path.name for path in places.session_folders.glob("*")}
    return [SessionStatus(id, _state(places, id)) for id in sorted(ids)]


def _state(places: Places, id: str) -> Literal["running", "kept", "left"]:
    if not FileLock.is_held(places.session_locks / f"{id}.lock"):
        return "left"
    return "kept" if (places.session_folders / id / KEPT).is_dir() else "running"


def _disk(places: Places) -> int:
    try:
        return UsageCount(places.lib).advance(30)
    except OSError:
        return 0


def end_engine(places: Places) -> bool:
    """End the engine with everything in it; whether there was anything. Images stay.

    A keeper that does not end by itself is ended, and its work is done here. Raises NoEngine: another is just
    beginning. Raises OSError: something stays.
    """
    _end_kept(places)
    running = any(processes_with(str(places.config), "--config"))
    if _keeper(places) is None and not running and not places.engine.exists() and not _sessions(places):
        return False
    places.run.mkdir(mode=0o711, parents=True, exist_ok=True)
    with _no_keeper(places):
        # it may be frozen, and nothing is asked of it any more
        kill_processes(processes_with(str(places.config), "--config"))
        kill_processes(processes_with(str(places.socket), "-address"))
        remove_cgroup(places.cgroup)
        for session in _sessions(places):
            if session.state != "running":
                remove_tree(places.session_folders / session.id)
                (places.session_locks / f"{session.id}.lock").unlink(missing_ok=True)
        Daemon(places).stop()
        for folder in (places.session_locks, places.session_folders):
            with suppress(OSError):  # a session is in use
                folder.rmdir()
    return True


@contextmanager
def _no_keeper(places: Places) -> Iterator[None]:
    """End the keeper, and let there be none: sessions that lose theirs start another one.

    Raises NoEngine: there is one again and again.
    """
    with ExitStack() as held:
        start: FileLock | None = None
        lock: FileLock | None = None
        limit = time.monotonic() + _GRACE
        while lock is None:
            if start is None:  # whoever has it waits for the keeper that is ended here, or is frozen
                start = FileLock.take(places.start_lock, wait=False)
                if start is not None:
                    held.callback(start.release, remove=True)
            late = time.monotonic() > limit
            keeper = _keeper(places)
            if keeper is not None:
                _end_keeper(keeper)
            lock = FileLock.take(places.keeper_lock, wait=False)
            if lock is None:
                if late:
                    raise NoEngine("Unavailable", "the engine is just being started again")
                time.sleep(0.05)
        held.callback(lock.release, remove=True)
        yield


def _end_kept(places: Places) -> None:
    """End the processes that look after kept pods; what they leave is then left like that of any other."""
    for session in _sessions(places):
        if session.state == "kept":
            with suppress(OSError, ValueError):  # it ends by itself just now
                # whoever holds the lock wrote this number: no other process has it meanwhile
                kill_processes([int((places.session_folders / session.id / KEPT / KEPT_PID).read_text())])


def _end_keeper(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        limit = time.monotonic() + _GRACE
        while not has_ended(handle) and time.monotonic() < limit:
            time.sleep(0.05)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
    kill_processes([pid])


def reset_engine(places: Places) -> bool:
    """End the engine and remove its images and everything else of it; whether there was anything.

    Raises NoEngine, OSError as `end_engine` does.
    """
    ended = end_engine(places)
    there = places.lib.exists()
    remove_tree(places.lib)
    return ended or there
