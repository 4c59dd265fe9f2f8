"""One run: mutants go in, an outcome for each comes out."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path, PurePath
from typing import Literal

from .at_import import judge_import
from .equivalents import equivalents
from .mutants import Mutant
from .reach import PACKAGE, ROOT, Reach, Store, Test
from .sample import imports, room_of
from .server import Server, warm

Result = Literal["killed", "survived", "equivalent"]
# What is tried on a mistake at import before all the rest: tests in the running process, then files of tests.
FIRST_TESTS, FIRST_FILES = 200, 4
RECORD = Path(__file__).with_name("noticed.json")  # which test noticed which mutant of the fixed sample
SLOW = 1.0  # seconds: a test that takes longer is not tried first, whatever it noticed
FEW = 150  # mutants for which it does not pay to trace everything and keep it


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant. `by` names the test that noticed it, where known; `tests` is their number."""

    mutant: Mutant
    result: Result
    by: str = ""
    tests: int = 0


def judge_recorded(mutants: Iterable[Mutant], say: Callable[[str], None]) -> Iterator[Outcome]:
    """Try each mutant on the test that is recorded to notice it, and as `judge` does where that fails.

    That takes a fraction of the time: nothing is traced, and few files of tests are collected.
    """
    noticed = read_record()
    warm()
    own = equivalents()
    mutants = list(mutants)
    tests = {m.key: Test(by, 1.0, {}) for m in mutants if (by := noticed.get(name_of(m)))}
    files = sorted({t.file for t in tests.values() if (ROOT / t.file).is_file()})
    left = []
    server = Server({}, files) if files else None
    try:
        for mutant in mutants:
            test = tests.get(mutant.key)
            if mutant.key in own:
                yield Outcome(mutant, "equivalent")
            elif server and test and test.file in files and _notices(server, mutant, test):
                yield Outcome(mutant, "killed", test.id, 1)
            else:
                left.append(mutant)
    finally:
        if server:
            server.close()
    if left:
        say(f"{len(left)} are not noticed by the test in {RECORD.name}; --record writes it again")
        yield from _judge_by_rooms(left, say)


def judge_near(mutants: Sequence[Mutant], most: float = inf) -> Iterator[Outcome]:
    """Try mutants on the tests of their own rooms alone, which notice most; `most` is that of `judge`.

    Raises RuntimeError: the tests cannot be collected.
    """
    warm()
    folders = sorted({f"tests/{room_of(mutant)}" for mutant in mutants})
    server = Server(_lines_of(mutants), folders)
    try:
        yield from _Run(server, server.reach({}), most).outcomes(mutants)
    finally:
        server.close()


def _judge_by_rooms(mutants: Sequence[Mutant], say: Callable[[str], None]) -> Iterator[Outcome]:
    """Try mutants on the tests of their own rooms, and those that are left on all."""
    left = []
    for outcome in judge_near(mutants):
        if outcome.result == "survived":
            left.append(outcome.mutant)
        else:
            yield outcome
    if left:
        yield from judge(left, say)


def _notices(server: Server, mutant: Mutant, test: Test) -> bool:
    if not mutant.at_import or mutant.function == "<module>":
        verdict, _ = server.judge(mutant, [test])
        if verdict in {"killed", "timeout"}:
            return True
        if verdict == "survived" and not mutant.at_import:
            return False
    verdict, _ = judge_import(mutant, [test])
    return verdict != "survived"


def name_of(mutant: Mutant) -> str:
    """Name a mutant as the record does, though lines move."""
    return " · ".join(str(part) for part in mutant.key)


def read_record() -> dict[str, str]:
    """Read which test noticed which mutant, by their names; nothing where there is no record."""
    found: dict[str, str] = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    return found


def write_record(outcomes: Iterable[Outcome]) -> None:
    noticed = {name_of(o.mutant): o.by for o in outcomes if o.by}
    text = json.dumps(noticed, indent=1, sort_keys=True, ensure_ascii=False)
    RECORD.write_text(text + "\n", encoding="utf-8")


def judge(mutants: Iterable[Mutant], say: Callable[[str], None], most: float = inf) -> Iterator[Outcome]:
    """Try mutants one after the other, each on the tests that reach it; `say` gets words on the progress.

    `most` are the seconds that the tests of one mutant may take, as they were traced.

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
        yield from _Run(server, reach, most).outcomes(mutants)
    finally:
        server.close()


def _lines_of(mutants: Iterable[Mutant]) -> dict[str, set[int]]:
    """Give the lines that a test must run, by path."""
    found: dict[str, set[int]] = {}
    for mutant in mutants:
        found.setdefault(mutant.path, set()).update(range(mutant.first, mutant.last + 1))
    return found


class _Run:
    def __init__(self, server: Server, reach: Reach, most: float = inf) -> None:
        self.server = server
        self.reach = reach
        self.most = most
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
        if mutant.at_import:
            return self.at_import(mutant)
        tests = self.in_order(mutant, self.reach.covering(*lines))
        verdict, by = self.server.judge(mutant, tests) if tests else ("survived", "")
        if verdict == "unfit" or (verdict == "survived" and self.reach.runs_at_import(*lines)):
            return self.at_import(mutant)
        return Outcome(mutant, "survived" if verdict == "survived" else "killed", by, len(tests))

    def at_import(self, mutant: Mutant) -> Outcome:
        tests = self.in_order(mutant, self.users(mutant))
        if tests:
            verdict, by = self.server.judge(mutant, tests[:FIRST_TESTS])
            if verdict in {"killed", "timeout"}:
                return Outcome(mutant, "killed", by, FIRST_TESTS)
        files = list(dict.fromkeys(t.file for t in tests))
        tried = 0
        for some in (files[:FIRST_FILES], files[FIRST_FILES:]):
            now = [t for t in tests if t.file in some]
            tried += len(now)
            verdict, by = judge_import(mutant, now) if now else ("survived", "")
            if verdict != "survived":
                return Outcome(mutant, "killed", by, tried)
        return Outcome(mutant, "survived", tests=tried)

    def users(self, mutant: Mutant) -> list[Test]:
        """Give the tests that run its module or one that imports it, and its room's, which may use it."""
        users = (mutant.path, *users_of(mutant.path))
        found = {t.id: t for user in users for t in self.reach.touching(user)}
        room = f"tests/{room_of(mutant)}/"
        found |= {t.id: t for t in self.reach.tests.values() if t.file.startswith(room)}
        return list(found.values())

    def in_order(self, mutant: Mutant, tests: Iterable[Test]) -> list[Test]:
        """Put first what noticed the last mistakes, then tests named as the module, then those of its folder
        and of its room, each with the fastest first; leave out what there is no time for.
        """
        stem = PurePath(mutant.path).stem.strip("_")
        folder = mutant.path.replace("src/podproof/", "tests/", 1).rpartition("/")[0] + "/"
        room = f"tests/{room_of(mutant)}/"

        def rank(test: Test) -> tuple[int, bool, int, float, str]:
            last = self.killers.get(test.id, -1) if test.seconds < SLOW else -1
            named = stem in PurePath(test.file).stem
            near = test.file.startswith(folder) + test.file.startswith(room)
            return -last, not named, -near, test.seconds, test.id

        chosen: list[Test] = []
        left = self.most
        for test in sorted(tests, key=rank):
            if not chosen or test.seconds <= left:
                chosen.append(test)
                left -= test.seconds
        return chosen


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
