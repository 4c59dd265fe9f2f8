"""`--add SRC:DST[:MODE[:UID:GID]]` comes in, the entries of a layer go out; files are only looked at here."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from ..errors import UsageError
from .errors import ImageError
from .layer_writer import LayerEntry

__all__ = ["parse_addition", "parse_link"]

_FORM = "SRC:DST[:MODE[:UID:GID]]"
_MODE = re.compile(r"[0-7]{3,4}\Z")
_ID = re.compile(r"[0-9]{1,10}\Z")
_MAX_ID = 2**32 - 2
"""2**32 - 1 is "no change" to chown(2)."""


def parse_addition(text: str) -> tuple[LayerEntry, ...]:
    """Read one `--add`: a file, or a folder with all that is in it, and where it goes in the image.

    MODE is octal and counts for files; without it the permissions of the source do, setuid left out. Owner is
    root unless said. A DST that ends in / keeps a file's name.
    Raises UsageError: the text has another form; ImageError: SRC cannot be read, or is not a file or folder.
    """
    parts = text.split(":")
    if len(parts) not in (2, 3, 5) or not parts[0]:
        raise UsageError(f"--add {text!r} must be {_FORM}")
    source = Path(parts[0])
    keeps_name = parts[1].endswith("/") and not source.is_dir()
    target = _inside(parts[1] + (source.name if keeps_name else ""), text)
    mode = _mode(parts[2], text) if len(parts) > 2 else None
    uid, gid = (_id(part, text) for part in parts[3:]) if len(parts) == 5 else (0, 0)
    if source.is_dir():
        return tuple(_folder(source, target, mode, uid, gid))
    if not target:
        raise UsageError(
            f"--add {text!r} must name the file's path in the image, for example /bin/{source.name}"
        )
    return (_file(source, target, mode, uid, gid),)


def parse_link(text: str) -> LayerEntry:
    """Read one `--link TARGET:PATH`. Raises UsageError: the text has another form."""
    target, colon, path = text.partition(":")
    where = _inside(path, text) if colon and target else ""
    if not where:
        raise UsageError(f"--link {text!r} must be TARGET:PATH, for example busybox:/bin/sh")
    return LayerEntry(path=where, kind="link", target=target)


def _inside(path: str, text: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not path.startswith("/") or ".." in parts or "\0" in path:
        raise UsageError(f"{text!r} must name an absolute path in the image, without ..")
    return "/".join(parts)


def _mode(text: str, whole: str) -> int:
    if not _MODE.match(text):
        raise UsageError(f"--add {whole!r}: the mode must be octal, for example 0755 or 4755, has {text!r}")
    return int(text, 8)


def _id(text: str, whole: str) -> int:
    if not _ID.match(text) or int(text) > _MAX_ID:
        raise UsageError(f"--add {whole!r}: UID and GID must be numbers up to {_MAX_ID}, has {text!r}")
    return int(text)


def _file(source: Path, target: str, mode: int | None, uid: int, gid: int) -> LayerEntry:
    try:
        status = source.stat()
    except OSError as error:
        raise ImageError(f"cannot read {source}: {error.strerror or error}") from error
    if not stat.S_ISREG(status.st_mode):
        raise ImageError(f"{source} must be a file or a folder")
    permissions = status.st_mode & 0o777 if mode is None else mode
    return LayerEntry(path=target, mode=permissions, uid=uid, gid=gid, source=source)


def _folder(source: Path, target: str, mode: int | None, uid: int, gid: int) -> Iterator[LayerEntry]:
    def failed(error: OSError) -> None:
        raise ImageError(f"cannot read {error.filename}: {error.strerror or error}") from error

    if target:
        yield LayerEntry(path=target, kind="folder", mode=source.stat().st_mode & 0o777, uid=uid, gid=gid)
    for folder, folders, files in os.walk(source, onerror=failed):
        here = Path(folder)
        for name in sorted((*folders, *files)):
            path = here / name
            parts = (target, *path.relative_to(source).parts) if target else path.relative_to(source).parts
            where = "/".join(parts)
            if path.is_symlink():
                yield LayerEntry(path=where, kind="link", target=os.readlink(path), uid=uid, gid=gid)
            elif path.is_dir():
                yield LayerEntry(
                    path=where, kind="folder", mode=path.stat().st_mode & 0o777, uid=uid, gid=gid
                )
            else:
                yield _file(path, where, mode, uid, gid)
