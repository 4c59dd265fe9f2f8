"""What reading one archive may cost: the limits, and the meter that counts towards them.

Archives come from strangers, and a few kilobytes can claim terabytes. Whatever passes a limit is refused,
with the name of the entry; nothing is cut off silently.
"""

import shutil
from pathlib import Path

from .errors import ImageError

__all__ = ["MAX_IMAGE_BYTES", "Meter", "check_room", "quoted", "readable_size"]

MAX_IMAGE_BYTES = 16 * 2**30
"""Bytes that an image may unpack to unless somebody says otherwise; the largest in common use, those with
CUDA and models for machine learning, need some 10 GiB."""

MAX_HEADER = 2**20
"""Bytes of one extension header. Source: Go archive/tar, maxSpecialFileSize, which containerd reads with."""

MAX_EXTENSIONS = 16
"""Extension headers before one entry; writers need three: attributes, a long name and a long link."""

MAX_PATH = 4096
"""Bytes of a name or of a link's target. Source: linux limits.h, PATH_MAX."""

MAX_ENTRIES = 1_000_000
"""Entries of one image; the largest public images have some 500,000."""

MAX_NAME_BYTES = 128 * 2**20
"""Bytes of all names and links of one image, which are kept in memory; 500,000 real ones need some 40 MiB."""

MAX_LAYERS = 1000
"""Layers of one image; the kernel mounts 500. Source: linux fs/overlayfs/params.h, OVL_MAX_STACK."""

MAX_IMAGES = 1000
"""Images of one archive."""

FREE_STEPS = 5_000_000
STEP_BYTES = 64
"""Names that may be looked up in all images of an archive together however small it is, and the bytes on the
disk that each further one needs."""

RATIO = 200
"""How many times its own size an archive may expand to; source code compresses to a tenth at best."""

FREE_BYTES = 128 * 2**20
"""Bytes that an archive may expand to, however small it is."""

FREE_ENTRIES = 50_000
ENTRY_BYTES = 16
"""Entries that an archive may have however small it is, and the bytes on the disk that each further one
needs: an entry of a real image compresses to some forty."""


class Meter:
    """Counts what an archive, named in `where`, has cost. `limit`: bytes that an image may unpack to."""

    def __init__(self, where: str, limit: int = MAX_IMAGE_BYTES) -> None:
        self.where, self.limit = where, limit
        self._stored = self._expanded = self._steps = self._entries = 0

    def store(self, size: int) -> None:
        """Count bytes that the archive has on the disk."""
        self._stored += size

    def expand(self, size: int, what: str) -> None:
        """Count bytes that came out of an archive or a layer. Raises ImageError: too many for its size."""
        self._expanded += size
        if self._expanded > max(FREE_BYTES, RATIO * self._stored):
            raise ImageError(f"{what}: the archive expands to more than {RATIO} times its size")

    def enter(self, name: str, what: str) -> None:
        """Count an entry of a layer. Raises ImageError: too many for the archive's size."""
        self._entries += 1
        if self._entries > FREE_ENTRIES + self._stored // ENTRY_BYTES:
            raise ImageError(
                f"{what}: {quoted(name)} is one entry too many: the archive has {self._entries} of them in "
                f"{readable_size(self._stored)}"
            )

    def step(self, count: int = 1) -> None:
        """Count names that are looked up. Raises ImageError: too many."""
        self._steps += count
        if self._steps > FREE_STEPS + self._stored // STEP_BYTES:
            raise ImageError(
                f"{self.where}: its paths and links take more than {self._steps} steps to follow"
            )


def check_room(size: int, folder: Path, what: str) -> None:
    """Compare bytes with what is free on a folder's disk. Raises ImageError: `what` has no room there."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ImageError(
            f"{what}: needs {readable_size(size)} in {folder}, where {readable_size(free)} are free: "
            "free some, or name a folder on a larger disk in PODPROOF_ENGINE_DIR"
        )


def quoted(name: str) -> str:
    """Quote a name that an archive gives, for a message: printable characters, and not too many of them."""
    shown = name if len(name) <= 120 else f"{name[:80]}…{name[-39:]}"
    return ascii(shown) if not shown.isprintable() else f'"{shown}"'


def readable_size(size: int) -> str:
    """Write a number of bytes for people: `17.2 GiB`."""
    value, unit = float(size), "bytes"
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value /= 1024 if unit != "TiB" else 1
    return f"{size} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
