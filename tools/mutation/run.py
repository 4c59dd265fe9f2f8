"""One run: mutants go in, an outcome for each comes out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Literal

from .equivalents import equivalents
from .operators import Mutant
from .reach import PACKAGE, ROOT, Reach, Store, Test
from .sample import imports
from .server import Server, judge_import, warm

Result = Literal["killed", "survived", "equivalent"]
# What is tried on a mistake at import before all the rest: tests in the running process, then files of tests.
FIRST_TESTS, FIRST_FILES = 200, 4
FEW = 150  # mutants for which it does not pay to trace everything and keep it


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant. `by` names the test that noticed it, where known; `tests` is their number."""

    mutant: Mutant
    result: Result
    by: str = ""
    tests: int = 0


def judge(mutants: Iterable[Mutant], say: Callable[[str], None]) -> Iterator[Outcome]:
    """Try mutants one after the other, each on the tests that reach it; `say` gets words on the progress.

    Raises RuntimeError: the tests cannot be collected.
    """
    warm()
    store = Store()
    known = store.load()
    mutants = list(mutants)
    few = not known and len(mutants) <= FEW
    server = Server(_lines_of(mutants) if few else None)
    try:
        say(f"finding what each test reaches ({len(known)} tests known) ...")
        reach = server.reach(known)
        if not few:
            store.save(reach)
        for broken in reach.broken:
            say(f"fails without a mistake and is left out: {broken}")
        say(f"{len(reach.tests)} tests")
        yield from _Run(server, reach).outcomes(mutants)
    finally:
        server.close()


def _lines_of(mutants: Iterable[Mutant]) -> dict[str, set[int]]:
    """Give the lines that a test must run, by path."""
    found: dict[str, set[int]] = {}
    for mutant in mutants:
        found.setdefault(mutant.path, set()).update(range(mutant.first, mutant.last + 1))
    return found


class _Run:
    def __init__(self, server: Server, reach: Reach) -> None:
        self.server = server
        self.reach = reach
        self.equivalents = equivalents()
        self.killers: dict[str, int] = {}  # test id → when it last noticed a mistake

    def outcomes(self, mutants: Iterable[Mutant]) -> Iterator[Outcome]:
        for mutant in mutants:
            if mutant.key in self.equivalents:
                yield Outcome(mutant, "equivalent")
                continue
            outcome = self.one(mutant)
            if outcome.by:
                self.killers[outcome.by] = len(self.killers)
            yield outcome

    def one(self, mutant: Mutant) -> Outcome:
        lines = (mutant.path, mutant.first, mutant.last)
        if mutant.at_import or self.reach.runs_at_import(*lines):
            return self.at_import(mutant)
        tests = self.in_order(mutant, self.reach.covering(*lines))
        if not tests:
            return Outcome(mutant, "survived")
        verdict, by = self.server.judge(mutant, tests)
        if verdict == "unfit":
            return self.at_import(mutant)
        return Outcome(mutant, "survived" if verdict == "survived" else "killed", by, len(tests))

    def at_import(self, mutant: Mutant) -> Outcome:
        tests = self.in_order(mutant, self.users(mutant.path))
        if tests:
            verdict, by = self.server.judge(mutant, tests[:FIRST_TESTS])
            if verdict in {"killed", "timeout"}:
                return Outcome(mutant, "killed", by, FIRST_TESTS)
        files = list(dict.fromkeys(t.file for t in tests))
        tried = 0
        for some in (files[:FIRST_FILES], files[FIRST_FILES:]):
            now = [t for t in tests if t.file in some]
            tried += len(now)
            if now and judge_import(mutant, now) != "survived":
                return Outcome(mutant, "killed", tests=tried)
        return Outcome(mutant, "survived", tests=tried)

    def users(self, path: str) -> list[Test]:
        """Give the tests that run a module or one that imports it, and all of its room, which may use it."""
        found = {t.id: t for user in (path, *users_of(path)) for t in self.reach.touching(user)}
        room = f"tests/{path.split('/')[2]}/"
        found |= {t.id: t for t in self.reach.tests.values() if t.file.startswith(room)}
        return list(found.values())

    def in_order(self, mutant: Mutant, tests: Iterable[Test]) -> list[Test]:
        """Put first what noticed the last mistakes, then the tests named as the module, then the fastest."""
        stem = PurePath(mutant.path).stem.strip("_")

        def rank(test: Test) -> tuple[int, bool, float, str]:
            return -self.killers.get(test.id, -1), stem not in PurePath(test.file).stem, test.seconds, test.id

        return sorted(tests, key=rank)


def users_of(path: str) -> set[str]:
    """Give the modules that use what a module holds: those that import it.

    Of a member of a room, which nobody imports, those that import the room's catalogue: the registry finds
    members by their files.
    """
    users = importers().get(path, set())
    if users:
        return users
    room = "/".join(path.split("/")[:3]) + "/"
    catalogues = {m for m in importers().get("src/podproof/registry.py", ()) if m.startswith(room)}
    return catalogues.union(*(importers().get(catalogue, ()) for catalogue in catalogues))


@cache
def importers() -> dict[str, set[str]]:
    """Give for each module those that import it."""
    found: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        path = str(file.relative_to(ROOT))
        for imported in imports(path):
            found.setdefault(imported, set()).add(path)
    return found
