"""The process that looks after kept pods, with pods that are told what to be: files, stops, a full disk."""

import errno
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from waiting import PATIENCE, wait_until

from podproof.errors import OutputError
from podproof.kubelet.events import PodEvent
from podproof.runtimes.embedded import Places
from podproof.runtimes.embedded.sessions import Session
from podproof.runtimes.pods.values import PodSnapshot
from podproof.session.run import keeping, kept_pods
from podproof.session.run.keeping import PodKeeper, kept_log
from podproof.session.run.kept_pods import KeptPod, find_kept, resolve_kept, stop_kept


class Pod:
    """A pod that ends when it is told to."""

    def __init__(self, name: str, folder: Path, owner: str = "") -> None:
        self.planned: Any = SimpleNamespace(owner=owner, name=name, job=None)
        self.alive = True
        self.logs = {"app": folder / name}
        self.log_files = {"id2": folder / name / "2.log", "id3": folder / name / "3.log"}
        self.phase("Running")

    def phase(self, phase: str) -> None:
        value = {
            "metadata": {"name": self.planned.name, "uid": f"u-{self.planned.name}"},
            "status": {"phase": phase},
        }
        self.snapshot = PodSnapshot(value, (PodEvent("Normal", "Started", "started"),))


class Run:
    """A run of such pods."""

    def __init__(self, *pods: Any) -> None:
        self.pods = list(pods)

    def advance(self) -> None:
        pass

    def stop(self, pod: Any) -> None:
        pod.alive = False


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(lib=tmp_path / "lib", run=tmp_path / "run")


@pytest.fixture
def session(places: Places) -> Session:
    return Session.open(places, "unix:///there")


def kept_by(run: Run, session: Session) -> tuple[PodKeeper, threading.Thread]:
    """The pods are kept by a thread; a session whose last pod is gone is let go of."""
    keeper = PodKeeper(run, session.directory)

    def keep() -> None:
        keeper.keep(lambda: 0)
        session._lock.release(remove=True)

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    return keeper, thread


def names(places: Places) -> list[str]:
    return [kept.name for kept in find_kept(places)]


def test_what_is_kept_is_found_and_stopped(places: Places, session: Session, tmp_path: Path) -> None:
    run = Run(Pod("web", tmp_path), Pod("db", tmp_path, "StatefulSet/db"))
    _, thread = kept_by(run, session)
    db, web = find_kept(places)
    assert (db.name, db.owner, web.owner, web.namespace) == ("db", "StatefulSet/db", "", "default")
    assert (web.endpoint, web.session) == ("unix:///there", session.directory)
    assert web.events == (PodEvent("Normal", "Started", "started"),)
    assert web.logs == {id: str(tmp_path / "web" / f"{id[2]}.log") for id in ("id2", "id3")}
    assert stop_kept([web], places) == []
    assert names(places) == ["db"]
    run.pods.append(Pod("new", tmp_path))
    wait_until(lambda: names(places) == ["db", "new"], "the pod that was started later")
    assert stop_kept(list(find_kept(places)), places) == []
    thread.join(PATIENCE)
    assert names(places) == []


def test_changes_are_written(places: Places, session: Session, tmp_path: Path) -> None:
    pod = Pod("web", tmp_path)
    kept_by(Run(pod), session)
    pod.phase("Failed")
    wait_until(lambda: next(find_kept(places)).pod["status"]["phase"] == "Failed", "the change")
    pod.alive = False


def test_a_full_disk_ends_no_pod(
    places: Places, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod, replace = Pod("web", tmp_path), kept_pods._replace
    _, thread = kept_by(Run(pod), session)
    refused = threading.Event()

    def full(path: Path, text: str) -> None:
        refused.set()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept_pods, "_replace", full)
    pod.phase("Failed")
    assert refused.wait(PATIENCE)
    assert thread.is_alive()
    monkeypatch.setattr(kept_pods, "_replace", replace)
    wait_until(lambda: next(find_kept(places)).pod["status"]["phase"] == "Failed", "the change, after all")
    monkeypatch.setattr(kept_pods, "_replace", full)
    pod.phase("Running")
    assert stop_kept(list(find_kept(places)), places) == []  # what is asked for is done all the same
    thread.join(PATIENCE)


def test_a_folder_that_cannot_be_written_is_told_at_the_beginning(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (session.directory / "kept").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        PodKeeper(Run(Pod("web", tmp_path)), session.directory)


def test_logs_that_nothing_tells_of_go(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_PRUNE", 0.0)
    pod = Pod("web", tmp_path)
    folder = pod.logs["app"]
    folder.mkdir()
    for name in ("0.log", "1.log", "2.log", "3.log", "4.log", "other.log"):
        (folder / name).write_text("x")
    kept_by(Run(pod), session)
    # 4.log is of an attempt that has only just begun
    left = ["2.log", "3.log", "4.log", "other.log"]
    wait_until(lambda: sorted(path.name for path in folder.iterdir()) == left, "the end of old logs")
    pod.alive = False


def test_a_signal_ends_the_keeping(places: Places, session: Session, tmp_path: Path) -> None:
    signals = [15]
    keeper = PodKeeper(Run(Pod("web", tmp_path)), session.directory)
    thread = threading.Thread(target=keeper.keep, args=(lambda: len(signals),), daemon=True)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()  # the one before does not count
    signals.append(15)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_session_without_a_process_has_no_kept_pods(
    places: Places, session: Session, tmp_path: Path
) -> None:
    PodKeeper(Run(Pod("web", tmp_path)), session.directory)
    assert names(places) == ["web"]
    session._lock.release()
    assert names(places) == []
    assert kept_log(session.directory) == places.lib / "kept.log"


def kept(name: str, namespace: str, owner: str = "") -> KeptPod:
    pod = {"metadata": {"name": name, "namespace": namespace, "uid": f"{namespace}-{name}"}}
    return KeptPod(pod, (), owner, {}, Path("/x"), "", 1)


PODS = [kept("web", "shop"), kept("web", "other"), kept("db-0", "shop", "StatefulSet/db"), kept("db", "shop")]


@pytest.mark.parametrize(
    ("name", "namespace", "found"),
    [
        ("web", None, ["shop-web", "other-web"]),
        ("web", "shop", ["shop-web"]),
        ("shop/web", None, ["shop-web"]),
        ("pod/web", "other", ["other-web"]),
        ("pods/db", None, ["shop-db"]),
        ("statefulset/db", None, ["shop-db-0"]),
        ("StatefulSet/db", "shop", ["shop-db-0"]),
        ("other-web", None, ["other-web"]),
    ],
)
def test_names(name: str, namespace: str | None, found: list[str]) -> None:
    assert [one.uid for one in resolve_kept(name, namespace, PODS)] == found
