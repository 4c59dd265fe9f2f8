"""Images in a containerd: its root folder and a manifest's digest come in, the image's facts go out.

The folder is only read. containerd verified what it stored; it is verified again, since it may have been
changed since. Facts are kept for the process's life: a digest never means anything else.
"""

import contextlib
from functools import lru_cache
from pathlib import Path
from typing import IO

import msgspec

from ..effective.image import ImageConfig
from .archive import DEFAULT_PLATFORM, ArchivedImage, ImageReader, OtherPlatform
from .layers import UnsupportedLayer
from .store import FolderStore

__all__ = ["ContentStore", "image_by_id", "image_from_content"]

_PLUGIN = "io.containerd.content.v1.content"
"""Source: containerd plugins, the folder of the content plugin below `root`."""


_MAX_MANIFEST = 4 * 2**20
"""Bytes; containerd refuses larger ones. Source: containerd remotes/docker/resolver.go, MaxManifestSize."""


class ContentStore(FolderStore):
    """The blobs of a containerd, named as in an OCI layout. `root` is containerd's own root."""

    def __init__(self, root: Path) -> None:
        super().__init__(root / _PLUGIN)
        self.where = self.meter.where = f"containerd's store {root}"

    def open(self, name: str) -> IO[bytes]:
        """Open a blob. Raises UnsupportedLayer: it is not there; containerd may drop unpacked layers."""
        if not self.exists(name):
            raise UnsupportedLayer(f"{self.where}: has no {name}")
        return super().open(name)


def image_from_content(root: Path, digest: str, *, platform: str = DEFAULT_PLATFORM) -> ImageConfig:
    """Read user, command, passwd and group of an image; `digest` is its manifest's or its index's.

    passwd and group are None where a layer is no longer there or cannot be read.
    Raises ImageError: there is no such manifest, it is for another platform only, or a blob is damaged.
    """
    return _read(root, digest, platform).config


def image_by_id(root: Path, id: str, *, platform: str = DEFAULT_PLATFORM) -> ImageConfig | None:
    """Read an image of which its configuration's digest is known, as the runtime interface has for an id.

    None: no manifest in the store has this configuration. Raises ImageError as `image_from_content`.
    """
    manifest = _manifest_with(root, id)
    return image_from_content(root, manifest, platform=platform) if manifest else None


def _manifest_with(root: Path, config: str) -> str | None:
    """Find the manifest among the blobs: containerd keeps its database, which has the name, locked."""
    folder = root / _PLUGIN / "blobs" / "sha256"
    try:
        blobs = sorted(folder.iterdir())
    except OSError:
        return None
    for blob in blobs:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            if blob.stat().st_size > _MAX_MANIFEST:
                continue
            data = blob.read_bytes()
            if not data.startswith(b"{") or config.encode() not in data:
                continue
            document = msgspec.json.decode(data)
            described = document.get("config") if isinstance(document, dict) else None
            if isinstance(described, dict) and described.get("digest") == config:
                return f"sha256:{blob.name}"
    return None


@lru_cache(maxsize=256)
def _read(root: Path, digest: str, platform: str) -> ArchivedImage:
    with ContentStore(root) as store:
        reader = ImageReader(store, platform)
        image = reader.of_descriptor({"digest": digest})
    if image is None:
        raise OtherPlatform(digest, reader.other_platforms, platform)
    return image
