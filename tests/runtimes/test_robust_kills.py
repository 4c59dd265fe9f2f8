"""Several engines at once lose whatever process at whatever moment: after the next start, nothing is left.

PODPROOF_KILLS says how many processes are killed or frozen, PODPROOF_ENGINES on how many engines at once.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import pytest
import requires
from pod_process import await_line, end, podproof
from private_engine import Seen, engine_folder, leftovers, places_at, state_of
from waiting import freeze, wait_until

from podproof.runtimes.embedded import Places, embedded_engine
from podproof.runtimes.embedded.cleanup import processes_with
from podproof.runtimes.embedded.locks import FileLock

pytestmark = requires.needs(requires.engine)

ENGINES = int(os.environ.get("PODPROOF_ENGINES", "3"))
KILLS = int(os.environ.get("PODPROOF_KILLS", "27"))
EACH = 3
"""Kills of one engine before its next start."""

VICTIMS = ("podproof", "keeper", "containerd", "shim")
FIRST_SEED = int(os.environ.get("PODPROOF_SEED", "0"))


@pytest.fixture
def engines() -> Iterator[list[Places]]:
    with ExitStack() as stack:
        yield [places_at(stack.enter_context(engine_folder()), idle=1) for _ in range(ENGINES)]


def victims(places: Places, kind: str) -> list[int]:
    """The processes of an engine that are of a kind; none where there is none just now."""
    if kind == "containerd":
        return [*processes_with(str(places.config), "--config")]
    if kind == "shim":
        return [*processes_with(str(places.socket), "-address")]
    with suppress(OSError, ValueError):
        if FileLock.is_held(places.keeper_lock):
            return [int(places.keeper_lock.read_text())]
    return []


@contextmanager
def told(places: Places) -> Iterator[None]:
    """Add to what a test fails with how the engine is at that moment."""
    try:
        yield
    except AssertionError as error:
        error.add_note(state_of(places))
        raise


def batter(places: Places, seed: str) -> list[str]:
    """Kill or freeze EACH processes of one engine at random moments; what was left after the next start."""
    chance = random.Random(seed)
    seen, process = Seen(places), podproof(places)
    done: list[str] = []
    try:
        while len(done) < EACH:
            ends = time.monotonic() + chance.uniform(0.05, 1.5)  # nothing is waited for: any moment will do
            while time.monotonic() < ends:
                seen.look()
                time.sleep(0.05)
            kind = chance.choice(VICTIMS)
            found = [process.pid] if kind == "podproof" else victims(places, kind)
            if not found:
                kind, found = "podproof", [process.pid]
            number = signal.SIGSTOP if chance.random() < 0.3 else signal.SIGKILL
            with suppress(ProcessLookupError):
                os.kill(chance.choice(found), number)
            done.append(f"{number.name} {kind}")
            if process.poll() is not None or kind == "podproof":
                end(process)
                process = podproof(places)
    finally:
        end(process)
    engine = embedded_engine(places=places)
    try:
        with told(places):
            wait_until(lambda: not engine.sandboxes(), f"{seed}: the end of all pods after {done}")
    finally:
        engine.close()
    with told(places):
        wait_until(lambda: not leftovers(places) + seen.left(), f"{seed}: the end of everything after {done}")
    return leftovers(places) + seen.left()


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(FIRST_SEED, FIRST_SEED + -(-KILLS // (EACH * ENGINES))))
def test_engines_come_back_whatever_is_killed_or_frozen(engines: list[Places], round_: int) -> None:
    with ThreadPoolExecutor(ENGINES) as pool:
        lefts = [*pool.map(batter, engines, [f"{round_}.{number}" for number in range(ENGINES)])]
    assert lefts == [[]] * ENGINES


@pytest.mark.slow
def test_a_frozen_shim_is_ended(engines: list[Places]) -> None:
    """The runtime waits for it in vain: it is killed, and its pod is reaped."""
    places = engines[0]
    process = podproof(places, "once")
    try:
        await_line(process, "running")
        for pid in victims(places, "shim"):
            freeze(pid)
    finally:
        end(process)
    wait_until(lambda: not leftovers(places), "the end of everything, the frozen shim too")
    assert victims(places, "shim") == []


def test_a_frozen_keeper_is_replaced(engines: list[Places]) -> None:
    places = engines[0]
    embedded_engine(places=places).close()
    (frozen,) = victims(places, "keeper")
    freeze(frozen)
    engine = embedded_engine(places=places)
    (keeper,) = victims(places, "keeper")
    assert keeper != frozen
    engine.close()
    wait_until(lambda: not leftovers(places), "the engine's end with everything it had")
