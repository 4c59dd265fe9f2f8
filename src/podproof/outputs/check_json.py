"""Writes a check's result as JSON of schema `podproof/check/v1`; the schema file is made from its types.

What was found comes in, segment by segment or as a Checked, and text goes out. This module decides nothing
and reads no files.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from ..manifest.surrogates import unescape
from ..results.baseline import line_of
from ..results.check_result import SCHEMA, CheckResult, make_finding, make_pod
from ..results.checked import Checked, Located
from ..results.plain import to_plain
from ..results.segment import CheckedRun, RenderedFinding, RenderedSegment, Segment
from .segments import run_of, segment_of

__all__ = ["JsonReport", "render", "schema"]


class JsonReport:
    """Renders segments as the elements of the result's lists."""

    question = ("json",)
    wants_replacements = False

    def render(self, segment: Segment) -> RenderedSegment:
        """Render a segment's findings one by one, and what else it has list by list."""
        entries: list[RenderedFinding] = []
        lists: dict[str, list[Any]] = {"objects": [], "skipped": segment.skipped}
        for number, page in enumerate(segment.pages):
            lists["objects"] += map(make_pod, page.objects)
            if page.pattern is not None:
                lists.setdefault("patterns", []).append(page.pattern)
            if page.not_judged is not None:
                lists.setdefault("not_judged", []).append(page.not_judged)
            if page.unlisted:
                lists.setdefault("unlisted", []).extend(page.unlisted)
            if page.findings:
                texts = _each(list(map(make_finding, page.findings)))
                for located, text in zip(page.findings, texts, strict=True):
                    place = located.place
                    entries.append(RenderedFinding(number, place.line, place.column, None, text))
        return RenderedSegment(entries, {name: [_elements(value)] for name, value in lists.items() if value})

    def entry(self, page: int, located: Located) -> RenderedFinding:
        """Render one finding."""
        place = located.place
        return RenderedFinding(page, place.line, place.column, None, _elements([make_finding(located)]))

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the result as indented JSON, with a line end."""
        frame = CheckResult(
            schema=SCHEMA,
            level=run.level,
            version=run.version,
            evaluated_version=run.evaluated_version,
            kubernetes_version=run.kubernetes_version,
            summary=run.summary,
            objects=(),
            findings=(),
            skipped=(),
            undecided=run.undecided,
        )
        for line in msgspec.json.format(msgspec.json.encode(frame), indent=2).decode().split("\n"):
            name, _, rest = line.partition(": []")
            if name == line:
                yield f"{line}\n"
                continue
            name = name.strip(' "')
            if name == "findings":
                elements: Iterable[str] = (entry.text for entry in run.entries())
            elif name == "fixed":
                elements = [_elements([line_of(finding) for finding in run.fixed])] if run.fixed else ()
            else:
                elements = run.section(name)
            yield from _list(line, elements, rest)


def _list(line: str, elements: Iterable[str], rest: str) -> Iterator[str]:
    """Write a line that ends with an empty list, and the elements in the list, many at once."""
    left = iter(elements)
    separator = f"{line[: -len(rest) - 1] if rest else line[:-1]}\n"
    empty = True
    while texts := list(islice(left, _AT_ONCE)):
        yield separator + ",\n".join(texts)
        separator, empty = ",\n", False
    yield f"{line}\n" if empty else f"\n  ]{rest}\n"


_AT_ONCE = 64
"""Elements that are written together; few enough that they are never many bytes."""

_BEFORE, _BEHIND = len('{\n  "x": [\n'), len("\n  ]\n}")


def _elements(values: Sequence[Any]) -> str:
    """Write the elements of a list that is a field of the result, as they stand in it."""
    try:
        encoded = msgspec.json.encode({"x": values})
    except UnicodeEncodeError:
        # Lone surrogates: a file name that is not UTF-8, or "\\ud800" in a document.
        encoded = msgspec.json.encode(unescape({"x": [to_plain(value) for value in values]}))
    return msgspec.json.format(encoded, indent=2).decode()[_BEFORE:-_BEHIND]


_BETWEEN = "\n    },\n    {\n"
"""What stands between two elements, and nowhere else: inside of one, lines begin farther to the right."""

_CUT = "\n    }\0    {\n"


def _each(values: Sequence[Any]) -> list[str]:
    """Write elements one by one."""
    try:
        encoded = msgspec.json.encode({"x": values})
    except UnicodeEncodeError:
        return [_elements([value]) for value in values]
    texts = msgspec.json.format(encoded, indent=2).decode()[_BEFORE:-_BEHIND]
    return texts.replace(_BETWEEN, _CUT).split("\0") if len(values) > 1 else [texts]


def render(checked: Checked) -> bytes:
    """Write the result as indented JSON, with a line end."""
    report = JsonReport()
    return "".join(report.write(run_of(checked, report.render(segment_of(checked))))).encode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the output."""
    made = msgspec.json.schema(CheckResult)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "podproof:check/v1",
        "title": "podproof check",
        **made,
    }
