"""Walks a tree of any depth and width, iteratively, from an open folder."""

import errno
import os
import stat
import time
from collections.abc import Iterator

import msgspec

from .descriptors import FOLDER_FLAGS, identity_of, open_beneath

__all__ = ["Budget", "BudgetSpent", "Descent", "Entry", "OpenFolder", "walk"]

_MOST_OPEN = 8
"""How many folders a walk keeps open; from below them it goes up by `..` and looks where it is.

A hundred pods may end at once, and most systems let a process open 1024 files.
"""


class BudgetSpent(OSError):
    """A tree has more entries, or takes more time, than a walk may spend on it."""


class Budget:
    """How much a walk may spend: `entries` of the tree, and `seconds` from the making of this budget."""

    def __init__(self, entries: int = 1_000_000, seconds: float = 60.0) -> None:
        self._entries, self._left = entries, entries
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def spend(self) -> None:
        """Count one entry. Raises BudgetSpent: that was one too many, or the time is over."""
        self._left -= 1
        if self._left < 0:
            raise BudgetSpent(errno.EFBIG, f"more than {self._entries:,} files")
        if not self._left % 64:
            self.require_time()

    def require_time(self) -> None:
        """Count nothing. Raises BudgetSpent: the time is over."""
        if time.monotonic() > self._end:
            raise BudgetSpent(errno.ETIMEDOUT, f"not done within {self._seconds:g} s")


class Entry(msgspec.Struct, frozen=True):
    """A file of a tree: `fd` is open until the walk goes on, `status` is that of the same file."""

    fd: int
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Tell whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_link(self) -> bool:
        """Tell whether it is a symbolic link."""
        return stat.S_ISLNK(self.status.st_mode)


class OpenFolder:
    """A folder between the root and where a walk is; `fd` is None while it is not held open.

    `folders` are the names in it that are to be entered, `failed` those that something could not be done to.
    """

    __slots__ = ("failed", "fd", "folders", "identity", "name", "scanned")

    def __init__(self, fd: int, name: str) -> None:
        self.fd: int | None = fd
        self.name = name
        self.identity = identity_of(fd)
        self.folders: list[str] = []
        self.failed: dict[str, OSError] = {}
        self.scanned = False

    def close(self) -> None:
        """Let go of the descriptor."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


class Descent:
    """The folders from a root down to where a walk is, the deepest `most_open` of them open."""

    def __init__(self, root: int, most_open: int = _MOST_OPEN) -> None:
        self._most_open = most_open
        self._root = os.open(".", FOLDER_FLAGS, dir_fd=root)
        self.folders = [OpenFolder(self._root, "")]

    def __enter__(self) -> "Descent":
        return self

    def __exit__(self, *_: object) -> None:
        for folder in self.folders:
            folder.close()

    @property
    def deepest(self) -> tuple[OpenFolder, int]:
        """The deepest folder and its descriptor."""
        folder = self.folders[-1]
        assert folder.fd is not None  # `enter` and `leave` see to it
        return folder, folder.fd

    def enter(self, name: str) -> bool:
        """Go into a folder of the deepest one; False when it is not one any more or cannot be entered."""
        above, fd = self.deepest
        try:
            opened = open_beneath(fd, name, FOLDER_FLAGS)
        except OSError as error:
            above.failed[name] = error
            return False
        self.folders.append(OpenFolder(opened, name))
        if len(self.folders) > self._most_open + 1:  # the root stays open: nobody can move it
            self.folders[-self._most_open - 1].close()
        return True

    def leave(self) -> OpenFolder:
        """Go up; gives the folder that was left.

        Where a folder on the way was moved meanwhile, the walk goes on in the nearest that is still in place.
        """
        left = self.folders.pop()
        above = self.folders[-1]
        if above.fd is None:
            assert left.fd is not None
            fd = os.open("..", FOLDER_FLAGS, dir_fd=left.fd)
            if identity_of(fd) == above.identity:
                above.fd = fd
            else:
                os.close(fd)
                self._find_again()
        left.close()
        return left

    def _find_again(self) -> None:
        """Go the way anew from the root, as far as it is what it was."""
        for folder in self.folders[1:]:
            folder.close()
        above = self._root
        for number, folder in enumerate(self.folders[1:], 1):
            try:
                folder.fd = open_beneath(above, folder.name, FOLDER_FLAGS)
            except OSError:
                folder.fd = None
            if folder.fd is None or identity_of(folder.fd) != folder.identity:
                folder.close()
                del self.folders[number:]
                return
            if number > self._most_open:
                self.folders[number - self._most_open].close()
            above = folder.fd


def walk(root: int, budget: Budget, most_open: int = _MOST_OPEN) -> Iterator[Entry]:
    """Give everything in an open folder, what is in a folder before the folder itself, and the root last.

    What disappears or becomes something else meanwhile is passed over; mounts are not entered. `most_open`
    folders are kept open on the way. Raises BudgetSpent: some of it was not visited.
    """
    with Descent(root, most_open) as descent:
        while True:
            folder, fd = descent.deepest
            if not folder.scanned:
                folder.scanned = True
                yield from _files_in(folder, fd, budget)
            if folder.folders:
                descent.enter(folder.folders.pop())
                continue
            yield Entry(fd, os.fstat(fd))
            if len(descent.folders) == 1:
                return
            descent.leave()


def _files_in(folder: OpenFolder, fd: int, budget: Budget) -> Iterator[Entry]:
    """Give what is in a folder and is not a folder; folders are noted to be entered."""
    with os.scandir(fd) as names:
        for one in names:
            budget.spend()
            if one.is_dir(follow_symlinks=False):
                folder.folders.append(one.name)
                continue
            try:
                opened = open_beneath(fd, one.name)
            except OSError:
                continue
            try:
                entry = Entry(opened, os.fstat(opened))
                if entry.is_folder:
                    folder.folders.append(one.name)
                else:
                    yield entry
            finally:
                os.close(opened)
