"""From a registry into one file: a resolved image comes in, an OCI layout in a tar goes out, verified.

What the image says of its sizes is compared with the limit and the free disk before a layer is fetched. The
same archive is then read, and its layers' contents measured, as every other archive is.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from ...errors import OutputError
from ..limits import check_room, readable_size
from .client import Descriptor, Repository
from .errors import PullError
from .resolving import RemoteImage

__all__ = ["fetch_image"]

_BLOCK = 512
_INDEX = "application/vnd.oci.image.index.v1+json"


def fetch_image(
    repository: Repository,
    image: RemoteImage,
    output: Path,
    *,
    limit: int,
    known: Callable[[str], Iterable[bytes] | None] = lambda _: None,
) -> None:
    """Write an archive of an image that has the reference's name, and one of its digest.

    `known` gives the content of a layer that is here already, by its digest. The file is there whole or not
    at all. Raises PullError: the image is larger than `limit` says, or a layer cannot be fetched;
    ImageError: the disk has no room; OutputError: the file cannot be written.
    """
    layers = {layer.digest: layer for layer in image.layers}
    size = sum(layer.size for layer in image.layers)
    if size > limit:
        raise PullError(
            f"{repository.reference}: its layers have {readable_size(size)}, more than the "
            f"{readable_size(limit)} that --max-image-size allows"
        )
    check_room(size, output.parent, repository.reference)
    try:
        with output.open("xb") as file:
            _add(file, "oci-layout", [b'{"imageLayoutVersion":"1.0.0"}'])
            _add(file, "index.json", [_index(repository, image)])
            for digest, data in image.documents.items():
                _add(file, _blob(digest), [data])
            for layer in layers.values():
                _add_layer(file, layer, known(layer.digest) or repository.blob(layer))
            file.write(bytes(2 * _BLOCK))
    except OSError as error:
        output.unlink(missing_ok=True)
        raise OutputError(f"cannot write {output}: {error.strerror or error}") from error
    except BaseException:  # Ctrl-C too: nothing half written stays
        output.unlink(missing_ok=True)
        raise


def _index(repository: Repository, image: RemoteImage) -> bytes:
    top = {"mediaType": image.kind, "digest": image.top.digest, "size": len(image.top.data)}
    by_digest = f"{repository.registry}/{repository.path}@{image.top.digest}"
    names = dict.fromkeys((repository.name, by_digest))
    described = [{**top, "annotations": {"io.containerd.image.name": name}} for name in names]
    return msgspec.json.encode({"schemaVersion": 2, "mediaType": _INDEX, "manifests": described})


def _blob(digest: str) -> str:
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def _add(file: IO[bytes], name: str, pieces: list[bytes]) -> None:
    _write(file, name, sum(map(len, pieces)), iter(pieces))


def _add_layer(file: IO[bytes], layer: Descriptor, pieces: Iterable[bytes]) -> None:
    _write(file, _blob(layer.digest), layer.size, iter(pieces))


def _write(file: IO[bytes], name: str, size: int, pieces: Iterator[Any]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = size
    file.write(entry.tobuf(tarfile.GNU_FORMAT))
    written = 0
    for piece in pieces:
        written += len(piece)
        file.write(piece)
    if written != size:
        raise PullError(f"{name} has {written} bytes, not the {size} that are announced")
    file.write(bytes(-size % _BLOCK))
