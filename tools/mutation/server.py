"""Runs tests on a mistake: mutants go in, verdicts come out.

Two ways. A mistake is made in a child of a process that has collected all tests already: the child
exchanges the code of the functions that hold it, which every reference to them notices, or runs a module's
assignment again, and then the tests at hand; that takes milliseconds. What runs at import and was not
noticed that way, or cannot be made that way, is served by an import hook to a child that has not imported
the package yet; that takes about a second, and is right whatever was worked out from a value while modules
were imported.

A child that needs more than its share of processor time was caught in a loop: the mistake is noticed.
"""

import ast
import contextlib
import functools
import gc
import importlib
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Literal, NoReturn, Self

import pytest
from _pytest.runner import runtestprotocol

from .operators import Mutant, mutated
from .reach import ROOT, Lines, Reach, Test, Tracer, processor_seconds

# The folders whose tests ask the deciding rooms, in the order in which pytest would find them, and in them
# what only repeats over many objects what others ask.
FOLDERS = (
    "tests/admission", "tests/checks", "tests/conformance", "tests/edits", "tests/effective", "tests/kube",
    "tests/kubelet", "tests/policies", "tests/session",
)  # fmt: skip
LEFT_OUT = (
    "tests/session/test_corpus.py",
    "tests/session/test_explain_agrees.py",
    "tests/admission/test_damaged_files.py",
)
OPTIONS = [
    "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", "-m", "not slow",
    "--inline-snapshot", "disable", "--continue-on-collection-errors",
]  # fmt: skip
ELAPSED = 120.0  # seconds after which a child that sleeps is ended as well; generous, for loaded machines

LOG = ROOT / ".podproof/mutation/pytest.log"

Verdict = Literal["killed", "survived", "timeout", "unfit"]
_EXIT: dict[int, Verdict] = {0: "survived", 1: "killed", 3: "unfit"}
Key = tuple[str, int]


def warm() -> None:
    """Import what tests import, except the package, so that children need not."""
    for name in ("hypothesis", "inline_snapshot", "jsonschema", "click.testing", "yaml", "msgspec", "json"):
        importlib.import_module(name)


def run_child(work: Callable[[], int], seconds: float) -> Verdict:
    """Run `work` in a forked child and judge by what it returns: 0 survived, 1 killed, 3 unfit.

    `seconds` of processor time are what the child may use before it counts as caught in a loop.
    """
    child = os.fork()
    if child == 0:
        _in_child(work, seconds)
    deadline = time.monotonic() + ELAPSED + seconds
    pause = 0.001
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "timeout"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) == signal.SIGPROF else "killed"
    return _EXIT.get(os.WEXITSTATUS(status), "killed")


def _in_child(work: Callable[[], int], seconds: float) -> NoReturn:
    outcome = 1
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        most = 3 << 30  # bytes: a list that grows for ever ends here
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        with open(os.devnull, "r+b") as nothing:
            for stream in (0, 1, 2):
                os.dup2(nothing.fileno(), stream)
        outcome = work()
    except BaseException:  # noqa: BLE001 - whatever a mistake raises, it was noticed
        outcome = 1
    os._exit(outcome)


class Server:
    """A process that has collected the tests, and the pipe to it."""

    def __init__(self, wanted: dict[str, set[int]] | None, files: Sequence[str] = ()) -> None:
        """Start it. `wanted` are the lines to be traced, as Tracer has them; `files` are files and folders of
        tests to be collected, instead of all.
        """
        ours, theirs = Pipe()
        self.connection = ours
        self.process = os.fork()
        if self.process == 0:
            ours.close()
            _serve(theirs, Tracer(wanted), files)
        theirs.close()

    def reach(self, known: dict[str, Test]) -> Reach:
        """Trace the tests that are not `known`.

        Raises RuntimeError: the tests cannot be collected, or end the process.
        """
        self.connection.send(("reach", known))
        try:
            answer: Reach | None = self.connection.recv()
        except (EOFError, ConnectionError):
            answer = None
        if answer is None:
            raise RuntimeError(f"the tests do not run; pytest's words are in {LOG}")
        return answer

    def judge(self, mutant: Mutant, tests: Sequence[Test]) -> tuple[Verdict, str]:
        """Run tests until one fails, and name it; "unfit": the mistake cannot be made while running."""
        self.connection.send(("judge", mutant, [t.id for t in tests], _allowance(tests)))
        verdict, test = self.connection.recv()
        return verdict, test

    def close(self) -> None:
        self.connection.close()
        os.waitpid(self.process, 0)


