"""Delivers finished output: bytes go into a file, all of them or none, or to standard output.

This module never looks at what it delivers.
"""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator

from ..errors import OutputError


def deliver(data: bytes | Iterable[bytes], path: str | None) -> None:
    """Write `data` where `--output` says: to the file at `path`, or to standard output for None and `-`.

    It may come in parts, which are never held together; what making them raises is raised here as it is.
    """
    if path is None or path == "-":
        write_stdout(data)
    else:
        write_file(path, data)


def write_file(path: str, data: bytes | Iterable[bytes]) -> None:
    """Write data to `path` so that a reader sees the old file or the new one, never half of it.

    What is not a regular file (/dev/stdout, a pipe) is written to directly.
    Raises OutputError: the file or its folder cannot be written.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as stream:
                stream.writelines(_parts(data))
            return
        _replace(os.path.realpath(path), _parts(data))
    except BrokenPipeError:
        raise
    except _Unmade as unmade:
        raise unmade.error from unmade.error.__cause__
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise OutputError(f"cannot write output file {path}: {reason}") from error


class _Unmade(Exception):
    """Carries what went wrong in making a part past what is said of errors in writing it."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _parts(data: bytes | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    try:
        yield from data
    except Exception as error:
        raise _Unmade(error) from error


def _replace(path: str, parts: Iterable[bytes]) -> None:
    """Write beside the target, then rename: rename is atomic within a folder."""
    temporary = f"{path}.{os.getpid()}.tmp"
    mode = 0o666
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(path).st_mode & 0o777
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "Permission denied", path)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(descriptor, "wb") as stream:
            stream.writelines(parts)
        os.replace(temporary, path)
    except BaseException:  # also Ctrl-C: no half-written file may stay behind; it is raised again
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def write_stdout(data: bytes | Iterable[bytes]) -> None:
    """Write data to standard output.

    Raises BrokenPipeError: the reader has gone. Raises OutputError: it cannot be written (a full disk).
    """
    try:
        sys.stdout.flush()
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.writelines(part.decode("utf-8") for part in _parts(data))
        else:
            write = _write_whole(buffer) if isinstance(buffer, io.RawIOBase) else buffer.write
            for part in _parts(data):
                write(part)  # writelines() goes past a stream that stands in for standard output
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except _Unmade as unmade:
        raise unmade.error from unmade.error.__cause__
    except OSError as error:
        raise OutputError(f"cannot write to standard output: {error.strerror or error}") from error
    except AttributeError as error:
        # Python sets sys.stdout to None when the descriptor is closed (`>&-`).
        raise OutputError("cannot write to standard output: it is closed") from error


def _write_whole(stream: io.RawIOBase) -> Callable[[bytes], None]:
    """Give what writes to a stream without a buffer (PYTHONUNBUFFERED), which may take less at once."""

    def write(data: bytes) -> None:
        left = memoryview(data)
        while left:
            written = stream.write(left)
            if written is None:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            left = left[written:]

    return write
