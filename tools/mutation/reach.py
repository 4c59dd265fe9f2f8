"""Which tests run which lines of the deciding rooms, and for how long: tests go in, one `Reach` comes out.

A test is traced alone, with every cache of the package emptied before it, so that what it reaches does not
hang on the tests before it. What runs while modules are imported and tests are collected is kept apart as
`at_import`.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/podproof"
ROOMS = ("kube", "effective", "kubelet", "checks", "policies", "admission", "edits", "fixes")
DECIDE_WITH = {
    "fixes": ("session/fix/objects.py", "session/fix/object_plan.py", "session/fix/worse.py"),
}
"""Files of rooms that do input and output that decide for a room, which tests them with its own."""

Lines = dict[str, list[int]]  # path, counted from the checkout → lines, 1-based


@dataclass
class Test:
    """A test by its node id: the lines it runs and the seconds of processor time it takes when traced."""

    id: str
    seconds: float
    lines: Lines

    @property
    def file(self) -> str:
        return self.id.partition("::")[0]


@dataclass
class Reach:
    """What all the tests reach. `broken` names tests that fail without any mistake: they say nothing."""

    tests: dict[str, Test] = field(default_factory=dict)
    at_import: Lines = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @cached_property
    def _by_line(self) -> dict[str, dict[int, list[str]]]:
        found: dict[str, dict[int, list[str]]] = {}
        for test in self.tests.values():
            for path, lines in test.lines.items():
                of_path = found.setdefault(path, {})
                for line in lines:
                    of_path.setdefault(line, []).append(test.id)
        return found

    def covering(self, path: str, first: int, last: int) -> list[Test]:
        """Give the tests that run one of the lines first..last."""
        lines = self._by_line.get(path, {})
        ids = {id for line in range(first, last + 1) for id in lines.get(line, ())}
        return [self.tests[id] for id in sorted(ids)]

    def touching(self, path: str) -> list[Test]:
        """Give the tests that run any line of a module."""
        return [t for t in self.tests.values() if path in t.lines]

    def runs_at_import(self, path: str, first: int, last: int) -> bool:
        wanted = range(first, last + 1)
        return any(line in wanted for line in self.at_import.get(path, ()))


class _Code:
    """The code of one function, and which of its lines are `left` to be seen: when none is, it need not be
    traced.
    """

    def __init__(self, code: CodeType) -> None:
        self.code = code  # kept, so that nothing else gets its id
        # The head of a function has a line and never runs; a function on one line has no other.
        lines = {number for _, _, number in code.co_lines() if number is not None}
        self.lines = lines - {code.co_firstlineno} or lines
        self.left = set(self.lines)
        left, discard = self.left, self.left.discard

        def line(frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
            if event == "line":
                discard(frame.f_lineno)
                if not left:
                    frame.f_trace_lines = False
            return line

        self.line = line

    def take(self) -> set[int]:
        """Give the lines that were seen since the last time; the first counts as one of them."""
        seen = self.lines - self.left | {self.code.co_firstlineno}
        self.left |= self.lines
        return seen


class Tracer:
    """Collects the lines that run in the deciding rooms, until `take` is called.

    `wanted`, paths and lines, limits it to the functions that hold one of the lines, which takes half the
    time; None means all. Line 0 says that any function of the module ran.
    """

    def __init__(self, wanted: dict[str, set[int]] | None = None) -> None:
        self._lines: dict[str, set[int]] = {}
        self._modules: dict[str, set[int] | None] = {}
        self._codes: dict[int, _Code] = {}
        self._called: dict[int, _Code] = {}
        self._functions: dict[tuple[str, int], bool] = {}
        self._wanted = None if wanted is None else {str(ROOT / path): lines for path, lines in wanted.items()}
        self._prefixes = (
            *(f"{PACKAGE}/{room}/" for room in ROOMS),
            *(f"{PACKAGE}/{file}" for files in DECIDE_WITH.values() for file in files),
        )

    def start(self) -> None:
        sys.settrace(self._call)

    def stop(self) -> None:
        sys.settrace(None)

    def take(self) -> Lines:
        """Give the lines so far and forget them."""
        for called in self._called.values():
            self._lines.setdefault(called.code.co_filename, set()).update(called.take())
        taken = {
            str(Path(name).relative_to(ROOT)): sorted(lines) for name, lines in self._lines.items() if lines
        }
        self._lines, self._modules, self._called = {}, {}, {}
        return taken

    def _call(self, frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
        code = frame.f_code
        name = code.co_filename
        try:
            lines = self._modules[name]
        except KeyError:
            lines = self._lines.setdefault(name, set()) if name.startswith(self._prefixes) else None
            self._modules[name] = lines
        if lines is None:
            return None
        lines.add(0)
        if self._wanted is not None and not self._holds_wanted(code):
            return None
        key = id(code)
        called = self._called.get(key)
        if called is None:
            if key not in self._codes:
                self._codes[key] = _Code(code)
            called = self._called[key] = self._codes[key]
        return called.line if called.left else None

    def _holds_wanted(self, code: CodeType) -> bool:
        key = code.co_filename, code.co_firstlineno
        known = self._functions.get(key)
        if known is None:
            wanted = (self._wanted or {}).get(code.co_filename, set())
            known = any(number in wanted for _, _, number in code.co_lines())
            self._functions[key] = known
        return known


def processor_seconds() -> float:
    return time.process_time()


def digest(paths: Iterable[Path]) -> str:
    """Sum up files, names and contents; 16 hexadecimal digits."""
    whole = hashlib.sha256(sys.version.encode())
    for path in sorted(paths):
        whole.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


class Store:
    """Keeps what was traced in .podproof, for as long as the package and a test's file are what they were."""

    def __init__(self) -> None:
        self.path = ROOT / ".podproof/mutation/reach.json"
        self.package = digest(PACKAGE.rglob("*.py"))
        self._digests: dict[str, str] = {}

    def digest_of(self, file: str) -> str:
        """Sum up a test's file with what lies beside it and helps it: modules that are no tests, and data."""
        if file not in self._digests:
            path = ROOT / file
            beside = [p for p in path.parent.iterdir() if p.is_file() and self._helps(p)]
            self._digests[file] = digest({path, *beside})
        return self._digests[file]

    def _helps(self, path: Path) -> bool:
        return path.suffix in {".py", ".json", ".yaml"} and not path.name.startswith("test_")

    def load(self) -> dict[str, Test]:
        """Give the tests whose lines are still true: none when the package changed."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if kept["package"] != self.package:
            return {}
        fresh = {f for f, d in kept["files"].items() if (ROOT / f).exists() and self.digest_of(f) == d}
        tests = [Test(*test) for test in kept["tests"]]
        return {t.id: t for t in tests if t.file in fresh}

    def save(self, reach: Reach) -> None:
        files = {t.file for t in reach.tests.values()} - {i.partition("::")[0] for i in reach.broken}
        text = json.dumps(
            {
                "package": self.package,
                "files": {f: self.digest_of(f) for f in sorted(files)},
                "tests": [[t.id, t.seconds, t.lines] for t in reach.tests.values() if t.file in files],
            }
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(text, encoding="utf-8")