def _allowance(tests: Iterable[Test]) -> float:
    return 2.0 + 5 * sum(t.seconds for t in tests)


def _serve(connection: Connection, tracer: Tracer, files: Sequence[str]) -> NoReturn:
    tracer.start()
    # What pytest prints is of no interest unless the tests cannot be collected.
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    places = files or [f for f in FOLDERS if (ROOT / f).is_dir()]
    ignored = [f"--ignore={f}" for f in LEFT_OUT]
    with contextlib.suppress(BaseException):
        pytest.main([*OPTIONS, *ignored, *places], plugins=[_Collected(connection, tracer)])
    os._exit(0)


def is_random(item: pytest.Item) -> bool:
    """Say whether hypothesis makes up a test's input: whether such a test finds a mistake is luck."""
    return getattr(getattr(item, "obj", None), "is_hypothesis_test", False)


class _Collected:
    """The plugin that answers the pipe when pytest has collected."""

    def __init__(self, connection: Connection, tracer: Tracer) -> None:
        self.connection = connection
        self.tracer = tracer
        self.uncollected: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.uncollected.append(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.tracer.stop()
        at_import = self.tracer.take()
        items = {item.nodeid: item for item in session.items if not is_random(item)}
        live = Live()
        gc.collect()
        gc.freeze()
        while True:
            try:
                request = self.connection.recv()
            except EOFError:
                os._exit(0)
            if request[0] == "reach":
                # The tests may not be traced in this process: they would leave things behind.
                self.connection.send(_in_a_fork(partial(self.trace, items, live, request[1], at_import)))
            else:
                _, mutant, ids, seconds = request
                self.connection.send(self.judge(live, mutant, [items[i] for i in ids if i in items], seconds))

    def trace(
        self, items: dict[str, pytest.Item], live: "Live", known: dict[str, Test], at_import: Lines
    ) -> Reach:
        reach = Reach(at_import=at_import, broken=list(self.uncollected))
        ordered = list(items.values())
        for item, following in zip(ordered, [*ordered[1:], None], strict=True):
            if item.nodeid in known:
                reach.tests[item.nodeid] = known[item.nodeid]
                continue
            live.forget()
            begun = processor_seconds()
            self.tracer.start()
            reports = runtestprotocol(item, log=False, nextitem=following)
            self.tracer.stop()
            seconds, lines = processor_seconds() - begun, self.tracer.take()
            if any(r.failed for r in reports):
                reach.broken.append(item.nodeid)
            elif not any(r.skipped for r in reports):
                reach.tests[item.nodeid] = Test(item.nodeid, round(seconds, 4), lines)
        return reach

    def judge(
        self, live: "Live", mutant: Mutant, items: list[pytest.Item], seconds: float
    ) -> tuple[Verdict, str]:
        with _Progress() as progress:

            def work() -> int:
                if not live.put_in(mutant):
                    return 3
                return int(progress.run(items))

            verdict = run_child(work, seconds)
        return verdict, items[progress.last].nodeid if progress.last >= 0 and verdict != "survived" else ""


class _Progress:
    """Runs tests in a child, and knows in its parent which was the last: `last`, from 0; -1 means none."""

    last = -1

    def __enter__(self) -> Self:
        self._parent, self._child = os.pipe()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._child)
        with open(self._parent, "rb") as numbers:
            last = numbers.read()[-2:]
        if last:
            self.last = int.from_bytes(last)

    def run(self, items: Sequence[pytest.Item]) -> bool:
        """Run tests until one fails, and say whether one does."""
        for at, (item, following) in enumerate(_pairs(items)):
            os.write(self._child, at.to_bytes(2))
            if any(r.failed for r in runtestprotocol(item, log=False, nextitem=following)):
                return True
        return False


def _in_a_fork(work: Callable[[], Any]) -> Any:
    """Work in a child and give what it returns; None when the child ends before that."""
    ours, theirs = Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            theirs.send(work())
        os._exit(0)
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        return None
    finally:
        os.waitpid(child, 0)


