"""Reads the headers of a tar file with bounded memory: an open file goes in, its entries come out.

Unlike Python's tarfile, nothing is read into memory because a header claims it. What is accepted follows Go's
archive/tar, with which containerd reads the same bytes: ustar, GNU and pax, sizes in base 256, sparse files.
"""

import re
import struct
from collections.abc import Iterator
from typing import IO, Literal

import msgspec
from msgspec.structs import replace

from . import limits
from .errors import ImageError
from .file_privileges import SET_ID_BITS, capability_text, set_id_text
from .limits import quoted

__all__ = ["NotTarError", "TarEntry", "read_entries"]

_BLOCK = 512
_ZERO = bytes(_BLOCK)
_PIECE = 2**20

_HEADER = struct.Struct("100s8s16x12s20xc100s6s82x155s")
"""Name, mode, size, type, link, magic and prefix; times and devices are passed over.
Source: POSIX pax, ustar interchange format."""

_HEADER_ONLY = b"123456"
"""Types without content whatever their size says. Source: Go archive/tar, isHeaderOnlyType."""

_KINDS: dict[bytes, Literal["file", "link", "hard link", "folder"]] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"S": "file",
    b"1": "hard link",
    b"2": "link",
    b"5": "folder",
}
_RECORD = re.compile(rb"([0-9]{1,7}) ")
_OCTAL = re.compile(rb"[0-7]*")


class NotTarError(ImageError):
    """Says that a file does not even begin as a tar file does."""


class TarEntry(msgspec.Struct, frozen=True, gc=False):
    """One entry. `stored` bytes of content are at `offset`; a sparse file unpacks to `size`.

    `set_id` and `capabilities` tell what a program gains by its file, "" for nothing.
    """

    name: str
    kind: Literal["file", "link", "hard link", "folder", "other"]
    target: str
    size: int
    stored: int
    offset: int
    set_id: str = ""
    capabilities: str = ""

    @property
    def is_sparse(self) -> bool:
        """Tell whether its content is stored with holes."""
        return self.kind == "file" and self.size != self.stored


class _Extensions(msgspec.Struct):
    """What the headers before an entry's own say of it."""

    name: bytes | None = None
    target: bytes | None = None
    size: int | None = None
    real_size: int | None = None
    uid: int | None = None
    gid: int | None = None
    capability: bytes | None = None
    count: int = 0


def read_entries(file: IO[bytes], what: str, *, seek: bool) -> Iterator[TarEntry]:
    """Give the entries of a tar file; the caller may read an entry's content before it asks for the next one.

    `what` names the file in messages. `seek` False: the file is only ever read on, as a stream.
    Raises ImageError: a header is damaged, claims too much, or the file is cut off.
    """
    reader = _HeaderReader(file, what, seek)
    while (entry := reader.next()) is not None:
        yield entry


