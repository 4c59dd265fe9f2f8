"""Removes what is in an open folder, whatever containers have made of it."""

import errno
import fcntl
import os
import struct
from collections.abc import Callable
from functools import partial
from itertools import islice

from .tree import Budget, Descent, OpenFolder

__all__ = ["remove_contents"]

_BATCH = 10_000
"""How many names of a folder are read before what they name is removed."""

_GET_FLAGS, _SET_FLAGS = 0x80086601, 0x40086602
_IMMUTABLE, _APPEND_ONLY = 0x10, 0x20
"""Source: linux include/uapi/linux/fs.h, FS_IOC_GETFLAGS and what follows, of 64-bit machines."""


def remove_contents(root: int, budget: Budget) -> None:
    """Remove everything in an open folder, immutable files too; mounts are not entered.

    Raises BudgetSpent: there is more, and another call goes on with it. Raises OSError: something cannot be
    removed; everything else is.
    """
    failure: OSError | None = None
    with Descent(root) as descent:
        while True:
            folder, fd = descent.deepest
            if not folder.folders:
                _remove_files(folder, fd, budget)
            if folder.folders:
                descent.enter(folder.folders.pop())
                continue
            failure = failure or next(iter(folder.failed.values()), None)
            if len(descent.folders) == 1:
                break
            budget.require_time()  # going up a deep tree takes as long as going down
            left = descent.leave()
            above, above_fd = descent.deepest
            _remove(above, left.name, above_fd, os.rmdir)
    if failure is not None:
        raise failure


def _remove_files(folder: OpenFolder, fd: int, budget: Budget) -> None:
    """Remove the files of a folder; where folders are in it, note some of them to be entered first."""
    again = True
    while again and not folder.folders:
        again = False
        with os.scandir(fd) as names:
            for one in islice(names, _BATCH + len(folder.failed)):
                if one.name in folder.failed:
                    continue
                budget.spend()
                again = True  # a removal moves names, so that a scan may pass some over
                if one.is_dir(follow_symlinks=False):
                    folder.folders.append(one.name)
                else:
                    _remove(folder, one.name, fd, os.unlink)


def _remove(folder: OpenFolder, name: str, fd: int, remove: Callable[..., None]) -> None:
    """Remove a name from an open folder, or note why that fails."""
    try:
        remove(name, dir_fd=fd)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        folder.folders.append(name)
    except OSError as error:
        if error.errno != errno.EPERM or not _removed_without_flags(
            fd, name, partial(remove, name, dir_fd=fd)
        ):
            folder.failed[name] = error


def _removed_without_flags(fd: int, name: str, retry: Callable[[], None]) -> bool:
    """Try again without the flags that forbid a removal, of the folder and of what is in it."""
    if not any([_clear_flags(fd, "."), _clear_flags(fd, name)]):
        return False
    try:
        retry()
    except OSError:
        return False
    return True


def _clear_flags(folder: int, name: str) -> bool:
    """Take `immutable` and `append only` (chattr) from a file or folder; whether it had one of them."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return False
    try:
        (flags,) = struct.unpack("i", fcntl.ioctl(fd, _GET_FLAGS, struct.pack("i", 0)))
        fcntl.ioctl(fd, _SET_FLAGS, struct.pack("i", flags & ~(_IMMUTABLE | _APPEND_ONLY)))
    except OSError:
        return False
    finally:
        os.close(fd)
    return bool(flags & (_IMMUTABLE | _APPEND_ONLY))
