"""fsGroup on a volume: group, modes and set-group-ID, children before parents and the root last.

Source: kubernetes pkg/volume/volume_linux.go; see the tests for the masks.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from ...safe_files import Budget, Entry, open_folder, set_mode, set_owner, walk

__all__ = ["set_group"]

_READ_WRITE, _READ_ONLY, _EXECUTE = 0o660, 0o440, 0o110


def set_group(
    root: Path,
    group: int,
    *,
    read_only: bool = False,
    on_root_mismatch: bool = False,
    budget: Budget | None = None,
) -> bool:
    """Give everything under `root` to the group; False when the policy found nothing to do.

    Other containers may be writing there: links are given away themselves and never followed. A file that
    cannot be changed is left as it is. Raises BudgetSpent: the volume holds more than `budget` (None: the
    usual one) allows. Raises OSError: there is no such folder.
    """
    mask = _READ_ONLY if read_only else _READ_WRITE
    folder = open_folder(root)
    try:
        if on_root_mismatch and _matches(os.fstat(folder), group, mask):
            return False
        for entry in walk(folder, budget or Budget()):
            with suppress(OSError):  # the kubelet logs it and goes on
                _change(entry, group, mask)
    finally:
        os.close(folder)
    return True


def _matches(status: os.stat_result, group: int, mask: int) -> bool:
    wanted = mask | _EXECUTE | stat.S_ISGID
    return status.st_gid == group and status.st_mode & wanted == wanted


def _change(entry: Entry, group: int, mask: int) -> None:
    set_owner(entry.fd, -1, group)
    if entry.is_link:
        return
    mode = stat.S_IMODE(entry.status.st_mode) | mask
    if entry.is_folder:
        mode |= stat.S_ISGID | _EXECUTE
    set_mode(entry.fd, mode)
