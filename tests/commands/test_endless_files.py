"""A file that an option names keeps no command waiting and is not read without end: each verb says so."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requires

SOURCE = str(Path(__file__).resolve().parents[2] / "src")

CLEAR = re.compile(
    r"end did not come within 5 s|has more than [\d,]+ bytes|more than the 1 MiB|must be a file or a folder"
    r"|must be a folder|no such folder|neither a file nor a folder"
).search

POD = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}\n"

OPTIONS = [
    ("check", "--config", "F", "pod.yaml"),
    ("check", "--images", "F", "pod.yaml"),
    ("check", "--node", "F", "pod.yaml"),
    ("explain", "--images", "F", "pod.yaml"),
    ("explain", "--node", "F", "pod.yaml"),
    ("admit", "--admission-control-config-file", "F", "pod.yaml"),
    ("admit", "--cluster", "F", "pod.yaml"),
    ("explain", "--cluster", "F", "pod.yaml"),
    ("images", "lock", "F"),
    ("images", "build", "x:1", "-o", "x.tar", "--from-scratch", "--add", "F:/f"),
    ("run", "--image-archive", "F", "pod.yaml"),
    ("prove", "--image-archive", "F", "pod.yaml"),
    ("run", "--registry-ca", "r.example=F", "pod.yaml"),
    ("run", "--seccomp-root", "F", "pod.yaml"),
]
"""Command lines in which F is an endless file; manifests that are named have a minute, in tests/inputs."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a manifest and a pipe that somebody has opened and nobody writes to."""
    (tmp_path / "pod.yaml").write_text(POD)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    yield tmp_path
    os.close(writer)


def last_line(folder: Path, arguments: tuple[str, ...]) -> str:
    """Run a command that has to refuse its arguments; its message."""
    done = subprocess.run(
        [sys.executable, "-m", "podproof", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        timeout=50,  # a file that is named has a minute: an option that waits as long is a failure
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode in (2, 4, 64, 65, 66), (arguments, done)
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("file", ["pipe", "zero"])
def test_every_option_refuses_what_does_not_end(folder: Path, file: str) -> None:
    possible = [line for line in OPTIONS if line[0] not in ("run", "prove") or not requires.engine()]
    lines = [tuple(word.replace("F", file) for word in line) for line in possible]
    with ThreadPoolExecutor(4) as pool:
        messages = dict(zip(lines, pool.map(lambda line: last_line(folder, line), lines), strict=True))
    unclear = {line: text for line, text in messages.items() if file not in text or not CLEAR(text)}
    assert not unclear
