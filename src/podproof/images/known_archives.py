"""What was learnt of image archives, so that an unchanged one is not read again: a path in, its images out.

A file is recognised by device, inode, size and times, and else by the digest of its content, so that a copy
is not read either. What was learnt lies in a folder that nobody else can write; anything else that is found
there is not trusted, and the archive is read.
"""

import hashlib
import stat
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from .archive import ArchivedImage, read_archive
from .errors import ImageError
from .limits import readable_size
from .private_folder import PrivateFolder

__all__ = ["Identity", "KnownArchives", "identity_of"]

Identity = tuple[int, int, int, int, int]
"""Device, inode, size, and the nanoseconds of the last changes to content and inode."""

_FORMAT = 3
"""To be counted up whenever an archive is read in another way; what was kept before is then left alone."""

_SETTLED = 10**9
"""Nanoseconds: a file changed later than this before it was read may change again without a new time."""


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
        self._kept = PrivateFolder(folder) if folder is not None else None

    def read(self, path: Path, *, platform: str, limit: int) -> tuple[ArchivedImage, ...]:
        """Read an archive, or give what is known of it. Raises ImageError as `read_archive`."""
        began, identity = time.time_ns(), identity_of(path)
        if self._kept is None or identity is None:
            return read_archive(path, platform=platform, limit=limit)
        name = _name(identity, platform)
        if (known := self._load(name)) is not None:
            return _within(limit, known, path)
        digest = _digest(path)
        same = _name(digest, platform)
        if digest and (known := self._load(same)) is not None:
            images = _within(limit, known, path)
        else:
            images = read_archive(path, platform=platform, limit=limit)
        if identity_of(path) == identity and identity[4] < began - _SETTLED:
            self._save(name, images)
            if digest and known is None:
                self._save(same, images)
        return images

    def _load(self, name: str) -> tuple[ArchivedImage, ...] | None:
        data = self._kept.load(name) if self._kept is not None else None
        with suppress(msgspec.DecodeError, ValueError):
            return msgspec.msgpack.decode(data or b"", type=tuple[ArchivedImage, ...])
        return None

    def _save(self, name: str, images: tuple[ArchivedImage, ...]) -> None:
        # ValueError: texts with bytes that are not UTF-8
        with suppress(ValueError):
            data = msgspec.msgpack.encode(images)
            if self._kept is not None:
                self._kept.save(name, data)


def _within(limit: int, images: tuple[ArchivedImage, ...], path: Path) -> tuple[ArchivedImage, ...]:
    """Refuse what is known as `read_archive` refuses what it reads."""
    for image in images:
        if image.size > limit:
            raise ImageError(
                f"{path}: unpacks to {readable_size(image.size)}, more than the "
                f"{readable_size(limit)} that --max-image-size allows"
            )
    return images


def _digest(path: Path) -> str:
    """Give the digest of a file's content; "" where it cannot be read, which whoever reads it then says."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _name(identity: Identity | str | None, platform: str) -> str:
    return hashlib.sha256(repr((_FORMAT, platform, identity)).encode()).hexdigest()
