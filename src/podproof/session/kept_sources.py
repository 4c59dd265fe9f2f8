"""Keeps what was found so that it can be gone through twice: files come in, their objects go out.

Storage objects and definitions of custom kinds bear on all other objects of a run, wherever they stand. So
all is looked through for them first, and read in its order after that. Each file is taken from the disk once,
since a pipe is empty the second time, and a file may change; what is kept are bytes, never parsed objects.
"""

import marshal
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ..errors import OutputError
from ..inputs import files
from ..inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from ..inputs.kustomization import Part
from ..inputs.objects import EMPTY, ReadObject, read_part, whole_file_reason
from ..kube.custom_schemas import is_definition
from ..manifest.file_text import WHOLE, Stretch
from ..manifest.reader import cut_file
from ..pattern import pattern
from .sources import FoundFile, Unread
from .spool import Span, Spool

__all__ = ["KeptSources", "may_tell"]

_IN_MEMORY = 16 << 20
_BIG = 64 << 10
"""Bytes beyond which a file of many documents is cut."""
_PIECE = 32 << 10

_KINDS = (b"PersistentVolume", b"StorageClass", b"CSIDriver", b"CustomResourceDefinition")
"""With what the names of the kinds begin that bear on others, also in those of lists (StorageClassList)."""

_UNUSUAL = ((b"!", b"!!"), (b"!", b"!<"), (b"%", b"%TAG"))
"""What stands in each text that says `!!binary`, whose value is written in base64, in whatever way; each with
its first byte, which is looked for faster."""

_ESCAPED = pattern(rb"\\[xuU\r\n\xc2\xe2]")
"""What a quoted text has in which a letter is written otherwise, or that goes on behind an escaped line end:
a carriage return, a line feed, and the three of YAML 1.1 that begin with these bytes in UTF-8."""


def may_tell(data: bytes) -> bool:
    """Say whether a text may hold an object that bears on others; in doubt it may."""
    for kind in _KINDS:
        if kind in data:
            return True
    for first, word in _UNUSUAL:
        if first in data and word in data:
            return True
    return b"\\" in data and _ESCAPED.search(data) is not None


_Piece = Span | bytes
"""A file or a stretch of one as it is packed, or where that stands in the spool."""


class _CutFile(msgspec.Struct):
    """The pieces of a file that are kept, and whether something in it is told already."""

    pieces: list[_Piece]
    told: bool


class KeptSources:
    """What was found, to go through twice; memory grows by a few bytes a file."""

    def __init__(self, found: Iterable[Unread | FoundFile | SkippedInput | UnreadableInput]) -> None:
        self._found = found
        self._spool = Spool(_IN_MEMORY)
        self._kept: list[SkippedInput | UnreadableInput | _Piece | _CutFile] = []

    def telling(self) -> Iterator[Any]:
        """Read every file, and give the objects of all that may hold some which bear on others.

        Raises what `found` raises.
        """
        for each in self._found:
            if isinstance(each, Unread):
                file = files.load(each.path)
                if isinstance(file, InputFile):
                    yield from self._keep(file, each.part)
                else:
                    self._kept.append(file)
            elif isinstance(each, FoundFile):
                yield from self._keep(each.file, each.part)
            else:
                self._kept.append(each)

    def _keep(self, file: InputFile, part: Part | None) -> Iterator[Any]:
        """Keep a file, and give the objects of its pieces that may tell others something.

        A piece with nothing but definitions, which are often the largest of a run, is not kept: they make no
        pods, and nothing is said of them.
        """
        pieces: list[_Piece] = []
        told = False
        for piece, tells in _cut(file):
            all_told = tells
            if tells:
                for item in read_part(piece, part):
                    if isinstance(item, InputObject):
                        yield item.value
                    all_told = all_told and isinstance(item, InputObject) and is_definition(item.value)
            if all_told:
                told = True
            else:
                pieces.append(self._pack(piece, part))
        if len(pieces) == 1 and not told:  # nearly every file
            self._kept.append(pieces[0])
        else:
            self._kept.append(_CutFile(pieces, told))

    def _pack(self, piece: InputFile, part: Part | None) -> _Piece:
        plain = None if piece.stretch is WHOLE else msgspec.structs.astuple(piece.stretch)
        packed = marshal.dumps((piece.file, part, piece.data, plain))
        try:
            return self._spool.write(packed)
        except OutputError:  # no room for temporary files: memory has to do
            return packed

    def items(self) -> Iterator[ReadObject]:
        """Give every object, or what stands in its place, once all have told; piece by piece is parsed."""
        for kept in self._kept:
            if isinstance(kept, _CutFile):
                yield from self._joined(kept)
            elif isinstance(kept, SkippedInput | UnreadableInput):
                yield kept
            else:
                yield from self._read(kept)

    def _joined(self, cut: _CutFile) -> Iterator[ReadObject]:
        """Give the objects of a file that was cut, which is only empty where every piece is."""
        empty: ReadObject | None = None
        for piece in cut.pieces:
            for item in self._read(piece):
                if isinstance(item, SkippedInput) and item.reason == EMPTY:
                    empty = empty or item
                else:
                    cut.told = True
                    yield item
        if empty is not None and not cut.told:
            yield empty

    def _read(self, piece: _Piece) -> Iterator[ReadObject]:
        packed = self._spool.read(piece) if isinstance(piece, tuple) else piece
        name, part, data, plain = marshal.loads(packed)
        return read_part(InputFile(name, data, WHOLE if plain is None else Stretch(*plain)), part)


def _cut(file: InputFile) -> Iterator[tuple[InputFile, bool]]:
    """Cut a big file into pieces, and say of each whether it may tell others something.

    A document that may is a piece by itself.
    """
    tells = may_tell(file.data)
    if len(file.data) <= _BIG or whole_file_reason(file) is not None:
        yield file, tells
        return
    waiting: list[bytes] = []
    began, length = WHOLE, 0
    for data, stretch in cut_file(file.data, 1 if tells else _PIECE):
        alone = tells and may_tell(data)
        if waiting and (alone or length >= _PIECE):
            yield InputFile(file.file, b"".join(waiting), began), False
            waiting = []
        if alone:
            yield InputFile(file.file, data, stretch), True
            continue
        if waiting:
            began = msgspec.structs.replace(began, below=stretch.below)
        else:
            began, length = stretch, 0
        waiting.append(data)
        length += len(data)
    if waiting:
        yield InputFile(file.file, b"".join(waiting), began), False
