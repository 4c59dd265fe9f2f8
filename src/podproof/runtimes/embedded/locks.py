"""Locks that end with their process, however it ends: a path comes in, an open and locked file goes out."""

import fcntl
import os
from pathlib import Path

__all__ = ["FileLock"]


class FileLock:
    """A flock on a file, made when it is missing. Held until `release`, or until the process is gone."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, *, wait: bool) -> "FileLock | None":
        """Lock the file; None when another has it and `wait` is false. Raises OSError: no folder, no room."""
        while True:
            # not inherited by what this process starts: a container must not hold a session
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                os.close(descriptor)
                return None
            except BaseException:
                os.close(descriptor)
                raise
            if _same(path, descriptor):
                return cls(path, descriptor)
            os.close(descriptor)  # the last owner removed the file before it let go

    @classmethod
    def is_held(cls, path: Path) -> bool:
        """Tell whether some process has the lock; a missing file is not held."""
        if not path.exists():
            return False
        lock = cls.take(path, wait=False)
        if lock is None:
            return True
        lock.release()
        return False

    def write(self, text: str) -> None:
        """Write the lock file's text anew, for others to read."""
        assert self._descriptor is not None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def release(self, *, remove: bool = False) -> None:
        """Let go, and with `remove` leave no file behind."""
        if self._descriptor is None:
            return
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None


def _same(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
