"""A session whose containers the runtime refuses to remove is reaped once their processes have ended."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import requires

from podproof.runtimes.embedded import Places
from podproof.runtimes.embedded.cleanup import cgroup_folders, remove_cgroup
from podproof.runtimes.embedded.sessions import reap_dead
from podproof.runtimes.engine import EngineError

ENDPOINT = "unix:///none"


class Stubborn:
    """An engine that holds on to a sandbox for as long as a process of it runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.removed = False

    def sandboxes(self, labels: dict[str, str]) -> list[Any]:
        return [] if self.removed else [SimpleNamespace(id="s", labels=labels)]

    def stop_sandbox(self, _id: str) -> None:
        pass

    def remove_sandbox(self, _id: str) -> None:
        if self.process.poll() is None:
            raise EngineError("FailedPrecondition", "cannot delete running task")
        self.removed = True


def _put_into_cgroup(process: subprocess.Popen[bytes], cgroup: str) -> None:
    for root in cgroup_folders("/"):
        folder = root / cgroup.lstrip("/")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "cgroup.procs").write_text(str(process.pid))
        except OSError:
            continue  # a hierarchy that wants to be set up first
        return
    raise AssertionError("no hierarchy takes the process")


@requires.needs(requires.root, requires.cgroups)
def test_what_the_runtime_refuses_to_remove_is_killed_first(tmp_path: Path) -> None:
    places = Places(lib=tmp_path / "lib", run=tmp_path / "run")
    places.session_locks.mkdir(parents=True)
    (places.session_locks / "abcd.lock").write_text(ENDPOINT)
    (places.session_folders / "abcd").mkdir(parents=True)
    process = subprocess.Popen(["sleep", "1000"])
    try:
        _put_into_cgroup(process, f"{places.cgroup}/abcd")
        engine: Any = Stubborn(process)
        assert reap_dead(places, engine, ENDPOINT) == (0, 1)
        assert process.wait(10) < 0
        assert reap_dead(places, engine, ENDPOINT) == (0, 0)
        assert engine.removed
        assert list(places.session_folders.iterdir()) == []
        assert not list(cgroup_folders(f"{places.cgroup}/abcd"))
    finally:
        process.kill()
        remove_cgroup(places.cgroup)
