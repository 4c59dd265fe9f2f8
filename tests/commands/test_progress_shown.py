"""Progress is for people who watch: on a terminal, after a second; it leaves nothing behind."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import PATIENCE

from .conftest import environment

POD = "---\n{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}\n"
PODS = 60
TAKE_AWAY = "\r\x1b[K"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many pods that to check them takes several seconds, in files that are not cut."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(400):
        (folder / f"{number}.yaml").write_text(POD * PODS)
    return folder


def watched(folder: Path, *options: str, interrupt: bool = False, **changes: str) -> tuple[int, str]:
    """Check a folder with standard error on a terminal; gives the exit code and what stood there."""
    ours, theirs = pty.openpty()
    given = environment(**({"TERM": "xterm"} | changes))
    if "CI" not in changes:
        given.pop("CI", None)
    command = [sys.executable, "-m", "podproof", "check", "--jobs", "1", *options, str(folder)]
    with subprocess.Popen(
        command, env=given, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        seen, deadline = "", time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([ours], [], [], 1)[0]:
                try:
                    seen += os.read(ours, 65536).decode()
                except OSError:  # Linux says so when the other end is closed
                    break
            if interrupt and "checking" in seen:
                process.send_signal(2)
                interrupt = False
    os.close(ours)
    return process.returncode, seen


def test_progress_counts_and_goes(many: Path) -> None:
    code, seen = watched(many)
    assert code == 1
    assert f"{TAKE_AWAY}checking: " in seen
    assert seen.endswith(TAKE_AWAY)
    assert "\n" not in seen


def test_progress_goes_with_ctrl_c(many: Path) -> None:
    code, seen = watched(many, interrupt=True)
    assert code == 130
    before, _, after = seen.rpartition(TAKE_AWAY)
    assert "checking: " in before
    assert after == "\r\npodproof: interrupted\r\n"


def test_who_wants_quiet_is_told_nothing(many: Path) -> None:
    assert watched(many, "--quiet") == (1, "")


@pytest.mark.parametrize("changes", [{"CI": "true"}, {"TERM": "dumb"}])
def test_nobody_watches(many: Path, changes: dict[str, str]) -> None:
    assert watched(many, **changes) == (1, "")
