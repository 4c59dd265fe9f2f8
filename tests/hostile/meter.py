"""What a command costs: processor time and memory of a child process, above those of an empty run.

The child is a fork of this process, in which everything that a command imports is there already, so that only
the work on its input is counted. Processor time is counted in rounds of a piece of work that is timed before
and after it: machines and moments differ, and other processes take caches and half of a core away.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

ROUND = 0.022
"""Processor seconds that `_work` takes on the machine that the limits are stated for."""


class Cost(msgspec.Struct, frozen=True):
    """What a command cost above an empty run: `seconds` of processor time, scaled, and `megabytes` at most.

    `code` is its exit code; negative: the signal that ended it, as for `subprocess`.
    """

    seconds: float
    megabytes: float
    code: int


def _work() -> int:
    """Do what Podproof does: read, walk and write nested values, more of them than a core's cache holds."""
    written = json.dumps([{"name": f"n{number}", "at": [number, {"of": "x"}]} for number in range(6000)])
    lines = []
    for entry in json.loads(written):
        number, nested = entry["at"]
        lines.append(f"{entry['name']}:{number}: {nested['of']}")
    return len("\n".join(sorted(lines)))


def calibrate() -> float:
    """Time that work in a child of its own; seconds of processor time, without those of an empty child."""
    empty, _, _ = _fork(lambda: 0)
    spent, _, _ = _fork(_work)
    return max(spent - empty, 1e-3)


def run_in_fork(arguments: Sequence[str], seconds: int) -> tuple[float, float, int]:
    """Run a command line; its processor seconds, its peak in megabytes and its exit code.

    It is ended after `seconds` of processor time.
    """

    def run() -> int:
        # pytest's own streams lead to a file, whatever stands behind the numbers 1 and 2
        sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - to the end
        sys.stderr = open(2, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - to the end
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        from podproof.commands import run_command

        return run_command(list(arguments))

    return _fork(run)


def _fork(work: Callable[[], int]) -> tuple[float, float, int]:
    """Do work in a child that prints nothing; its processor seconds, peak in megabytes and exit code."""
    child = os.fork()
    if child == 0:
        code = 98
        try:
            gc.freeze()  # what the tests before have left behind is not gone through again and again
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            code = work() & 0xFF
        finally:
            os._exit(code)
    _, status, usage = os.wait4(child, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


class Meter:
    """Measures commands on inputs; the verbs' modules are imported once, and an empty run is subtracted."""

    def __init__(self, folder: Path, seconds: int = 60) -> None:
        self._folder = folder
        self._seconds = seconds
        self._empty: dict[tuple[str, ...], tuple[float, float]] = {}
        self._warm()

    def _warm(self) -> None:
        from podproof.commands import run_command

        with (
            open(os.devnull, "w") as null,
            contextlib.redirect_stdout(null),
            contextlib.redirect_stderr(null),
        ):
            for arguments in (("check",), ("explain",), ("admit",)):
                run_command([*arguments, str(self._file("warm.yaml", _WARM)), "--output", os.devnull])

    def _file(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(data)
        return path

    def measure(self, arguments: Sequence[str], data: bytes, name: str = "input.yaml") -> Cost:
        """Run `podproof ARGUMENTS FILE` on a file that holds `data`."""
        empty = self._empty.get(tuple(arguments))
        if empty is None:
            path = self._file("empty.yaml", _WARM)
            spent, peak, _ = run_in_fork([*arguments, str(path)], self._seconds)
            empty = self._empty[tuple(arguments)] = (spent, peak)
        path = self._file(name, data)
        before = calibrate()
        spent, peak, code = run_in_fork([*arguments, str(path)], self._seconds)
        scale = ROUND / ((before + calibrate()) / 2)
        return Cost(max(0.0, spent - empty[0]) * scale, max(0.0, peak - empty[1]), code)


_WARM = (
    b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    b"spec: {containers: [{name: c, image: i}], hostPID: x, b: 1}\n"
)
