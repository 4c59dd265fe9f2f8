"""What tests need of the machine: what is missing is a skip that says so, in the same words everywhere.

`needs` marks a test or a module, `demand` is for fixtures and helpers. Nothing is installed here: .ci/run
does, after it has said what.
"""

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

Need = Callable[[], str]
"""Gives the reason why a test cannot run here, "" when it can."""


def needs(*wanted: Need) -> pytest.MarkDecorator:
    """Mark what is skipped where one of these is missing, with the reason of the first."""
    reason = _missing(wanted)
    return pytest.mark.skipif(bool(reason), reason=reason or "nothing is missing")


def demand(*wanted: Need) -> None:
    """Skip the running test where one of these is missing, with the reason of the first."""
    reason = _missing(wanted)
    if reason:
        pytest.skip(reason)


def _missing(wanted: tuple[Need, ...]) -> str:
    return next((reason for need in wanted if (reason := need())), "")


def root() -> str:
    return "" if os.geteuid() == 0 else "needs root"


def ordinary_user() -> str:
    return "" if os.geteuid() != 0 else "needs a user other than root, whom file modes do not stop"


@functools.cache
def program(name: str, package: str = "") -> Need:
    """A program in PATH; `package` is Debian's, when it has another name."""

    def need() -> str:
        if shutil.which(name) is not None:
            return ""
        return f"needs {name}, which is not installed (package {package or name})"

    return need


def shared(path: str) -> Need:
    """A file or folder of the data beside the project."""
    return lambda: "" if (SHARED / path).exists() else f"needs ../shared/{path}, which is not there"


@functools.cache
def mounts() -> str:
    """A mount namespace to mount in, which root in a container may lack."""
    missing = root() or program("unshare", "util-linux")() or program("mount")()
    if missing:
        return missing
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True
    )
    return "" if tried.returncode == 0 else f"needs to mount, which fails here: {tried.stderr.strip()[-200:]}"


@functools.cache
def cgroups() -> str:
    """A hierarchy of version 2, or version 1's for processes, mounted where one may write."""
    top = Path("/sys/fs/cgroup")
    files = (top / "cgroup.procs", top / "pids" / "cgroup.procs", top / "unified" / "cgroup.procs")
    if any(file.exists() and os.access(file, os.W_OK) for file in files):
        return ""
    return "needs control groups to write to at /sys/fs/cgroup"


@functools.cache
def engine() -> str:
    """What the embedded engine needs to run pods: root, mounts, control groups, containerd and runc."""
    from podproof.runtimes.embedded import Places
    from podproof.runtimes.embedded.programs import missing_programs

    if missing := mounts():
        return f"running pods {missing}"
    if missing := cgroups():
        return f"running pods {missing}"
    if programs := missing_programs(Places.from_environment()):
        return f"running pods needs {', '.join(programs)}: not installed (packages containerd and runc)"
    return ""
