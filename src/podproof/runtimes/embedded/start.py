"""Opens the embedded engine: starts it when it does not run, and begins a session in it.

Progress goes to a callback, an engine with its session comes out. The engine itself belongs to its keeper.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from ...errors import OutputError, StateError
from ...kubelet.cri import AuthConfig
from ..cri.client import CriEngine
from ..engine import Features, ImageRecord, NoEngine, SandboxStatus
from .daemon import snapshotter
from .keepers import ensure_keeper, revive_keeper
from .locks import FileLock
from .network import said_network
from .places import Places
from .programs import ensure_programs
from .sessions import Session
from .watch import KeeperWatch

__all__ = ["EmbeddedEngine", "Puller", "embedded_engine", "stop_engine"]

_PATIENCE = 60.0
"""Seconds that a keeper has to stop the engine."""


class Puller(Protocol):
    """Brings images from registries into an engine; may be used from several threads."""

    def pull(self, reference: str, credentials: AuthConfig | None = None) -> ImageRecord:
        """Give the image that a reference names now. Raises EngineError."""

    def stop(self) -> None:
        """End every pull that is under way, and let none begin."""


class EmbeddedEngine(CriEngine):
    """The private containerd, with this process's `session` in it; `close` ends the session.

    Whoever ends its keeper meanwhile, another one is started within seconds.
    `puller` None: nothing is pulled from registries.
    """

    def __init__(self, places: Places, session: Session) -> None:
        super().__init__(f"unix://{places.socket}", snapshotter=snapshotter(places))
        self.places = places
        self.session = session
        self.puller: Puller | None = None
        self._watch = KeeperWatch(places)

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
        self._watch.stop()
        self.session.close(self)
        super().close()
        revive_keeper(self.places)


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
        ensure_keeper(places, progress)
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
