"""What was learnt of layers, so that none is read twice: a digest comes in, the layer's listing goes out.

A digest never means anything else. Images share layers, also those of two runs.
"""

import hashlib
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from .image_tree import Listing
from .private_folder import PrivateFolder

__all__ = ["KnownLayers"]

_FORMAT = 1
"""To be counted up whenever a layer is read in another way; what was kept before is then left alone."""

_MAX_LISTING = 512 * 2**20
"""Bytes; a million paths with long names."""

_FILES = 2048


class KnownLayers:
    """Remembers listings in a folder, which is made; several threads and processes may use it at once."""

    def __init__(self, folder: Path | None) -> None:
        self._kept = PrivateFolder(folder, files=_FILES)
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, digest: str, diff_id: str | None, read: Callable[[], Listing]) -> Listing:
        """Give what is known of a layer, or read it, one caller at a time. Raises what `read` raises."""
        name = hashlib.sha256(repr((_FORMAT, digest, diff_id)).encode()).hexdigest()
        with self._lock:
            turn = self._turns.setdefault(name, threading.Lock())
        with turn:
            if (known := self._load(name)) is not None:
                return known
            made = read()
            # why a layer is unreadable may change with this machine's Python
            if not made.unreadable:
                # ValueError: names with bytes that are not UTF-8
                with suppress(ValueError):
                    self._kept.save(name, zlib.compress(msgspec.msgpack.encode(made), 1))
            return made

    def _load(self, name: str) -> Listing | None:
        data = self._kept.load(name)
        if data is None:
            return None
        with suppress(msgspec.DecodeError, ValueError, zlib.error):
            return msgspec.msgpack.decode(zlib.decompressobj().decompress(data, _MAX_LISTING), type=Listing)
        return None
