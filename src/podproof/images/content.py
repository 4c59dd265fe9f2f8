"""Images in a containerd: its root folder and a manifest's digest come in, the image's facts go out.

The folder is only read. containerd verified what it stored; it is verified again, since it may have been
changed since. Facts are kept for the process's life: a digest never means anything else.
"""

from functools import lru_cache
from pathlib import Path
from typing import IO

from ..effective.image import ImageConfig
from .archive import DEFAULT_PLATFORM, ArchivedImage, OtherPlatform, image_of_descriptor
from .layers import UnsupportedLayer
from .store import FolderStore

__all__ = ["ContentStore", "image_from_content"]

_PLUGIN = "io.containerd.content.v1.content"
"""Source: containerd plugins, the folder of the content plugin below `root`."""


class ContentStore(FolderStore):
    """The blobs of a containerd, named as in an OCI layout. `root` is containerd's own root."""

    def __init__(self, root: Path) -> None:
        super().__init__(root / _PLUGIN)
        self.where = f"containerd's store {root}"

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


@lru_cache(maxsize=256)
def _read(root: Path, digest: str, platform: str) -> ArchivedImage:
    others: list[str] = []
    with ContentStore(root) as store:
        image = image_of_descriptor(store, {"digest": digest}, platform, others)
    if image is None:
        raise OtherPlatform(digest, tuple(dict.fromkeys(others)), platform)
    return image
