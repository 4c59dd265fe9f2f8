"""Where containerd keeps a container's root file system: an id comes in, the overlay's options go out.

That outlasts the process, and ends with the container.
"""

import re
import shutil
import subprocess
from pathlib import Path

from .archives import NAMESPACE

__all__ = ["overlay_options"]

_OPTIONS = re.compile(r"^mount -t overlay \S+ \S+ -o (\S+)$", re.MULTILINE)
_PATIENCE = 30


def overlay_options(socket: Path, container: str) -> str | None:
    """Give the mount options of a container's root; None: it is no overlay, or containerd does not tell."""
    program = shutil.which("ctr")
    if program is None:
        return None
    command = [program, "--address", str(socket), "--namespace", NAMESPACE]
    command += ["snapshots", "--snapshotter", "overlayfs", "mounts", "/root", container]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _OPTIONS.search(done.stdout)
    return match[1] if match is not None else None
