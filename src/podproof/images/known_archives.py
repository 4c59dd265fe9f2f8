"""What was learnt of image archives, so that an unchanged one is not read again: a path in, its images out.

A file is recognised by device, inode, size and times, and else by the digest of its content, so that a copy
is not read either. What was learnt lies in a folder that nobody else can write; anything else that is found
there is not trusted, and the archive is read.
"""

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from .archive import ArchivedImage, read_archive
from .errors import ImageError
from .limits import readable_size

__all__ = ["Identity", "KnownArchives", "identity_of"]

Identity = tuple[int, int, int, int, int]
"""Device, inode, size, and the nanoseconds of the last changes to content and inode."""

_FORMAT = 2
"""To be counted up whenever an archive is read in another way; what was kept before is then left alone."""

_SETTLED = 10**9
"""Nanoseconds: a file changed later than this before it was read may change again without a new time."""

_MAX_BYTES = 32 * 2**20
_MAX_FILES = 512


def identity_of(path: Path) -> Identity | None:
    """Identify the present content of a file; None: it is no regular file, or is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class KnownArchives:
    """Remembers archives in a folder, which is made; several processes may use it at once. None: nowhere."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, path: Path, *, platform: str, limit: int) -> tuple[ArchivedImage, ...]:
        """Read an archive, or give what is known of it. Raises ImageError as `read_archive`."""
        began, identity = time.time_ns(), identity_of(path)
        name = _name(identity, platform)
        with self._opened() as folder:
            if folder is None or identity is None:
                return read_archive(path, platform=platform, limit=limit)
            if (known := _load(folder, name)) is not None:
                return _within(limit, known, path)
            digest = _digest(path)
            same = _name(digest, platform)
            if digest and (known := _load(folder, same)) is not None:
                images = _within(limit, known, path)
            else:
                images = read_archive(path, platform=platform, limit=limit)
            if identity_of(path) == identity and identity[4] < began - _SETTLED:
                with suppress(OSError):  # what cannot be kept is read again
                    _save(folder, name, images)
                    if digest and known is None:
                        _save(folder, same, images)
            return images

    @contextmanager
    def _opened(self) -> Iterator[int | None]:
        handle = None
        if self._folder is not None:
            with suppress(OSError):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield handle if handle is not None and _is_own(os.fstat(handle)) else None
        finally:
            if handle is not None:
                os.close(handle)


def _within(limit: int, images: tuple[ArchivedImage, ...], path: Path) -> tuple[ArchivedImage, ...]:
    """Refuse what is known as `read_archive` refuses what it reads."""
    for image in images:
        if image.size > limit:
            raise ImageError(
                f"{path}: unpacks to {readable_size(image.size)}, more than the "
                f"{readable_size(limit)} that --max-image-size allows"
            )
    return images


def _is_own(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _digest(path: Path) -> str:
    """Give the digest of a file's content; "" where it cannot be read, which whoever reads it then says."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _name(identity: Identity | str | None, platform: str) -> str:
    return hashlib.sha256(repr((_FORMAT, platform, identity)).encode()).hexdigest()


def _load(folder: int, name: str) -> tuple[ArchivedImage, ...] | None:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or not _is_own(status) or status.st_size > _MAX_BYTES:
                return None
            return msgspec.msgpack.decode(file.read(_MAX_BYTES), type=tuple[ArchivedImage, ...])
    except (OSError, msgspec.DecodeError, ValueError):
        return None


def _save(folder: int, name: str, images: tuple[ArchivedImage, ...]) -> None:
    try:
        data = msgspec.msgpack.encode(images)
    except ValueError:  # texts with bytes that are not UTF-8
        return
    inside = f"/proc/self/fd/{folder}"
    with tempfile.NamedTemporaryFile(dir=inside, prefix=".new-", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.replace(file.name, f"{inside}/{name}")
        except BaseException:  # Ctrl-C too: nothing half written stays
            os.unlink(file.name)
            raise
    _forget_oldest(folder)


def _forget_oldest(folder: int) -> None:
    with os.scandir(folder) as found:
        files = sorted((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name) for entry in found)
    for _, name in files[:-_MAX_FILES]:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
