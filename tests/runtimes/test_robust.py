"""Nothing stays behind, whoever is killed when, and what goes wrong is one clear message."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requires
from pod_process import SOURCE, await_line, end, podproof
from private_engine import await_nothing, engine_folder, engine_of_a_test, leftovers, places_at
from waiting import PATIENCE, freeze, wait_until

from podproof.errors import OutputError, PodproofError, UsageError
from podproof.runtimes.cri.client import CriEngine
from podproof.runtimes.embedded import SESSION_LABEL, Places, embedded_engine, keepers, stop_engine
from podproof.runtimes.embedded.cleanup import has_ended, processes_with
from podproof.runtimes.embedded.locks import FileLock
from podproof.runtimes.embedded.pause_image import pause_name
from podproof.runtimes.engine import EngineError, SandboxRequest

pytestmark = requires.needs(requires.engine)


@pytest.fixture
def places() -> Iterator[Places]:
    with engine_of_a_test() as found:
        yield found


def keeper_of(places: Places) -> int:
    return int(places.keeper_lock.read_text())


def kill_keeper(places: Places, *others: int) -> int:
    """Kill others and the keeper, and wait until that is gone: only then is another one needed."""
    pid = keeper_of(places)
    handle = os.pidfd_open(pid)
    for one in (*others, pid):
        os.kill(one, signal.SIGKILL)
    wait_until(lambda: has_ended(handle), "the keeper's end")
    os.close(handle)
    return pid


@contextlib.contextmanager
def no_other_keeper(places: Places) -> Iterator[None]:
    """Let no keeper be started meanwhile."""
    lock = FileLock.take(places.start_lock, wait=True)
    assert lock is not None
    try:
        yield
    finally:
        lock.release()


def test_an_idle_engine_is_gone_with_everything(places: Places) -> None:
    embedded_engine(places=places).close()
    await_nothing(places)
    wait_until(lambda: not places.run.joinpath("keeper.lock").exists(), "the end of the keeper's lock")


def test_the_next_start_finds_the_engine_warm(places: Places) -> None:
    embedded_engine(places=places).close()
    keeper = keeper_of(places)
    engine = embedded_engine(places=places)
    assert keeper_of(places) == keeper
    engine.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_podproof_is_reaped(places: Places, number: signal.Signals) -> None:
    process = podproof(places, "once")
    await_line(process, "running")
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)
    await_nothing(places)


def test_an_interrupt_ends_a_session(places: Places) -> None:
    process = podproof(places, "once")
    session = await_line(process, "session")
    await_line(process, "running")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert not places.session_folders.joinpath(session).exists()


def test_two_at_once_share_the_engine_and_nothing_else(places: Places) -> None:
    first, second = podproof(places, "once"), podproof(places, "once")
    sessions = [await_line(process, "session") for process in (first, second)]
    for process in (first, second):
        await_line(process, "running")
    end(first)
    folder = places.session_folders.joinpath(sessions[0])
    wait_until(lambda: not folder.exists(), "the end of the killed session")
    engine = CriEngine(str(places.socket))
    left = [sandbox.labels[SESSION_LABEL] for sandbox in engine.sandboxes()]
    engine.close()
    assert left == [sessions[1]]
    end(second)
    await_nothing(places)


def test_a_killed_keeper_is_replaced(places: Places) -> None:
    process = podproof(places, "once")
    await_line(process, "running")
    killed = kill_keeper(places, process.pid)  # both at once: it would start another one
    end(process)
    engine = embedded_engine(places=places)
    assert keeper_of(places) != killed
    wait_until(lambda: not engine.sandboxes(), "the end of the killed session's pods")
    engine.close()
    await_nothing(places)


def test_a_keeper_that_nobody_else_finds_is_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "_KEEPER_MODULE", "second_keeper")
    told: list[str] = []
    with pytest.raises(EngineError, match="another keeper is running, and does not answer"):
        embedded_engine(places=places, progress=told.append)
    assert told == ["starting the container engine"] * 3


def test_a_session_that_lost_its_keeper_leaves_another(places: Places) -> None:
    engine = embedded_engine(places=places)
    kill_keeper(places)
    engine.close()
    await_nothing(places)


def test_a_client_whose_keeper_was_killed_ends_with_the_engine(places: Places) -> None:
    embedded_engine(places=places).close()
    client = subprocess.Popen(
        ["ctr", "--address", places.socket, "images", "import", "-"],
        env={**os.environ, "PATH": places.path},
        stdin=subprocess.PIPE,
    )
    try:
        stop_engine(places)
        assert client.wait(PATIENCE) == -signal.SIGKILL
    finally:
        client.kill()
        client.communicate()
    assert leftovers(places) == []


def test_an_engine_whose_folder_vanishes_ends() -> None:
    with engine_folder() as folder:
        places = places_at(folder, idle=1)
        embedded_engine(places=places).close()
    await_nothing(places)


def test_a_killed_containerd_is_started_again(places: Places) -> None:
    process = podproof(places, "once")
    session = await_line(process, "session")
    await_line(process, "running")
    for pid in processes_with(str(places.config), "--config"):
        os.kill(pid, signal.SIGKILL)
    engine = embedded_engine(places=places)
    # its pods went on without it
    assert [one.labels[SESSION_LABEL] for one in engine.sandboxes() if one.ready] == [session]
    engine.close()
    end(process)
    await_nothing(places)


@pytest.mark.slow
def test_a_frozen_containerd_is_started_again(places: Places) -> None:
    process = podproof(places, "once")
    await_line(process, "running")
    (frozen,) = processes_with(str(places.config), "--config")
    freeze(frozen)
    end(process)
    wait_until(lambda: frozen not in processes_with(str(places.config), "--config"), "another containerd")
    await_nothing(places)


@pytest.mark.slow
def test_a_call_under_way_is_given_up_when_it_becomes_urgent(places: Places) -> None:
    engine = embedded_engine(places=places)
    freeze(keeper_of(places))  # it would start another
    (frozen,) = processes_with(str(places.config), "--config")
    freeze(frozen)
    try:
        urgent = threading.Timer(1, lambda: engine.hurry(1))
        urgent.start()
        with no_other_keeper(places), pytest.raises(EngineError, match="did not answer within 1 s") as error:
            engine.sandboxes()
        assert error.value.code == "DeadlineExceeded"
    finally:
        os.kill(frozen, signal.SIGCONT)
        os.kill(keeper_of(places), signal.SIGCONT)
    engine.close()
    await_nothing(places)


def test_everything_killed_at_once_is_recovered(places: Places) -> None:
    process = podproof(places, "once")
    await_line(process, "running")
    kill_keeper(places, process.pid, *processes_with(str(places.config), "--config"))
    end(process)
    engine = embedded_engine(places=places)
    assert [one.id for one in engine.sandboxes()] == []
    engine.close()
    await_nothing(places)


def test_a_system_containerd_is_not_touched(places: Places) -> None:
    before = {
        path for folder in ("/var/lib/containerd", "/etc/containerd") for path in Path(folder).rglob("*")
    }
    embedded_engine(places=places).close()
    await_nothing(places)
    after = {
        path for folder in ("/var/lib/containerd", "/etc/containerd") for path in Path(folder).rglob("*")
    }
    assert before == after


def test_nothing_outside_is_switched(places: Places) -> None:
    forwarding = Path("/proc/sys/net/ipv4/ip_forward").read_text()
    process = podproof(places, "once")
    await_line(process, "running")
    assert Path("/proc/sys/net/ipv4/ip_forward").read_text() == forwarding
    end(process)
    await_nothing(places)


def test_a_full_disk_is_one_message() -> None:
    with engine_folder() as folder:
        small = folder / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small], check=True)
        places = places_at(small)
        try:
            with pytest.raises(PodproofError, match=r"[Nn]o space left on device") as error:
                embedded_engine(places=places)
            assert isinstance(error.value, EngineError | OutputError)
            assert "\n" not in str(error.value)
        finally:
            stop_engine(places)
            subprocess.run(["umount", small], check=True)
        assert leftovers(places) == []


def fill(folder: Path) -> None:
    """Take all space that is left."""
    with contextlib.suppress(OSError), (folder / "full").open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def open_on_full_disk(places: Places, folder: Path) -> None:
    """Open the engine on a disk that is full: the keeper may just have removed what a pod left there."""
    for _ in range(5):
        fill(folder)
        embedded_engine(places=places).close()


def test_a_disk_that_fills_up_leaves_the_engine_well() -> None:
    with engine_folder() as folder:
        small = folder / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", small], check=True)
        try:
            places = places_at(small, idle=1)
            engine = embedded_engine(places=places)
            asked = SandboxRequest(name="pod", namespace="default", uid="full")
            fill(small)
            with pytest.raises(PodproofError, match=r"(?i)no space left on device") as error:
                engine.run_sandbox(asked)
            assert "\n" not in str(error.value)
            with pytest.raises(PodproofError, match=r"(?i)no space left on device"):
                open_on_full_disk(places, small)
            engine.close()
            (small / "full").unlink()
            engine = embedded_engine(places=places)
            engine.remove_sandbox(engine.run_sandbox(asked))
            engine.close()
            await_nothing(places)
        finally:
            stop_engine(places)
            # the keeper, which has just let go of its lock, may not have ended
            wait_until(lambda: subprocess.run(["umount", small], check=False).returncode == 0, "its end")
        assert leftovers(places) == []


def test_a_refused_socket_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "refused.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    with pytest.raises(EngineError) as error:
        CriEngine(str(path)).features()
    assert error.value.code == "Unavailable"
    assert str(error.value) == f"no runtime answers at unix://{path}: connection refused"


def test_no_root_is_one_message(places: Places) -> None:
    script = (
        "import os\nfrom podproof.runtimes.embedded import embedded_engine\n"
        "from podproof.errors import UsageError\nos.setuid(65534)\n"
        "try: embedded_engine()\nexcept UsageError as error: print(error)"
    )
    environment = {"PYTHONPATH": str(SOURCE), **places.environment()}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout == "running pods needs root, for namespaces, mounts and cgroups: run it with sudo\n"


def test_missing_programs_are_named(tmp_path: Path) -> None:
    places = Places(lib=tmp_path / "lib", run=tmp_path / "run", path=str(tmp_path))
    with pytest.raises(UsageError, match="install the packages containerd and runc"):
        embedded_engine(places=places)


def test_a_sandbox_whose_runtime_dies_is_a_clear_failure(places: Places) -> None:
    engine = embedded_engine(places=places)
    with no_other_keeper(places):
        kill_keeper(places, *processes_with(str(places.config), "--config"))
        with pytest.raises(EngineError) as error:
            engine.run_sandbox(SandboxRequest(name="pod", namespace="default", uid="1"))
    assert error.value.code == "Unavailable"
    assert str(places.socket) in error.value.detail
    assert pause_name() not in str(error.value)
    engine.close()
    embedded_engine(places=places).close()
    await_nothing(places)
