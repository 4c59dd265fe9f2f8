"""Writes the machine code of the pause process, src/podproof/runtimes/embedded/pause/*.hex, from the .S
beside it; --check only compares. What no assembler is installed for is named and skipped.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src/podproof/runtimes/embedded/pause"
ARCHITECTURES = ("x86_64", "aarch64")


def tools(architecture: str) -> tuple[str, str] | None:
    """Find assembler and objcopy: this machine's own, or the cross tools of Debian's binutils packages."""
    prefix = "" if platform.machine() == architecture else f"{architecture.replace('_', '-')}-linux-gnu-"
    found = shutil.which(f"{prefix}as"), shutil.which(f"{prefix}objcopy")
    return (found[0], found[1]) if found[0] and found[1] else None


def assemble(architecture: str, found: tuple[str, str]) -> str:
    """Give the code as lines of hexadecimal digits: instructions alone, without tools' traces."""
    with tempfile.TemporaryDirectory() as folder:
        compiled, code = Path(folder, "pause.o"), Path(folder, "pause.bin")
        source = FOLDER / f"pause-{architecture}.S"
        subprocess.run([found[0], "-o", compiled, source], check=True)
        subprocess.run([found[1], "-O", "binary", "-j", ".text", compiled, code], check=True)
        digits = code.read_bytes().hex()
    return "".join(f"{digits[start : start + 64]}\n" for start in range(0, len(digits), 64))


def main() -> None:
    check = sys.argv[1:] == ["--check"]
    for architecture in ARCHITECTURES:
        found = tools(architecture)
        file = FOLDER / f"pause-{architecture}.hex"
        if found is None:
            print(f"generate_pause: no assembler for {architecture} is installed, nothing compared")
            continue
        text = assemble(architecture, found)
        if not check:
            file.write_text(text)
        elif file.read_text() != text:
            sys.exit(f"generate_pause: {file.name} differs from {file.stem}.S")


if __name__ == "__main__":
    main()
