"""The overview of `check`: rows of workloads come in, bars of levels and the matrix of controls go out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from ...policies.levels import LEVELS
from .check_block import level_chip
from .check_row import API, EFFECT, START, Row
from .markup import Markup, element, join, path, raw, void

__all__ = ["Tally", "level_bars", "matrix"]

_MOST_GROUPS = 12
"""Namespaces or folders that are shown at once; the others are folded."""

_CELLS = {
    "error": ("e", "✗"),
    "warning": ("w", "!"),
    "note": ("n", "i"),
    "accepted": ("a", "○"),
    "good": ("k", "✓"),
    "hidden": ("h", "·"),
}

_LEGEND = (
    ("error", "violates it"),
    ("warning", "warning"),
    ("note", "note"),
    ("good", "in order"),
    ("accepted", "accepted by its owner"),
    ("hidden", "not reported or not decided"),
)

_FILTERS = (("all", "all"), ("e", "with errors"), ("w", "with warnings only"), ("k", "without either"))

_ORDERS = (
    ("place", "as in the files"),
    ("name", "by name"),
    ("level", "by level, lowest first"),
    ("errors", "by violations, most first"),
)


class Tally:
    """Counts levels by namespace and by folder; memory grows with these, not with the workloads."""

    def __init__(self) -> None:
        self.levels: Counter[str] = Counter()
        self.namespaces: dict[str, Counter[str]] = {}
        self.folders: dict[str, Counter[str]] = {}

    def add(self, row: Row) -> None:
        """Count a workload."""
        level = row.level or "undecided"
        self.levels[level] += 1
        self.namespaces.setdefault(row.namespace or "(no namespace)", Counter())[level] += 1
        self.folders.setdefault(row.folder, Counter())[level] += 1

    @property
    def workloads(self) -> int:
        """How many there are."""
        return self.levels.total()


def level_bars(tally: Tally) -> Markup:
    """Draw the levels that are met as a bar each: by namespace and by folder, where there are several."""
    groups = [("namespace", tally.namespaces), ("folder", tally.folders)]
    shown = [(name, counts) for name, counts in groups if len(counts) > 1] or groups[:1]
    levels = [level for level in (*reversed(LEVELS), "undecided") if tally.levels[level]]
    return element(
        "section",
        element("h2", "Levels met"),
        *(_bars(name, counts, levels) for name, counts in shown),
        id="levels",
    )


def _bars(name: str, groups: dict[str, Counter[str]], levels: Sequence[str]) -> Markup:
    ordered = sorted(groups.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    head = element(
        "thead",
        element(
            "tr",
            element("th", name, scope="col"),
            element("th", element("span", "levels", class_="vh"), scope="col", class_="bar"),
            *(
                element("th", level_chip(level), scope="col", class_="num")
                for level in (*reversed(LEVELS), None)
                if (level or "undecided") in levels
            ),
        ),
    )
    most = max(counts.total() for counts in groups.values())
    first, rest = (
        element("table", head, element("tbody", *_bar_rows(some, levels, most)), class_="bars")
        for some in (ordered[:_MOST_GROUPS], ordered[_MOST_GROUPS:])
    )
    if len(ordered) <= _MOST_GROUPS:
        return first
    summary = element("summary", f"{len(ordered) - _MOST_GROUPS:,} more")
    return join((first, element("details", summary, rest)))


def _bar_rows(
    groups: Iterable[tuple[str, Counter[str]]], levels: Sequence[str], most: int
) -> Iterator[Markup]:
    for name, counts in groups:
        yield element(
            "tr",
            element("th", path(name), scope="row"),
            element("td", _bar(counts, levels, most), class_="bar"),
            *(
                element(
                    "td",
                    element("span", f"{level} ", class_="narrow"),
                    f"{counts[level]:,}" if counts[level] else "–",
                    class_="num",
                )
                for level in levels
            ),
        )


def _bar(counts: Counter[str], levels: Sequence[str], most: int) -> Markup:
    """Draw one bar; its length is the group's share of the largest, and numbers stand beside it."""
    parts: list[Markup] = []
    left = 0.0
    for level in levels:
        width = 100 * counts[level] / most
        if width:
            parts.append(void("rect", class_=level, x=f"{left:.2f}", y=0, width=f"{width:.2f}", height=10))
        left += width
    said = ", ".join(f"{counts[level]:,} {level}" for level in levels if counts[level])
    return element(
        "svg",
        element("title", said),
        *parts,
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        role="img",
        class_="levels",
    )


def matrix(rows: Callable[[], Iterable[tuple[str, Row]]], controls: Sequence[str]) -> Iterator[Markup]:
    """Draw workloads × controls; `rows` gives anchors and rows. What is in order has no word of its own."""
    columns = (API, START, EFFECT, *controls)
    yield raw('<section id="workloads-by-control">\n')
    yield element("h2", "Workloads by control")
    yield _tools()
    yield element(
        "p",
        *(
            element(
                "span",
                element("span", _CELLS[name][1], class_=f"cell {_CELLS[name][0]}"),
                f" {words}",
            )
            for name, words in _LEGEND
        ),
        class_="legend",
    )
    yield raw('\n<table class="matrix">\n')
    yield element(
        "thead",
        element(
            "tr",
            element("th", "workload", scope="col", data_sort="name"),
            element("th", "meets", scope="col", data_sort="level"),
            *(
                element(
                    "th", element("span", name), scope="col", class_="c" if name in controls else "c general"
                )
                for name in columns
            ),
        ),
    )
    yield raw("\n<tbody>\n")
    for anchor, row in rows():
        yield _row(anchor, row, columns, set(controls))
    yield raw("</tbody>\n</table>\n")
    yield element("p", "No workload is like that.", class_="none soft", hidden=True)
    yield raw("</section>\n")


def _row(anchor: str, row: Row, columns: Sequence[str], controls: set[str]) -> Markup:
    """Draw a row; end tags that HTML does not need are left out, for there are many."""
    mood = "e" if row.errors else "w" if row.warnings else "k"
    cells = [_cell(name, row, name in controls) for name in columns]
    head = element(
        "th",
        element("a", row.name, href=f"#{anchor}"),
        element("span", path(row.place), class_="place"),
        scope="row",
    )
    return join(
        (raw(f'<tr class="{mood}">'), head, element("td", level_chip(row.level)), *cells, raw("</tr>\n"))
    )


def _cell(name: str, row: Row, is_control: bool) -> Markup:
    sign = row.signs.get(name)
    if sign is None:
        class_, text = _CELLS["hidden" if is_control and row.hidden else "good"]
        return raw(f"<td class={class_}>{text}")
    class_, text = _CELLS[sign]
    words = name if is_control else {API: "not accepted", START: "start", EFFECT: "no effect"}[name]
    return join((raw(f"<td class={class_}>{text}"), element("i", words)))


def _tools() -> Markup:
    """Filters work by the style alone; search and sorting need the script, which shows them."""
    radios = [
        element(
            "label",
            void("input", type="radio", name="show", value=value, id=f"show-{value}", checked=value == "all"),
            f" {words}",
        )
        for value, words in _FILTERS
    ]
    hint = "name, file or control"
    search = void("input", type="search", id="search", autocomplete="off", placeholder=hint)
    order = element("select", *(element("option", words, value=value) for value, words in _ORDERS), id="sort")
    return element(
        "div",
        element("fieldset", element("legend", "show", class_="vh"), *radios),
        element("label", "search ", search, class_="js", hidden=True),
        element("label", "sort ", order, class_="js", hidden=True),
        class_="tools screen",
    )
