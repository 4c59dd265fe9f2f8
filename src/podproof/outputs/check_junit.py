"""Writes a check's result as JUnit XML: a suite for each file, a test for each object in it.

A pipeline's page then counts workloads, and shows which of them fail. A test fails by findings that decide
the exit code; others, and those that are accepted, are its output. What could not be read is an error, what
was not judged is skipped. Of a document that GitLab would not read, the outputs are left out first, then the
tests that did not fail; a test of its own says so.

Source: GitLab's documentation, "Unit test reports" (tests of one name are one test, files are smaller than
30 MB); github.com/testmoapp/junitxml for the elements that are in use.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import compress, groupby
from typing import NamedTuple

from ..results.segment import CheckedRun
from .junit_xml import DECLARATION, TestCounts, attribute, case, output_element
from .repository_paths import RepositoryPaths
from .rows import FindingRow, ObjectRow, Rows, byte_size, objects, shorten

__all__ = ["JUnitReport"]

_RANKS = {"note": 0, "warning": 1, "error": 2}

_MOST_NAME = 500

_MOST_BYTES = 28_000_000
"""Of all tests; GitLab reads files of less than 30 MB."""

_WHY = "GitLab reads files of less than 30 MB"


class _Test(NamedTuple):
    """A test of a file: how it ended, as for `case`, and its XML with and without its output."""

    file: str
    ended: str
    whole: str
    bare: str

    @property
    def counts(self) -> TestCounts:
        return TestCounts(1, *(int(self.ended == how) for how in ("failure", "error", "skipped")))


class JUnitReport(Rows):
    """Suites in the order of the input. Findings at or above `fail_on` make a test fail."""

    def __init__(self, paths: RepositoryPaths, fail_on: str = "error") -> None:
        super().__init__(paths)
        self._least = _RANKS.get(fail_on, 2)  # "never" still tells errors apart

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the document; tests are measured and counted first, so that none is held."""
        kept = _KeptTests(lambda: self._tests(run))
        suites = [_count(test.counts for test in tests) for _, tests in kept.suites()]
        notice = kept.notice()
        total = _count([*suites, *([notice.counts] if notice else [])])
        yield DECLARATION
        yield f'<testsuites name="podproof" {total.attributes()}>\n'
        for counts, (file, tests) in zip(suites, kept.suites(), strict=True):
            yield from _suite(file, counts, (kept.text(test) for test in tests))
        if notice:
            yield from _suite(notice.file, notice.counts, (notice.whole,))
        yield "</testsuites>\n"

    def _tests(self, run: CheckedRun) -> Iterator[_Test]:
        for _, about_findings in groupby(objects(run), key=lambda pair: pair[0].file):
            named: dict[str, int] = {}
            for about, findings in about_findings:
                name = shorten(about.name, _MOST_NAME) or "(the whole file)"
                times = named[name] = named.get(name, 0) + 1
                yield self._test(about, findings, name if times == 1 else f"{name} #{times}")

    def _fails(self, row: FindingRow) -> bool:
        return not row.suppressed and _RANKS[row.severity] >= self._least

    def _result(self, about: ObjectRow, findings: list[FindingRow]) -> tuple[str, str, list[str]]:
        """Give the element that says how the test ended ("" for well), its message, and its lines."""
        failed = [row for row in findings if self._fails(row)]
        more = [each for each in about.unlisted if _RANKS[each.severity] >= self._least]
        unreadable = [row for row in failed if row.check == "unreadable"]
        if unreadable:
            return "error", unreadable[0].message, _lines(about, failed)
        if failed or more:
            count = len(failed) + sum(each.count for each in more)
            words = f"{count:,} {'finding' if count == 1 else 'findings'}"
            verdict = f" ({about.verdict})" if about.verdict else ""
            first = f": {failed[0].message}" if failed else ""
            lines = _lines(about, failed)
            lines += [f"{each.count:,} more of {each.check}, not listed" for each in more]
            return "failure", f"{words}{verdict}{first}", lines
        reason = about.skipped or about.not_judged
        return ("skipped", reason, []) if reason else ("", "", [])

    def _test(self, about: ObjectRow, findings: list[FindingRow], name: str) -> _Test:
        result, message, lines = self._result(about, findings)
        shown = _lines(about, [row for row in findings if not self._fails(row)])
        if about.verdict:
            shown.insert(0, about.verdict)
        if about.not_judged and result != "skipped":
            shown.append(f"not judged: {about.not_judged}")
        whole = case(about.file, about.line, name, result, message, lines, shown)
        return _Test(
            about.file, result, whole, whole.replace(output_element(shown), "", 1) if shown else whole
        )


class _KeptTests:
    """The tests that are written, in their order: those for which there is room, those that failed first."""

    def __init__(self, tests: Callable[[], Iterator[_Test]]) -> None:
        self._tests = tests
        self._flags: bytearray | None = None
        whole = bare = 0
        for test in tests():
            whole += byte_size(test.whole)
            bare += byte_size(test.bare)
        self._outputs = whole <= _MOST_BYTES
        if not self._outputs and bare > _MOST_BYTES:
            self._choose()

    def _choose(self) -> None:
        flags = bytearray(sum(1 for _ in self._tests()))
        room = _MOST_BYTES
        for failed in (True, False):
            for place, test in enumerate(self._tests()):
                if (test.ended in ("failure", "error")) is failed and (size := byte_size(test.bare)) <= room:
                    flags[place] = True
                    room -= size
        self._flags = flags

    def suites(self) -> Iterator[tuple[str, Iterator[_Test]]]:
        """Give the tests of each file."""
        kept = self._tests() if self._flags is None else compress(self._tests(), self._flags)
        return groupby(kept, key=lambda test: test.file)

    def text(self, test: _Test) -> str:
        """Give what is written of a test."""
        return test.whole if self._outputs else test.bare

    def notice(self) -> _Test | None:
        """Give the test that says what is left out; it fails where tests that failed are."""
        if self._outputs:
            return None
        ended, words = "skipped", f"the output of tests is left out: {_WHY}"
        if self._flags is not None:
            left = _count(test.counts for test in compress(self._tests(), (not flag for flag in self._flags)))
            failed = left.failures + left.errors
            ended = "failure" if failed else "skipped"
            words = f"{left.tests:,} tests are left out, {failed:,} of them failed; {words}"
        text = case("podproof", 1, "(left out)", ended, words, [words], [])
        return _Test("podproof", ended, text, text)


def _suite(file: str, counts: TestCounts, texts: Iterable[str]) -> Iterator[str]:
    yield f"<testsuite name={attribute(file)} {counts.attributes()}>\n"
    yield from texts
    yield "</testsuite>\n"


def _count(counts: Iterable[TestCounts]) -> TestCounts:
    total = TestCounts()
    for each in counts:
        total = total.plus(each)
    return total


def _lines(about: ObjectRow, findings: list[FindingRow]) -> list[str]:
    return [
        f"{about.file}:{row.line}:{row.column} {row.severity} {row.check} {row.message}"
        + (f" ({row.suppressed})" if row.suppressed else "")
        for row in findings
    ]
