"""The page of `check`: segments come in one by one, one HTML file for auditors goes out.

Verdict and overview come first, then each workload with its source and what to write instead, then all that
was not checked and why. Segments are rendered where they are judged, as for every format. The page is the
same for any number of processes; only the levels of namespaces and folders are held in memory.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import msgspec

from ...checks.model.catalogue import all_checks
from ...findings import Severity
from ...policies.levels import minor_of
from ...policies.pod_security import checks_at
from ...results.checked import Located, NotJudged, Pattern, Skipped
from ...results.segment import CheckedRun, Page, RenderedFinding, RenderedSegment, Segment
from ..plain import one_line
from .check_block import (
    ANCHOR,
    COUNTS,
    anchor_of,
    block,
    count_chips,
    counts_of,
    finding_item,
    name_of,
    suppression_words,
)
from .check_overview import Tally, level_bars, matrix
from .check_row import Row, row_of
from .check_script import SCRIPT
from .check_style import STYLE
from .document import Fact, document, facts, headline
from .markup import Markup, element, path, raw

__all__ = ["HtmlReport"]

_WORKLOAD, _OTHER = "w", "o"
"""How the groups of blocks begin, which their counts and the anchor follow."""

_ADDED = "+"
"""How the group begins of what only the whole run shows; severity (- for accepted) and check follow."""

_OPEN = 12
"""Workloads up to which every block is open from the start."""

_LEFT_OUT = (
    ("accepted", "Accepted findings", "They count for nothing; somebody took responsibility."),
    ("not_judged", "Not judged", "Something in them looks like container security and was not judged."),
    ("patterns", "Patterns", "They hold parts of pods and make none."),
    ("skipped", "Skipped", "Nothing of them was checked."),
)


class HtmlReport:
    """Renders segments as blocks and rows of one page."""

    question = ("html",)
    wants_replacements = False

    def render(self, segment: Segment) -> RenderedSegment:
        """Render the block of each object that has pods or findings, and the rows of those that have pods."""
        entries: list[RenderedFinding] = []
        sections: dict[str, list[str]] = {}
        checks: dict[str, None] = {}
        for number, page in enumerate(segment.pages):
            checks.update(dict.fromkeys(one.finding.check for one in page.findings))
            checks.update(dict.fromkeys(entry.check for entry in page.unlisted))
            for name, text in _left_out(page):
                sections.setdefault(name, []).append(text)
            if page.objects:
                sections.setdefault("rows", []).append(msgspec.json.encode(_plain(row_of(page))).decode())
            if page.objects or page.findings or page.unlisted:
                counts = ",".join(map(str, counts_of(page).values()))
                group = f"{_WORKLOAD if page.objects else _OTHER}{counts} {anchor_of(page)}"
                # a line before all others, so that what the whole run shows comes behind
                entries.append(RenderedFinding(number, 0, 0, group, str(block(page))))
        if segment.skipped:
            sections["skipped"] = [_skipped(skipped) for skipped in segment.skipped]
        if checks:
            sections["checks"] = list(checks)
        return RenderedSegment(entries, sections)

    def entry(self, page: int, located: Located) -> RenderedFinding:
        """Render a finding that only the whole run shows: it is added to the block of its object."""
        place = located.place
        item = element("ul", finding_item(located), class_="findings advice")
        severity = "-" if located.suppression else located.finding.severity.value
        group = f"{_ADDED}{severity} {located.finding.check}"
        return RenderedFinding(page, place.line, place.column, group, str(item))

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the page."""
        tally = Tally()
        for row in _rows(run):
            tally.add(row)
        return document("podproof check", _body(run, tally), style=STYLE, script=SCRIPT)


def _plain(row: Row) -> Row:
    """Make its texts printable, and with that such as JSON can hold."""
    return msgspec.structs.replace(
        row,
        **{name: one_line(getattr(row, name)) for name in ("name", "place", "folder", "namespace")},
    )


def _rows(run: CheckedRun) -> Iterator[Row]:
    decoder = msgspec.json.Decoder(Row)
    return map(decoder.decode, run.section("rows"))


def _unique() -> Callable[[str], str]:
    """Give anchors a number where several objects share one: the same file may be read twice."""
    seen: dict[str, int] = {}

    def number(anchor: str) -> str:
        count = seen[anchor] = seen.get(anchor, 0) + 1
        return anchor if count == 1 else f"{anchor}-{count}"

    return number


