"""Keeps records of segments between runs: what is asked comes in, the keys of its records go out.

A key is a digest of everything that bears on a record: the text and the name of the file, what lies beside it
that is looked at, all that was asked, and Podproof itself. All records of one way of asking are one file
(`cache_file`), in a folder into which nobody else can write.
"""

import os
import stat
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from ...errors import UsageError
from ...inputs.input import InputFile
from ...inputs.kustomization import Part
from ...inputs.recognise import HELM_FILES, chart_of
from ...manifest.file_text import WHOLE
from ..judging.judge import Judge
from ..judging.selection import Selection, may_ignore
from .cache_file import KEY_SIZE, CacheFile
from .records import Answer, ChunkSummary
from .tasks import Task

__all__ = ["Cache", "open_cache"]

if TYPE_CHECKING:
    from hashlib import blake2b
else:
    from _blake2 import blake2b  # hashlib loads OpenSSL first, which takes as long as a hundred files

_MOST_FILES = 8
"""Ways of asking whose records are kept; the file that was written longest ago is removed first."""
_SUFFIX = ".records"
_TO_WRITE = 3600
"""Seconds within which a file is written: whatever is older and unfinished nobody writes any more."""


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
    """The records of one way of asking: `file` has those of earlier runs, `key` tells how they are found."""

    def __init__(self, folder: str, question: bytes, today: str = "") -> None:
        self._folder = folder
        self._today = today
        self._digest = blake2b(digest_size=KEY_SIZE, key=question)
        self._begun: dict[tuple[str, Part | None], blake2b] = {}
        self.file = CacheFile(os.path.join(folder, question.hex() + _SUFFIX))

    def __bool__(self) -> bool:
        """Say whether it knows anything."""
        return bool(self.file)

    def key(self, file: InputFile, part: Part | None) -> bytes:
        """Give the key of a segment that is read."""
        name, data = file.file, file.data
        folder = name[: name.rfind("/") + 1]
        begun = self._begun.get((folder, part)) or self._begin(folder, part, chart_of(name))
        digest = begun.copy()
        if file.stretch is WHOLE and not may_ignore(data):
            facts = f"{len(name)} {name}\0"
        else:
            # an ignore may expire: what a text with one was found to hold is good for a day
            facts = f"{len(name)} {name} {'' if file.stretch is WHOLE else file.stretch!r} {self._today!r}\0"
        digest.update(facts.encode("utf-8", "surrogatepass"))
        digest.update(data)
        return digest.digest()

    def key_of(self, task: Task) -> bytes:
        """Give the key of a segment that is not a file to read."""
        if task.data is not None:
            return self.key(InputFile(task.file, task.data, task.stretch), task.part)
        digest = self._digest.copy()
        digest.update(repr((task.file, task.listed)).encode("utf-8", "surrogatepass"))
        return digest.digest()

    def _begin(self, folder: str, part: Part | None, chart: object) -> "blake2b":
        """Begin the digests of what lies in a folder: what is beside it bears on it."""
        holds_chart = any(os.path.isfile(os.path.join(folder or ".", name)) for name in HELM_FILES)
        begun = self._begun[folder, part] = self._digest.copy()
        begun.update(f"{(part, chart, holds_chart)!r}\0".encode("utf-8", "surrogatepass"))
        return begun

    def save(self, added: Iterable[tuple[ChunkSummary, Answer]]) -> None:
        """Keep what was added for later runs; nothing is done where that fails."""
        if self.file.save(added):
            with suppress(OSError):
                self._remove_old()

    def _remove_old(self) -> None:
        """Remove what was written longest ago, and what runs left half written that were killed."""
        files = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                question, suffix, rest = entry.name.partition(_SUFFIX)
                if not suffix or len(question) != 2 * KEY_SIZE or not entry.is_file(follow_symlinks=False):
                    continue
                written = entry.stat(follow_symlinks=False).st_mtime
                if not rest:
                    files.append((written, entry.path))
                elif rest.endswith(".tmp") and written < time.time() - _TO_WRITE:
                    os.unlink(entry.path)
        for _, path in sorted(files)[:-_MOST_FILES]:
            os.unlink(path)


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
    return blake2b(encoded, digest_size=KEY_SIZE).digest()


def _digest_of_package() -> list[Any]:
    """Give Python's version, the file that has Podproof's, and size and time of each file of the package."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    files: list[tuple[str, int, int]] = []
    folders = [package]
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    files.append((entry.path[len(package) :], status.st_size, status.st_mtime_ns))
                elif entry.is_dir():
                    folders.append(entry.path)
    with open(os.path.join(package, "__init__.py"), "rb") as stream:
        return [stream.read(), sys.version, sorted(files)]
