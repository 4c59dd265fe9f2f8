"""A temporary folder that is removed after use; after kill -9, opening the next one removes it.

Each folder has a lock that its process holds, and hands to the programs it starts. A folder whose lock is
free belongs to nobody any more.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError

__all__ = ["Workspace", "workspace"]

_PREFIX = "podproof-build-"
_LOCK = "lock"


class Workspace:
    """A folder, and the descriptor of its lock: programs that work in it must inherit the descriptor."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.lock = lock


@contextmanager
def workspace() -> Iterator[Workspace]:
    """Make a folder under TMPDIR and remove it at the end; folders that killed processes left go first.

    Raises OutputError: no folder can be made there.
    """
    parent = Path(tempfile.gettempdir())
    _reap(parent)
    try:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        # mmdebstrap gives up root's rights for a mapped user's, who has to reach his part of the folder
        path.chmod(0o711)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutputError(f"cannot make a folder in {parent}: {error.strerror or error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Workspace(path, lock)
    finally:
        _remove(path)
        os.close(lock)


def _reap(parent: Path) -> None:
    for path in parent.glob(f"{_PREFIX}*"):
        # somebody else's folder, or a link made to look like one of ours
        if path.is_symlink() or not path.is_dir() or path.lstat().st_uid != os.geteuid():
            continue
        with contextlib.suppress(OSError):
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)
            finally:
                os.close(lock)


def _remove(path: Path) -> None:
    # something is still mounted there: deleting would reach through the mount
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    if any(line.split(" ")[4].startswith(f"{path}/") for line in mounts.splitlines()):
        return
    shutil.rmtree(path, ignore_errors=True)