def _anchored(run: CheckedRun) -> Iterator[tuple[str, Row]]:
    unique = _unique()
    return ((unique(row.anchor), row) for row in _rows(run))


def _body(run: CheckedRun, tally: Tally) -> Iterator[Markup]:
    yield raw("<header>\n")
    yield headline("check", *_verdict(run, tally))
    yield facts(_facts(run))
    yield raw("</header>\n")
    left_out = [(name, title, why) for name, title, why in _LEFT_OUT if next(iter(run.section(name)), None)]
    others = any((entry.group or "").startswith(_OTHER) for entry in run.entries())
    yield _navigation(tally, others, [(name, title) for name, title, _ in left_out])
    yield raw("<main>\n")
    if tally.workloads:
        yield level_bars(tally)
        yield from matrix(lambda: _anchored(run), _controls(run))
        yield from _blocks(run, _WORKLOAD, "workloads", "Workloads", tally.workloads <= _OPEN)
    if others:
        yield from _blocks(run, _OTHER, "others", "Other findings", True)
    for name, title, why in left_out:
        yield from _list(run, name, title, why)
    yield _glossary(run)
    yield raw("</main>\n")
    yield element("footer", "Written by podproof. This file loads nothing and sends nothing.")


def _controls(run: CheckedRun) -> tuple[str, ...]:
    minor = minor_of(run.evaluated_version) or 0
    return tuple(check.id for check, _ in checks_at(run.level, minor))


def _verdict(run: CheckedRun, tally: Tally) -> tuple[str, str, str]:
    """Say whether the level is met, by how many, and what else was found."""
    summary = run.summary
    met = sum(tally.levels[level] for level in ("privileged", "baseline", "restricted")[_rank(run) :])
    asked = f"{run.level}:{run.version}"
    workloads = _many(tally.workloads, "workload")
    meet = "meets" if tally.workloads == 1 else "meet"
    verb = "does" if tally.workloads - met == 1 else "do"
    lacking = f"{tally.workloads - met:,} of {workloads} {verb} not meet {asked}"
    if not summary.checked and not run.undecided and not summary.errors:
        mood, sentence = "warn", "Nothing to check was found"
    elif run.undecided:
        more = f"; {lacking}" if met < tally.workloads else ""
        mood, sentence = "bad", f"{_many(run.undecided, 'input')} could not be read or decided{more}"
    elif met < tally.workloads:
        mood, sentence = "bad", lacking
    elif summary.errors:
        mood, sentence = "bad", f"{_many(summary.errors, 'error')}, though {workloads} {meet} {asked}"
    else:
        mood = "warn" if summary.warnings or summary.not_judged else "good"
        sentence = f"{'All ' if tally.workloads > 1 else ''}{workloads} {meet} {asked}"
    return mood, sentence, _counts(run)


def _rank(run: CheckedRun) -> int:
    return ("privileged", "baseline", "restricted").index(run.level)


def _counts(run: CheckedRun) -> str:
    summary = run.summary
    parts = [
        _many(summary.errors, "error"),
        _many(summary.warnings, "warning"),
        _many(summary.notes, "note"),
        _many(summary.containers, "container"),
        _many(summary.files, "file"),
        _many(summary.documents, "document"),
        f"{summary.policies:,} policies" if summary.policies else "",
        f"{summary.patterns:,} patterns" if summary.patterns else "",
        f"{summary.skipped:,} skipped" if summary.skipped else "",
        f"{summary.not_judged:,} not judged" if summary.not_judged else "",
        f"{summary.ignored + summary.baselined:,} accepted" if summary.ignored + summary.baselined else "",
    ]
    return " · ".join(part for part in parts if part)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _facts(run: CheckedRun) -> Iterable[Fact]:
    asked = f"{run.level}:{run.version}"
    judged = f", judged as {run.evaluated_version}" if run.version != run.evaluated_version else ""
    return (*run.facts[:2], ("level", asked + judged), ("Kubernetes", run.kubernetes_version), *run.facts[2:])


def _navigation(tally: Tally, others: bool, left_out: list[tuple[str, str]]) -> Markup:
    links = [("levels", "Levels met"), ("workloads-by-control", "By control"), ("workloads", "Workloads")]
    links = links if tally.workloads else []
    links += [("others", "Other findings")] if others else []
    links += left_out
    links += [("checks", "Checks")]
    return element("nav", *(element("a", title, href=f"#{name}") for name, title in links), class_="top")


