"""Bytes by name, from a folder or from inside a tar file: the one place where archives are opened.

Names are relative, with slashes; nothing outside the folder or the tar file can be named.
"""

import hashlib
import lzma
import tarfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, cast

from .errors import ImageError

__all__ = ["BROKEN", "FolderStore", "Store", "TarStore", "open_store", "read_blob", "read_small"]

BROKEN = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError, ValueError)
"""What the standard library raises on corrupt archives; ValueError covers headers with impossible numbers."""

MAX_DOCUMENT = 16 * 2**20
"""Bytes of a manifest, index or configuration; registries refuse manifests beyond 4 MiB."""

MAX_MEMBERS = 100_000
"""Members of an outer archive; an image has a few hundred blobs at most."""


class Store(Protocol):
    """Gives the bytes behind a name; `where` names the archive in messages."""

    where: str

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

    def __init__(self, root: Path) -> None:
        self.where = str(root)
        self._root = root.resolve()

    def _path(self, name: str) -> Path:
        path = (self._root / _clean(name, self.where)).resolve()
        if not path.is_relative_to(self._root):
            raise ImageError(f"{self.where}: {name!r} is a link that leads out of the layout")
        return path

    def exists(self, name: str) -> bool:
        """Tell whether there is a regular file of this name. Raises ImageError: it lies outside."""
        return self._path(name).is_file()

    def open(self, name: str) -> IO[bytes]:
        """Open a file of the folder. Raises ImageError: it lies outside, or cannot be read."""
        path = self._path(name)
        if path.exists() and not path.is_file():
            # a pipe would wait for ever, a device never end
            raise ImageError(f"{self.where}: {name} is not a file")
        try:
            return path.open("rb")
        except OSError as error:
            raise ImageError(f"{self.where}: cannot read {name}: {error.strerror or error}") from error

    def __enter__(self) -> "FolderStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace


class TarStore:
    """A layout or a `docker save` archive inside a tar file (plain, gzip, bzip2 or xz)."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        try:
            self._tar = tarfile.open(path)  # noqa: SIM115 - closed by __exit__
            self._members = {}
            for count, member in enumerate(self._tar):
                if count >= MAX_MEMBERS:
                    raise ImageError(f"{self.where}: has more than {MAX_MEMBERS} members")
                self._members[member.name.removeprefix("./").rstrip("/")] = member
        except BROKEN as error:
            # tarfile tells on several lines what each of its ways to read said
            reason = "it is not a tar file (plain, gzip, bzip2 or xz), or it is cut off"
            raise ImageError(f"{self.where}: is not a readable image archive: {reason}") from error

    def exists(self, name: str) -> bool:
        """Tell whether the archive has a regular file of this name, or a link to one."""
        member = self._member(name)
        return member is not None and member.isfile()

    def _member(self, name: str) -> tarfile.TarInfo | None:
        member = self._members.get(_clean(name, self.where))
        if member is not None and (member.issym() or member.islnk()):
            # old `docker save` links a layer that two images share to the first one's file
            target = member.linkname
            if member.issym():
                parts = _clean(name, self.where).split("/")[:-1]
                for part in target.split("/"):
                    parts = parts[:-1] if part == ".." else [*parts, part] if part not in ("", ".") else parts
                target = "/".join(parts)
            member = self._members.get(_clean(target, self.where))
        return member

    def open(self, name: str) -> IO[bytes]:
        """Open a member of the archive. Raises ImageError: there is none, or it cannot be read."""
        member = self._member(name)
        if member is None or not member.isfile():
            raise ImageError(f"{self.where}: has no {name}")
        try:
            return cast("IO[bytes]", self._tar.extractfile(member))
        except BROKEN as error:
            raise ImageError(f"{self.where}: cannot read {name}: {error}") from error

    def __enter__(self) -> "TarStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._tar.close()


def open_store(path: Path) -> FolderStore | TarStore:
    """Open a layout folder or an archive file. Raises ImageError: there is none, or it is not an archive."""
    if path.is_dir():
        return FolderStore(path)
    if not path.exists():
        raise ImageError(f"{path}: does not exist")
    if not path.is_file():
        raise ImageError(f"{path}: is neither a file nor a folder: save the archive to a file first")
    return TarStore(path)


def read_small(store: Store, name: str) -> bytes:
    """Read a whole document. Raises ImageError: it is missing, unreadable or larger than any real one."""
    try:
        with store.open(name) as file:
            data = file.read(MAX_DOCUMENT + 1)
    except BROKEN as error:
        raise ImageError(f"{store.where}: cannot read {name}: {error}") from error
    if len(data) > MAX_DOCUMENT:
        raise ImageError(f"{store.where}: {name} is larger than {MAX_DOCUMENT} bytes")
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
