"""A folder of small files that only its owner can write: names and bytes go in, the same bytes come out.

Several processes may use it at once. Anything else that is found there is not trusted, and counts as missing;
what cannot be kept is not.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["PrivateFolder"]

_MAX_BYTES = 32 * 2**20


class PrivateFolder:
    """Keeps the newest `files` files in a folder, which is made; None: nowhere."""

    def __init__(self, folder: Path | None, *, files: int = 512) -> None:
        self._folder = folder
        self._files = files

    def load(self, name: str) -> bytes | None:
        """Give what was kept under a name; None: nothing, or nothing that can be trusted."""
        with self._opened() as folder:
            return None if folder is None else _load(folder, name)

    def save(self, name: str, data: bytes) -> None:
        """Keep bytes under a name, whole or not at all."""
        with self._opened() as folder, suppress(OSError):
            if folder is not None and len(data) <= _MAX_BYTES:
                _save(folder, name, data)
                self._forget_oldest(folder)

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

    def _forget_oldest(self, folder: int) -> None:
        with os.scandir(folder) as found:
            files = sorted((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name) for entry in found)
        for _, name in files[: -self._files]:
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)


def _is_own(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _load(folder: int, name: str) -> bytes | None:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or not _is_own(status) or status.st_size > _MAX_BYTES:
                return None
            return file.read(_MAX_BYTES)
    except OSError:
        return None


def _save(folder: int, name: str, data: bytes) -> None:
    inside = f"/proc/self/fd/{folder}"
    with tempfile.NamedTemporaryFile(dir=inside, prefix=".new-", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.replace(file.name, f"{inside}/{name}")
        except BaseException:  # Ctrl-C too: nothing half written stays
            os.unlink(file.name)
            raise
