"""Debian and Ubuntu packages come in by name, the tar of a root file system with them goes out.

mmdebstrap does it: apt chooses and verifies the packages, dpkg sets them up in a root of their own. The
machine's own system is not changed, and no name from a package becomes a path here.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from .errors import ImageError
from .workspace import Workspace

__all__ = ["check_packages", "debian_rootfs"]

_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~-]+)?\Z")
"""Source: Debian Policy 5.6.1 and 5.6.12."""

_SUITE = re.compile(r"[a-z][a-z0-9.-]*\Z")

_SOURCES = (
    "/etc/apt/sources.list.d/debian.sources",
    "/etc/apt/sources.list.d/ubuntu.sources",
    "/etc/apt/sources.list",
)

_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_KEPT = "/usr/share/doc/*/copyright"


def check_packages(packages: Sequence[str]) -> None:
    """Raise UsageError: one of them is not a package name, as Debian's policy writes them."""
    for package in packages:
        if not _PACKAGE.match(package):
            raise UsageError(f"{package!r} must be a package's name: letters, digits, +, - and .")


def debian_rootfs(
    packages: Sequence[str],
    work: Workspace,
    *,
    suite: str | None = None,
    sources: Sequence[str] = (),
    files_only: bool = False,
    epoch: int = 0,
) -> Path:
    """Make a root file system and give its tar, in the workspace.

    `suite` None is this machine's. `sources` are lines or files as apt has them; () stands for this machine's
    own when the suite is, else for the distribution's. `files_only`: the packages' files and nothing else, no
    maintainer script run, no user made. `epoch`: seconds, of the times that scripts write.
    Raises ImageError: mmdebstrap is missing or fails; UsageError: the suite has to be named.
    """
    machine_suite = _own_suite()
    if suite is None and machine_suite is None:
        raise UsageError(
            "this system is neither Debian nor Ubuntu: name a suite, for example --suite bookworm"
        )
    chosen = suite or machine_suite or ""
    if not _SUITE.match(chosen):
        raise UsageError(f"--suite {chosen!r} must be the name of a release, for example bookworm")
    program = shutil.which("mmdebstrap")
    if program is None:
        raise ImageError(
            "mmdebstrap is missing, which --from-debian needs: install the package mmdebstrap"
            " (Debian, Ubuntu), or use --from-scratch"
        )
    if not sources and chosen == machine_suite:
        sources = tuple(path for path in _SOURCES if Path(path).is_file())
    target = work.path / "rootfs.tar"
    command = [
        program,
        f"--variant={'extract' if files_only else 'essential'}",
        f"--include={','.join(packages)}",
        "--format=tar",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        f"--dpkgopt=path-include={_KEPT}",
        chosen,
        str(target),
        *sources,
    ]
    # 0 as a password's last change would ask for a new one at once: shadow(5)
    environment = os.environ | {
        "TMPDIR": str(work.path),
        "SOURCE_DATE_EPOCH": str(max(epoch, 86400)),
        "LC_ALL": "C.UTF-8",
    }
    log = work.path / "mmdebstrap.log"
    _run(command, environment, log, work.lock)
    return target


def _own_suite() -> str | None:
    """Read the release's code name; None when this is neither Debian nor Ubuntu, which apt's sources show."""
    with contextlib.suppress(OSError):
        for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            if key == "VERSION_CODENAME" and any(Path(path).is_file() for path in _SOURCES):
                return value.strip('"')
    return None


def _run(command: list[str], environment: dict[str, str], log: Path, lock: int) -> None:
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            pass_fds=(lock,),
            start_new_session=True,
        )
        try:
            code = process.wait()
        except BaseException:  # also Ctrl-C: it is raised again, when mmdebstrap has cleaned up
            # to all of its processes, as a terminal would: the first one waits for the others
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
    if code != 0:
        raise ImageError(f"mmdebstrap failed: {_reason(log)}")


def _reason(log: Path) -> str:
    """Find apt's or mmdebstrap's own complaint: the first, since later ones follow from it."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    # apt's first, they name the package; mmdebstrap's own only tell which command failed
    for line in lines:
        if line.startswith("E: ") and "failed" not in line:
            return line.removeprefix("E: ")
    errors = [line for line in lines if line.startswith(("E: ", "error: "))] or lines
    return errors[0].removeprefix("E: ") if errors else "it says nothing"
