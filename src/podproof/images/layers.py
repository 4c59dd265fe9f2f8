"""The two files that decide users, read from an image's layers: /etc/passwd and /etc/group.

Layers go in bottom first; the text of the files as the assembled image has them goes out. Layers are streamed
twice at most and never unpacked; whiteouts, opaque folders and links inside the image are followed.
"""

import bz2
import gzip
import hashlib
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Literal, cast

import msgspec

from .errors import ImageError
from .store import BROKEN

__all__ = ["MAX_FILE_BYTES", "MAX_FILE_LINES", "Layer", "UnsupportedLayer", "check_text", "read_files"]

MAX_FILE_BYTES = 8 * 2**20
"""Bytes of passwd or group; the largest seen in public images has a few kilobytes."""

MAX_FILE_LINES = 100_000
MAX_LAYER_BYTES = 16 * 2**30
"""Uncompressed bytes of one layer: stops archives that are made to expand without end."""

MAX_ENTRIES = 2_000_000
"""Paths of one image; the largest public images have some 500,000."""

MAX_LINKS = 40
"""Links followed for one path. Source: linux path_resolution(7)."""

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"


class UnsupportedLayer(ImageError):
    """Says that a layer's compression cannot be read here; what it holds is unknown."""


class Layer(msgspec.Struct, frozen=True):
    """One layer: its name in messages, how to open it, and the digests it must have (None: no check)."""

    name: str
    open: Callable[[], IO[bytes]]
    digest: str | None = None
    diff_id: str | None = None


class _TreeEntry(msgspec.Struct, frozen=True, gc=False):
    kind: Literal["file", "link", "folder", "other"]
    target: str = ""
    layer: int = -1
    member: int = -1
    """Position in its layer: a name can occur twice in one."""


