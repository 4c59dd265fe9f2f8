"""`podproof engine`: what it shows, and that it ends an engine of which nothing answers any more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requires
from private_engine import engine_folder, leftovers, places_at
from waiting import PATIENCE, freeze

from podproof.commands import run_command
from podproof.runtimes.embedded import EmbeddedEngine, Places, embedded_engine, stop_engine
from podproof.runtimes.embedded.cleanup import processes_with
from podproof.runtimes.embedded.control import engine_status

SOURCE = Path(__file__).resolve().parents[2] / "src"

pytestmark = requires.needs(requires.engine)


@pytest.fixture
def places() -> Iterator[Places]:
    with engine_folder() as folder:
        found = places_at(folder, idle=300)
        yield found
        stop_engine(found)
        assert leftovers(found) == []


def podproof(places: Places, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "podproof", "engine", *arguments],
        env={"PYTHONPATH": str(SOURCE), **places.environment()},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return done.returncode, done.stdout, done.stderr


def freeze_all(places: Places, engine: EmbeddedEngine) -> None:
    """Stop the keeper and the runtime where they are, so that nothing answers or ends by itself."""
    status = engine_status(places)
    for pid in (status.keeper, status.containerd):
        assert pid is not None
        freeze(pid)
    engine.hurry(0.1)


def test_without_an_engine(places: Places) -> None:
    code, out, err = podproof(places, "status")
    assert (code, err) == (1, "")
    assert out.startswith("the engine is not running: run and prove start it\n")
    assert podproof(places, "stop") == (0, "there is no engine\n", "")
    assert podproof(places, "reset") == (0, "there is no engine\n", "")
    assert not places.lib.exists()


def test_an_engine_with_a_session(places: Places) -> None:
    engine = embedded_engine(places=places)
    (containerd,) = processes_with(str(places.config), "--config")
    code, out, _ = podproof(places, "status")
    assert code == 0
    assert out.splitlines()[:3] == [
        f"containerd  process {containerd}, {engine.features().name} {engine.features().version}",
        f"keeper      process {places.keeper_lock.read_text()}",
        f"session     {engine.session.id} runs",
    ]
    assert engine_status(places).disk > 100_000
    for verb in ("stop", "reset"):
        assert podproof(places, verb) == (
            2,
            "",
            f"podproof: sessions {engine.session.id} has pods in the engine: stop them, or add --force\n",
        )
    engine.close()
    assert podproof(places, "stop") == (0, "the engine is stopped\n", "")
    assert leftovers(places) == []
    assert places.root.is_dir()  # images stay
    assert podproof(places, "reset") == (0, "the engine is removed\n", "")
    assert not places.lib.exists()


@pytest.mark.slow
def test_an_engine_of_which_nothing_answers_is_ended(places: Places) -> None:
    engine = embedded_engine(places=places)
    freeze_all(places, engine)
    code, out, _ = podproof(places, "status")
    assert code == 1
    assert "does not answer" in out
    assert podproof(places, "reset", "--force") == (0, "the engine is removed\n", "")
    with suppress(Exception):
        engine.close()
    # what the session itself could not clean up any more
    assert podproof(places, "stop") == (0, "the engine is stopped\n", "")


@pytest.mark.parametrize("verb", ["status", "stop", "reset"])
def test_somebody_else_is_told_to_use_sudo(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert run_command(["engine", verb]) == 2
    assert capsys.readouterr().err == "podproof: the engine is root's: run it with sudo\n"
