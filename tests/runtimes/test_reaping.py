"""Sessions whose processes are gone are reaped, whatever the runtime answers."""

import subprocess
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requires
from waiting import PATIENCE

from podproof.runtimes.embedded import SESSION_LABEL, Places
from podproof.runtimes.embedded.cleanup import cgroup_folders, remove_cgroup
from podproof.runtimes.embedded.locks import FileLock
from podproof.runtimes.embedded.reaper import Reaper, marked_sessions, reap_dead
from podproof.runtimes.engine import EngineError

ENDPOINT = "unix:///none"


class Stubborn:
    """An engine that holds on to a sandbox for as long as a process of it runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.removed = False

    def sandboxes(self, labels: dict[str, str]) -> list[Any]:
        return [] if self.removed else [SimpleNamespace(id="s", labels=labels)]

    def containers(self, _labels: dict[str, str]) -> list[Any]:
        return []

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

    def containers(self, _labels: dict[str, str]) -> list[Any]:
        return []

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

        def containers(self, _labels: dict[str, str]) -> list[Any]:
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
def test_what_a_runtime_does_not_let_go_of_is_tried_again_and_keeps_no_engine(tmp_path: Path) -> None:
    engine: Any = Broken()
    clock, told = Ticking(), list[str]()
    reaper = Reaper(_places(tmp_path, "abcd"), engine, report=told.append, clock=clock)
    while reaper.look(ENDPOINT, marked=["abcd"]) != (0, 0):
        clock.now += 60
    looks = engine.looks
    assert told == [
        "session abcd is not reaped: EngineError: rpc error: code = Unknown desc = it stays",
        "session abcd is removed, but for what the runtime does not let go of",
    ]
    for _ in range(5):
        for seconds in (59.5, 0.5):
            clock.now += seconds
            assert reaper.look(ENDPOINT, marked=["abcd"]) == (0, 0)
    assert engine.looks == looks + 5 * 2  # before and after what can be done without the runtime
    engine.error = EngineError("Unavailable", "no runtime answers")
    clock.now += 60
    assert reaper.look(ENDPOINT, marked=["abcd"]) == (0, 0)
    assert len(told) == 3


class Late:
    """An engine in which calls of killed processes ended after their sessions did."""

    def __init__(self, **sessions: str) -> None:
        self.left = sessions

    def _of(self, kind: str, labels: dict[str, str]) -> list[Any]:
        wanted = labels[SESSION_LABEL]
        return [
            SimpleNamespace(id=id, labels=labels)
            for id, session in self.left.items()
            if session == wanted and id.startswith(kind)
        ]

    def sandboxes(self, labels: dict[str, str]) -> list[Any]:
        return self._of("sandbox", labels)

    def containers(self, labels: dict[str, str]) -> list[Any]:
        return self._of("container", labels)

    def label_values(self, label: str) -> set[str]:
        assert label == SESSION_LABEL
        return {*self.left.values()}

    def stop_sandbox(self, _id: str) -> None:
        pass

    def remove_sandbox(self, id: str) -> None:
        del self.left[id]

    remove_container = remove_sandbox


@requires.needs(requires.root, requires.cgroups)
def test_what_only_the_runtime_knows_of_a_session_is_reaped(tmp_path: Path) -> None:
    places = _places(tmp_path, "aaaa")
    engine: Any = Late(sandbox1="aaaa", container1="aaaa", sandbox2="bbbb", container3="cccc")
    living = FileLock.take(places.session_locks / "aaaa.lock", wait=False)
    assert living is not None
    reaper = Reaper(places, engine)
    assert reaper.look(ENDPOINT) == (1, 0)
    assert len(engine.left) == 4
    assert reaper.look(ENDPOINT, marked=marked_sessions(places, engine)) == (1, 0)
    assert engine.left == {"sandbox1": "aaaa", "container1": "aaaa"}
    living.release()
    assert reaper.look(ENDPOINT, marked=marked_sessions(places, engine)) == (0, 0)
    assert engine.left == {}
    assert list(places.session_locks.iterdir()) == []


@requires.needs(requires.root, requires.cgroups)
def test_what_is_left_after_the_machine_started_again_is_reaped_at_once(tmp_path: Path) -> None:
    """Locks are in a folder that does not outlive a start of the machine."""
    places = Places(lib=tmp_path / "lib", run=tmp_path / "run")
    places.run.mkdir()
    (places.session_folders / "abcd").mkdir(parents=True)
    engine: Any = Late()
    assert Reaper(places, engine).look(ENDPOINT, marked=marked_sessions(places, engine)) == (0, 0)
    assert list(places.session_folders.iterdir()) == []


def test_only_what_may_be_the_id_of_a_session_is_one(tmp_path: Path) -> None:
    places = _places(tmp_path, "abcd", "lost+found")
    engine: Any = Late(
        sandbox1="../../etc", sandbox2="", sandbox3="ABCD", sandbox4="0123abcd", sandbox5="0\n"
    )
    assert marked_sessions(places, engine) == {"abcd", "0123abcd"}


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
