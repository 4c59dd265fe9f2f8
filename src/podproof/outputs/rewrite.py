"""Writes a changed file in the place of the one that was read: all of it, or not at all."""

import contextlib
import os
import secrets
import stat

from ..errors import OutputError

__all__ = ["rewrite"]


def rewrite(path: str, before: bytes, after: bytes) -> None:
    """Replace a file's content, with the same mode and owner, by a new file that takes its name.

    A link to a file in its own folder, or below, stays a link: that file is replaced. Raises OutputError: it
    leads elsewhere, is not a regular file, has several names, cannot be written, or has changed since it was
    read.
    """
    folder, name = os.path.split(_resolved(path))
    try:
        within = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from error
    try:
        _rewrite(within, name, path, before, after)
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from error
    finally:
        os.close(within)


def _resolved(path: str) -> str:
    """Follow a link that stays in its folder; another one is given as it is."""
    if not os.path.islink(path):
        return path
    real, folder = os.path.realpath(path), os.path.realpath(os.path.dirname(path))
    return real if real.startswith(os.path.join(folder, "")) else path


def _refusal(path: str, error: Exception) -> OutputError:
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return OutputError(f"cannot write {path}: {reason}")


def _rewrite(folder: int, name: str, path: str, before: bytes, after: bytes) -> None:
    known = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(known.st_mode):
        raise OutputError(f"cannot write {path}: it is a link out of its folder; name the file it leads to")
    if not stat.S_ISREG(known.st_mode):
        raise OutputError(f"cannot write {path}: it is not a regular file")
    if known.st_nlink > 1:
        raise OutputError(
            f"cannot write {path}: it has {known.st_nlink} names, and the others would keep the old text"
        )
    if not os.access(name, os.W_OK, dir_fd=folder):
        raise PermissionError(13, "Permission denied")
    if _read(folder, name) != before:
        raise OutputError(f"cannot write {path}: it has changed since it was read; run fix again")
    temporary = f".{name[:100]}.{secrets.token_hex(8)}.podproof"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(after)
            stream.flush()
            made = os.fstat(stream.fileno())
            if (made.st_uid, made.st_gid) != (known.st_uid, known.st_gid):
                os.fchown(stream.fileno(), known.st_uid, known.st_gid)
            os.fchmod(stream.fileno(), stat.S_IMODE(known.st_mode))
            os.fsync(stream.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:  # Ctrl-C too: nothing half written stays; it is raised again
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _read(folder: int, name: str) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with open(descriptor, "rb") as stream:
        return stream.read()