def read_files(layers: tuple[Layer, ...], paths: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Give the text of each path in the assembled image; "" where there is no such file.

    Raises ImageError: a layer is corrupt, has wrong content, expands without end, or a file is too large;
    UnsupportedLayer: a compression that this Python cannot read.
    """
    tree: dict[str, _TreeEntry] = {}
    for index, layer in enumerate(layers):
        _apply(tree, index, layer, where)
    texts: list[str] = []
    for path in paths:
        entry = _resolve(tree, path, where)
        if entry is None or entry.kind != "file":
            texts.append("")
        else:
            texts.append(_text(layers[entry.layer], entry.member, path, where))
    return tuple(texts)


def check_text(data: bytes, what: str) -> str:
    """Decode passwd or group; bytes that are not UTF-8 survive. Raises ImageError: too many lines."""
    lines = data.count(b"\n")
    if lines > MAX_FILE_LINES:
        raise ImageError(f"{what} has {lines} lines, more than the {MAX_FILE_LINES} allowed")
    return data.decode("utf-8", "surrogateescape")


class _Hashing:
    """Reads through to a file and hashes what passes; stops at a size no real layer has."""

    def __init__(self, file: IO[bytes], limit: int | None, what: str) -> None:
        self._file, self._limit, self._what = file, limit, what
        self._hash, self._size = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._size += len(data)
        if self._limit is not None and self._size > self._limit:
            raise ImageError(f"{self._what} expands to more than {self._limit} bytes")
        self._hash.update(data)
        return data

    def finish(self) -> str:
        while self.read(2**20):
            pass
        return f"sha256:{self._hash.hexdigest()}"


def _decompressed(file: IO[bytes], what: str) -> Callable[["_Hashing"], IO[bytes]]:
    magic = file.read(6)
    file.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return lambda source: cast("IO[bytes]", gzip.GzipFile(fileobj=cast("IO[bytes]", source)))
    if magic.startswith(b"BZh"):
        return lambda source: cast("IO[bytes]", bz2.BZ2File(cast("IO[bytes]", source)))
    if magic.startswith(b"\xfd7zXZ"):
        return lambda source: cast("IO[bytes]", lzma.LZMAFile(cast("IO[bytes]", source)))
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        raise UnsupportedLayer(f"{what} is compressed with zstd, which cannot be read")
    return lambda source: cast("IO[bytes]", source)


_Members = Iterator[tuple[int, tarfile.TarInfo, tarfile.TarFile]]


@contextmanager
def _members(layer: Layer, where: str, *, verify: bool) -> Iterator[_Members]:
    what = f"{where}: layer {layer.name}"
    try:
        with layer.open() as file:
            opener = _decompressed(file, what)
            packed = _Hashing(file, None, what)
            plain = _Hashing(opener(packed), MAX_LAYER_BYTES, what)
            with tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|") as tar:
                yield ((position, member, tar) for position, member in enumerate(tar))
            if verify:
                _verify(layer, plain, packed, what)
    except ImageError:
        raise
    except BROKEN as error:
        raise ImageError(f"{what} is corrupt: {error}") from error


def _verify(layer: Layer, plain: _Hashing, packed: _Hashing, what: str) -> None:
    content = plain.finish()
    if layer.diff_id is not None and content != layer.diff_id:
        raise ImageError(
            f"{what} has wrong content: its diff ID is {content}, the image says {layer.diff_id}"
        )
    if layer.digest is not None:
        # an uncompressed layer has been read through both: finishing twice is harmless
        actual = packed.finish()
        if actual != layer.digest:
            raise ImageError(f"{what} has wrong content: its digest is {actual}")


def _apply(tree: dict[str, _TreeEntry], index: int, layer: Layer, where: str) -> None:
    added: dict[str, _TreeEntry] = {}
    removed: set[str] = set()
    opaque: set[str] = set()
    with _members(layer, where, verify=True) as members:
        for position, member, tar in members:
            # tarfile keeps every member it has seen, which a layer of a million files would turn into memory
            tar.members = []  # type: ignore[attr-defined]  # an attribute of every version of tarfile
            path = "/".join(part for part in member.name.split("/") if part not in ("", ".", ".."))
            folder, _, name = path.rpartition("/")
            if name == _OPAQUE:
                opaque.add(folder)
            elif name.startswith(_WHITEOUT):
                gone = name.removeprefix(_WHITEOUT)
                removed.add(f"{folder}/{gone}" if folder else gone)
            elif path:
                added[path] = _entry(member, index, position, added, tree)
                if len(tree) + len(added) > MAX_ENTRIES:
                    raise ImageError(f"{where}: has more than {MAX_ENTRIES} paths")
    replaced = {path for path, entry in added.items() if entry.kind != "folder" and path in tree}
    _prune(tree, removed | replaced, opaque)
    tree.update(added)


def _entry(
    member: tarfile.TarInfo,
    layer: int,
    position: int,
    added: dict[str, _TreeEntry],
    tree: dict[str, _TreeEntry],
) -> _TreeEntry:
    if member.isfile():
        return _TreeEntry("file", "", layer, position)
    if member.issym():
        return _TreeEntry("link", member.linkname)
    if member.isdir():
        return _TreeEntry("folder")
    if member.islnk():
        target = "/".join(part for part in member.linkname.split("/") if part not in ("", ".", ".."))
        return added.get(target) or tree.get(target) or _TreeEntry("other")
    return _TreeEntry("other")


def _prune(tree: dict[str, _TreeEntry], removed: set[str], opaque: set[str]) -> None:
    if not removed and not opaque:
        return
    for path in [path for path in tree if path in removed or _hidden(path, removed, opaque)]:
        del tree[path]


def _hidden(path: str, removed: set[str], opaque: set[str]) -> bool:
    folder = path.rpartition("/")[0]
    while folder:
        if folder in removed or folder in opaque:
            return True
        folder = folder.rpartition("/")[0]
    return "" in opaque


def _resolve(tree: dict[str, _TreeEntry], path: str, where: str) -> _TreeEntry | None:
    """Follow links below the image's own root, as the runtime does: an absolute link starts at that root."""
    pending = [part for part in reversed(path.split("/")) if part]
    done: list[str] = []
    followed = 0
    entry: _TreeEntry | None = None
    while pending:
        part = pending.pop()
        if part in ("", "."):
            continue
        if part == "..":
            done = done[:-1]
            continue
        entry = tree.get("/".join((*done, part)))
        if entry is not None and entry.kind == "link":
            followed += 1
            if followed > MAX_LINKS:
                raise ImageError(f"{where}: {path} is a chain of more than {MAX_LINKS} links")
            if entry.target.startswith("/"):
                done = []
            pending += [p for p in reversed(entry.target.split("/")) if p]
            continue
        done.append(part)
    return tree.get("/".join(done)) if done else entry


def _text(layer: Layer, wanted: int, path: str, where: str) -> str:
    with _members(layer, where, verify=False) as members:
        for position, member, tar in members:
            if position != wanted:
                continue
            if member.size > MAX_FILE_BYTES:
                raise ImageError(
                    f"{where}: {path} has {member.size} bytes, more than the {MAX_FILE_BYTES} allowed"
                )
            file = tar.extractfile(member)
            return check_text(file.read() if file else b"", f"{where}: {path}")
    return ""
