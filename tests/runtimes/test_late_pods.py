"""A runtime goes on with what a killed process asked of it: pods that come late are reaped all the same."""

import os
import shutil
import signal
from pathlib import Path

import requires
from pod_process import await_line, end, podproof
from private_engine import engine_folder, leftovers, places_at
from waiting import freeze, wait_until

from podproof.runtimes.cri.client import CriEngine
from podproof.runtimes.embedded import SESSION_LABEL, Places, stop_engine

pytestmark = requires.needs(requires.engine)

RUNC = """#!/bin/sh
for one; do
  case $one in
  start)
    touch {folder}/starts
    while [ ! -e {folder}/go ]; do sleep 0.02; done
    exit 1
    ;;
  delete)
    [ -e {folder}/refused ] || {{ touch {folder}/refused; exit 1; }}
    ;;
  esac
done
exec {runc} "$@"
"""
"""Takes its time to start a pod's sandbox, which fails, and its removal the first time, too.

So the runtime has a sandbox that it does not list while it is made, and lists when it could not be removed.
"""


def _slow(folder: Path) -> Places:
    places = places_at(folder, path=str(folder / "bin"))
    runc = shutil.which("runc", path=places.path.partition(":")[2])
    (folder / "bin").mkdir()
    program = folder / "bin" / "runc"
    program.write_text(RUNC.format(folder=folder, runc=runc))
    program.chmod(0o755)
    return places


def test_a_pod_that_comes_after_its_session_was_reaped_is_reaped() -> None:
    with engine_folder() as folder:
        places = _slow(folder)
        process = podproof(places, "once")
        session = await_line(process, "session")
        wait_until((folder / "starts").exists, "the start of a sandbox")
        end(process)
        lock = places.session_locks / f"{session}.lock"
        wait_until(lambda: not lock.exists(), "the end of the killed session")
        keeper = int(places.keeper_lock.read_text())
        engine = CriEngine(str(places.socket))
        try:
            freeze(keeper)
            (folder / "go").touch()
            late = wait_until(engine.sandboxes, "a sandbox that could not be removed")
            assert [one.labels[SESSION_LABEL] for one in late] == [session]
            os.kill(keeper, signal.SIGCONT)
            wait_until(lambda: not engine.sandboxes(), "its end")
        finally:
            os.kill(keeper, signal.SIGCONT)
            engine.close()
            stop_engine(places)
        wait_until(lambda: not leftovers(places), "the end of everything")
