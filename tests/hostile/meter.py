"""What a command costs: processor time and memory of a child process, above those of an empty run.

The child is a fork of a process that has imported what a command needs and done nothing else, so that only
the work on its input is counted, and none of it finds room in memory that tests have left free. Processor
time is counted in rounds of a piece of work that is timed before and after it: machines and moments differ,
and other processes take caches and half of a core away.

Run as a program, this is that process: a line of JSON for each child comes in, one with its cost goes out.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
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


def _run(arguments: Sequence[str], seconds: int) -> int:
    """Run a command line; it is ended after so many seconds of processor time."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    from podproof.commands import run_command

    return run_command(list(arguments))


def _fork(work: Callable[[], int]) -> tuple[float, float, int]:
    """Do work in a child that prints nothing; its processor seconds, peak in megabytes and exit code."""
    child = os.fork()
    if child == 0:
        code = 98
        try:
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
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self._file("warm.yaml", _WARM))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _fork(self, *request: object) -> tuple[float, float, int]:
        """Have a child run a command line for at most so many seconds, do the piece of work, or nothing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        seconds, megabytes, code = json.loads(self._process.stdout.readline())
        return seconds, megabytes, code

    def _calibrate(self) -> float:
        """Time the piece of work in a child; seconds of processor time, without those of an empty child."""
        empty, _, _ = self._fork("nothing")
        spent, _, _ = self._fork("work")
        return max(spent - empty, 1e-3)

    def _file(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(data)
        return path

    def measure(self, arguments: Sequence[str], data: bytes, name: str = "input.yaml") -> Cost:
        """Run `podproof ARGUMENTS FILE` on a file that holds `data`."""
        empty = self._empty.get(tuple(arguments))
        if empty is None:
            path = self._file("empty.yaml", _WARM)
            spent, peak, _ = self._fork("run", [*arguments, str(path)], self._seconds)
            empty = self._empty[tuple(arguments)] = (spent, peak)
        path = self._file(name, data)
        before = self._calibrate()
        spent, peak, code = self._fork("run", [*arguments, str(path)], self._seconds)
        scale = ROUND / ((before + self._calibrate()) / 2)
        return Cost(max(0.0, spent - empty[0]) * scale, max(0.0, peak - empty[1]), code)


_WARM = (
    b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    b"spec: {containers: [{name: c, image: i}], hostPID: x, b: 1}\n"
)


def _serve(warm: str) -> None:
    """Import what the verbs need, then fork a child for each request."""
    from podproof.commands import run_command

    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
        for verb in ("check", "explain", "admit"):
            run_command([verb, warm, "--output", os.devnull])
    works: dict[str, Callable[..., int]] = {"run": _run, "work": _work, "nothing": int}
    for line in sys.stdin:
        name, *given = json.loads(line)
        print(json.dumps(_fork(lambda: works[name](*given))), flush=True)  # noqa: B023 - it is over by then


if __name__ == "__main__":
    _serve(sys.argv[1])
