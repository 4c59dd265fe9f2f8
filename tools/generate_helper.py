"""Build the attack helper from src/podproof/runtimes/helper/machine.c, or check that it is what was built.

    python tools/generate_helper.py            build for every machine whose compiler is here
    python tools/generate_helper.py --check    compare: the source and the files with build.json, always; a
                                               fresh build with the files, where the same compiler is here

Exit code 1 when something differs. Compilers on Debian: gcc, gcc-aarch64-linux-gnu.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "src" / "podproof" / "runtimes" / "helper"
RECORD = FOLDER / "build.json"
FLAGS = [
    "-Os", "-std=c11", "-Wall", "-Wextra", "-Werror", "-static", "-nostdlib", "-ffreestanding", "-fno-pie",
    "-no-pie", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-ident",
    "-fno-tree-loop-distribute-patterns", "-Wl,--build-id=none,-z,noseparate-code,-z,norelro,-z,noexecstack",
    "-s",
]  # fmt: skip
MACHINES = {
    "x86_64": ("x86_64-linux-gnu-gcc", ["-mno-sse", "-fcf-protection=none"]),
    "aarch64": ("aarch64-linux-gnu-gcc", []),
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def version(compiler: str) -> str | None:
    """The first line of --version without the program's name; None when the compiler is not here."""
    if shutil.which(compiler) is None:
        return None
    done = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0].split(" ", 1)[1]


def build(machine: str, target: Path) -> None:
    compiler, flags = MACHINES[machine]
    subprocess.run([compiler, *FLAGS, *flags, "-o", target, FOLDER / "machine.c"], check=True)
    target.chmod(0o644)


def generate() -> int:
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {"machines": {}}
    record["source"] = digest(FOLDER / "machine.c")
    missing = False
    for machine, (compiler, _) in MACHINES.items():
        found = version(compiler)
        if found is None:
            print(f"{compiler} is not here: {machine} stays as it is")
            missing = True
            continue
        target = FOLDER / f"machine-{machine}"
        build(machine, target)
        record["machines"][machine] = {"compiler": found, "sha256": digest(target)}
    RECORD.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
    return int(missing)


def check() -> int:
    record = json.loads(RECORD.read_text())
    problems = []
    if record["source"] != digest(FOLDER / "machine.c"):
        problems.append("machine.c is not the source that was built")
    for machine, (compiler, _) in MACHINES.items():
        kept = FOLDER / f"machine-{machine}"
        if digest(kept) != record["machines"][machine]["sha256"]:
            problems.append(f"{kept.name} is not what was built")
        found = version(compiler)
        if found != record["machines"][machine]["compiler"]:
            print(f"{machine}: not built again, {compiler} is {found or 'not here'}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            build(machine, Path(folder) / "machine")
            if digest(Path(folder) / "machine") != digest(kept):
                problems.append(f"{kept.name} differs from a fresh build")
    for problem in problems:
        print(f"{problem}: run tools/generate_helper.py", file=sys.stderr)
    return int(bool(problems))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    return check() if parser.parse_args().check else generate()


if __name__ == "__main__":
    sys.exit(main())
