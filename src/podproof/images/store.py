"""Bytes by name, from a folder or from inside a tar file: the one place where archives are opened.

Names are relative, with slashes; nothing outside the folder or the tar file can be named.
"""

import hashlib
import io
import lzma
import os
import shutil
import stat
import tempfile
import zlib
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, cast

from .errors import ImageError
from .expanding import NO_ZSTD, Expanding, compression_of, has_zstd
from .limits import MAX_IMAGE_BYTES, Meter, quoted, readable_size
from .tar import NotTarError, TarEntry, read_entries

__all__ = ["BROKEN", "FolderStore", "Store", "TarStore", "open_store", "read_blob", "read_small"]

BROKEN = (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError)
"""What the standard library raises on corrupt archives."""

MAX_DOCUMENT = 4 * 2**20
"""Bytes of a manifest, index or configuration.

Source: containerd remotes/docker/resolver.go, MaxManifestSize.
"""

MAX_MEMBERS = 100_000
"""Members of an outer archive; an image has a few hundred blobs at most."""

_PIECE = 2**20
_DISK_SHARE = 0.9
"""How much of the free temporary folder an archive may expand into."""


class Store(Protocol):
    """Gives the bytes behind a name; `where` names the archive in messages, `meter` counts what it costs."""

    where: str
    meter: Meter

    def exists(self, name: str) -> bool:
        """Tell whether there is a regular file of this name."""

    def open(self, name: str) -> IO[bytes]:
        """Open the bytes behind a name. Raises ImageError: there are none, or they cannot be read."""

    def __enter__(self) -> "Store": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def _clean(name: str, where: str) -> str:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise ImageError(f"{where}: names the blob {name!r}, which lies outside of it")
    return "/".join(parts)


class FolderStore:
    """An image layout in a folder; links that lead out of the folder are refused."""

    def __init__(self, root: Path, limit: int = MAX_IMAGE_BYTES) -> None:
        self.where = str(root)
        self.meter = Meter(self.where, limit)
        self._root = root.resolve()
        self._opened: set[str] = set()

    def _path(self, name: str) -> Path:
        try:
            path = (self._root / _clean(name, self.where)).resolve()
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
            raise ImageError(f"{self.where}: cannot read {quoted(name)}: {error}") from error
        if not path.is_relative_to(self._root):
            raise ImageError(f"{self.where}: {name!r} is a link that leads out of the layout")
        return path

    def exists(self, name: str) -> bool:
        """Tell whether there is a regular file of this name. Raises ImageError: it lies outside."""
        return self._path(name).is_file()

    def open(self, name: str) -> IO[bytes]:
        """Open a file of the folder. Raises ImageError: it lies outside, or cannot be read."""
        path = self._path(name)
        try:
            # a pipe would wait for ever, a device never end; and it may become one just before it is opened
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise ImageError(f"{self.where}: cannot read {name}: {error.strerror or error}") from error
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(handle)
            raise ImageError(f"{self.where}: {name} is not a file")
        if str(path) not in self._opened:
            self._opened.add(str(path))
            self.meter.store(status.st_size)
        return open(handle, "rb")

    def __enter__(self) -> "FolderStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace


