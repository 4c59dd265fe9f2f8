"""Sessions whose processes are gone are reaped, whatever the runtime answers."""

import subprocess
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requires
from waiting import PATIENCE

from podproof.runtimes.embedded import Places
from podproof.runtimes.embedded.cleanup import cgroup_folders, remove_cgroup
from podproof.runtimes.embedded.sessions import Reaper, reap_dead
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
        assert reap_dead(places, engine, ENDPOINT) == (0, 0)
        assert process.wait(PATIENCE) < 0
        assert engine.removed
        assert list(places.session_folders.iterdir()) == []
        assert not list(cgroup_folders(f"{places.cgroup}/abcd"))
    finally:
        process.kill()
        remove_cgroup(places.cgroup)


class Broken:
    """An engine whose every answer is an error, or whose sandboxes cannot be removed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.looks = 0

    def sandboxes(self, labels: dict[str, str]) -> list[Any]:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return [SimpleNamespace(id="s", labels=labels)]

    def stop_sandbox(self, _id: str) -> None:
        raise EngineError("Unknown", "it stays")

    remove_sandbox = stop_sandbox


class Ticking:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _places(tmp_path: Path, *ids: str) -> Places:
    places = Places(lib=tmp_path / "lib", run=tmp_path / "run")
    places.session_locks.mkdir(parents=True)
    for id in ids:
        (places.session_locks / f"{id}.lock").write_text(ENDPOINT)
        (places.session_folders / id).mkdir(parents=True)
    return places


def test_what_fails_is_tried_less_and_less_often_and_told_once(tmp_path: Path) -> None:
    engine: Any = Broken(EngineError("Unknown", "no answer\nat all"))
    clock, told = Ticking(), list[str]()
    reaper = Reaper(_places(tmp_path, "abcd"), engine, report=told.append, clock=clock)
    tried: list[float] = []
    for _ in range(2000):
        looks = engine.looks
        assert reaper.look(ENDPOINT) == (0, 1)
        if engine.looks > looks:
            tried.append(clock.now)
        clock.now += 0.5
    assert tried[:8] == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5]
    assert {after - before for before, after in pairwise(tried[8:])} == {60.0}
    assert told == [
        "session abcd is not reaped: EngineError: rpc error: code = Unknown desc = no answer at all"
    ]
    engine.error = EngineError("Unknown", "something else")
    clock.now += 100
    reaper.look(ENDPOINT)
    assert told[1:] == [
        "session abcd is not reaped: EngineError: rpc error: code = Unknown desc = something else"
    ]


@pytest.mark.parametrize("error", [RecursionError("deep"), ValueError("odd"), MemoryError(), OSError("full")])
def test_one_session_that_cannot_be_reaped_keeps_no_other_back(tmp_path: Path, error: Exception) -> None:
    class Half(Broken):
        def sandboxes(self, labels: dict[str, str]) -> list[Any]:
            if "aaaa" in labels.values():
                raise error
            return []

    places = _places(tmp_path, "aaaa", "bbbb")
    engine: Any = Half()
    told = list[str]()
    assert Reaper(places, engine, report=told.append).look(ENDPOINT) == (0, 1)
    assert [path.name for path in places.session_folders.iterdir()] == ["aaaa"]
    assert len(told) == 1
    assert told[0].startswith(f"session aaaa is not reaped: {type(error).__name__}")


@requires.needs(requires.root, requires.cgroups)
def test_a_runtime_that_refuses_for_ever_does_not_keep_a_session(tmp_path: Path) -> None:
    engine: Any = Broken()
    clock = Ticking()
    places = _places(tmp_path, "abcd")
    reaper = Reaper(places, engine, clock=clock)
    tries = 0
    while reaper.look(ENDPOINT) != (0, 0):
        tries += 1
        clock.now += 60
        assert tries < 20
    assert tries == 8
    assert list(places.session_folders.iterdir()) == []
    assert list(places.session_locks.iterdir()) == []


@requires.needs(requires.root, requires.cgroups)
def test_what_is_frozen_ends_too(tmp_path: Path) -> None:
    places = Places(lib=tmp_path / "lib", run=tmp_path / "run")
    cgroup = f"{places.cgroup}/frozen"
    process = subprocess.Popen(["sleep", "1000"])
    frozen = None
    try:
        for root in cgroup_folders("/"):
            for name, word in (("freezer.state", "FROZEN"), ("cgroup.freeze", "1")):
                folder = root / cgroup.lstrip("/")
                if folder.is_dir() or not (root / "cgroup.procs").exists():
                    continue
                folder.mkdir(parents=True)
                if (folder / name).exists():
                    (folder / "cgroup.procs").write_text(str(process.pid))
                    (folder / name).write_text(word)
                    frozen = folder
                    break
                folder.rmdir()
            if frozen:
                break
        if frozen is None:
            pytest.skip("no hierarchy of control groups can freeze")
        remove_cgroup(cgroup)
        assert process.wait(PATIENCE) < 0
        assert not frozen.exists()
    finally:
        process.kill()
        remove_cgroup(places.cgroup)
