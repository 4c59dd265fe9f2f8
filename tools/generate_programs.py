"""Compiles the static programs of tests and examples; --check tells whether they are of their sources.

Each is a few kilobytes for Linux x86-64, without a C library, and is kept in the repository: who runs the
tests or builds an example needs no compiler. A program carries the checksum of its sources and the compiler's
version; --check compares the first always, and every byte where the same compiler is there.
"""

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PROGRAMS = {
    "tests/runtimes/programs/suid": ("tests/runtimes/programs/suid.c", "tests/runtimes/programs/bare.h"),
    "tests/runtimes/programs/netprobe": (
        "tests/runtimes/programs/netprobe.c",
        "tests/runtimes/programs/bare.h",
    ),
    "examples/images/demo/demo": ("examples/images/demo/demo.c",),
}
"""Program to its sources, the one to compile first."""

FLAGS = (
    "-std=c11",
    "-Os",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-static",
    "-nostdlib",
    "-ffreestanding",
    "-fno-stack-protector",
    "-fno-pie",
    "-no-pie",
    "-fno-asynchronous-unwind-tables",
    "-fno-tree-loop-distribute-patterns",
    "-fcf-protection=none",
    "-s",
    "-Wl,--build-id=none",
    "-Wl,-z,noseparate-code",
    "-Wl,-z,noexecstack",
)

NOTE = re.compile(rb"program source=([0-9a-f]{64}) compiler=([^\0]*)\0")


def compiler() -> str | None:
    """The compiler's version; None when there is none for these programs."""
    if shutil.which("gcc") is None or platform.machine() != "x86_64":
        return None
    return subprocess.run(
        ["gcc", "--version"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[0]


def checksum(sources: tuple[str, ...]) -> str:
    return hashlib.sha256(b"\0".join((ROOT / source).read_bytes() for source in sources)).hexdigest()


def compiled(sources: tuple[str, ...], version: str) -> bytes:
    note = f'"program source={checksum(sources)} compiler={version}"'
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "program"
        command = ["gcc", *FLAGS, f"-DPROGRAM_NOTE={note}", "-o", str(target), sources[0]]
        subprocess.run(command, cwd=ROOT, check=True)
        return target.read_bytes()


def problem(name: str, sources: tuple[str, ...], version: str | None) -> str | None:
    path = ROOT / name
    if not path.is_file():
        return "is missing"
    data = path.read_bytes()
    note = NOTE.search(data)
    if note is None or note[1].decode() != checksum(sources):
        return "is not of its sources"
    if version is not None and note[2].decode() == version and compiled(sources, version) != data:
        return "is not what the compiler makes of its sources"
    return None


def main() -> int:
    version = compiler()
    if sys.argv[1:] == ["--check"]:
        found = {name: problem(name, sources, version) for name, sources in PROGRAMS.items()}
        for name, text in found.items():
            if text:
                print(f"{name} {text}: run tools/generate_programs.py")
        return 1 if any(found.values()) else 0
    if version is None:
        print("needs gcc on x86-64")
        return 1
    for name, sources in PROGRAMS.items():
        if problem(name, sources, version):
            (ROOT / name).write_bytes(compiled(sources, version))
            (ROOT / name).chmod(0o755)
            print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
