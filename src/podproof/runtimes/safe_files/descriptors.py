"""Opens what lies below an open folder without being led out, and changes what is open.

Source: openat2(2), fchownat(2), path_resolution(7).
"""

import ctypes
import errno
import os
import stat
import struct
from functools import cache
from pathlib import Path
from typing import NoReturn

__all__ = [
    "FOLDER_FLAGS",
    "identity_of",
    "open_beneath",
    "open_folder",
    "open_in_root",
    "read_end",
    "set_mode",
    "set_owner",
]

_OPENAT2 = 437
"""The same number on every machine since 5.6. Source: linux include/uapi/asm-generic/unistd.h."""

_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH, _IN_ROOT = 0x01, 0x02, 0x04, 0x08, 0x10
"""Source: linux include/uapi/linux/openat2.h."""

_AT_FDCWD, _AT_EMPTY_PATH = -100, 0x1000
"""Source: linux include/uapi/linux/fcntl.h."""

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_folder(path: Path) -> int:
    """Open a folder that no container can replace: where everything below it starts. Raises OSError."""
    return os.open(path, FOLDER_FLAGS)


def open_beneath(
    folder: int, path: str, flags: int = os.O_PATH, mode: int = 0, *, over_mounts: bool = False
) -> int:
    """Open a relative path below an open folder: through no link, out by no `..`, over no mount unless asked.

    The last component is not followed either: with O_PATH a link is opened itself. Raises OSError: ELOOP for
    a link on the way, EXDEV for a way out or over a mount, and whatever open(2) says.
    """
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    if _has_openat2():
        resolve = _BENEATH | _NO_SYMLINKS | _NO_MAGICLINKS | (0 if over_mounts else _NO_XDEV)
        return _openat2(folder, path, flags, mode, resolve)
    return _open_by_steps(folder, path, flags, mode, over_mounts=over_mounts)


def open_in_root(root: Path, path: str, flags: int = os.O_PATH) -> int | None:
    """Open a container's path as the container would find it; None when it is not there.

    The kernel follows the links inside the root, so that none leads out, not even one that is put there just
    now. Before Linux 5.6 it cannot, so that a path with a link is not there.
    """
    try:
        folder = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    relative, flags = path.lstrip("/") or ".", flags | os.O_CLOEXEC
    try:
        if _has_openat2():
            return _openat2(folder, relative, flags, 0, _IN_ROOT)
        return _open_by_steps(folder, relative, flags | os.O_NOFOLLOW, 0, over_mounts=True)
    except OSError:
        return None
    finally:
        os.close(folder)


def set_owner(fd: int, uid: int, gid: int) -> None:
    """Give what is open, a link as well, to a user and group; -1 leaves one as it is. Raises OSError."""
    if _libc().fchownat(fd, b"", ctypes.c_uint32(uid), ctypes.c_uint32(gid), _AT_EMPTY_PATH):
        _raise()


def set_mode(fd: int, mode: int) -> None:
    """Set the permission bits of what is open and not a link. Raises OSError."""
    # fchmod refuses O_PATH; this link of the kernel's leads to the open file itself, wherever its name went
    os.chmod(f"/proc/self/fd/{fd}", mode)


def read_end(folder: int, name: str, size: int) -> bytes | None:
    """Read at most the last `size` bytes of a regular file; None when it is not one or cannot be opened."""
    try:
        fd = open_beneath(folder, name, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            return None
        return os.pread(fd, size, max(0, status.st_size - size))
    finally:
        os.close(fd)


def identity_of(fd: int) -> tuple[int, int]:
    """Give the device and inode of what is open."""
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


def _open_by_steps(folder: int, path: str, flags: int, mode: int, *, over_mounts: bool = False) -> int:
    """Open on a kernel without openat2: one component at a time; never through a link."""
    *above, last = [part for part in path.split("/") if part not in ("", ".")] or ["."]
    if ".." in (*above, last) or path.startswith("/"):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    mount = _mount_of(folder)
    steps = [*((part, os.O_PATH | os.O_DIRECTORY) for part in above), (last, flags)]
    fd = os.dup(folder)
    try:
        for part, how in steps:
            following = os.open(part, how | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=fd)
            os.close(fd)
            fd = following
            if not over_mounts and _mount_of(fd) != mount:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    except OSError:
        os.close(fd)
        raise
    return fd


def _mount_of(fd: int) -> str:
    """Give the number of the mount that an open file is on. Source: proc(5), fdinfo."""
    with open(f"/proc/self/fdinfo/{fd}") as facts:
        return next((line for line in facts if line.startswith("mnt_id:")), "")


def _openat2(folder: int, path: str, flags: int, mode: int, resolve: int) -> int:
    how = struct.pack("<3Q", flags, mode, resolve)
    opened = _libc().syscall(_OPENAT2, folder, os.fsencode(path), how, len(how))
    if opened < 0:
        _raise(path)
    return int(opened)


@cache
def _has_openat2() -> bool:
    """Tell whether the kernel has openat2 and nothing forbids it."""
    try:
        os.close(_openat2(_AT_FDCWD, ".", os.O_PATH | os.O_CLOEXEC, 0, 0))
    except OSError:
        return False
    return True


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _raise(path: str | None = None) -> NoReturn:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), path)
