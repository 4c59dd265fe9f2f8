"""The attack helper in the package is what its source says, and small."""

import subprocess
import sys
from pathlib import Path

from podproof.runtimes.helper import ARCHITECTURES, helper

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_built_from_its_source() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "generate_helper.py", "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_a_static_program_of_less_than_two_kilobytes() -> None:
    machines = {"x86_64": 62, "aarch64": 183}  # e_machine. Source: elf(5)
    for architecture in ARCHITECTURES:
        data = helper(architecture)
        assert data[:6] == b"\x7fELF\x02\x01"
        assert int.from_bytes(data[18:20], "little") == machines[architecture]
        assert len(data) < 2048
        assert b"/lib" not in data  # no interpreter
