"""Cold start: one small file from the shell to the exit code, with byte code present.

The floor is what importing yaml, msgspec and click alone takes in the same run. Processor time is the least
of many interleaved runs; where `perf` may count instructions, or valgrind is there, they are given too.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench._processes import ROOT, environment
from podproof.manifest.native import describe_reader

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n"
RUNS = 25
MOST = 1.3


def run() -> Iterator[str]:
    """Yield the least milliseconds, the instructions, and the ratios to the floor."""
    path = os.pathsep.join([str(ROOT / "src"), *_reader()])
    variables = {**environment(), "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "one.yaml")
        file.write_text(POD, encoding="utf-8")
        imports = "import yaml, msgspec, click"
        commands = {imports: [sys.executable, "-c", imports]}
        for verb in ("check", "explain", "admit"):
            commands[f"podproof {verb} one.yaml"] = [sys.executable, "-m", "podproof", verb, str(file)]
        times = dict.fromkeys(commands, 1e9)
        for _ in range(RUNS):
            for name, command in commands.items():
                times[name] = min(times[name], _processor_time(command, variables, folder))
        counts = {name: _instructions(command, variables, folder) for name, command in commands.items()}
    yield f"YAML is read by {describe_reader()}; at most {MOST} ×"
    for name, spent in times.items():
        shown = f"{name:28} {spent * 1000:6.1f} ms  {spent / times[imports]:.2f} ×"
        if counted := counts[name]:
            shown += f"  {counted / 1e6:7.1f} M instructions  {counted / counts[imports]:.2f} ×"
        yield shown


def _reader() -> list[str]:
    """Give the folder of the native reader, where it is installed, as the commands need it too."""
    from importlib.util import find_spec

    found = find_spec("podproof_reader")
    return [] if found is None or found.origin is None else [os.path.dirname(found.origin)]


def _processor_time(command: list[str], variables: dict[str, str], folder: str) -> float:
    process = subprocess.Popen(command, env=variables, cwd=folder, stdout=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return used.ru_utime + used.ru_stime


def _instructions(command: list[str], variables: dict[str, str], folder: str) -> int:
    """Count the instructions in user mode of one run; 0 where nothing can count them."""
    counters = (
        (["perf", "stat", "-x,", "-e", "instructions:u"], r"^(\d+),.*instructions"),
        (
            ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"],
            r"I\s+refs:\s+([\d,]+)",
        ),
    )
    for counter, counted in counters:
        if shutil.which(counter[0]) is None:
            continue
        done = subprocess.run(
            [*counter, *command], env=variables, cwd=folder, capture_output=True, text=True, check=False
        )
        if match := re.search(counted, done.stderr, re.MULTILINE):
            return int(match[1].replace(",", ""))
    return 0
