"""Says how much a zstd file can expand to, without expanding it: its block headers tell.

For where nothing is installed that expands it; Python has it since 3.14.
Source: RFC 8878, Zstandard compression format.
"""

from typing import IO

__all__ = ["largest_expansion"]

_FRAME = 0xFD2FB528
_SKIPPABLE = 0x184D2A50
_MAX_BLOCK = 128 * 1024
_MAX_BLOCKS = 4_000_000
_PIECE = 2**20
_CONTENT_SIZES = (0, 2, 4, 8)
_DICTIONARY_SIZES = (0, 1, 2, 4)


def largest_expansion(file: IO[bytes]) -> int:
    """Give the most bytes that all frames can expand to; the file is read to its end.

    Raises ValueError: it is not zstd, damaged, or of more blocks than any real file. EOFError: it is cut off.
    """
    total, blocks = 0, 0
    while start := file.read(4):
        magic = int.from_bytes(_whole(start, 4), "little")
        if magic & ~0xF == _SKIPPABLE:
            _skip(file, int.from_bytes(_read(file, 4), "little"))
        elif magic == _FRAME:
            size, count = _frame(file, _MAX_BLOCKS - blocks)
            total, blocks = total + size, blocks + count
        else:
            raise ValueError("it is not a zstd frame")
    return total


def _frame(file: IO[bytes], most: int) -> tuple[int, int]:
    descriptor = _read(file, 1)[0]
    single = descriptor >> 5 & 1
    window = _MAX_BLOCK
    if not single:
        byte = _read(file, 1)[0]
        base = 1 << 10 + (byte >> 3)
        window = base + base // 8 * (byte & 7)
    _read(file, _DICTIONARY_SIZES[descriptor & 3])
    length = _CONTENT_SIZES[descriptor >> 6] or single
    declared = int.from_bytes(_read(file, length), "little") + (256 if length == 2 else 0)
    largest = min(declared if single else window, _MAX_BLOCK)
    total = blocks = 0
    last = False
    while not last:
        header = int.from_bytes(_read(file, 3), "little")
        last, kind, size = bool(header & 1), header >> 1 & 3, header >> 3
        blocks += 1
        if kind == 3 or blocks > most:
            raise ValueError(
                "it has a damaged block" if kind == 3 else f"it has more than {_MAX_BLOCKS} blocks"
            )
        # a block is raw, one byte repeated, or compressed
        total += largest if kind == 2 else size
        _skip(file, 1 if kind == 1 else size)
    _read(file, 4 if descriptor & 4 else 0)
    # a decoder refuses frames that do not have the size they declare
    return (min(total, declared) if length else total), blocks


def _whole(data: bytes, size: int) -> bytes:
    if len(data) < size:
        raise EOFError("the compressed data is cut off")
    return data


def _read(file: IO[bytes], size: int) -> bytes:
    return _whole(file.read(size), size)


def _skip(file: IO[bytes], size: int) -> None:
    while size:
        piece = min(size, _PIECE)
        _read(file, piece)
        size -= piece
