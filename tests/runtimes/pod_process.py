"""A process that runs pods on a private engine as a podproof process does, to be killed by tests."""

import subprocess
import sys
from pathlib import Path

from podproof.runtimes.embedded import Places

SOURCE = Path(__file__).resolve().parents[2] / "src"

PODS = """
import os, sys, signal
from podproof.runtimes.embedded import *
from podproof.runtimes.embedded.locks import FileLock
from podproof.runtimes.embedded.pause_image import pause_name
from podproof.runtimes.engine import *
engine = embedded_engine()
session = engine.session
print("session", session.id, flush=True)
try:
    for number in range(100):
        labels = {SESSION_LABEL: session.id, "number": str(number)}
        logs = session.directory / str(number)
        logs.mkdir()
        os.system(f"mount -t tmpfs none {logs}")
        asked = SandboxRequest(name="pod", namespace="default", uid=f"{session.id}-{number}",
            log_directory=str(logs), labels=labels, cgroup_parent=f"{session.cgroup}/pod{number}")
        sandbox = engine.run_sandbox(asked)
        container = engine.create_container(sandbox, ContainerRequest(name="c", image=pause_name(),
            labels=labels, log_path="c.log"), asked)
        engine.start_container(container)
        print("running", number, flush=True)
        if "once" in sys.argv:
            signal.pause()
        engine.stop_container(container, 1)
        engine.stop_sandbox(sandbox)
        engine.remove_sandbox(sandbox)
finally:
    engine.close()
"""
"""What a podproof process does: pods with a volume, one after the other."""


def podproof(places: Places, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PODS, *arguments],
        env={"PYTHONPATH": str(SOURCE), **places.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def await_line(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return line.split()[1]
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
