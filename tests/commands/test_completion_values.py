"""What a shell completes: in a real bash with readline, and what zsh and fish are told."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import PATIENCE

from .conftest import environment

BASH = shutil.which("bash")


def answers(shell: str, line: str, **changes: str) -> list[str]:
    """What the script of a shell is told about a line: values, without their kind."""
    *_, last = words = line.split(" ")
    told = {
        "COMP_WORDS": line,
        "COMP_CWORD": last if shell == "fish" else str(len(words) - 1),
        "_PODPROOF_COMPLETE": f"{shell}_complete",
    }
    result = subprocess.run(
        [sys.executable, "-m", "podproof"],
        env=environment(**told, **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    lines = [
        line.partition("\t")[0] for line in result.stdout.splitlines() if line
    ]  # fish: a description follows
    return lines[1::3] if shell == "zsh" else [line.partition(",")[2] for line in lines]


LINES = [
    ("check --level rest", ["restricted"]),
    (
        "check --level restricted:v1.3",
        [f"restricted:v1.{n}" for n in (*range(38, 29, -1), 3)],
    ),
    ("check --kubernetes-version lat", ["latest"]),
    ("check --select run-as-n", ["run-as-non-root"]),
    ("check --ignore run-as-user,run-as-n", ["run-as-user,run-as-non-root"]),
    ("check --ignore run-as-non-root,run-as-non", []),
    ("check --runtime containerd-1", ["containerd-1.6.20"]),
    ("check --color a", ["auto", "always"]),
    ("check --fail-on n", ["note", "never"]),
    ("explain --field runAsU", ["runAsUser"]),
    ("explain --debug-profile net", ["netadmin"]),
    ("explain --feature-gates ProcM", ["ProcMountType="]),
    ("explain --feature-gates A=true,ProcMountType=t", ["A=true,ProcMountType=true"]),
    ("prove --attack set-user", ["set-user-id-binary"]),
    ("run --until r", ["ready"]),
    ("rules capabilities-r", ["capabilities-restricted"]),
    ("images lo", ["lock"]),
]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(("line", "wanted"), LINES)
def test_values_are_completed(shell: str, line: str, wanted: list[str]) -> None:
    told = answers(shell, f"podproof {line}")
    if shell == "bash":  # readline keeps what stands before the last = or :
        wanted = [re.split("[=:]", value)[-1] if ":" in value else value for value in wanted]
        wanted = [value.removeprefix("A=true,ProcMountType=") for value in wanted]
    assert told == wanted


class Bash:
    """An interactive bash with podproof's completion, at the other end of a terminal."""

    def __init__(self, folder: Path) -> None:
        program = folder / "bin" / "podproof"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m podproof "$@"\n')
        program.chmod(0o755)
        (folder / "manifest.yaml").touch()
        kept = environment(PS1="$ ", TERM="dumb", HISTFILE="/dev/null", INPUTRC="/dev/null")
        kept["PATH"] = f"{program.parent}{os.pathsep}{kept['PATH']}"
        process, self.terminal = pty.fork()
        if process == 0:
            os.chdir(folder)
            os.execve(str(BASH), ["bash", "--norc", "--noprofile", "-i"], kept)
        self.process = process
        os.write(self.terminal, b'eval "$(podproof completion bash)"\r')
        os.write(self.terminal, b"podproof() { printf '<%s>' \"$@\"; echo en''d; }; echo en''d\r")
        self.until("end\r\n")

    def until(self, mark: str) -> str:
        """Read until something is printed."""
        seen, deadline = "", time.monotonic() + PATIENCE
        while mark not in seen:
            assert time.monotonic() < deadline, seen
            if select.select([self.terminal], [], [], 1)[0]:
                seen += os.read(self.terminal, 65536).decode()
        return seen

    def complete(self, typed: str) -> str:
        """Type a command, a tab and enter, and give the words that the command then has."""
        os.write(self.terminal, f"{typed}\t\r".encode())
        printed = re.search(r"((<[^>]*>)+)end\r\n", self.until("end\r\n"))
        return printed[1] if printed else ""

    def close(self) -> None:
        """End it."""
        os.close(self.terminal)
        os.waitpid(self.process, 0)


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bash]:
    if BASH is None:
        pytest.skip("needs bash, whose completion is tried in a real shell")
    shell = Bash(tmp_path_factory.mktemp("bash"))
    yield shell
    shell.close()


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("che", "check"),
        ("check --lev", "check --level"),
        ("check --level rest", "check --level restricted"),
        ("check --level=rest", "check --level=restricted"),
        ("check --level restricted:v1.37", "check --level restricted:v1.37"),
        ("check --level=restricted:la", "check --level=restricted:latest"),
        ("check --ignore run-as-user,run-as-n", "check --ignore run-as-user,run-as-non-root"),
        ("check --images mani", "check --images manifest.yaml"),
        ("check mani", "check manifest.yaml"),
        ("explain --field=fsG", "explain --field=fsGroup"),
        ("explain --feature-gates ProcMountType=t", "explain --feature-gates ProcMountType=true"),
        ("rules run-as-non", "rules run-as-non-root"),
    ],
)  # fmt: skip
def test_a_tab_in_bash(bash: Bash, typed: str, wanted: str) -> None:
    assert bash.complete(f"podproof {typed}") == "".join(f"<{word}>" for word in wanted.split())
