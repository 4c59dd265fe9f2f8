"""Finds the sessions of an engine whose processes are gone, and reaps them, however often it takes.

What names a session is its lock, and in an engine of our own whatever is marked with its id: a call that was
under way when its process was killed goes on in the runtime, and makes a pod after its session was reaped.
"""

import math
import re
import time
from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from ..cri.client import CriEngine
from ..engine import Engine
from .cleanup import cgroup_folders
from .locks import FileLock
from .places import Places
from .sessions import SESSION_LABEL, reap_session

__all__ = ["Reaper", "SessionState", "marked_sessions", "reap_dead"]

_FIRST_DELAY, _MAX_DELAY = 0.5, 60.0
"""Seconds before the second try to reap a session, and at most."""

_ALONE = 8
"""After how many failures a session is removed without the runtime: after about two minutes."""

_ID = re.compile("[0-9a-f]+")
"""The id of a session, as `Session.open` makes it: it is part of paths."""

_State = Literal["living", "reaped", "given up", "another's"]

SessionState = tuple[int, int]
"""How many sessions have a living process, and how many could not be reaped."""


class Reaper:
    """Reaps the sessions of one engine whose processes are gone.

    What fails is tried again later, each time after twice as long, and harder: at last without the runtime,
    which is asked again all the same. `report` is told in a line why a session is not reaped, once for every
    reason. `clock` is in seconds.
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

    def look(self, endpoint: str, *, marked: Iterable[str] = ()) -> SessionState:
        """Reap what can be reaped at an endpoint. `marked`: sessions that need not have a lock any more.

        Nothing that is wrong with one session keeps the others from being reaped.
        """
        living = left = 0
        locked = {path.stem for path in self._places.session_locks.glob("*.lock")}
        for id in sorted(locked | {*marked}):
            before = self._failures.get(id, _Failures())
            if self._clock() < before.again_at:
                left += not before.given_up
                continue
            try:
                state = self._try(id, endpoint, before)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other sessions go on
                self._fail(id, before, error)
                left += not before.given_up
            else:
                if state != "given up":
                    self._failures.pop(id, None)
                living += state == "living"
        return living, left

    def _try(self, id: str, endpoint: str, before: "_Failures") -> _State:
        # gone with an engine that was stopped, while folders and the runtime's own records stay
        self._places.session_locks.mkdir(exist_ok=True)
        path = self._places.session_locks / f"{id}.lock"
        lock = FileLock.take(path, wait=False)
        if lock is None:
            return "living"
        done = False
        try:
            if (path.read_text() or endpoint) != endpoint:
                return "another's"
            clean = reap_session(self._places, id, self._engine, alone=before.count >= _ALONE)
            done = True
        finally:
            lock.release(remove=done)
        if clean:
            return "reaped"
        self._give_up(id, before)
        return "given up"

    def _fail(self, id: str, before: "_Failures", error: Exception) -> None:
        delay = min(_MAX_DELAY, _FIRST_DELAY * 2**before.count)
        text = f"{type(error).__name__}: {error}".replace("\n", " ")
        if text != before.text:
            self._report(f"session {id} is not reaped: {text}")
        self._failures[id] = _Failures(before.count + 1, self._clock() + delay, text, before.given_up)

    def _give_up(self, id: str, before: "_Failures") -> None:
        if not before.given_up:
            self._report(f"session {id} is removed, but for what the runtime does not let go of")
        again_at = self._clock() + _MAX_DELAY
        self._failures[id] = msgspec.structs.replace(before, again_at=again_at, given_up=True)


class _Failures(msgspec.Struct, frozen=True):
    """How often a session could not be reaped, when to try again, and why the last time.

    `given_up`: only the runtime has anything of it, which keeps no engine from ending.
    """

    count: int = 0
    again_at: float = -math.inf
    text: str = ""
    given_up: bool = False


def reap_dead(places: Places, engine: Engine, endpoint: str) -> SessionState:
    """Look once for sessions whose processes are gone, and reap them."""
    return Reaper(places, engine).look(endpoint)


def marked_sessions(places: Places, engine: CriEngine) -> set[str]:
    """Name the sessions, living and dead, of which there is a folder, a cgroup, or something in the runtime.

    Only for an engine of our own: others' runtimes may have sessions whose locks are elsewhere. Raises
    EngineError: the runtime does not list what it has.
    """
    folders = [places.session_folders, *cgroup_folders(places.cgroup)]
    names = {path.name for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_dir()}
    return {name for name in names | engine.label_values(SESSION_LABEL) if _ID.fullmatch(name)}
