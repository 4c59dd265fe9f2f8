"""`admit` for pipelines: a test or an annotation for each answer, or a comment on a pull request.

An AdmitOutcome comes in, JUnit XML, commands for GitHub's runner or Markdown go out. What makes the exit code
1 fails a test; workloads whose pods would only be denied later do not.
"""

from collections.abc import Callable, Iterable, Iterator

from ..results.admitted import AdmitAnswer, AdmitOutcome
from ..results.compared import describe_answer
from .admit_text import summary
from .github_commands import AnnotationKind, annotation, limited
from .junit_xml import DECLARATION, TestCounts, attribute, case
from .markdown_text import MARK, MOST, Room, code
from .plain import one_line
from .repository_paths import RepositoryPaths

__all__ = ["RENDERERS", "render_github", "render_junit", "render_markdown"]

_UNREADABLE = "(could not be read)"
_SKIPPED = "(not a request for pod security)"

_MOST_ANSWER = 600
"""Characters of an answer that a comment shows."""

_RESERVED = 2_000
"""Units of a comment that what stands behind the table may take."""

_Case = tuple[str, int, str, str, str, list[str]]
"""File, line, name, how it ended, why, and other lines."""


def render_junit(outcome: AdmitOutcome, paths: RepositoryPaths) -> str:
    """Write a suite for each file, and a test for each request."""
    suites: dict[str, list[_Case]] = {}
    for each in _cases(outcome, paths):
        suites.setdefault(each[0], []).append(each)
    counts = {file: _count(cases) for file, cases in suites.items()}
    total = TestCounts()
    for each_count in counts.values():
        total = total.plus(each_count)
    parts = [DECLARATION, f'<testsuites name="podproof admit" {total.attributes()}>\n']
    for suite, cases in suites.items():
        parts.append(f"<testsuite name={attribute(suite)} {counts[suite].attributes()}>\n")
        named: dict[str, int] = {}
        for file, line, name, ended, message, output in cases:
            times = named[name] = named.get(name, 0) + 1
            shown = name if times == 1 else f"{name} #{times}"
            parts.append(case(file, line, shown, ended, message, [message], output))
        parts.append("</testsuite>\n")
    return "".join((*parts, "</testsuites>\n"))


def render_github(outcome: AdmitOutcome, paths: RepositoryPaths) -> str:
    """Write an error for each denial, a warning for each warning of the server, ten of each, and a sum."""
    found: dict[AnnotationKind, list[str]] = {"error": [], "warning": []}
    for problem in outcome.problems:
        found["error"].append(annotation("error", one_line(problem), _UNREADABLE, "<stdin>", 1))
    for answer in outcome.answers:
        where = paths.shown(answer.submission.file), answer.submission.line
        file, title = one_line(where[0]), _named(answer)
        if _denied(answer):
            found["error"].append(annotation("error", _answer(answer), title, file, where[1]))
        found["warning"] += [
            annotation("warning", one_line(text), title, file, where[1]) for text in answer.decision.warnings
        ]
    return "".join(limited(found, summary(outcome)))


def render_markdown(outcome: AdmitOutcome, paths: RepositoryPaths) -> str:
    """Write the verdict, a table of what is denied, and what is not in it."""
    denied = [answer for answer in outcome.answers if _denied(answer)]
    verdict = f"{len(denied):,} of {len(outcome.answers):,} denied" if denied else "nothing is denied"
    if outcome.problems:
        verdict = f"incomplete, {len(outcome.problems):,} could not be read; {verdict}"
    elif not outcome.answers:
        verdict = "there was nothing to ask"
    head = f"{MARK}### Podproof: {verdict}\n\n{summary(outcome)}.\n"
    room = Room(MOST - _RESERVED)
    room.take(head)
    parts = [head]
    rows = [_row(answer, paths) for answer in denied]
    if rows:
        title = "\n| Object | Place | Answer |\n|---|---|---|\n"
        room.take(title)
        taken = [row for row in rows if room.take(row)]
        parts += [title, *taken]
        if len(taken) < len(rows):
            parts.append(f"\n{len(rows) - len(taken):,} more are denied.\n")
    warnings = sum(len(answer.decision.warnings) for answer in outcome.answers)
    if warnings:
        parts.append(f"\n{warnings:,} {'warning' if warnings == 1 else 'warnings'} of the server.\n")
    return "".join(parts)


RENDERERS: dict[str, Callable[[AdmitOutcome, RepositoryPaths], str]] = {
    "junit": render_junit,
    "github": render_github,
    "markdown": render_markdown,
}
"""By the name of the format."""


def _cases(outcome: AdmitOutcome, paths: RepositoryPaths) -> Iterator[_Case]:
    for answer in outcome.answers:
        file, line = one_line(paths.shown(answer.submission.file)), answer.submission.line
        output = [f"warning: {one_line(text)}" for text in answer.decision.warnings]
        if _denied(answer):
            yield file, line, _named(answer), "failure", _answer(answer), output
        else:
            yield file, line, _named(answer), "", "", [_answer(answer), *output]
    for skipped in outcome.skipped:
        file = one_line(paths.shown(skipped.file))
        yield file, skipped.line, _SKIPPED, "skipped", one_line(skipped.reason), []
    for problem in outcome.problems:
        yield _UNREADABLE, 1, _UNREADABLE, "error", one_line(problem), []


def _count(cases: Iterable[_Case]) -> TestCounts:
    how = [ended for _, _, _, ended, _, _ in cases]
    return TestCounts(len(how), how.count("failure"), how.count("error"), how.count("skipped"))


def _denied(answer: AdmitAnswer) -> bool:
    """Tell what makes the exit code 1: it is denied, or the pods are that it makes now."""
    return not answer.allowed or (not answer.pods_allowed and not answer.not_yet)


def _answer(answer: AdmitAnswer) -> str:
    return one_line(describe_answer(answer))


def _named(answer: AdmitAnswer) -> str:
    sub = f"/{answer.sub_resource}" if answer.sub_resource else ""
    where = f" in {answer.namespace}" if answer.namespace and answer.kind != "Namespace" else ""
    verb = "" if answer.operation == "CREATE" else f" ({answer.operation})"
    return one_line(f"{answer.full_name}{sub}{where}{verb}")


def _row(answer: AdmitAnswer, paths: RepositoryPaths) -> str:
    place = one_line(f"{paths.shown(answer.submission.file)}:{answer.submission.line}")
    return f"| {code(_named(answer))} | {code(place)} | {code(_answer(answer), _MOST_ANSWER)} |\n"
