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
    return install_once(name, version, f"{module}@{version}")


def installed(name: str, version: str) -> Path:
    """Give the path where a program is kept, whether it is there or not."""
    return CACHE / f"{name}-{version}" / name


def install_once(name: str, version: str, *arguments: str, module: Path | None = None) -> str:
    """Give the path of what `go install` with these arguments makes; skips where it cannot be had.

    `module` is the folder of the go.mod that says what is built; without one, the arguments do.
    """
    program = installed(name, version)
    if program.exists():
        return str(program)
    if shutil.which("go") is None:
        pytest.skip(f"needs Go to build {name} {version}, which is not installed (package golang)")
    program.parent.mkdir(parents=True, exist_ok=True)
    with open(program.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _install(program, arguments, module or program.parent)
    return str(program)


def _install(program: Path, arguments: tuple[str, ...], module: Path) -> None:
    building = program.parent / "building"
    shutil.rmtree(building, ignore_errors=True)
    given = {**os.environ, "GOBIN": str(building), "GOFLAGS": "-modcacherw"}
    command = ["go", "install", *arguments]
    try:
        done = subprocess.run(
            command, cwd=module, env=given, capture_output=True, text=True, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"needs {program.name}, which Go has not built here in {_LONGEST // 60} minutes")
    if done.returncode:
        pytest.skip(f"needs {program.name}, which Go cannot build here: {done.stderr.strip()[-200:]}")
    os.replace(building / program.name, program)
