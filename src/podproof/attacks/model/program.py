"""Programs for the attack helper: system calls are written down here as data, and read back as answers.

Calls come in by name with texts, numbers and earlier results as arguments; out go the bytes that
`runtimes/helper/machine.c` reads, and, from the lines that it printed, what each call answered.
"""

import errno
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from .syscalls import number

__all__ = ["Argument", "CallResult", "Data", "EarlierResult", "Named", "Program", "Script"]

MAGIC = b"podproof"
RECORDS = 4096
SIZE = 512 * 1024
"""The helper's limits: number of records, bytes of the whole program. Source: machine.c."""

_CALL, _FORK, _EXIT, _JUMP, _PRINT, _LOAD, _STORE = range(7)
_ALWAYS, _ZERO, _NEGATIVE, _POSITIVE = range(4)
_MASK = 2**64 - 1

_ADDRESSES_ON_STACK = 8  # bytes of a pointer on both machines


class Named(int):
    """A number that is shown by the name which the headers give it: `O_WRONLY|O_CREAT`."""

    text: str

    def __new__(cls, text: str, value: int) -> "Named":
        made = super().__new__(cls, value)
        made.text = text
        return made


class Data(msgspec.Struct, frozen=True):
    """A place in the program's data block; `shown` is how it looks among a call's arguments."""

    offset: int
    shown: str


class EarlierResult(msgspec.Struct, frozen=True):
    """The result of an earlier record of the same process."""

    record: int
    shown: str = "fd"


Argument = int | str | Data | EarlierResult


class CallResult(msgspec.Struct, frozen=True):
    """What one call answered: `value` is negative for an errno, None when the call was never reached.

    `mask`: the value is shown in hexadecimal, as the kernel shows sets.
    """

    step: str
    call: str
    value: int | None
    mask: bool = False

    @property
    def errno(self) -> str | None:
        """Name the error, `EPERM`; None when there was none or no answer."""
        if self.value is None or self.value >= 0:
            return None
        return errno.errorcode.get(-self.value, str(-self.value))

    def __str__(self) -> str:
        """Write the call as strace does: `setresuid(0, 0, 0) = -1 EPERM (Operation not permitted)`."""
        if self.value is None:
            return f"{self.call} = ? (not reached)"
        if self.errno is None:
            return f"{self.call} = {self.value:#x}" if self.mask else f"{self.call} = {self.value}"
        return f"{self.call} = -1 {self.errno} ({os.strerror(-self.value)})"


class Program:
    """The whole of what one helper process does: scripts, each in a child of its own."""

    def __init__(self, architecture: str, path: str) -> None:
        """`path` is where the encoded program will be in the container, for scripts that run it again."""
        self.architecture = architecture
        self.path = path
        self._records: list[tuple[int, int, tuple[int, ...]]] = []
        self._data = bytearray()
        self._texts: dict[bytes, int] = {}
        self._steps: list[tuple[str, str, str, bool]] = []

    @contextmanager
    def script(self, key: str) -> Iterator["Script"]:
        """Open the script of one trial, a child that is waited for; `key` finds its answers again."""
        fork = self._add(_FORK)
        yield Script(self, key)
        self._add(_EXIT, 0, 0)
        self._jump_to_here(fork)
        self._add(_CALL, number(self.architecture, "wait4"), EarlierResult(fork), 0, 0, 0)

    def finish(self, tag: str) -> None:
        """Print a last line, by which the reader knows that nothing is missing."""
        self._print(tag, "", "end", 0)

    @property
    def last_tag(self) -> int:
        """Give the number that the last printed line begins with."""
        return len(self._steps) - 1

    def encode(self) -> bytes:
        """Write the bytes that the helper reads. Raises ValueError: more than it takes."""
        out = [struct.pack("<8s7Q", MAGIC, 1, len(self._records), len(self._data), 0, 0, 0, 0)]
        for operation, value, words in self._records:
            out.append(struct.pack("<8Q", operation, value & _MASK, *(word & _MASK for word in words)))
        encoded = b"".join((*out, bytes(self._data)))
        if len(self._records) > RECORDS or len(encoded) > SIZE:
            raise ValueError(f"program of {len(self._records)} records and {len(encoded)} bytes is too large")
        return encoded

    def answers(self, output: str) -> Mapping[str, tuple[CallResult, ...]]:
        """Read the helper's lines: for each key its answers, in the order in which they were written down."""
        values: dict[int, int] = {}
        for line in output.splitlines():
            tag, _, value = line.partition(" ")
            if tag.isdigit() and value.lstrip("-").isdigit():
                values[int(tag)] = int(value)
        results: dict[str, list[CallResult]] = {}
        for tag_number, (key, step, call, mask) in enumerate(self._steps):
            results.setdefault(key, []).append(CallResult(step, call, values.get(tag_number), mask))
        return {key: tuple(answers) for key, answers in results.items()}

    def _add(self, operation: int, value: int = 0, *arguments: Argument) -> int:
        words = [0] * 6
        for index, argument in enumerate(arguments):
            kind = 0
            if isinstance(argument, str):
                argument = self.text(argument)
            if isinstance(argument, Data):
                kind, words[index] = 1, argument.offset
            elif isinstance(argument, EarlierResult):
                kind, words[index] = 2, argument.record
            else:
                words[index] = int(argument)
            operation |= kind << (8 + 2 * index)
        self._records.append((operation, value, tuple(words)))
        return len(self._records) - 1

    def _jump_to_here(self, record: int) -> None:
        operation, _, words = self._records[record]
        self._records[record] = (operation, len(self._records), words)

    def _print(self, key: str, step: str, call: str, value: Argument, *, mask: bool = False) -> None:
        self._steps.append((key, step, call, mask))
        self._add(_PRINT, len(self._steps) - 1, value)

    def text(self, text: str) -> Data:
        """Put a text that ends in NUL into the data; the same text is there once."""
        raw = text.encode() + b"\0"
        if raw not in self._texts:
            self._texts[raw] = self.block(raw).offset
        return Data(self._texts[raw], f'"{text}"')

    def block(self, raw: bytes, shown: str = "...") -> Data:
        """Put bytes into the data, aligned for any structure; the program may write them."""
        self._data += bytes(-len(self._data) % 16)
        offset = len(self._data)
        self._data += raw
        return Data(offset, shown)

    def patch(self, data: Data, raw: bytes) -> None:
        """Overwrite bytes that `block` put there."""
        self._data[data.offset : data.offset + len(raw)] = raw


