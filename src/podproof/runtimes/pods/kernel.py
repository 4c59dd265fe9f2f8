"""The system calls that Python 3.11 lacks: mount and setns, by libc."""

import ctypes
import os
from pathlib import Path

__all__ = ["CLONE_NEWNET", "bind", "bind_tree", "setns", "tmpfs"]

_MS_BIND, _MS_REC, _MS_SLAVE = 4096, 16384, 1 << 19
CLONE_NEWNET = 0x40000000
"""Source: linux/mount.h, linux/sched.h."""

_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None) -> None:
    result = _libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        data.encode() if data else None,
    )
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def tmpfs(target: Path, size: int | None = None) -> None:
    """Mount a tmpfs of at most `size` bytes (None: the kernel's default, half of the memory)."""
    _mount("tmpfs", str(target), "tmpfs", 0, f"size={size}" if size is not None else None)


def bind(source: str, target: Path) -> None:
    """Bind a file or folder, such as `/proc/self/fd/N`, to a path that exists."""
    _mount(source, str(target), None, _MS_BIND, None)


def bind_tree(source: str, target: Path) -> None:
    """Bind a file or folder with what is mounted below it.

    What is mounted below the source later appears; what is unmounted below the target stays at the source.
    """
    _mount(source, str(target), None, _MS_BIND | _MS_REC, None)
    _mount("none", str(target), None, _MS_SLAVE | _MS_REC, None)


def setns(fd: int, kind: int) -> None:
    """Move the calling thread into a namespace; it must not be used for anything else afterwards."""
    if _libc.setns(fd, kind) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
