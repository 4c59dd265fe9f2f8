"""The helper takes the steps that were written down, on this machine and by the other's instructions."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest
import requires
from machine import answers

from podproof.attacks.model.constants import (
    AF_INET,
    AT_FDCWD,
    O_CREATE,
    O_RDONLY,
    O_WRONLY,
    SOCK_STREAM,
    inet_address,
)
from podproof.attacks.model.program import Named, Program, Script
from podproof.runtimes.helper import ARCHITECTURES, HelperError, helper

pytestmark = pytest.mark.skipif(
    platform.machine() not in ARCHITECTURES, reason=f"no attack helper for {platform.machine()}"
)


def test_results_go_into_later_calls_and_failures_are_named(tmp_path: Path) -> None:
    made = str(tmp_path / "made")

    def write(script: Script) -> None:
        opened = script.call("openat", AT_FDCWD, made, O_CREATE, Named("0600", 0o600))
        with script.unless_failed(opened):
            script.call("close", opened)
        again = script.call("openat", AT_FDCWD, made, O_CREATE, Named("0600", 0o600), step="again")
        with script.unless_failed(again):
            script.call("close", again, step="never")

    first, closed, again, never = answers(tmp_path, write)
    assert first.errno is None
    assert first.value is not None
    assert first.value > 2
    assert closed.value == 0
    assert (again.errno, str(again)) == (
        "EEXIST",
        f'openat(AT_FDCWD, "{made}", O_WRONLY|O_CREAT|O_EXCL, 0600) = -1 EEXIST (File exists)',
    )
    assert never.value is None
    assert str(never) == "close(fd) = ? (not reached)"
    assert Path(made).stat().st_size == 0


def test_structures_are_read_and_written(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"\x07\x01\0\0rest")

    def write(script: Script) -> None:
        room = script.block(bytes(8))
        opened = script.quietly("openat", AT_FDCWD, str(tmp_path / "text"), O_RDONLY, 0)
        script.call("read", opened, room, 8)
        script.show(room, 0, 4, step="word", call="word")
        script.show(room, 1, 1, step="byte", call="byte")
        place = script.block(inet_address("127.80.80.80", 0), "127.80.80.80:0")
        opened = script.call("socket", AF_INET, SOCK_STREAM, 0)
        script.call("bind", opened, place, 16)

    read, word, byte, _, bound = answers(tmp_path, write)
    assert (read.value, word.value, byte.value) == (8, 0x107, 1)
    assert str(bound) == "bind(fd, 127.80.80.80:0, 16) = 0"


def test_another_copy_is_executed_and_goes_on(tmp_path: Path) -> None:
    def write(script: Script) -> None:
        with script.executed(str(tmp_path / "copy")):
            script.call("geteuid")

    def copies(folder: Path) -> None:
        shutil.copy(folder / "helper", folder / "copy")

    executed, user = answers(tmp_path, write, copies=copies)
    assert executed.value is None  # it returns only when it fails
    assert user.value == os.geteuid()
    (tmp_path / "copy").unlink()
    executed, user = answers(tmp_path, write)
    assert executed.errno == "ENOENT"
    assert user.value is None


def test_a_file_is_waited_for(tmp_path: Path) -> None:
    def write(script: Script) -> None:
        script.touch(str(tmp_path / "sign"))
        script.wait_for(str(tmp_path / "sign"))
        script.call("openat", AT_FDCWD, str(tmp_path / "sign"), O_WRONLY, 0)

    (opened,) = answers(tmp_path, write)
    assert opened.errno is None


@requires.needs(requires.root)
def test_scripts_do_not_change_each_other(tmp_path: Path) -> None:
    program = Program(platform.machine(), "/nowhere")
    with program.script("first") as script:
        script.call("setresuid", 1234, 1234, 1234)
    with program.script("second") as script:
        script.call("geteuid")
    (tmp_path / "program").write_bytes(program.encode())
    (tmp_path / "helper").write_bytes(helper(platform.machine()))
    (tmp_path / "helper").chmod(0o755)
    done = subprocess.run([tmp_path / "helper", tmp_path / "program"], capture_output=True, text=True)
    found = program.answers(done.stdout)
    assert found["first"][0].value == 0
    assert found["second"][0].value == 0


@pytest.mark.parametrize(
    ("arguments", "content", "code"),
    [
        ((), b"", 120),
        (("/nonexistent",), b"", 120),
        (("PROGRAM",), b"", 121),
        (("PROGRAM",), b"x" * 4096, 121),
    ],
)
def test_no_program_is_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], content: bytes, code: int
) -> None:
    (tmp_path / "helper").write_bytes(helper(platform.machine()))
    (tmp_path / "helper").chmod(0o755)
    (tmp_path / "program").write_bytes(content)
    words = [str(tmp_path / "program") if word == "PROGRAM" else word for word in arguments]
    assert subprocess.run([tmp_path / "helper", *words]).returncode == code


def test_too_many_records_are_refused() -> None:
    program = Program("x86_64", "/nowhere")
    with program.script("one") as script:
        for _ in range(5000):
            script.quietly("geteuid")
    with pytest.raises(ValueError, match="too large"):
        program.encode()


def test_a_machine_without_helper_is_named() -> None:
    with pytest.raises(HelperError, match="no attack helper for machine 'riscv64'"):
        helper("riscv64")


@requires.needs(requires.program("qemu-aarch64-static", "qemu-user-static"))
def test_the_other_machine_answers_alike(tmp_path: Path) -> None:
    (tmp_path / "helper").write_bytes(helper("aarch64"))
    (tmp_path / "helper").chmod(0o755)
    program = Program("aarch64", "/nowhere")
    with program.script("one") as script:
        script.call("openat", AT_FDCWD, "/nonexistent/file", O_WRONLY, 0)
        script.call("geteuid")
        opened = script.call("socket", AF_INET, SOCK_STREAM, 0)
        script.call("bind", opened, script.block(inet_address("127.80.80.80", 0)), 16)
    (tmp_path / "program").write_bytes(program.encode())
    done = subprocess.run(
        ["qemu-aarch64-static", tmp_path / "helper", tmp_path / "program"], capture_output=True, text=True
    )
    refused, user, made, bound = program.answers(done.stdout)["one"]
    assert refused.errno == "ENOENT"
    assert (user.value, bound.value) == (os.geteuid(), 0)
    assert made.errno is None
