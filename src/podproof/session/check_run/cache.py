"""Keeps records of segments between runs: a key comes in, the record that an earlier run made goes out.

A key is a digest of everything that bears on a record: the text and the name of the file, what lies beside it
that is looked at, all that was asked, and Podproof itself. All records of one way of asking are one file,
which is only ever replaced as a whole, so that runs beside each other do not disturb each other. What is
damaged, or could have been written by somebody else, is not used.
"""

import os
import stat
from binascii import crc32
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import msgspec

from ...errors import UsageError
from ...inputs.input import InputFile
from ...inputs.recognise import HELM_FILES, chart_of
from ...manifest.document import WHOLE
from ..judging.judge import Judge
from ..judging.selection import Selection, may_ignore
from .records import Known, Record

__all__ = ["Cache", "open_cache"]

_MAGIC = b"podproof records 1\n"
_KEY = 16
_MOST_BYTES = 128 << 20
"""Bytes of the file of one way of asking: of what no run used lately, the rest is dropped."""
_MOST_FILES = 8
"""Ways of asking whose records are kept; the file that was written longest ago is removed first."""
_AHEAD = 64 << 10
"""Bytes that are read at once."""
_SUFFIX = ".records"
_TRAILER = 16

_RECORDS = msgspec.msgpack.Decoder(tuple[bytes, bytes, bytes, bytes])

_Index = dict[bytes, tuple[int, int, int]]
"""By a key, where its record stands, its length and its checksum."""