class Live:
    """The functions of this process whose code can be exchanged, and the caches to be emptied."""

    def __init__(self) -> None:
        package = f"{ROOT}/src/podproof/"
        self.functions: dict[str, dict[Key, list[FunctionType]]] = {}
        self.caches: list[Any] = []
        for thing in gc.get_objects():
            if type(thing) is FunctionType and thing.__code__.co_filename.startswith(package):
                code = thing.__code__
                self.functions.setdefault(code.co_filename, {}).setdefault(_key(code), []).append(thing)
            elif type(thing) is functools._lru_cache_wrapper and thing.__module__.startswith("podproof"):
                self.caches.append(thing)

    def forget(self) -> None:
        for one in self.caches:
            one.cache_clear()

    def put_in(self, mutant: Mutant) -> bool:
        """Make the mistake in this process; False when that cannot be done."""
        path = ROOT / mutant.path
        source = path.read_text(encoding="utf-8")
        tree = mutated(source, mutant.index)
        if mutant.function == "<module>":
            done = self.assign_again(path, source, tree)
        else:
            done = self.exchange(path, source, tree)
        self.forget()
        return done

    def exchange(self, path: Path, source: str, tree: ast.Module) -> bool:
        """Exchange the code of every function that the mistake is in."""
        old = _codes(compile(source, str(path), "exec"))
        new = _codes(compile(tree, str(path), "exec"))
        if old.keys() != new.keys():
            return False
        exchanged = False
        for key, functions in self.functions.get(str(path), {}).items():
            if key not in new or old[key] == new[key]:
                continue
            if len(new[key]) != 1:
                return False
            for function in functions:
                try:
                    function.__code__ = new[key][0]
                except ValueError:  # another number of free variables
                    return False
                exchanged = True
        return exchanged

    def assign_again(self, path: Path, source: str, tree: ast.Module) -> bool:
        """Run a module's changed assignment again, and give the value to all who imported the name."""
        module = sys.modules.get(module_name(path))
        changed = [
            new
            for old, new in zip(ast.parse(source).body, tree.body, strict=False)
            if ast.dump(old) != ast.dump(new)
        ]
        if module is None or len(changed) != 1 or not isinstance(changed[0], ast.Assign | ast.AnnAssign):
            return False
        statement = changed[0]
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        before = {name: vars(module)[name] for name in names}
        exec(compile(ast.Module([statement], []), str(path), "exec"), vars(module))
        for other in list(sys.modules.values()):
            for name, value in before.items():
                namespace = getattr(other, "__dict__", {})
                if namespace.get(name) is value:
                    namespace[name] = vars(module)[name]
        return bool(names)


def module_name(path: Path) -> str:
    """Give the name under which a file of the package is imported."""
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _key(code: CodeType) -> Key:
    return code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> dict[Key, list[CodeType]]:
    found: dict[Key, list[CodeType]] = {}

    def visit(code: CodeType) -> None:
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                found.setdefault(_key(constant), []).append(constant)
                visit(constant)

    visit(code)
    return found


# --- mistakes in what runs at import


class _Mutated(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.mutated_code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return self.mutated_code


class _Finder:
    """Serves the mutated module, and leaves all others to Python."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        package = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name,
            self.path,
            loader=_Mutated(name, str(self.path), self.code),
            submodule_search_locations=package,
        )


class _Chosen:
    """The plugin that runs the chosen tests in the order given, until one fails."""

    def __init__(self, ids: list[str], progress: _Progress) -> None:
        self.order = {id: at for at, id in enumerate(ids)}
        self.progress = progress
        self.failed = False

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.order), key=lambda i: self.order[i.nodeid])

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.failed = bool(session.testsfailed) or self.progress.run(session.items)
        return True


def _pairs(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def judge_import(mutant: Mutant, tests: Sequence[Test]) -> tuple[Verdict, str]:
    """Run tests in a child that imports the mutated module until one fails, and name it.

    When already the collection fails, the first test is named.
    """
    path = ROOT / mutant.path
    name = module_name(path)
    files = sorted({t.file for t in tests})

    with _Progress() as progress:

        def work() -> int:
            code = compile(mutated(path.read_text(encoding="utf-8"), mutant.index), str(path), "exec")
            sys.meta_path.insert(0, _Finder(name, path, code))  # type: ignore[arg-type]
            chosen = _Chosen([t.id for t in tests], progress)
            status = pytest.main([*OPTIONS, *files], plugins=[chosen])
            return 0 if not chosen.failed and status in {0, 5} else 1

        verdict = run_child(work, 20.0 + _allowance(tests))
    return verdict, tests[max(progress.last, 0)].id if verdict != "survived" else ""
