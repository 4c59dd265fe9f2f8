"""Attacks that no container of most machines can carry out: where the kernel lets them through, they say so.

A filter answers for the kernel where this one lacks the right (modules) or where no kernel gives it (the
capabilities of a user namespace outside it). All other attacks are let through in tests/runtimes.
"""

import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import requires
from machine import answers
from test_attacks import FACTS, scene

from podproof.attacks import load_module, regain_by_user_namespace, write_sys
from podproof.attacks.model.attack import Attack, AttackOutcome, Trial, as_expected
from podproof.attacks.model.syscalls import number

ANSWERING = """
import ctypes, os, struct, sys
call, error, *words = sys.argv[1:]
# load the number of the call; where it is this one, answer with the error (0: it has succeeded), else allow
steps = (0x20, 0, 0, 0), (0x15, 0, 1, int(call)), (0x06, 0, 0, 0x50000 | int(error)), (0x06, 0, 0, 0x7fff0000)
code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0, os.strerror(ctypes.get_errno())
os.execvp(words[0], words)
"""
"""Installs a seccomp filter and executes a program. Source: linux uapi/linux/seccomp.h and bpf_common.h."""

ENOEXEC = 8


def answering(call: str, error: int) -> tuple[str, ...]:
    return (sys.executable, "-c", ANSWERING, str(number(platform.machine(), call)), str(error))


def outcome(folder: Path, attack: Attack, before: Sequence[str]) -> tuple[AttackOutcome, bool | None]:
    """Carry an attack out on this machine: how it ends, and whether as predicted of a plain container."""
    (trial,) = attack.trials(scene({}, node=FACTS))
    assert isinstance(trial, Trial)
    ended = trial.outcome_of(answers(folder, trial.write, before=before))
    return ended, as_expected(trial.expected, ended)


@requires.needs(requires.root)
def test_a_module_that_the_kernel_would_load(tmp_path: Path) -> None:
    assert outcome(tmp_path, load_module.ATTACK, answering("init_module", ENOEXEC)) == (
        AttackOutcome(True),
        False,
    )


@requires.needs(requires.root)
def test_a_user_namespace_that_counts_outside(tmp_path: Path) -> None:
    ended = outcome(tmp_path, regain_by_user_namespace.ATTACK, answering("unshare", 0))
    assert ended == (AttackOutcome(True), False)


@requires.needs(requires.mounts)
def test_a_parameter_that_is_writable(tmp_path: Path) -> None:
    (tmp_path / "parameter").write_text("")
    script = f'mount --bind {tmp_path / "parameter"} {write_sys.PATH} && exec "$@"'
    before = ("unshare", "--mount", "sh", "-c", script, "-")
    assert outcome(tmp_path, write_sys.ATTACK, before) == (AttackOutcome(True), False)
