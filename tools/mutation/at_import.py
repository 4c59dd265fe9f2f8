"""Mistakes in what runs at import: an import hook serves the mutated module to a child that has not imported
the package yet.

That takes about a second, and is right whatever was worked out from a value while modules were imported.
"""

import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from .children import OPTIONS, Progress, Verdict, run_child
from .live import module_name
from .mutants import Mutant, mutated
from .reach import ROOT, Test

__all__ = ["judge_import"]

COLLECTION = 60.0  # seconds of processor time that the collection of tests may take


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

    def __init__(self, tests: Sequence[Test], progress: Progress) -> None:
        self.order = {test.id: at for at, test in enumerate(tests)}
        self.seconds = {test.id: test.seconds for test in tests}
        self.progress = progress
        self.failed = False

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.order), key=lambda i: self.order[i.nodeid])

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.failed = bool(session.testsfailed) or self.progress.run(session.items, self.seconds)
        return True


def judge_import(mutant: Mutant, tests: Sequence[Test]) -> tuple[Verdict, str]:
    """Run tests in a child that imports the mutated module until one fails, and name it.

    When already the collection fails, the first test is named.
    """
    path = ROOT / mutant.path
    name = module_name(path)
    files = sorted({t.file for t in tests})

    with Progress() as progress:

        def work() -> int:
            code = compile(mutated(path.read_text(encoding="utf-8"), mutant.index), str(path), "exec")
            sys.meta_path.insert(0, _Finder(name, path, code))  # type: ignore[arg-type]
            chosen = _Chosen(tests, progress)
            status = pytest.main([*OPTIONS, *files], plugins=[chosen])
            return 0 if not chosen.failed and status in {0, 5} else 1

        verdict = run_child(work, COLLECTION)
    return verdict, tests[max(progress.last, 0)].id if verdict != "survived" else ""