class _Section(io.RawIOBase):
    """The content of one entry, read from the archive's own file."""

    def __init__(self, file: IO[bytes], entry: TarEntry) -> None:
        self._file, self._start, self._size = file, entry.offset, entry.stored
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class TarStore:
    """A layout or a `docker save` archive inside a tar file (plain, gzip, bzip2, xz or zstd)."""

    def __init__(self, path: Path, limit: int = MAX_IMAGE_BYTES) -> None:
        self.where = str(path)
        self.meter = Meter(self.where, limit)
        self._members: dict[str, TarEntry] = {}
        with ExitStack() as stack:
            try:
                self._file: IO[bytes] = stack.enter_context(path.open("rb"))
                self.meter.store(os.fstat(self._file.fileno()).st_size)
                if compression := compression_of(self._file):
                    self._file = stack.enter_context(self._expanded(compression))
                for count, entry in enumerate(read_entries(self._file, self.where, seek=True)):
                    if count >= MAX_MEMBERS:
                        raise ImageError(
                            f"{self.where}: has more than {MAX_MEMBERS} members, up to {quoted(entry.name)}"
                        )
                    self._members[entry.name.removeprefix("./").rstrip("/")] = entry
            except (NotTarError, *BROKEN) as error:
                reason = "it is not a tar file (plain, gzip, bzip2, xz or zstd), or it is cut off"
                raise ImageError(f"{self.where}: is not a readable image archive: {reason}") from error
            self._stack = stack.pop_all()

    def _expanded(self, compression: str) -> IO[bytes]:
        """Decompress into a temporary file: blobs are read in any order, and a stream goes one way."""
        if compression == "zstd" and not has_zstd():
            raise ImageError(f"{self.where}: is compressed with zstd: {NO_ZSTD}")
        room = int(shutil.disk_usage(tempfile.gettempdir()).free * _DISK_SHARE)
        source, size = Expanding(self._file, compression), 0
        made = tempfile.TemporaryFile()  # noqa: SIM115 - the caller's stack closes it
        try:
            while data := source.read(_PIECE):
                size += len(data)
                self.meter.expand(len(data), self.where)
                if size > room:
                    raise ImageError(
                        f"{self.where}: expands to more than the {readable_size(room)} that are free "
                        f"in {tempfile.gettempdir()}: set TMPDIR to a larger folder"
                    )
                made.write(data)
        except BaseException:  # Ctrl-C too: the caller never sees the file to close it
            made.close()
            raise
        return made

    def exists(self, name: str) -> bool:
        """Tell whether the archive has a regular file of this name, or a link to one."""
        member = self._member(name)
        return member is not None and member.kind == "file"

    def _member(self, name: str) -> TarEntry | None:
        member = self._members.get(_clean(name, self.where))
        if member is not None and member.kind in ("link", "hard link"):
            # old `docker save` links a layer that two images share to the first one's file
            target = member.target
            if member.kind == "link":
                parts = _clean(name, self.where).split("/")[:-1]
                for part in target.split("/"):
                    if part == "..":
                        del parts[-1:]
                    elif part not in ("", "."):
                        parts.append(part)
                target = "/".join(parts)
            member = self._members.get(_clean(target, self.where))
        return member

    def open(self, name: str) -> IO[bytes]:
        """Open a member of the archive. Raises ImageError: there is none, or it cannot be read."""
        member = self._member(name)
        if member is None or member.kind != "file":
            raise ImageError(f"{self.where}: has no {name}")
        if member.is_sparse:
            raise ImageError(f"{self.where}: cannot read {name}: it is stored with holes")
        return cast("IO[bytes]", io.BufferedReader(_Section(self._file, member), _PIECE))

    def __enter__(self) -> "TarStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._stack.close()


def open_store(path: Path, limit: int = MAX_IMAGE_BYTES) -> FolderStore | TarStore:
    """Open a layout folder or an archive file; `limit` is for the meter of it.

    Raises ImageError: there is none, or it is not an archive.
    """
    if path.is_dir():
        return FolderStore(path, limit)
    if not path.exists():
        raise ImageError(f"{path}: does not exist")
    if not path.is_file():
        raise ImageError(f"{path}: is neither a file nor a folder: save the archive to a file first")
    return TarStore(path, limit)


def read_small(store: Store, name: str) -> bytes:
    """Read a whole document. Raises ImageError: it is missing, unreadable or larger than any real one."""
    try:
        with store.open(name) as file:
            data = file.read(MAX_DOCUMENT + 1)
    except BROKEN as error:
        raise ImageError(f"{store.where}: cannot read {name}: {error}") from error
    if len(data) > MAX_DOCUMENT:
        raise ImageError(f"{store.where}: {quoted(name)} is larger than {MAX_DOCUMENT} bytes")
    return data


def blob_path(digest: str, where: str) -> str:
    """Name the file of a digest in a layout. Raises ImageError: it is not `sha256:` and 64 hex digits."""
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64 or value.strip("0123456789abcdef"):
        raise ImageError(f"{where}: digest {digest!r} must be sha256 and 64 hexadecimal digits")
    return f"blobs/sha256/{value}"


def read_blob(store: Store, digest: str) -> bytes:
    """Read a document by its digest, and verify it. Raises ImageError: missing, too large, wrong content."""
    data = read_small(store, blob_path(digest, store.where))
    actual = f"sha256:{hashlib.sha256(data).hexdigest()}"
    if actual != digest:
        raise ImageError(f"{store.where}: blob {digest} has wrong content: its digest is {actual}")
    return data
