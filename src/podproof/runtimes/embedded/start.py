"""Opens the embedded engine: starts it when it does not run, and begins a session in it.

Progress goes to a callback, an engine with its session comes out. The engine itself belongs to its keeper.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from ...errors import OutputError, PodproofError, StateError
from ...kubelet.cri import AuthConfig
from ..cri.client import CriEngine
from ..engine import EngineError, Features, ImageRecord, NoEngine, SandboxStatus
from .cleanup import kill_processes, processes_with
from .daemon import snapshotter
from .locks import FileLock
from .network import said_network
from .places import Places
from .programs import ensure_programs
from .sessions import Session

__all__ = ["EmbeddedEngine", "Puller", "embedded_engine", "stop_engine"]

_KEEPER_MODULE = f"{__package__}.keeper"

_PATIENCE = 60.0
"""Seconds for a keeper to start or to answer; it gives up itself after less."""


class Puller(Protocol):
    """Brings images from registries into an engine; may be used from several threads."""

    def pull(self, reference: str, credentials: AuthConfig | None = None) -> ImageRecord:
        """Give the image that a reference names now. Raises EngineError."""

    def stop(self) -> None:
        """End every pull that is under way, and let none begin."""


class EmbeddedEngine(CriEngine):
    """The private containerd, with this process's `session` in it; `close` ends the session.

    `puller` None: nothing is pulled from registries.
    """

    def __init__(self, places: Places, session: Session) -> None:
        super().__init__(f"unix://{places.socket}", snapshotter=snapshotter(places))
        self.places = places
        self.session = session
        self.puller: Puller | None = None

    def features(self) -> Features:
        """Ask the engine, and say what its network lacks, which only this side knows."""
        features = super().features()
        return msgspec.structs.replace(features, network=said_network(self.places) or features.network)

    def sandbox(self, id: str) -> SandboxStatus:
        """Give a sandbox's status; its address is "" when pods have only loopback."""
        status = super().sandbox(id)
        # The stand-in for a network answers with loopback's address, for want of one of its own.
        return msgspec.structs.replace(status, ip="") if status.ip == "127.0.0.1" else status

    def pull(self, reference: str, credentials: AuthConfig | None = None) -> ImageRecord:
        """Pull an image through `puller`: containerd would follow a registry to wherever it leads."""
        if self.puller is None:
            raise NoEngine("Unimplemented", f"nothing pulls {reference}: images come from archives only")
        return self.puller.pull(reference, credentials)

    def end_pulls(self) -> None:
        """Let the pulls under way end, and no other begin."""
        if self.puller is not None:
            self.puller.stop()

    def hurry(self, seconds: float) -> None:
        """Let no call, not even one that is under way, take longer than so many seconds from now on."""
        super().hurry(seconds)
        timer = threading.Timer(seconds, self.end_pulls)
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """End the session: what is left of it is removed, unless a pod of it is kept."""
        self.session.close(self)
        super().close()
        _revive_keeper(self.places)


ANOTHER_KEEPER = "another keeper is running"
"""What a keeper that came second writes instead of `ready`."""

_MOST_KEEPERS = 3
"""Keepers that are started in a row while each finds another one that is gone before it is found."""


def embedded_engine(
    *, places: Places | None = None, progress: Callable[[str], None] = lambda _: None
) -> EmbeddedEngine:
    """Start or find the engine and begin a session.

    Raises UsageError: not root, or programs are missing. Raises EngineError: the engine does not start.
    Raises OutputError: its folders cannot be written.
    """
    places = places or Places.from_environment()
    if os.geteuid() != 0:
        raise StateError("running pods needs root, for namespaces, mounts and cgroups: run it with sudo")
    ensure_programs(places, progress)
    try:
        places.run.mkdir(mode=0o711, parents=True, exist_ok=True)
        places.lib.mkdir(mode=0o711, parents=True, exist_ok=True)
        lock = FileLock.take(places.start_lock, wait=True)
    except OSError as error:
        raise OutputError(f"cannot write {error.filename}: {error.strerror or error}") from error
    assert lock is not None
    try:
        _ensure_keeper(places, progress)
        # While the lock is held, no keeper stops for want of sessions.
        return EmbeddedEngine(places, Session.open(places, f"unix://{places.socket}"))
    finally:
        lock.release()


def stop_engine(places: Places | None = None) -> bool:
    """Stop the engine now, whatever runs in it; whether there was one. Waits until it is gone."""
    places = places or Places.from_environment()
    if not FileLock.is_held(places.keeper_lock):
        return False
    try:
        os.kill(int(places.keeper_lock.read_text()), signal.SIGTERM)
    except (OSError, ValueError):
        return False
    limit = time.monotonic() + _PATIENCE
    while FileLock.is_held(places.keeper_lock):
        if time.monotonic() > limit:
            raise NoEngine("DeadlineExceeded", "the engine does not stop")
        time.sleep(0.05)
    return True


