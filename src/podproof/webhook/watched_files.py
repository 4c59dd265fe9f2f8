"""Files that a server was given by options, and whether they have changed since they were last looked at.

Paths come in; contents, and what is wrong with them in words, go out. Nothing is read unless it is asked for.
"""

import os

__all__ = ["FILE_SECONDS", "FilesError", "WatchedFiles", "read_given"]

FILE_SECONDS = 2.0
"""How often files are looked at; a kubelet takes up to a minute to write a changed Secret."""

_State = tuple[tuple[int, int, int], ...]


class FilesError(Exception):
    """Says of files, by the options that name them, that they cannot be used, and why."""

    def __init__(self, files: str, reason: str) -> None:
        super().__init__(f"{files}: {reason}")
        self.files, self.reason = files, reason


class WatchedFiles:
    """Tells when one of some files is another, or has other contents."""

    def __init__(self, *paths: str) -> None:
        self._paths = paths
        self._state = self._look()

    def have_changed(self) -> bool:
        """Whether there was a change since this was last asked."""
        state = self._look()
        changed = state != self._state
        self._state = state
        return changed

    def _look(self) -> _State:
        """Tell one state of the files from another; a Secret's are links to a folder that is replaced."""
        found = []
        for path in self._paths:
            try:
                status = os.stat(path)
            except OSError:
                return ()  # as it can be for a moment while files are replaced
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        return tuple(found)


def read_given(option: str, path: str) -> bytes:
    """Read the file that an option names.

    Raises FilesError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FilesError(f"{option} {path}", str(error.strerror)) from error
