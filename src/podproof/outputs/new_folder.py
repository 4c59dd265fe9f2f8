"""Writes a folder of files: all of it, or not at all."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping

from ..errors import OutputError

__all__ = ["write_folder"]


def write_folder(path: str, files: Mapping[str, bytes]) -> None:
    """Make a folder with these files, by their names; one with just these files stays as it is.

    Raises OutputError: it cannot be made, or there is something else at its place.
    """
    try:
        _write(os.path.realpath(path), path, files)
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise OutputError(f"cannot write folder {path}: {reason}") from error


def _write(real: str, path: str, files: Mapping[str, bytes]) -> None:
    if os.path.lexists(real):
        if not os.path.isdir(real):
            raise OutputError(f"cannot write folder {path}: it is a file; name a new folder")
        there = os.listdir(real)
        if there:
            if sorted(there) == sorted(files) and all(_holds(real, *each) for each in files.items()):
                return
            raise OutputError(
                f"cannot write folder {path}: it holds something else; remove it, or name a new folder"
            )
    parent, name = os.path.split(real)
    temporary = os.path.join(parent, f".{name[:100]}.{secrets.token_hex(8)}.podproof")
    os.mkdir(temporary)
    try:
        for file, data in files.items():
            with open(os.path.join(temporary, file), "xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        os.rename(temporary, real)
    except BaseException:  # Ctrl-C too: nothing half written stays; it is raised again
        with contextlib.suppress(OSError):
            shutil.rmtree(temporary)
        raise


def _holds(folder: str, name: str, data: bytes) -> bool:
    file = os.path.join(folder, name)
    if os.path.islink(file) or not os.path.isfile(file):
        return False
    with open(file, "rb") as stream:
        return stream.read(len(data) + 1) == data
