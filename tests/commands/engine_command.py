"""The verbs that run pods as a person uses them: in a process of its own, on an engine for a few tests."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import PATIENCE

from .conftest import environment

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers:
  - name: app
    image: local.lab/bb:1
    command: [sh, -c, "%s"]
"""

SLEEPER = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


class Command:
    """Runs podproof with an engine of its own, whose folder is `folder`."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.folder = folder
        engine = {"PODPROOF_ENGINE_DIR": str(folder / "engine"), "PODPROOF_ENGINE_IDLE": "600"}
        self.env = environment(**engine, **more)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "podproof", *arguments],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert "Traceback" not in err, err
        return process.returncode, out, err

    def write(self, text: str, name: str = "web.yaml") -> str:
        (self.folder / name).write_text(text)
        return name

    def left(self) -> list[str]:
        """What sessions have left: their folders, and mounts below the engine's."""
        sessions = self.folder / "engine" / "lib" / "sessions"
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        return [
            *(str(path) for path in (sessions.iterdir() if sessions.is_dir() else ())),
            *(line for line in mounts if f"{sessions}/" in line),
        ]


@contextmanager
def command_with_engine(**more: str) -> Iterator[Command]:
    """The command with an engine of its own that has the recorded images, or a skipped test."""
    from runtimes.images import recorded_archive

    from podproof.runtimes.embedded import Places, embedded_engine, stop_engine

    archive = recorded_archive()
    # sockets' paths are short, and pytest's folders are not
    with tempfile.TemporaryDirectory(prefix="podproof-") as folder:
        command = Command(Path(folder), **more)
        machine = Places.from_environment().path
        plugins = (Path(more["CNI_PATH"]),) if "CNI_PATH" in more else Places().plugins
        root = command.folder / "engine"
        places = Places(lib=root / "lib", run=root / "run", idle=600, path=machine, plugins=plugins)
        engine = embedded_engine(places=places)
        try:
            engine.import_archive(archive)
            yield command
        finally:
            engine.close()
            stop_engine(places)