def _ensure_keeper(places: Places, progress: Callable[[str], None]) -> None:
    for _ in range(_MOST_KEEPERS):
        if _is_kept(places, progress):
            return
        progress("starting the container engine")
        # another keeper is that of a process which was killed when it had just started it
        if _start_keeper(places):
            return
    raise NoEngine("Unavailable", f"the engine does not start: {ANOTHER_KEEPER}, and does not answer")


def _is_kept(places: Places, progress: Callable[[str], None]) -> bool:
    """Tell whether there is a keeper whose engine answers, once one that does not has been ended."""
    _end_frozen_keeper(places)
    if FileLock.is_held(places.keeper_lock):
        if _answers(places):
            return True
        # It starts containerd again by itself after at most a look or two.
        limit = time.monotonic() + _PATIENCE
        while FileLock.is_held(places.keeper_lock):
            if _answers(places):
                return True
            if time.monotonic() > limit:
                progress("ending a keeper that does not bring the container engine back")
                kill_processes(_keepers(places))
                limit += _PATIENCE
            time.sleep(0.1)
            _end_frozen_keeper(places)
    return False


def _revive_keeper(places: Places) -> None:
    """Start another keeper when the engine's own was killed, so that the engine ends some time."""
    _end_frozen_keeper(places)
    if FileLock.is_held(places.keeper_lock) or not places.engine.exists():
        return
    with contextlib.suppress(PodproofError, OSError):  # the next start tries again
        lock = FileLock.take(places.start_lock, wait=False)
        if lock is None:
            return  # somebody is just starting it
        try:
            if not FileLock.is_held(places.keeper_lock):
                _start_keeper(places)
        finally:
            lock.release()


def _end_frozen_keeper(places: Places) -> None:
    """End a keeper that somebody stopped: it would neither reap nor end the engine, and keep its lock."""
    kill_processes(pid for pid in _keepers(places) if _is_stopped(pid))


def _keepers(places: Places) -> Iterator[int]:
    """Find the process that holds the keeper's lock, if it is a keeper: numbers of processes come again."""
    if FileLock.is_held(places.keeper_lock):
        with contextlib.suppress(OSError, ValueError):  # it is just beginning or ending
            pid = int(places.keeper_lock.read_text())
            yield from (one for one in processes_with(_KEEPER_MODULE) if one == pid)


def _is_stopped(pid: int) -> bool:
    """Tell whether a process is stopped by a signal. Source: proc_pid_stat(5), state."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].startswith((b"T", b"t"))
    except OSError:
        return False


def _answers(places: Places) -> bool:
    engine = CriEngine(f"unix://{places.socket}")
    try:
        CriEngine.features(engine)
    except EngineError:
        return False
    finally:
        engine.close()
    return True


def _start_keeper(places: Places) -> bool:
    """Start the keeper detached from this process and wait for its first word; whether it is the one.

    Raises NoEngine: the engine does not start.
    """
    reader, writer = os.pipe()
    paths = os.pathsep.join(path for path in sys.path if os.path.isabs(path))
    environment = places.environment()
    if folder := os.environ.get("TMPDIR"):
        environment["TMPDIR"] = folder
    try:
        with (places.lib / "keeper.log").open("wb") as log:
            # Isolated from the caller's variables, with the modules that this process has itself.
            subprocess.Popen(
                [sys.executable, "-I", "-c", _KEEPER, _KEEPER_MODULE, paths, str(writer)],
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(writer,),
                start_new_session=True,
            )
    except OSError as error:
        os.close(reader)
        raise OutputError(f"cannot start the engine's keeper: {error}") from error
    finally:
        os.close(writer)
    with os.fdopen(reader, "rb") as words:
        if not select.select([words], [], [], _PATIENCE)[0]:
            raise NoEngine("DeadlineExceeded", f"the engine does not start, see {places.log}")
        answer = words.read().decode(errors="replace")
    if answer in ("ready", ANOTHER_KEEPER):
        return answer == "ready"
    raise NoEngine("Unavailable", f"the engine does not start: {answer or f'see {places.lib}/keeper.log'}")


_KEEPER = """
import runpy, sys
name, paths = sys.argv[1:3]
del sys.argv[1:3]
sys.path[:] = paths.split(":")
runpy.run_module(name, run_name="__main__", alter_sys=True)
"""
