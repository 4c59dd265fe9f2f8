"""subPath: a piece of a volume, found without following a link out of it, and bound so that it stays.

What is in a volume was written by containers: a name may become a link between the check and the mount.
Source: kubernetes pkg/volume/util/subpath, subpath_linux.go.
"""

import os
import stat
from pathlib import Path

from .. import kernel

__all__ = ["SubPathProblem", "bind_sub_path"]


class SubPathProblem(Exception):
    """Says why the piece cannot be mounted (CreateContainerConfigError)."""


def bind_sub_path(volume: Path, sub_path: str, target: Path) -> None:
    """Bind volume/sub_path to `target`, which is made; a missing piece is made as a folder.

    Raises SubPathProblem: the path leaves the volume, by `..` or by a link.
    """
    if sub_path.startswith("/") or ".." in sub_path.split("/"):
        raise SubPathProblem(f"subPath {sub_path} must be a relative path without '..'")
    root = os.path.realpath(volume)
    full = os.path.realpath(os.path.join(root, sub_path))
    if full != root and not full.startswith(root + "/"):
        raise SubPathProblem(f"subpath {sub_path!r} not within volume path {str(volume)!r}")
    fd = _open_beneath(root, full[len(root) :].strip("/"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            target.mkdir(exist_ok=True)
        else:
            target.touch()
        kernel.bind(f"/proc/self/fd/{fd}", target)
    finally:
        os.close(fd)


def _open_beneath(root: str, relative: str) -> int:
    """Open a path step by step, never through a link, making folders that are missing."""
    fd = os.open(root, os.O_PATH | os.O_DIRECTORY)
    mode = stat.S_IMODE(os.fstat(fd).st_mode)
    group = os.fstat(fd).st_gid
    for step in relative.split("/") if relative else ():
        try:
            following = os.open(step, os.O_PATH | os.O_NOFOLLOW, dir_fd=fd)
        except FileNotFoundError:
            os.mkdir(step, 0o755, dir_fd=fd)
            following = os.open(step, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY, dir_fd=fd)
            # made with the volume's own mode. Source: kubelet_pods.go, makeMounts
            os.chmod(f"/proc/self/fd/{following}", mode)
            if mode & stat.S_ISGID:
                os.chown(f"/proc/self/fd/{following}", -1, group)
        os.close(fd)
        fd = following
        if stat.S_ISLNK(os.fstat(fd).st_mode):
            os.close(fd)
            raise SubPathProblem(f"subpath {relative!r} became a link while it was opened")
    return fd
