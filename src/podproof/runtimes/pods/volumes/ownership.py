"""fsGroup on a volume: group, modes and set-group-ID, children before parents and the root last.

Source: kubernetes pkg/volume/volume_linux.go; see the tests for the masks.
"""

import os
import stat
from pathlib import Path

__all__ = ["set_group"]

_READ_WRITE, _READ_ONLY, _EXECUTE = 0o660, 0o440, 0o110


def set_group(root: Path, group: int, *, read_only: bool = False, on_root_mismatch: bool = False) -> bool:
    """Give everything under `root` to the group; False when the policy found nothing to do.

    Links are given away themselves and never followed. A file that cannot be changed is left as it is.
    """
    mask = _READ_ONLY if read_only else _READ_WRITE
    if on_root_mismatch and _matches(root, group, mask):
        return False
    for folder, folders, files in os.walk(root, topdown=False, followlinks=False):
        for name in (*files, *folders):
            _change(os.path.join(folder, name), group, mask)
    _change(str(root), group, mask)
    return True


def _matches(root: Path, group: int, mask: int) -> bool:
    try:
        status = os.lstat(root)
    except OSError:
        return False
    wanted = mask | _EXECUTE | stat.S_ISGID
    return stat.S_ISDIR(status.st_mode) and status.st_gid == group and status.st_mode & wanted == wanted


def _change(path: str, group: int, mask: int) -> None:
    try:
        status = os.lstat(path)
        os.lchown(path, -1, group)
        if stat.S_ISLNK(status.st_mode):
            return
        mode = stat.S_IMODE(status.st_mode) | mask
        if stat.S_ISDIR(status.st_mode):
            mode |= stat.S_ISGID | _EXECUTE
        os.chmod(path, mode)
    except OSError:
        # the kubelet logs it and goes on
        return
