"""hostPath: the node's own path, when the person who runs the pod has allowed it.

What is allowed is opened before a pod runs, and a volume is what was opened beneath it, bound where no
container can replace it: a pod that writes there cannot turn its path into another one between two starts.
Source: kubernetes pkg/volume/hostpath/host_path.go.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ....errors import UsageError
from ...mountinfo import mount_holding, own_mounts
from ...safe_files import open_beneath
from .. import kernel
from .problem import VolumeProblem

__all__ = ["FOLDER", "HostPaths", "allowed", "bind_host_path"]

FOLDER = "kubernetes.io~host-path"
"""The plugin's folder among a pod's volumes."""

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
    return any(_is_at_or_below(real, os.path.realpath(prefix)) for prefix in prefixes)


class _Prefix(msgspec.Struct, frozen=True):
    """An allowed path, links resolved; `fd` is open at `base`, the nearest part of it that is there."""

    path: str
    base: str
    fd: int


class HostPaths:
    """The paths that pods may mount, each opened once; `close` lets go of them.

    `sessions` is the folder in which pods' volumes are. Raises UsageError: a path lies where a pod writes,
    or cannot be opened.
    """

    def __init__(self, prefixes: tuple[str, ...] = (), sessions: Path | None = None) -> None:
        self._prefixes: list[_Prefix] = []
        try:
            for written in prefixes:
                prefix = _open_prefix(written)
                self._prefixes.append(prefix)
                _refuse_what_pods_write(written, prefix, sessions)
        except UsageError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the open folders."""
        for prefix in self._prefixes:
            os.close(prefix.fd)
        self._prefixes.clear()

    def open(self, path: str, kind: str) -> int:
        """Open what a hostPath names (O_PATH), made when its type says so; a missing path without one too.

        Raises VolumeProblem: it is not allowed, or of another type. Raises OSError: it cannot be made, or
        something on the way was replaced by a link.
        """
        real = os.path.realpath(path)
        prefix = next((one for one in self._prefixes if _is_at_or_below(real, one.path)), None)
        if prefix is None:
            raise VolumeProblem(f"hostPath {path} is not under an allowed path, add --allow-host-path {path}")
        relative = os.path.relpath(real, prefix.base)
        try:
            opened = os.dup(prefix.fd) if relative == "." else _open(prefix.fd, relative)
        except FileNotFoundError:
            if kind in _KINDS:
                raise VolumeProblem(
                    f"hostPath type check failed, {path} is not {_KINDS[kind][1]}, unable to determine its "
                    f'type: path "{path}" does not exist'
                ) from None
            opened = _make(prefix.fd, relative, is_file=kind == "FileOrCreate")
        try:
            _verify(opened, path, kind.removesuffix("OrCreate"))
        except VolumeProblem:
            os.close(opened)
            raise
        return opened


def bind_host_path(source: Mapping[str, Any], paths: HostPaths, target: Path) -> Path:
    """Bind what a hostPath names to `target`, which is made, with what is mounted below it.

    Raises VolumeProblem, OSError as `HostPaths.open` does.
    """
    opened = paths.open(str(source.get("path") or ""), str(source.get("type") or ""))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISDIR(os.fstat(opened).st_mode):
            target.mkdir()
        else:
            target.touch()
        kernel.bind_tree(f"/proc/self/fd/{opened}", target)
    finally:
        os.close(opened)
    return target


def _open(folder: int, path: str) -> int:
    return open_beneath(folder, path, over_mounts=True)


def _is_at_or_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def _open_prefix(written: str) -> _Prefix:
    real = os.path.realpath(written)
    base = real
    while True:
        try:
            fd = os.open(base, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            base = os.path.dirname(base)
            continue
        except OSError as error:
            raise UsageError(f"--allow-host-path {written}: {error.strerror or error}") from error
        return _Prefix(real, base, fd)


def _refuse_what_pods_write(written: str, prefix: _Prefix, sessions: Path | None) -> None:
    """Refuse a path below a volume: who writes the volume can put a link in its place."""
    if sessions is None:
        return
    if _is_at_or_below(prefix.path, os.path.realpath(sessions)):
        raise UsageError(f"--allow-host-path {written} lies among the volumes of pods, in {sessions}")
    mounts = own_mounts()
    here = mount_holding(prefix.base, mounts)
    if here is None:
        return
    place = os.path.normpath(os.path.join(here.root, os.path.relpath(prefix.base, here.path)))
    for mount in mounts:
        if f"/{FOLDER}/" in mount.path and _is_at_or_below(mount.path, str(sessions)):
            shared = mount.device == here.device and place != mount.root
            if shared and _is_at_or_below(place, mount.root):
                raise UsageError(
                    f"--allow-host-path {written} lies in a folder that a kept pod can write: "
                    "stop the pod first (podproof stop)"
                )


def _make(base: int, relative: str, *, is_file: bool) -> int:
    """Make what is missing of a path, a folder at its end unless it is a file; gives it open."""
    *above, last = relative.split("/")
    fd = os.dup(base)
    try:
        for step in above if is_file else (*above, last):
            try:
                following = _open(fd, step)
            except FileNotFoundError:
                if is_file:
                    raise  # a file's folder is not made
                os.mkdir(step, 0o755, dir_fd=fd)
                following = open_beneath(fd, step, os.O_PATH | os.O_DIRECTORY)
            os.close(fd)
            fd = following
        if not is_file:
            return os.dup(fd)
        os.close(open_beneath(fd, last, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        return open_beneath(fd, last)
    finally:
        os.close(fd)


def _verify(opened: int, path: str, kind: str) -> None:
    if kind not in _KINDS:
        return
    is_kind, words = _KINDS[kind]
    mode = os.fstat(opened).st_mode
    if not is_kind(mode):
        actual = next((name for name, (test, _) in _KINDS.items() if test(mode)), "unknown")
        raise VolumeProblem(f'hostPath type check failed: {path} is not {words}, but is a "{actual}"')
