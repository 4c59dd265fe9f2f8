"""The two files that decide users, read from an image's layers: /etc/passwd and /etc/group; and their sizes.

Layers go in bottom first; what the assembled image has goes out. A layer is streamed once, however many
images share it, and a second time only where links lead to a file; it is never unpacked.
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import msgspec

from . import limits
from .errors import ImageError
from .expanding import NO_ZSTD, Expanding, compression_of, has_zstd
from .image_tree import ImageTree, Listing, PathNode
from .known_layers import KnownLayers
from .limits import Meter, quoted, readable_size
from .store import BROKEN
from .tar import NotTarError, TarEntry, read_entries
from .zstd import largest_expansion

__all__ = ["MAX_FILE_BYTES", "MAX_FILE_LINES", "Assembled", "Layer", "LayerReader", "UnsupportedLayer"]

MAX_FILE_BYTES = 8 * 2**20
"""Bytes of passwd or group; the largest seen in public images has a few kilobytes."""

MAX_FILE_LINES = 100_000

_USUAL = ("etc/passwd", "etc/group")
_MAX_KEPT = 64 * 1024
_CLUSTER = 4096
"""Bytes that the smallest file takes on the disk, with most file systems."""

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_BUFFER = 256 * 1024


class UnsupportedLayer(ImageError):
    """Says that a layer's compression cannot be read here; what it holds is unknown."""


class Layer(msgspec.Struct, frozen=True):
    """One layer: its name in messages, how to open it, and the digests it must have (None: no check)."""

    name: str
    open: Callable[[], IO[bytes]]
    digest: str | None = None
    diff_id: str | None = None


class Assembled(msgspec.Struct, frozen=True):
    """An image put together: the wanted files' texts, "" for none, or why they are unknown; its size.

    `added`: what of `size` no image that was put together before has in the same layers. `program`: the file
    of the program that was asked about, None where there is none, or it is unknown too.
    `nonempty`: the folders that were asked about in which there is something, None where that is unknown.
    """

    texts: tuple[str, ...] | None
    unknown: str
    size: int
    added: int
    program: PathNode | None = None
    nonempty: tuple[str, ...] | None = None


class LayerReader:
    """Reads the layers of one archive's images; keeps what it learns, and counts what that costs."""

    def __init__(self, meter: Meter, known: KnownLayers | None = None) -> None:
        self._meter = meter
        self._known = known
        self._listings: dict[tuple[str, str | None, str | None], Listing] = {}
        self._kept = 0
        self._chains: set[bytes] = set()

    def assemble(
        self,
        layers: tuple[Layer, ...],
        paths: tuple[str, ...],
        programs: tuple[str, ...] = (),
        folders: tuple[str, ...] = (),
    ) -> Assembled:
        """Put an image together. `size` is at least what it unpacks to, also where the texts are unknown.

        `programs`: the paths at which a program is looked for, in their order. `folders`: those of which is
        asked whether they are empty.

        Raises ImageError: a layer is corrupt, has wrong content, or reaches a limit.
        """
        where = self._meter.where
        if len(layers) > limits.MAX_LAYERS:
            raise ImageError(f"{where}: has {len(layers)} layers, more than {limits.MAX_LAYERS}")
        size, added, entries, unknown, chain = 0, 0, 0, "", b""
        tree = ImageTree(self._meter)
        for index, layer in enumerate(layers):
            try:
                listing = self._listing(layer, self._meter.limit - size)
            except UnsupportedLayer as error:
                unknown = unknown or str(error)
                continue
            size += listing.size
            # a runtime unpacks a layer once for all images that have the same layers below it
            chain = hashlib.sha256(chain + f"{layer.diff_id or layer.digest or layer.name}".encode()).digest()
            if chain not in self._chains:
                self._chains.add(chain)
                added += listing.size
            entries += len(listing.entries)
            unknown = unknown or listing.unreadable
            if size > self._meter.limit:
                raise ImageError(f"{where}: layer {quoted(layer.name)} {self._too_large()}")
            if entries > limits.MAX_ENTRIES:
                raise ImageError(f"{where}: has more than {limits.MAX_ENTRIES} paths")
            if not unknown:
                tree.apply(listing, index)
        if unknown:
            return Assembled(None, unknown, size, added)
        texts = tuple(self._text(layers, tree.find(path), path) for path in paths)
        found = (tree.find(path) for path in programs)
        program = next((node for node in found if node is not None and node.kind == "file"), None)
        nonempty = tuple(path for path in folders if tree.has_content(path))
        return Assembled(texts, "", size, added, program, nonempty)

    def _listing(self, layer: Layer, room: int) -> Listing:
        key = (layer.name, layer.digest, layer.diff_id)
        if (known := self._listings.get(key)) is None:
            if self._known is not None and layer.digest is not None:
                known = self._known.get(layer.digest, layer.diff_id, lambda: self._read(layer, room))
            else:
                known = self._read(layer, room)
            self._kept += len(known.entries)
            if self._kept > limits.MAX_ENTRIES:
                self._listings.clear()
                self._kept = len(known.entries)
            self._listings[key] = known
        return known

    def _too_large(self) -> str:
        limit = readable_size(self._meter.limit)
        return f"makes the image unpack to more than {limit}, which --max-image-size allows"

    def _read(self, layer: Layer, room: int) -> Listing:
        what = f"{self._meter.where}: layer {quoted(layer.name)}"
        with _understood(what), layer.open() as file:
            if compression_of(file) == "zstd" and not has_zstd():
                packed = _Hashing(file)
                size = largest_expansion(io.BufferedReader(packed, _BUFFER))
                _verify("digest", layer.digest, packed.digest(), what)
                return Listing(size=size, unreadable=f"{what} is compressed with zstd: {NO_ZSTD}")
            entries: list[tuple[str, PathNode]] = []
            whiteouts: list[str] = []
            opaque: list[str] = []
            size = names = 0
            with self._stream(file, layer, what) as stream:
                for position, entry in enumerate(read_entries(stream, what, seek=False)):
                    self._meter.enter(entry.name, what)
                    size += _on_disk(entry)
                    names += len(entry.name) + len(entry.target)
                    if size > room:
                        raise ImageError(
                            f"{what}: {quoted(entry.name)} of {readable_size(entry.size)} {self._too_large()}"
                        )
                    if position >= limits.MAX_ENTRIES or names > limits.MAX_NAME_BYTES:
                        raise ImageError(
                            f"{what}: {quoted(entry.name)} is one path too many: an image may have "
                            f"{limits.MAX_ENTRIES}, with names of {readable_size(limits.MAX_NAME_BYTES)}"
                        )
                    path = "/".join(part for part in entry.name.split("/") if part not in ("", ".", ".."))
                    folder, _, name = path.rpartition("/")
                    if name == _OPAQUE:
                        opaque.append(folder)
                    elif name.startswith(_WHITEOUT):
                        gone = name.removeprefix(_WHITEOUT)
                        whiteouts.append(f"{folder}/{gone}" if folder else gone)
                    elif path:
                        entries.append((path, _node(entry, path, position, stream)))
            return Listing(tuple(entries), tuple(whiteouts), tuple(opaque), size)

    @contextmanager
    def _stream(self, file: IO[bytes], layer: Layer | None, what: str) -> Iterator[IO[bytes]]:
        """Open what a layer's file holds as a stream; at the end, it has the digests that `layer` says."""
        compression = compression_of(file)
        packed = _Hashing(file)
        plain = packed
        if compression is not None:
            plain = _Hashing(Expanding(cast("IO[bytes]", packed), compression))
        plain.each = lambda size: self._meter.expand(size, what)
        yield cast("IO[bytes]", io.BufferedReader(plain, _BUFFER))
        if layer is not None:
            _verify("diff ID", layer.diff_id, plain.digest(), what)
            _verify("digest", layer.digest, packed.digest(), what)

    def _text(self, layers: tuple[Layer, ...], node: PathNode | None, path: str) -> str:
        if node is None or node.kind != "file":
            return ""
        what = f"{self._meter.where}: {path}"
        if node.content is not None:
            return _checked(node.content, what)
        with _understood(what), layers[node.layer].open() as file, self._stream(file, None, what) as stream:
            for position, entry in enumerate(read_entries(stream, what, seek=False)):
                if position == node.position:
                    if entry.is_sparse:
                        raise ImageError(f"{what} is stored with holes, which cannot be read")
                    if entry.size > MAX_FILE_BYTES:
                        raise ImageError(
                            f"{what} has {entry.size} bytes, more than the {MAX_FILE_BYTES} allowed"
                        )
                    return _checked(stream.read(entry.size), what)
        return ""


