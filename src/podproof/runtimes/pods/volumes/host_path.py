"""hostPath: the node's own path, when the person who runs the pod has allowed it.

Source: kubernetes pkg/volume/hostpath/host_path.go.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .problem import VolumeProblem

__all__ = ["allowed", "resolve"]

_KINDS = {
    "Directory": (stat.S_ISDIR, "a directory"),
    "File": (stat.S_ISREG, "a file"),
    "Socket": (stat.S_ISSOCK, "a socket file"),
    "CharDevice": (stat.S_ISCHR, "a character device"),
    "BlockDevice": (stat.S_ISBLK, "a block device"),
}


def allowed(path: str, prefixes: tuple[str, ...]) -> bool:
    """Tell whether the path, links resolved, lies at or below one of the prefixes."""
    real = os.path.realpath(path)
    return any(
        real == prefix or real.startswith(prefix.rstrip("/") + "/")
        for prefix in map(os.path.realpath, prefixes)
    )


def resolve(source: Mapping[str, Any], prefixes: tuple[str, ...]) -> Path:
    """Give the path to mount, made when its type says so. Raises VolumeProblem: not allowed, another type."""
    path, kind = source.get("path") or "", source.get("type") or ""
    if not allowed(path, prefixes):
        raise VolumeProblem(f"hostPath {path} is not under an allowed path, add --allow-host-path {path}")
    if kind in ("DirectoryOrCreate", "FileOrCreate") and not os.path.exists(path):
        _create(path, kind)
    if kind in _KINDS or kind in ("DirectoryOrCreate", "FileOrCreate"):
        _verify(path, kind.removesuffix("OrCreate"))
    elif not os.path.exists(path):
        # without a type the runtime makes a missing folder
        os.makedirs(path, 0o755)
    return Path(os.path.realpath(path))


def _create(path: str, kind: str) -> None:
    if kind == "DirectoryOrCreate":
        os.makedirs(path, 0o755)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def _verify(path: str, kind: str) -> None:
    is_kind, words = _KINDS[kind]
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise VolumeProblem(
            f"hostPath type check failed, {path} is not {words}, unable to determine its type: "
            f'path "{path}" does not exist'
        ) from None
    if not is_kind(mode):
        actual = next((name for name, (test, _) in _KINDS.items() if test(mode)), "unknown")
        raise VolumeProblem(f'hostPath type check failed: {path} is not {words}, but is a "{actual}"')
