"""Programs that tests need and that are built from their published Go modules: each at one version, once.

They are kept outside of the checkout, in the user's cache. Where one cannot be built, the tests that need
it are skipped with the reason.
"""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

MODULES = {
    "kustomize": ("sigs.k8s.io/kustomize/kustomize/v5", "v5.8.1"),
    "helm": ("helm.sh/helm/v3/cmd/helm", "v3.22.0"),
}
"""What is built, and its version: the newest that Go 1.26 builds."""

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "podproof-tests"

_LONGEST = 1800
"""Seconds for one build; Helm takes ten minutes on a busy machine."""


def go_tool(name: str) -> str:
    """Give the path of a program, built where it is not there yet; skips the test where it cannot be had."""
    module, version = MODULES[name]
    folder = CACHE / f"{name}-{version}"
    program = folder / name
    if program.exists():
        return str(program)
    if shutil.which("go") is None:
        pytest.skip(f"needs Go to build {name} {version}, which is not installed (package golang)")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _build(name, f"{module}@{version}", folder)
    return str(program)


def _build(name: str, module: str, folder: Path) -> None:
    building = folder / "building"
    shutil.rmtree(building, ignore_errors=True)
    given = {**os.environ, "GOBIN": str(building), "GOFLAGS": "-modcacherw"}
    command = ["go", "install", module]
    try:
        done = subprocess.run(
            command, cwd=folder, env=given, capture_output=True, text=True, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"needs {name}, which Go has not built here in {_LONGEST // 60} minutes")
    if done.returncode:
        pytest.skip(f"needs {name}, which Go cannot build here: {done.stderr.strip()[-200:]}")
    os.replace(building / name, folder / name)
