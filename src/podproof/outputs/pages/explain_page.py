"""The page of `explain`: what was explained comes in, one HTML page goes out.

Whether everything starts, and what is dangerous, comes first; then each pod with its picture, and each value
with who set it. The page has no script; all text of manifests is escaped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ...effective.value import Unknown
from ...results.explained import Explained, ExplainedContainer, ExplainedField, ExplainedObject
from ...results.pictured import PicturedPod
from ..explain_words import ExplainedRow, debug_lines, hints, process_lines, rows, start_line
from ..plain import one_line
from .document import Fact, document, facts, headline
from .explain_style import STYLE
from .markup import Markup, element, join, path, raw
from .pod_picture import picture
from .values import DANGER, STRONG, ProcessValues, chip, chips

__all__ = ["html"]

_OPEN = 12
"""Objects up to which every one is open from the start."""


def html(
    explained: Explained,
    *,
    field: str | None = None,
    pictures: Sequence[PicturedPod | None] = (),
    about: Iterable[Fact] = (),
) -> str:
    """Write the page; `field` limits the tables to one, `about` tells date, versions and options.

    `pictures` has what each object's picture shows.
    """
    drawn = pictures if pictures and field is None else [None] * len(explained.objects)
    return "".join(document("What will run", _body(explained, field, drawn, about), style=STYLE))


def _body(
    explained: Explained, field: str | None, pictures: Sequence[PicturedPod | None], about: Iterable[Fact]
) -> Iterator[Markup]:
    yield raw("<header>\n")
    yield headline("explain", *_verdict(explained))
    yield facts(about)
    yield raw("</header>\n")
    folded = len(explained.objects) > _OPEN
    if len(explained.objects) > 1 and not folded:  # folded, they are an index themselves
        links = (
            element("li", element("a", _name(entry), href=f"#pod-{number}"))
            for number, entry in enumerate(explained.objects, 1)
        )
        yield element("nav", element("ul", *links, class_="index"))
    yield raw("<main>\n")
    for number, (entry, pictured) in enumerate(zip(explained.objects, pictures, strict=True), 1):
        drawn = _object(entry, number, field, pictured)
        yield _folded(entry, drawn) if folded else drawn
    yield raw("</main>\n")
    hint_items = [element("li", hint) for hint in hints(explained, field)]
    if hint_items:
        yield element("footer", element("p", "To know what is unknown here:"), element("ul", *hint_items))


def _verdict(explained: Explained) -> tuple[str, str, str]:
    """Say whether the containers start, and count what is dangerous about them."""
    containers = [one for entry in explained.objects for one in entry.containers]
    starts = Counter(one.start.starts if isinstance(one.start.starts, bool) else None for one in containers)
    total = len(containers)
    many = f"{total:,} container{'' if total == 1 else 's'}"
    if not total:
        return "warn", "There is nothing to explain", ""
    dangers: Counter[str] = Counter(words for one in containers for words in _dangers(one))
    listed = " · ".join(f"{count} {words}" for words, count in dangers.items())
    if starts[False] or explained.refused:
        count = starts[False] or total
        mood, sentence = "bad", f"{count:,} of {many} will not start"
    elif starts[None]:
        mood, sentence = "warn", f"Not known whether {starts[None]:,} of {many} will start"
    else:
        mood, sentence = "good", f"{'All ' if total > 1 else ''}{many} will start"
    if dangers and mood == "good":
        mood = "warn"
    return mood, sentence, f"{DANGER} {listed}" if listed else "Nothing dangerous was found in the values."


def _dangers(container: ExplainedContainer) -> Iterator[str]:
    words = {
        "runAsUser": "run as root",
        "privileged": "privileged",
        "seccompProfile": "without a seccomp filter",
        "hostNetwork": "in the node's network",
        "hostPID": "among the node's processes",
        "hostIPC": "in the node's IPC",
        "procMount": "with an unmasked /proc",
        "capabilities": "with capabilities over the node",
    }
    for name, field in container.fields.items():
        if name in words and danger(name, field) == "bad":
            yield words[name]


def _name(entry: ExplainedObject) -> str:
    name = "/".join(part for part in (entry.namespace, entry.name) if part) or "(no name)"
    return one_line(f"{entry.kind} {name}")


def _folded(entry: ExplainedObject, drawn: Markup) -> Markup:
    """Fold an object below what is most important of it; a link to it unfolds it, since it is inside."""
    dangers = dict.fromkeys(words for one in entry.containers for words in _dangers(one))
    starts = {one.start.starts if isinstance(one.start.starts, bool) else None for one in entry.containers}
    mood, words = (
        ("bad", "will not start")
        if entry.refused or False in starts
        else ("warn", "may start")
        if None in starts
        else ("good", "will start")
    )
    head = (
        element("span", _name(entry), class_="name"),
        chip(words, mood),
        *(chip(one, "bad") for one in dangers),
    )
    return element("details", element("summary", join(head, " ")), drawn, class_="fold")


def _object(entry: ExplainedObject, number: int, field: str | None, pictured: PicturedPod | None) -> Markup:
    place = f"{entry.file}:{entry.line}" if entry.file else ""
    return element(
        "section",
        element("h2", _name(entry)),
        element("p", path(place), class_="place") if place else None,
        element("p", f"The API server refuses it: {entry.refused}", class_="refused")
        if entry.refused
        else None,
        picture(pictured, f"pod-{number}") if pictured else None,
        *(_container(entry, container, field) for container in entry.containers),
        id=f"pod-{number}",
        class_="object",
    )


def _container(entry: ExplainedObject, container: ExplainedContainer, field: str | None) -> Markup:
    kind = "container" if container.kind == "container" else f"{container.kind} container"
    items = [element("li", line) for line in (*process_lines(container), *debug_lines(container))]
    starts = container.start.starts
    mood = "good" if starts is True else "bad" if starts is False else "warn"
    head = element(
        "thead", element("tr", *(element("th", name, scope="col") for name in ("field", "value", "set by")))
    )
    table_rows = (_row(row, container.fields[row.name]) for row in rows(entry, container, field))
    return element(
        "section",
        element(
            "h3",
            f"{kind} {container.name or '(no name)'}",
            element("span", f" {container.image}", class_="soft mono") if container.image else None,
        ),
        chips(_values(container)) if field is None else None,
        element("ul", *items, element("li", start_line(container), class_=mood), class_="verdict"),
        element("table", head, element("tbody", *table_rows), class_="values"),
        class_="container",
    )


def _values(container: ExplainedContainer) -> ProcessValues:
    process = container.process
    privileged = container.fields["privileged"].value
    return ProcessValues(
        privileged=privileged,
        uid=process.uid,
        capabilities=process.capabilities.effective,
        no_new_privs=process.no_new_privs,
        seccomp=process.seccomp,
        read_only_root=process.read_only_root,
    )


def _row(row: ExplainedRow, field: ExplainedField) -> Markup:
    mood = danger(row.name, field)
    value = f"{DANGER} {row.value}" if mood == "bad" else row.value
    return element(
        "tr",
        element("th", row.name, scope="row"),
        element("td", value, class_=mood or None),
        element("td", row.who, class_="soft"),
    )


def danger(name: str, field: ExplainedField) -> str:
    """Say how dangerous a value is: bad, warn, unknown, or nothing."""
    value = field.value
    if isinstance(value, Unknown):
        return "unknown"
    if name in ("hostNetwork", "hostPID", "hostIPC", "privileged"):
        return "bad" if value is True else ""
    if name == "runAsUser":
        return "bad" if value == 0 else ""
    if name in ("seccompProfile", "appArmorProfile"):
        return "" if value != "Unconfined" else "bad" if name == "seccompProfile" else "warn"
    if name == "procMount":
        return "bad" if value == "Unmasked" else ""
    if name == "capabilities":
        return "bad" if STRONG.intersection(value) else "warn" if value else ""
    if name == "allowPrivilegeEscalation":
        return "warn" if value is True else ""
    return "warn" if name == "runAsGroup" and value == 0 else ""