class Script:
    """The steps of one trial, in the order in which its process takes them."""

    def __init__(self, program: Program, key: str) -> None:
        self._program = program
        self._key = key

    def call(self, name: str, *arguments: Argument, step: str = "") -> EarlierResult:
        """Make a system call and print its result under `step` (its own name unless told)."""
        record = self._program._add(_CALL, number(self._program.architecture, name), *arguments)
        shown = ", ".join(_shown(argument) for argument in arguments)
        self._program._print(self._key, step or name, f"{name}({shown})", EarlierResult(record))
        return EarlierResult(record)

    def quietly(self, name: str, *arguments: Argument) -> EarlierResult:
        """Make a system call whose result is no evidence: tidying up, mostly."""
        return EarlierResult(self._program._add(_CALL, number(self._program.architecture, name), *arguments))

    def block(self, raw: bytes, shown: str = "...") -> Data:
        """Put bytes into the data for a call to read or write."""
        return self._program.block(raw, shown)

    def touch(self, path: str) -> None:
        """Make an empty file, as a sign for others."""
        self.quietly("openat", _AT_FDCWD, path, _O_CREATE, 0o666)

    def show(self, data: Data, offset: int, size: int, *, step: str, call: str) -> None:
        """Print a mask of `size` bytes (at most 7, so never negative) that a call wrote into `data`."""
        place = Data(data.offset + offset, data.shown)
        record = self._program._add(_LOAD, 0, place, size)
        self._program._print(self._key, step, call, EarlierResult(record), mask=True)

    def set_bit(self, data: Data, offset: int, bit: int) -> None:
        """Set one bit of a 32-bit word in the data; of its byte, the other bits are cleared."""
        place = Data(data.offset + offset + bit // 8, data.shown)
        self._program._add(_STORE, 0, place, 1, 1 << bit % 8)

    @contextmanager
    def unless_failed(self, result: EarlierResult) -> Iterator[None]:
        """Take the steps inside only when an earlier call succeeded."""
        jump = self._program._add(_JUMP, 0, result, _NEGATIVE)
        yield
        self._program._jump_to_here(jump)

    def wait_for(self, path: str, milliseconds: int = 2) -> None:
        """Sleep until a file is there: how several helpers take a step together."""
        nap = self.block(struct.pack("<qq", 0, milliseconds * 1_000_000))
        look = self.quietly("faccessat", _AT_FDCWD, path, 0)
        done = self._program._add(_JUMP, 0, look, _ZERO)
        self.quietly("nanosleep", nap, 0)
        self._program._add(_JUMP, look.record, 0, _ALWAYS)
        self._program._jump_to_here(done)

    @contextmanager
    def executed(self, path: str) -> Iterator[None]:
        """Execute another copy of the helper, which takes the steps inside."""
        program = self._program
        start = self.block(bytes(8))
        argv = self.block(bytes(4 * _ADDRESSES_ON_STACK), f'["{path}"]')
        for index, argument in enumerate((program.text(path), program.text(program.path), start)):
            place = Data(argv.offset + index * _ADDRESSES_ON_STACK, "")
            program._add(_STORE, 0, place, _ADDRESSES_ON_STACK, argument)
        self.call("execve", path, argv, Named("NULL", 0), step="execve")
        program._add(_EXIT, 0, 0)
        program.patch(start, str(len(program._records)).encode())
        yield


_AT_FDCWD = Named("AT_FDCWD", -100)
_O_CREATE = 0o301  # O_WRONLY|O_CREAT|O_EXCL


def _shown(argument: Argument) -> str:
    if isinstance(argument, Named):
        return argument.text
    if isinstance(argument, str):
        return f'"{argument}"'
    if isinstance(argument, (Data, EarlierResult)):
        return argument.shown
    return str(int(argument))