def open_cache(folder: str, judge: Judge, selection: Selection, report: object) -> "Cache":
    """Open the cache in a folder, which is made if it is not there.

    `report` says how records are rendered, by values that MessagePack has. Raises UsageError: the folder
    cannot be used, or others can write into it.
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.stat(folder)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise UsageError(f"--cache {folder}: cannot be used: {words}") from error
    if not stat.S_ISDIR(status.st_mode):
        raise UsageError(f"--cache {folder}: is not a folder")
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise UsageError(
            f"--cache {folder}: others could write into it: name a folder of your own (chmod go-w {folder})"
        )
    return Cache(folder, _digest_of_question(judge, selection, report), selection.today)


class Cache:
    """The records of one way of asking, as they were when the run began, and what is added to them."""

    def __init__(self, folder: str, question: bytes, today: str = "") -> None:
        self._folder = folder
        self._today = today
        self._digest = blake2b(digest_size=_KEY, key=question)
        self._path = os.path.join(folder, question.hex() + _SUFFIX)
        self._descriptor, self._index = _open(self._path)
        self._ahead = memoryview(b"")
        self._at = 0
        self._used: dict[bytes, None] = {}
        self._beside: dict[str, str] = {}

    def key(self, file: InputFile, part: str | None) -> bytes:
        """Give the key of a segment."""
        name = file.file
        folder = name[: name.rfind("/") + 1]
        beside = self._beside.get(folder)
        if beside is None:
            holds_chart = any(os.path.isfile(os.path.join(folder or ".", chart)) for chart in HELM_FILES)
            beside = self._beside[folder] = repr((chart_of(name), holds_chart))
        stretch = "" if file.stretch is WHOLE else file.stretch
        # an ignore may expire: what a text with one was found to hold is good for a day
        today = self._today if may_ignore(file.data) else ""
        facts = f"{name!r} {part!r} {stretch!r} {beside} {today!r}\0"
        digest = self._digest.copy()
        digest.update(facts.encode("utf-8", "surrogatepass"))
        digest.update(file.data)
        return digest.digest()

    def __bool__(self) -> bool:
        """Say whether it knows anything."""
        return bool(self._index)

    def find(self, file: InputFile, part: str | None) -> Known | None:
        """Give what is known of a segment; None: nothing is."""
        return self.get(self.key(file, part))

    def get(self, key: bytes) -> Known | None:
        """Give the record that has this key; None: there is none, or it is damaged."""
        place = self._index.get(key)
        if place is None:
            return None
        data = self._read(place)
        if data is None:
            return None
        try:
            return Known(key, _RECORDS.decode(data))
        except msgspec.DecodeError:
            return None

    def _read(self, place: tuple[int, int, int]) -> memoryview | None:
        """Read a record, and with it some that stand behind it: they are asked for in their order, mostly."""
        begin, length, checksum = place
        at = begin - self._at
        if not 0 <= at <= len(self._ahead) - length:
            try:
                self._ahead = memoryview(os.pread(self._descriptor, max(length, _AHEAD), begin))
            except OSError:
                return None
            self._at, at = begin, 0
        data = self._ahead[at : at + length]
        return data if len(data) == length and crc32(data) == checksum else None

    def use(self, keys: Iterable[bytes]) -> None:
        """Note that records were used, so that they are kept."""
        self._used.update(dict.fromkeys(keys))

    def save(self, added: Iterable[tuple[bytes, Record]]) -> None:
        """Write the file anew with what was added; nothing is done where nothing was, or where that fails."""
        records = iter(added)
        first = next(records, None)
        if first is None:
            return
        temporary = f"{self._path}.{os.getpid()}.tmp"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            with open(os.open(temporary, flags, 0o600), "wb") as stream:
                index: _Index = {}
                offset = stream.write(_MAGIC)
                for key, data in self._all(first, records):
                    if key not in index and offset + len(data) <= _MOST_BYTES:
                        index[key] = (offset, len(data), crc32(data))
                        offset += stream.write(data)
                table = msgspec.msgpack.encode(index)
                stream.write(table)
                stream.write(offset.to_bytes(8, "little") + crc32(table).to_bytes(8, "little"))
            os.replace(temporary, self._path)
            self._remove_old()
        except (
            OSError
        ):  # a full disk, or another run with this process' number: the next run may have more luck
            with suppress(OSError):
                os.unlink(temporary)

    def _all(
        self, first: tuple[bytes, Record], records: Iterator[tuple[bytes, Record]]
    ) -> Iterator[tuple[bytes, bytes | memoryview]]:
        """Give the records that this run made, then those it used, then the others."""
        yield first[0], msgspec.msgpack.encode(first[1])
        for key, record in records:
            yield key, msgspec.msgpack.encode(record)
        for keys in (self._used, self._index):
            for key in keys:
                data = self._read(self._index[key]) if key in self._index else None
                if data is not None:
                    yield key, data

    def _remove_old(self) -> None:
        with os.scandir(self._folder) as entries:
            files = [
                (entry.stat(follow_symlinks=False).st_mtime, entry.path)
                for entry in entries
                if _is_own(entry)
            ]
        for _, path in sorted(files)[:-_MOST_FILES]:
            os.unlink(path)


def _is_own(entry: os.DirEntry[str]) -> bool:
    name = entry.name.removesuffix(_SUFFIX)
    return name != entry.name and len(name) == 2 * _KEY and entry.is_file(follow_symlinks=False)


def _open(path: str) -> tuple[int, _Index]:
    """Open the file of records; there are none in one that is damaged, or that others could have written."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return -1, {}
    status = os.fstat(descriptor)
    trusted = status.st_uid == os.geteuid() and not status.st_mode & 0o022 and stat.S_ISREG(status.st_mode)
    if not trusted or status.st_size > 2 * _MOST_BYTES:
        return descriptor, {}
    end = status.st_size - _TRAILER
    try:
        trailer = os.pread(descriptor, _TRAILER, max(0, end))
        offset, checksum = int.from_bytes(trailer[:8], "little"), int.from_bytes(trailer[8:], "little")
        if os.pread(descriptor, len(_MAGIC), 0) != _MAGIC or not len(_MAGIC) <= offset <= end:
            return descriptor, {}
        table = os.pread(descriptor, end - offset, offset)
        if crc32(table) != checksum:
            return descriptor, {}
        return descriptor, msgspec.msgpack.decode(table, type=_Index)
    except (OSError, msgspec.DecodeError):
        return descriptor, {}


def _digest_of_question(judge: Judge, selection: Selection, report: object) -> bytes:
    """Tell one way of asking from all others, and one state of Podproof from others."""
    per_file = [(glob, sorted(ids)) for glob, ids in selection.per_file_ignores]
    question: list[Any] = [
        _digest_of_package(),
        (judge.level, judge.version, judge.evaluated_version, judge.kubernetes_version),
        sorted(judge.gates.changed),
        judge.setting,
        sorted(selection.select),
        sorted(selection.ignore),
        sorted(selection.severity.items()),
        (selection.ignoring_refusals, selection.tally, selection.accepted),
        (per_file, selection.folder, os.getcwd()) if per_file else None,
        report,
    ]
    encoded = msgspec.msgpack.Encoder(order="sorted").encode(question)
    return blake2b(encoded, digest_size=_KEY).digest()


def _digest_of_package() -> list[Any]:
    """Give Python's version, the file that has Podproof's, and size and time of each file of the package."""
    import platform

    package = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    files = []
    for folder, _, names in os.walk(package):
        for name in sorted(names):
            if name.endswith(".py"):
                status = os.stat(os.path.join(folder, name))
                files.append((folder[len(package) :], name, status.st_size, status.st_mtime_ns))
    with open(os.path.join(package, "__init__.py"), "rb") as stream:
        return [stream.read(), platform.python_version(), sorted(files)]
