"""`podproof doctor` says what a machine lacks, and ends with 1 when pods do not run on it."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import requires
from waiting import PATIENCE

from podproof.runtimes.embedded import Places, stop_engine

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
SCHEMA = json.loads((ROOT / "schemas" / "doctor.v1.json").read_text())


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="podproof-") as name:
        path = Path(name)
        yield path
        stop_engine(Places(lib=path / "lib", run=path / "run"))


def doctor(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "PODPROOF_ENGINE_DIR": str(folder),
        "PODPROOF_ENGINE_IDLE": "60",
    }
    command = [sys.executable, "-m", "podproof", "doctor", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def facts(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, str]]:
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["works"] == (done.returncode == 0)
    return {fact["name"]: (fact["works"], fact["said"]) for fact in document["facts"]}


@requires.needs(requires.engine)
def test_the_engine_is_started_and_answers(folder: Path) -> None:
    done = doctor(folder, "--format", "json")
    found = facts(done)
    assert done.returncode == 0, done.stdout
    assert found["root"] == ("yes", "this is root")
    assert found["engine"][0] == "yes"
    assert found["hostUsers: false"][0] in ("yes", "limited")


@requires.needs(requires.root)
def test_a_user_is_told_to_become_root(folder: Path) -> None:
    # everything is imported as root: the interpreter may lie where another user cannot read it
    script = (
        "import os, sys, podproof.session.doctor, podproof.outputs.sink\n"
        "from podproof.commands import doctor\n"
        "os.setuid(65534)\n"
        "sys.exit(doctor.command([], standalone_mode=False))\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "PODPROOF_ENGINE_DIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("no       root")
    none = r"^no +capabilities +none, as of every user but root\n += run it with sudo$"
    assert re.search(none, done.stdout, re.MULTILINE)
    # programs, where they are not installed, come after these
    assert re.search(r"^pods do not run here: root, capabilities(, .*)?\n\Z", done.stdout, re.MULTILINE)


def test_an_endpoint_where_nothing_listens(folder: Path) -> None:
    done = doctor(folder, "--runtime-endpoint", f"unix://{folder}/none.sock", "--format", "json")
    assert done.returncode == 1
    if os.geteuid() == 0:
        assert facts(done)["engine"] == (
            "no",
            f"no runtime answers at unix://{folder}/none.sock: no such file or directory",
        )


def test_an_endpoint_that_is_none(folder: Path) -> None:
    done = doctor(folder, "--runtime-endpoint", "tcp://1.2.3.4:5", "--format", "json")
    assert done.returncode == 1
    if os.geteuid() == 0:
        assert "must be unix:///PATH" in facts(done)["engine"][1]


@requires.needs(requires.root)
def test_what_is_missing_is_named_and_not_installed(folder: Path) -> None:
    (folder / "bin").mkdir()
    environment = {"PATH": str(folder / "bin"), "PYTHONPATH": str(SOURCE)}
    script = (
        "from podproof.runtimes.embedded.places import Places\n"
        "from podproof.runtimes.machine import program_facts\n"
        f"for fact in program_facts(Places(path={str(folder / 'bin')!r})): print(fact.works, fact.said)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout == (
        "no not installed: containerd, containerd-shim-runc-v2, ctr\nno not installed: runc\n"
    ), done.stderr
