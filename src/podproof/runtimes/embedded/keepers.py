"""Starts, finds and replaces the process that keeps the engine: places come in, a keeper that answers stays.

What the keeper itself does is in `keeper.py`, which nothing imports.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ...errors import OutputError, PodproofError
from ..cri.client import CriEngine
from ..engine import EngineError, NoEngine
from .cleanup import kill_processes
from .locks import FileLock
from .places import Places

__all__ = ["ANOTHER_KEEPER", "ensure_keeper", "find_keeper", "is_lost", "revive_keeper"]

_KEEPER_MODULE = f"{__package__}.keeper"

_PATIENCE = 60.0
"""Seconds for a keeper to start or to answer; it gives up itself after less."""

ANOTHER_KEEPER = "another keeper is running"
"""What a keeper that came second writes instead of `ready`."""

_LOSING, _LOST = (signal.SIGKILL, signal.SIGSTOP), {"T", "t", "Z"}
"""What ends a process or stops it whatever it does, and the states of one that was stopped or has ended."""

_MOST_KEEPERS = 3
"""Keepers that are started in a row while each finds another one that is gone before it is found."""


def ensure_keeper(places: Places, progress: Callable[[str], None]) -> None:
    """Start a keeper, or find one whose engine answers. Only who holds the start lock may ask.

    Raises NoEngine: the engine does not start. Raises OutputError: nothing can be written.
    """
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
    _end_lost_keeper(places)
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
                if (keeper := find_keeper(places)) is not None:
                    kill_processes([keeper])
                limit += _PATIENCE
            time.sleep(0.1)
            _end_lost_keeper(places)
    return False


def revive_keeper(places: Places) -> bool:
    """Start another keeper when the engine's own is lost; whether a keeper is there afterwards.

    True as well where there is no engine to keep, or somebody is just starting it.
    """
    if not places.engine.exists():
        return True
    try:
        lock = FileLock.take(places.start_lock, wait=False)
        if lock is None:
            return True
        try:
            _end_lost_keeper(places)
            return FileLock.is_held(places.keeper_lock) or _start_keeper(places)
        finally:
            lock.release()
    except (PodproofError, OSError):
        return False  # its log says why


def _end_lost_keeper(places: Places) -> None:
    """End a keeper that somebody stopped or kills: it would neither reap nor end the engine."""
    keeper = find_keeper(places)
    if keeper is not None and is_lost(keeper):
        kill_processes([keeper])


def find_keeper(places: Places) -> int | None:
    """Find the process that holds the keeper's lock, if it is a keeper: numbers of processes come again.

    None also for one that is just beginning or ending.
    """
    if not FileLock.is_held(places.keeper_lock):
        return None
    try:
        pid = int(places.keeper_lock.read_text())
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    # one that is being killed loses its memory, and its arguments with it, before its locks
    is_keeper = _KEEPER_MODULE.encode() in arguments.split(b"\0") if arguments else is_lost(pid)
    return pid if is_keeper else None


def is_lost(pid: int) -> bool:
    """Tell whether a process is stopped or killed, or going to be; such a keeper still holds its lock.

    A killed process lives on for as long as a busy machine makes it wait, with the signal pending until its
    end; one that is to be stopped, until one of its threads has seen the signal, which then is the first to
    stop. Source: proc_pid_status(5), ShdPnd; proc_pid_stat(5), state.
    """
    process = Path(f"/proc/{pid}")
    try:
        status = (process / "status").read_text(errors="replace")
        # asked after what is pending: between the two, one may become the other, and not the other way round
        states = {_state(thread) for thread in (process / "task").iterdir()}
    except OSError:
        return False  # it has ended
    pending = int(status.partition("\nShdPnd:")[2].split(maxsplit=1)[0], 16)
    return any(pending >> number - 1 & 1 for number in _LOSING) or bool(states & _LOST)


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text(errors="replace").rpartition(") ")[2][0]
    except OSError:
        return ""  # it has ended


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
        poll = select.poll()
        poll.register(words, select.POLLIN)
        if not poll.poll(_PATIENCE * 1000):
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
