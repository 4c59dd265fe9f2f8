"""Decompression that never holds more than a buffer: a file goes in, what it expands to comes out."""

import bz2
import io
import lzma
import sys
import zlib
from functools import cache
from importlib import import_module
from typing import IO, Any

__all__ = ["NO_ZSTD", "Expanding", "compression_of", "has_zstd"]

NO_ZSTD = "install podproof[zstd] to read it"
"""What to do where `has_zstd` is not true."""

_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}

_INPUT = 32 * 1024
_MAX_STREAMS = 2_000_000
"""Compressed streams one after another; eStargz has one for each file."""

_MAX_XZ_MEMORY = 128 * 2**20
"""Bytes for one decoder; `xz -9` needs 65 MiB. Source: xz(1), table of presets."""

_MAX_ZSTD_WINDOW = 27
"""The binary logarithm of the bytes that one decoder looks back, which is also what zstd(1) takes."""


def compression_of(file: IO[bytes]) -> str | None:
    """Tell how a file is compressed: gzip, bzip2, xz or zstd; None for none of them. It is rewound."""
    start = file.read(6)
    file.seek(0)
    if start[1:4] == b"\x2a\x4d\x18" and start[0] >> 4 == 5:
        return "zstd"  # a frame to pass over, as zstd may begin with
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)


@cache
def _zstd() -> Any:
    """Give the module that decompresses zstd; None where it is not installed. Python has one since 3.14."""
    try:
        return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    except ImportError:
        return None


def has_zstd() -> bool:
    """Tell whether zstd can be decompressed here; the extra `zstd` brings what is needed."""
    return _zstd() is not None


class _Zstd:
    """A decompressor of one zstd frame; what is wrong is a ValueError, as it is with the others."""

    def __init__(self) -> None:
        module = _zstd()
        limit = {module.DecompressionParameter.window_log_max: _MAX_ZSTD_WINDOW}
        self._decoder, self._error = module.ZstdDecompressor(options=limit), module.ZstdError

    def decompress(self, data: bytes, size: int) -> bytes:
        try:
            made: bytes = self._decoder.decompress(data, size)
        except self._error as error:
            raise ValueError(str(error)) from error
        return made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._decoder, name)


class _Gzip:
    """zlib with the attributes that bz2 and lzma give their decompressors."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self.needs_input = True

    def decompress(self, data: bytes, size: int) -> bytes:
        made = self._zlib.decompress(self._zlib.unconsumed_tail + data, size)
        # a full answer may leave more inside, which comes without any further input
        self.needs_input = not self._zlib.unconsumed_tail and len(made) < size
        return made

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data


def _decompressor(compression: str) -> Any:
    if compression == "gzip":
        return _Gzip()
    if compression == "bzip2":
        return bz2.BZ2Decompressor()
    if compression == "zstd":
        return _Zstd()
    # without a limit, a header of twelve bytes makes the decoder reserve four gigabytes
    return lzma.LZMADecompressor(memlimit=_MAX_XZ_MEMORY)


class Expanding(io.RawIOBase):
    """Reads what a gzip, bzip2, xz or zstd file expands to; of the last only where `has_zstd`.

    Raises EOFError when it is cut off, else as the decompressors do.
    """

    def __init__(self, source: IO[bytes], compression: str) -> None:
        self._source, self._compression = source, compression
        self._decoder: Any = None
        self._rest = b""
        self._streams = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one step of the decompressor does; 0 at the end."""
        while True:
            if self._decoder is None and not self._next_stream():
                return 0
            data = b""
            if self._decoder.needs_input:
                data = self._rest or self._source.read(_INPUT)
                self._rest = b""
                if not data:
                    raise EOFError("the compressed data is cut off")
            made = self._decoder.decompress(data, len(buffer))
            if self._decoder.eof:
                self._rest, self._decoder = self._decoder.unused_data, None
            if made:
                buffer[: len(made)] = made
                return len(made)

    def _next_stream(self) -> bool:
        if self._streams:
            # padding after a stream is no other stream
            rest = self._rest.lstrip(b"\0")
            while not rest:
                if not (data := self._source.read(_INPUT)):
                    return False
                rest = data.lstrip(b"\0")
            self._rest = rest
        self._streams += 1
        if self._streams > _MAX_STREAMS:
            raise ValueError(f"has more than {_MAX_STREAMS} compressed streams")
        self._decoder = _decompressor(self._compression)
        return True
