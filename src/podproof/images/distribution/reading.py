"""What an image in a registry contains, without storing it: a reference comes in, its facts go out.

Layers are streamed, verified, and never written to the disk.
"""

import io
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any, cast

from msgspec.structs import replace

from ..archive import ArchivedImage, ImageReader, OtherPlatform
from ..known_layers import KnownLayers
from ..limits import Meter
from ..store import blob_path
from .client import Repository
from .errors import PullError
from .resolving import RemoteImage, resolve

__all__ = ["read_remote_image"]


def read_remote_image(
    repository: Repository, *, platform: str, limit: int, layers: KnownLayers | None = None
) -> ArchivedImage:
    """Read the image that a reference names; its digest is what the reference could be pinned with.

    Raises PullError: it cannot be fetched; ImageError as `read_archive`.
    """
    image = resolve(repository, repository.object, platform)
    with _RemoteStore(repository, image, limit) as store:
        reader = ImageReader(store, platform, layers)
        found = reader.of_descriptor({"digest": image.manifest.digest})
    if found is None:
        raise OtherPlatform(repository.reference, reader.other_platforms, platform)
    return replace(found, config=replace(found.config, digest=image.top.digest))


class _RemoteStore:
    """The blobs of one image in a registry, named as in an OCI layout."""

    def __init__(self, repository: Repository, image: RemoteImage, limit: int) -> None:
        self.where = repository.reference
        self.meter = Meter(self.where, limit)
        self._repository = repository
        self._documents = {blob_path(digest, self.where): data for digest, data in image.documents.items()}
        self._layers = {blob_path(layer.digest, self.where): layer for layer in image.layers}
        self.meter.store(sum(map(len, self._documents.values())))
        self.meter.store(sum(layer.size for layer in self._layers.values()))

    def exists(self, name: str) -> bool:
        """Tell whether the image has a blob of this name."""
        return name in self._documents or name in self._layers

    def open(self, name: str) -> IO[bytes]:
        """Open a blob. Raises PullError: the image has none of this name."""
        if name in self._documents:
            return io.BytesIO(self._documents[name])
        if name not in self._layers:
            raise PullError(f"{self.where}: has no {name}")
        return cast("IO[bytes]", _Stream(self._repository.blob(self._layers[name])))

    def __enter__(self) -> "_RemoteStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace


class _Stream(io.RawIOBase):
    """Reads pieces as a file that can be rewound while its first piece is not over."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece, self._at, self._number = b"", 0, 0

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if offset or whence or self._number > 1:
            raise OSError("a layer that is fetched cannot be rewound")
        self._at = 0
        return 0

    def readinto(self, buffer: Any) -> int:
        while self._at == len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece, self._at, self._number = piece, 0, self._number + 1
        part = self._piece[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """End the request."""
        if isinstance(self._pieces, Iterator) and hasattr(self._pieces, "close"):
            self._pieces.close()
        super().close()
