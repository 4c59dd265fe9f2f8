"""Cold start: one small file from the shell to the exit code, with byte code present.

The floor is what importing yaml, msgspec and click alone takes in the same run.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from compileall import compile_dir
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n"
RUNS = 15


def run() -> Iterator[str]:
    """Yield the medians in milliseconds and the ratio to the floor."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT / "src")
    compile_dir(ROOT / "src", quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "one.yaml")
        file.write_text(POD, encoding="utf-8")
        commands = {
            "imports": [sys.executable, "-c", "import yaml, msgspec, click"],
            "check": [sys.executable, "-m", "podproof", "check", str(file)],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                started = time.perf_counter()
                subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
                times[name].append((time.perf_counter() - started) * 1000)
    floor, check = median(times["imports"]), median(times["check"])
    yield f"import yaml, msgspec, click   {floor:6.1f} ms"
    yield f"podproof check one.yaml       {check:6.1f} ms   {check / floor:.2f} × (at most 120 ms)"
