"""`podproof exec` with streams: input, output as it comes, a terminal; on the real engine."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requires
from waiting import PATIENCE

from .engine_command import POD, SLEEPER, Command, command_with_engine

pytestmark = requires.needs(requires.engine)


@pytest.fixture(scope="module")
def podproof() -> Iterator[Command]:
    with command_with_engine() as command:
        assert command("run", command.write(POD % SLEEPER), "--until", "ready", "--keep")[0] == 0
        yield command
        command("stop", "--all")


def start(podproof: Command, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "podproof", "exec", *arguments],
        cwd=podproof.folder,
        env=podproof.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_standard_input_reaches_the_command_and_ends(podproof: Command, size: int) -> None:
    data = bytes(range(33, 127)) * (size // 94 + 1)
    process = start(podproof, "-i", "web", "--raw", "--", "cat")
    out, err = process.communicate(data[:size], timeout=PATIENCE)
    assert (out, err, process.returncode) == (data[:size], b"", 0)


def test_without_i_there_is_no_input(podproof: Command) -> None:
    process = start(podproof, "web", "--", "cat")
    out, _ = process.communicate(b"not for it", timeout=PATIENCE)
    assert (out, process.returncode) == (b"", 0)


def test_output_comes_while_the_command_runs(podproof: Command) -> None:
    process = start(podproof, "-i", "web", "--", "sh", "-c", r"printf '\033[1mname? '; read x; echo hello $x")
    assert process.stdin is not None
    assert process.stdout is not None
    assert os.read(process.stdout.fileno(), 100) == b"name? "
    out, err = process.communicate(b"you\n", timeout=PATIENCE)
    assert (out, process.returncode) == (b"hello you\n", 0)
    assert err.startswith(b"podproof: note: colors and control characters")


def test_much_output_is_whole(podproof: Command) -> None:
    code, out, err = podproof("exec", "web", "--", "sh", "-c", "seq 200000; seq 200000 >&2")
    wanted = "".join(f"{number}\n" for number in range(1, 200_001))
    assert (code, out, err) == (0, wanted, wanted)


def test_a_signal_ends_it(podproof: Command) -> None:
    process = start(podproof, "web", "--", "sh", "-c", "echo up; sleep 300")
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=PATIENCE) == (b"", b"")
    assert process.returncode == 130


def test_t_without_a_terminal(podproof: Command) -> None:
    process = start(podproof, "-it", "web", "--", "cat")
    out, err = process.communicate(b"x\n", timeout=PATIENCE)
    assert (out, process.returncode) == (b"x\n", 0)
    assert err == b"podproof: unable to use a TTY: standard input is not a terminal\n"


def test_a_terminal(podproof: Command) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(podproof.folder)
        words = [sys.executable, "-m", "podproof", "exec", "-it", "web", "--", "sh"]
        os.execve(sys.executable, words, podproof.env)
    heard = b""

    def hear(words: bytes) -> None:
        nonlocal heard
        limit = time.monotonic() + PATIENCE
        while words not in heard:
            assert time.monotonic() < limit, heard
            if select.select([terminal], [], [], 1)[0]:
                heard += os.read(terminal, 4096)

    hear(b"/ # ")
    os.write(terminal, b"tty; printf '\\033[1m%s' bold; sleep 200\n")
    hear(b"/dev/pts/0\r\n\x1b[1mbold")
    os.write(terminal, b"\x03")  # it ends sleep, not podproof
    os.write(terminal, b"echo an${nothing}other; exit 4\n")
    hear(b"another\r\n")
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 4
    os.close(terminal)
