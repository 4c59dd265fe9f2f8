"""Finds the programs of the engine, and as root on Debian or Ubuntu installs the packages that hold them.

What is missing comes out in a message with the packages' names. An installed containerd is left switched off.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from ...errors import StateError
from .network import find_plugins
from .places import Places

__all__ = ["PACKAGES", "ensure_programs", "find_program", "missing_programs"]

PACKAGES = {
    "containerd": "containerd",
    "containerd-shim-runc-v2": "containerd",
    "ctr": "containerd",
    "runc": "runc",
}
"""Program to Debian's and Ubuntu's package."""

NETWORK_PACKAGE = "containernetworking-plugins"

_POLICY = Path("/usr/sbin/policy-rc.d")


def find_program(name: str, places: Places) -> str | None:
    """Give the path of a program; None when it is not installed."""
    return shutil.which(name, path=places.path)


def missing_programs(places: Places) -> tuple[str, ...]:
    """List the programs of PACKAGES that are not installed."""
    return tuple(name for name in PACKAGES if find_program(name, places) is None)


def ensure_programs(places: Places, progress: Callable[[str], None]) -> None:
    """Install what is missing. Network plugins are wished for, the rest is needed.

    Raises UsageError: a program is missing and cannot be installed; names the packages.
    """
    missing = missing_programs(places)
    plugins = find_plugins(places)[1]
    if not missing and not plugins:
        return
    packages = list(dict.fromkeys(PACKAGES[name] for name in missing))
    wished = [*packages, *([NETWORK_PACKAGE] if plugins else [])]
    apt = shutil.which("apt-get", path=places.path)
    # Without network plugins alone pods still run, so a machine that has the rest is left as it is.
    if apt and missing:
        progress(f"installing {' '.join(wished)} with apt-get: pods run with these")
        said = _install(apt, wished, places)
        missing = missing_programs(places)
        if missing:
            raise StateError(f"apt-get could not install {' '.join(packages)}: {said}")
    if missing:
        said = f"the package{'s' if packages[1:] else ''} {' and '.join(packages)}"
        raise StateError(
            f"running pods needs {', '.join(missing)}: install {said}"
            f" (and {NETWORK_PACKAGE} for pod networks), or name a runtime with --runtime-endpoint"
        )


def _install(apt: str, packages: list[str], places: Places) -> str:
    """Install packages without starting their services; the last line that apt-get said."""
    environment = {**os.environ, "PATH": places.path, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    had_unit = _unit_exists()
    policy = _refuse_services()
    install = [apt, "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    try:
        done = _run(install, environment)
        if done.returncode:
            _run([apt, "update", "--quiet"], environment)
            done = _run(install, environment)
    finally:
        if policy:
            _POLICY.unlink(missing_ok=True)
    systemctl = shutil.which("systemctl", path=places.path)
    if systemctl and not had_unit and _unit_exists():
        _run([systemctl, "disable", "containerd.service"], environment)
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def _refuse_services() -> bool:
    """Tell Debian's packages to start nothing; whether a file was made for it. Source: invoke-rc.d(8)."""
    try:
        descriptor = os.open(_POLICY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
    except OSError:
        return False  # the machine has a policy of its own
    with os.fdopen(descriptor, "w") as file:
        file.write("#!/bin/sh\nexit 101\n")
    return True


def _unit_exists() -> bool:
    folders = ("/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system")
    return any(Path(folder, "containerd.service").exists() for folder in folders)


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900
    )
