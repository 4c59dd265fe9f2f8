"""Writes a check's result as JUnit XML: a suite for each file, a test for each object in it.

A pipeline's page then counts workloads, and shows which of them fail. A test fails by findings that decide
the exit code; others, and those that are accepted, are its output. What could not be read is an error, what
was not judged is skipped.

Source: GitLab's documentation, "Unit test reports" (tests of one name are one test, files have at most
30 MB); github.com/testmoapp/junitxml for the elements that are in use.
"""

from collections.abc import Iterator
from itertools import groupby

from ..results.segment import CheckedRun
from .junit_xml import DECLARATION, TestCounts, attribute, case
from .repository_paths import RepositoryPaths
from .rows import FindingRow, ObjectRow, Rows, objects, shorten

__all__ = ["JUnitReport"]

_RANKS = {"note": 0, "warning": 1, "error": 2}

_MOST_NAME = 500


class JUnitReport(Rows):
    """Suites in the order of the input. Findings at or above `fail_on` make a test fail."""

    def __init__(self, paths: RepositoryPaths, fail_on: str = "error") -> None:
        super().__init__(paths)
        self._least = _RANKS.get(fail_on, 2)  # "never" still tells errors apart

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the document; files are counted first, so that none is held."""
        suites = [_count(self._counted(cases)) for _, cases in _by_file(run)]
        yield DECLARATION
        yield f'<testsuites name="podproof" {_count(suites).attributes()}>\n'
        for counts, (file, cases) in zip(suites, _by_file(run), strict=True):
            yield f"<testsuite name={attribute(file)} {counts.attributes()}>\n"
            named: dict[str, int] = {}
            for about, findings in cases:
                name = shorten(about.name, _MOST_NAME) or "(the whole file)"
                times = named[name] = named.get(name, 0) + 1
                yield from self._case(about, findings, name if times == 1 else f"{name} #{times}")
            yield "</testsuite>\n"
        yield "</testsuites>\n"

    def _counted(self, cases: Iterator[tuple[ObjectRow, list[FindingRow]]]) -> Iterator[TestCounts]:
        for about, findings in cases:
            result = self._result(about, findings)[0]
            yield TestCounts(1, result == "failure", result == "error", result == "skipped")

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

    def _case(self, about: ObjectRow, findings: list[FindingRow], name: str) -> Iterator[str]:
        result, message, lines = self._result(about, findings)
        shown = _lines(about, [row for row in findings if not self._fails(row)])
        if about.verdict:
            shown.insert(0, about.verdict)
        if about.not_judged and result != "skipped":
            shown.append(f"not judged: {about.not_judged}")
        yield case(about.file, about.line, name, result, message, lines, shown)


def _by_file(run: CheckedRun) -> Iterator[tuple[str, Iterator[tuple[ObjectRow, list[FindingRow]]]]]:
    return groupby(objects(run), key=lambda pair: pair[0].file)


def _count(counts: Iterator[TestCounts] | list[TestCounts]) -> TestCounts:
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