class _Hashing(io.RawIOBase):
    """Reads through to a file and hashes what passes; `each` is told how many bytes did."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._hash, self._size = hashlib.sha256(), 0
        self.each: Callable[[int], None] = lambda _: None

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def readinto(self, buffer: Any) -> int:
        count = int(self._file.readinto(buffer))
        if count:
            self._size += count
            self.each(count)
            self._hash.update(memoryview(buffer)[:count])
        return count

    def digest(self) -> str:
        """Give the digest of the whole file, of which the rest is read."""
        rest = bytearray(_BUFFER)
        while self.readinto(rest):
            pass
        return f"sha256:{self._hash.hexdigest()}"


@contextmanager
def _understood(what: str) -> Iterator[None]:
    try:
        yield
    except NotTarError as error:
        raise ImageError(f"{what} is corrupt: it is not a tar file") from error
    except BROKEN as error:
        raise ImageError(f"{what} is corrupt: {error}") from error


def _verify(name: str, wanted: str | None, actual: str, what: str) -> None:
    if wanted is not None and actual != wanted:
        raise ImageError(f"{what} has wrong content: its {name} is {actual}, the image says {wanted}")


def _on_disk(entry: TarEntry) -> int:
    if entry.kind == "folder":
        return _CLUSTER
    return entry.size + -entry.size % _CLUSTER


def _node(entry: TarEntry, path: str, position: int, stream: IO[bytes]) -> PathNode:
    if entry.kind != "file":
        return PathNode(entry.kind, entry.target, set_id=entry.set_id, capabilities=entry.capabilities)
    content = None
    if path in _USUAL and entry.size <= _MAX_KEPT and not entry.is_sparse:
        content = stream.read(entry.size)
    return PathNode(
        "file",
        position=position,
        content=content,
        set_id=entry.set_id,
        capabilities=entry.capabilities,
    )


def _checked(data: bytes, what: str) -> str:
    """Decode passwd or group; bytes that are not UTF-8 survive. Raises ImageError: too many lines."""
    lines = data.count(b"\n")
    if lines > MAX_FILE_LINES:
        raise ImageError(f"{what} has {lines} lines, more than the {MAX_FILE_LINES} allowed")
    return data.decode("utf-8", "surrogateescape")
