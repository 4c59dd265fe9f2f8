"""A process that has collected the tests and runs some of them on a mistake: mutants go in, verdicts come
out.

The mistake is made in a child of that process (`live`), which takes milliseconds. What runs at import and was
not noticed that way, or cannot be made that way, is for `at_import`.
"""

import contextlib
import gc
import importlib
import os
from collections.abc import Sequence
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import NoReturn

import pytest
from _pytest.runner import runtestprotocol

from .children import OPTIONS, Progress, Verdict, in_a_fork, run_child
from .constants import Constants
from .live import Live
from .mutants import Mutant
from .reach import ROOT, Lines, Reach, Test, Tracer, processor_seconds

__all__ = ["Server", "warm"]

# The folders whose tests ask the deciding rooms, in the order in which pytest would find them, and in them
# what only repeats over many objects what others ask.
FOLDERS = (
    "tests/admission", "tests/checks", "tests/conformance", "tests/edits", "tests/effective", "tests/fixes",
    "tests/kube", "tests/kubelet", "tests/policies", "tests/session",
)  # fmt: skip
LEFT_OUT = (
    "tests/session/test_corpus.py",
    "tests/session/test_explain_agrees.py",
    "tests/admission/test_damaged_files.py",
)

PUT_IN = 20.0  # seconds of processor time that it may take to make a mistake in the running process

LOG = ROOT / ".podproof/mutation/pytest.log"


def warm() -> None:
    """Import what tests import, except the package, so that children need not."""
    for name in ("hypothesis", "inline_snapshot", "jsonschema", "click.testing", "yaml", "msgspec", "json"):
        importlib.import_module(name)


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
        self.connection.send(("judge", mutant, {t.id: t.seconds for t in tests}))
        verdict, test = self.connection.recv()
        return verdict, test

    def close(self) -> None:
        self.connection.close()
        os.waitpid(self.process, 0)


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
                self.connection.send(in_a_fork(partial(self.trace, items, live, request[1], at_import)))
            else:
                _, mutant, seconds = request
                chosen = [items[id] for id in seconds if id in items]
                self.connection.send(self.judge(live, mutant, chosen, seconds))

    def trace(
        self, items: dict[str, pytest.Item], live: "Live", known: dict[str, Test], at_import: Lines
    ) -> Reach:
        reach = Reach(at_import=at_import, broken=list(self.uncollected))
        constants = Constants(live, self.tracer)
        ordered = list(items.values())
        for item, following in zip(ordered, [*ordered[1:], None], strict=True):
            if item.nodeid in known:
                reach.tests[item.nodeid] = known[item.nodeid]
                continue
            constants.fill()
            begun = processor_seconds()
            self.tracer.start()
            reports = runtestprotocol(item, log=False, nextitem=following)
            self.tracer.stop()
            seconds, lines = processor_seconds() - begun, constants.with_used(self.tracer.take())
            if any(r.failed for r in reports):
                reach.broken.append(item.nodeid)
            elif not any(r.skipped for r in reports):
                reach.tests[item.nodeid] = Test(item.nodeid, round(seconds, 4), lines)
        return reach

    def judge(
        self, live: "Live", mutant: Mutant, items: list[pytest.Item], seconds: dict[str, float]
    ) -> tuple[Verdict, str]:
        with Progress() as progress:

            def work() -> int:
                if not live.put_in(mutant):
                    return 3
                return int(progress.run(items, seconds))

            verdict = run_child(work, PUT_IN)
        return verdict, items[progress.last].nodeid if progress.last >= 0 and verdict != "survived" else ""
