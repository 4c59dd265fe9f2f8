"""An engine that is in use has a keeper, whenever somebody kills or stops it."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest
import requires
from pod_process import await_line, end, podproof
from private_engine import await_nothing, engine_of_a_test
from waiting import freeze, wait_until

from podproof.runtimes.embedded import Places, embedded_engine, keepers
from podproof.runtimes.embedded.cleanup import processes_with
from podproof.runtimes.embedded.keepers import find_keeper, is_lost

pytestmark = requires.needs(requires.engine)

LOSSES = pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])

ROUNDS = 5
"""So often, because a process that has just been killed is gone sooner or later."""


@pytest.fixture
def places() -> Iterator[Places]:
    with engine_of_a_test() as found:
        yield found


def keeper_of(places: Places) -> int:
    keeper = find_keeper(places)
    assert keeper is not None
    return keeper


@LOSSES
def test_a_session_does_not_begin_with_a_keeper_that_is_going(places: Places, number: signal.Signals) -> None:
    """It still has its lock, and the container runtime answers."""
    for _ in range(ROUNDS):
        embedded_engine(places=places).close()
        lost = keeper_of(places)
        os.kill(lost, number)
        engine = embedded_engine(places=places)
        assert keeper_of(places) != lost
        engine.close()


@LOSSES
def test_a_session_does_not_leave_an_engine_to_a_keeper_that_is_going(
    places: Places, number: signal.Signals
) -> None:
    for _ in range(ROUNDS):
        engine = embedded_engine(places=places)
        os.kill(keeper_of(places), number)
        engine.close()
        await_nothing(places)


@LOSSES
def test_a_session_that_goes_on_has_a_keeper(places: Places, number: signal.Signals) -> None:
    """It is looked after by a keeper for as long as it takes, not only when it begins and when it ends."""
    process = podproof(places, "once")
    await_line(process, "running")
    engine = embedded_engine(places=places)
    lost = keeper_of(places)
    os.kill(process.pid, signal.SIGKILL)  # first, so that nobody but this session starts another keeper
    os.kill(lost, number)
    end(process)
    wait_until(lambda: not engine.sandboxes(), "the end of the killed session's pods")
    engine.close()
    await_nothing(places)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_keeper_that_is_told_to_end_while_it_starts_ends_the_engine(
    places: Places, number: signal.Signals
) -> None:
    for folder in (places.run, places.lib):
        folder.mkdir(mode=0o711)
    starting = threading.Thread(target=keepers.ensure_keeper, args=(places, lambda _: None))
    starting.start()
    wait_until(lambda: [*processes_with(str(places.config), "--config")], "containerd", pause=0.001)
    os.kill(keeper_of(places), number)
    starting.join()
    await_nothing(places)


def test_what_is_killed_or_stopped_is_lost_at_once() -> None:
    process = subprocess.Popen(["sleep", "1000"])
    try:
        assert not is_lost(process.pid)
        freeze(process.pid)
        assert is_lost(process.pid)
        os.kill(process.pid, signal.SIGCONT)
        wait_until(lambda: not is_lost(process.pid), "it to go on")
        for _ in range(100):
            os.kill(process.pid, signal.SIGSTOP)
            assert is_lost(process.pid)
            os.kill(process.pid, signal.SIGCONT)
            wait_until(lambda: not is_lost(process.pid), "it to go on")
    finally:
        process.kill()
        assert is_lost(process.pid)
        process.wait()
    assert not is_lost(process.pid)  # it has ended