class _HeaderReader:
    def __init__(self, file: IO[bytes], what: str, seek: bool) -> None:
        self._file, self._what, self._seek = file, what, seek
        self._position = 0
        self._content = 0
        """Where the content of the last entry starts, and how long it is with its padding."""
        self._length = 0
        self._number = 0
        self._name = ""
        self._end = 0
        if seek:
            self._end = file.seek(0, 2)
            file.seek(0)

    def next(self) -> TarEntry | None:
        extensions = _Extensions()
        while True:
            header = self._header()
            if header is None:
                if extensions.count:
                    raise self._broken("is cut off after an extension header")
                return None
            name, mode, size, kind, target, magic, prefix = _HEADER.unpack_from(header)
            self._number += 1
            self._name = _text(_until_nul(name))
            stored = self._size(size)
            if kind in b"LKxg":
                self._extend(extensions, kind, stored)
                continue
            if magic == b"ustar\0" and extensions.name is None:
                prefix = prefix[:131] if header[508:512] == b"tar\0" else prefix
                if prefix := _until_nul(prefix):
                    name = prefix + b"/" + name
            entry = self._entry(extensions, header, kind, name, target, stored)
            bits = self._number_of(mode) or 0
            if entry.kind not in ("file", "hard link") or not (bits & SET_ID_BITS or extensions.capability):
                return entry
            return self._with_privileges(entry, bits, header, extensions)

    def _with_privileges(
        self, entry: TarEntry, mode: int, header: bytes, extensions: _Extensions
    ) -> TarEntry:
        uid = self._number_of(header[108:116]) if extensions.uid is None else extensions.uid
        gid = self._number_of(header[116:124]) if extensions.gid is None else extensions.gid
        capability = extensions.capability
        return replace(
            entry,
            set_id=set_id_text(mode, uid or 0, gid or 0),
            capabilities=capability_text(capability) if capability else "",
        )

    def _header(self) -> bytes | None:
        self._skip()
        header = self._read(_BLOCK)
        if not header:
            return None
        if len(header) < _BLOCK:
            raise self._broken("is cut off in a header")
        if header == _ZERO:
            second = self._read(_BLOCK)
            if second and second != _ZERO:
                raise self._broken("has entries after a block of zeros")
            return None
        unsigned = sum(header) - sum(header[148:156]) + 8 * 32
        written = self._number_of(header[148:156])
        if written != unsigned:
            # some old writers summed signed bytes
            signed = unsigned - 256 * sum(byte > 127 for byte in header[:148] + header[156:])
            if written != signed:
                raise self._broken("is followed by a header with a wrong checksum")
        return header

    def _extend(self, extensions: _Extensions, kind: bytes, size: int) -> None:
        if size > limits.MAX_HEADER:
            raise self._broken(f"has an extension header of {size} bytes, more than {limits.MAX_HEADER}")
        extensions.count += 1
        if extensions.count > limits.MAX_EXTENSIONS:
            raise self._broken(f"has more than {limits.MAX_EXTENSIONS} extension headers in a row")
        data = self._read(size)
        if len(data) < size:
            raise self._broken("is cut off in an extension header")
        self._content, self._length = self._position, -size % _BLOCK
        if kind == b"L":
            extensions.name = _until_nul(data)
        elif kind == b"K":
            extensions.target = _until_nul(data)
        elif kind == b"x":
            self._read_records(extensions, data)
        # a global header (g) applies to nothing: Go's reader, and so containerd, only passes it on

    def _read_records(self, extensions: _Extensions, data: bytes) -> None:
        start = 0
        while start < len(data):
            match = _RECORD.match(data, start)
            end = start + int(match[1]) if match else 0
            if match is None or end > len(data) or end <= match.end() or data[end - 1 : end] != b"\n":
                raise self._broken("has a damaged pax header")
            key, equals, value = data[match.end() : end - 1].partition(b"=")
            start = end
            if not equals:
                raise self._broken("has a damaged pax header")
            if not value:
                continue  # Source: Go archive/tar, mergePAX: an empty value keeps what the header has
            if key in (b"path", b"linkpath", b"GNU.sparse.name") and b"\0" in value:
                raise self._broken("has a damaged pax header")
            if key in (b"path", b"GNU.sparse.name"):
                extensions.name = value
            elif key == b"linkpath":
                extensions.target = value
            elif key == b"size":
                extensions.size = self._decimal(value)
            elif key in (b"uid", b"gid"):
                setattr(extensions, key.decode(), self._decimal(value))
            elif key == b"SCHILY.xattr.security.capability":
                extensions.capability = value
            elif key in (b"GNU.sparse.size", b"GNU.sparse.realsize"):
                extensions.real_size = self._decimal(value)

    def _entry(
        self, extensions: _Extensions, header: bytes, kind: bytes, name: bytes, target: bytes, stored: int
    ) -> TarEntry:
        whole = _until_nul(name) if extensions.name is None else extensions.name
        link = _until_nul(target) if extensions.target is None else extensions.target
        shown, points = _text(whole), _text(link)
        self._name = shown
        if extensions.size is not None:
            stored = extensions.size
        for text, of in ((whole, "a name"), (link, "a link")):
            if len(text) > limits.MAX_PATH:
                raise self._broken(f"has {of} of {len(text)} bytes, more than {limits.MAX_PATH}")
        if kind in _HEADER_ONLY:
            stored = 0
        size = stored
        if kind == b"S":
            size = self._size(header[483:495])
            self._pass_sparse_map(header)
        if extensions.real_size is not None:
            size = extensions.real_size
        named: Literal["file", "link", "hard link", "folder", "other"] = _KINDS.get(kind, "other")
        if kind == b"\0" and shown.endswith("/"):
            named = "folder"
        self._content, self._length = self._position, stored + -stored % _BLOCK
        if self._seek and self._content + stored > self._end:
            raise self._broken(f"claims {stored} bytes and is cut off")
        return TarEntry(shown, named, points, size, stored, self._content)

    def _pass_sparse_map(self, header: bytes) -> None:
        more, blocks = header[482], 0
        while more:
            block = self._read(_BLOCK)
            blocks += 1
            if len(block) < _BLOCK or blocks * _BLOCK > limits.MAX_HEADER:
                raise self._broken("has a list of holes that is cut off or too long")
            more = block[504]

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._position += len(data)
        return data

    def _skip(self) -> None:
        """Go on to the next header, wherever the caller has read to."""
        end = self._content + self._length
        if self._seek:
            self._position = self._file.seek(min(end, self._end))
            return
        at = self._file.tell()
        while at < end:
            data = self._file.read(min(_PIECE, end - at))
            if not data:
                raise self._broken("is cut off in its content")
            at += len(data)
        self._position = at

    def _size(self, field: bytes) -> int:
        value = self._number_of(field)
        if value is None or not 0 <= value < 2**63:
            raise self._broken("has a size that is no number of bytes")
        return value

    def _decimal(self, value: bytes) -> int:
        if not value.isdigit() or len(value) > 19 or int(value) >= 2**63:
            raise self._broken("has a size that is no number of bytes")
        return int(value)

    def _number_of(self, field: bytes) -> int | None:
        if field[0] & 0x80:
            number = int.from_bytes(field, "big") & ~(0x80 << 8 * (len(field) - 1))
            return number if not field[0] & 0x40 else -1
        digits = field.strip(b" \0").partition(b"\0")[0]
        return int(digits or b"0", 8) if _OCTAL.fullmatch(digits) else None

    def _broken(self, problem: str) -> ImageError:
        if not self._number:
            return NotTarError(f"{self._what}: is not a tar file")
        return ImageError(f"{self._what}: entry {self._number} {quoted(self._name)} {problem}")


def _until_nul(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
