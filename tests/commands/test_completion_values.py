"""What a shell completes: what it is told, and what real ones make of it at a tab."""

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
import requires
from waiting import PATIENCE

from .conftest import environment


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


TYPED = [
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
]
"""What is typed before a tab, and what stands there then."""

PATH_IN_THE_WORD = [("check --images=mani", "check --images=manifest.yaml")]
"""Readline completes such a path by itself, once it is told that a path is meant."""


def install(folder: Path) -> dict[str, str]:
    """Make a command podproof beside a manifest, and give the environment of a shell that has it."""
    program = folder / "bin" / "podproof"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m podproof "$@"\n')
    program.chmod(0o755)
    (folder / "manifest.yaml").touch()
    kept = environment(PS1="$ ", TERM="dumb", HISTFILE="/dev/null", INPUTRC="/dev/null", HOME=str(folder))
    return {**kept, "PATH": f"{program.parent}{os.pathsep}{kept['PATH']}", "XDG_CONFIG_HOME": str(folder)}


class Shell:
    """An interactive shell with podproof's completion, at the other end of a terminal."""

    def __init__(self, folder: Path, command: tuple[str, ...], script: str) -> None:
        kept = install(folder)
        process, self.terminal = pty.fork()
        if process == 0:
            os.chdir(folder)
            os.execve(str(shutil.which(command[0])), command, kept)
        self.process = process
        os.write(self.terminal, f"{script}\r".encode())
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
def bash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    requires.demand(requires.program("bash"))
    script = 'eval "$(podproof completion bash)"'
    shell = Shell(tmp_path_factory.mktemp("bash"), ("bash", "--norc", "--noprofile", "-i"), script)
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def zsh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    requires.demand(requires.program("zsh"))
    script = 'autoload -U compinit; compinit -D -u; eval "$(podproof completion zsh)"'
    shell = Shell(tmp_path_factory.mktemp("zsh"), ("zsh", "-f", "-i"), script)
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def fish(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    requires.demand(requires.program("fish"))
    folder = tmp_path_factory.mktemp("fish")
    return folder, install(folder)


@pytest.mark.parametrize(("typed", "wanted"), TYPED)
def test_a_tab_in_bash(bash: Shell, typed: str, wanted: str) -> None:
    assert bash.complete(f"podproof {typed}") == "".join(f"<{word}>" for word in wanted.split())


@pytest.mark.parametrize(("typed", "wanted"), TYPED + PATH_IN_THE_WORD)
def test_a_tab_in_zsh(zsh: Shell, typed: str, wanted: str) -> None:
    assert zsh.complete(f"podproof {typed}") == "".join(f"<{word}>" for word in wanted.split())


@pytest.mark.parametrize(("typed", "wanted"), TYPED + PATH_IN_THE_WORD)
def test_what_fish_completes(fish: tuple[Path, dict[str, str]], typed: str, wanted: str) -> None:
    folder, kept = fish
    script = f"podproof completion fish | source; complete -C 'podproof {typed}'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == [wanted.split()[-1]]