def _blocks(run: CheckedRun, kind: str, name: str, title: str, is_open: bool) -> Iterator[Markup]:
    """Write the blocks of one kind, each with what the whole run added to it."""
    yield raw(f'<section id="{name}">\n<h2>{title}</h2>\n')
    unique = _unique()
    for entry, added in _with_added(run):
        group = entry.group or ""
        if not group.startswith(kind):
            continue
        numbers, _, anchor = group[1:].partition(" ")
        counts = Counter(dict(zip(Severity, map(int, numbers.split(",")), strict=True)))
        severities = (_added_words(one)[0] for one in added)
        counts.update(Severity(severity) for severity in severities if severity != "-")
        html = entry.text.replace(ANCHOR, unique(anchor), 1).replace(COUNTS, count_chips(counts), 1)
        yield Markup(html.replace("<details", "<details open", 1) if is_open else html)
        yield from (Markup(one.text) for one in added)
        yield raw("</div></details>\n")
    yield raw("</section>\n")


def _added_words(entry: RenderedFinding) -> tuple[str, str]:
    """Give severity and check of what only the whole run shows; "" for anything else."""
    group = entry.group or ""
    severity, _, check = group.removeprefix(_ADDED).partition(" ") if group.startswith(_ADDED) else ("",) * 3
    return severity, check


def _with_added(run: CheckedRun) -> Iterator[tuple[RenderedFinding, list[RenderedFinding]]]:
    """Give each block with what only the whole run shows of its object."""
    block_entry: RenderedFinding | None = None
    added: list[RenderedFinding] = []
    for entry in run.entries():
        if _added_words(entry)[0]:
            added.append(entry)
            continue
        if block_entry is not None:
            yield block_entry, added
        block_entry, added = entry, []
    if block_entry is not None:
        yield block_entry, added


def _left_out(page: Page) -> Iterator[tuple[str, str]]:
    if page.pattern is not None:
        yield "patterns", _pattern(page.pattern)
    if page.not_judged is not None:
        yield "not_judged", _not_judged(page.not_judged)
    for located in page.findings:
        if located.suppression is not None:
            where = f"{located.file}:{located.place.line}"
            what = f"{located.finding.check}, {name_of(located.object)}"
            yield "accepted", _item(where, what, suppression_words(located.suppression))


def _pattern(pattern: Pattern) -> str:
    return _item(f"{pattern.file}:{pattern.line}", name_of(pattern.object), pattern.reason)


def _not_judged(entry: NotJudged) -> str:
    more = entry.places - len(entry.routes)
    routes = [*entry.routes, *([f"{more:,} more"] if more else ())]
    reason = "; ".join(part for part in (", ".join(routes), *entry.reasons) if part)
    return _item(f"{entry.file}:{entry.line}", name_of(entry.object), reason)


def _skipped(skipped: Skipped) -> str:
    place = skipped.file if skipped.document is None else f"{skipped.file}:{skipped.line}"
    return _item(place, "", skipped.reason)


def _item(place: str, what: str, why: str) -> str:
    name = element("b", what) if what else None
    return str(element("li", element("span", path(place), class_="mono"), " ", name, f" {why}"))


def _list(run: CheckedRun, name: str, title: str, why: str) -> Iterator[Markup]:
    yield raw(f'<section id="{name}">\n')
    yield element("h2", title)
    yield element("p", why, class_="soft")
    yield raw('<ul class="plain">\n')
    yield from (Markup(f"{text}\n") for text in run.section(name))
    yield raw("</ul>\n</section>\n")


def _glossary(run: CheckedRun) -> Markup:
    """Say what the checks mean that found something here."""
    seen = {*run.section("checks"), *(_added_words(entry)[1] for entry in run.entries())}
    found = [check for check in all_checks() if check.id in seen]
    terms = chain.from_iterable(
        (element("dt", element("code", check.id)), element("dd", check.summary)) for check in found
    )
    said = (
        ("What found something here. ", element("code", "podproof rules ID"), " says why it matters.")
        if found
        else ("None found anything here. ", element("code", "podproof rules"), " lists them.")
    )
    return element(
        "section",
        element("h2", "Checks"),
        element("p", *said, class_="soft"),
        element("dl", *terms, class_="checks") if found else None,
        id="checks",
    )
