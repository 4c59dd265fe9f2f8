"""One object of `check` as HTML: its page of a segment comes in, its block and its row go out.

Both are rendered where the object was judged and wait as text until the whole run is known. The anchor is a
placeholder until then, since only the whole run shows whether two objects share one, and so is the number of
findings. All text of manifests is escaped.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from ...findings import ContainerRef, Severity
from ...policies.levels import Level
from ...results.checked import CheckedObject, Located, ObjectRef, Suppression, Unlisted
from ...results.segment import Page
from ..dumps import lead_with_rule
from ..object_names import object_name
from .markup import Markup, element, join, path, raw
from .remedy import remedy_of
from .source import frame
from .values import chips, predicted_values

__all__ = [
    "ANCHOR",
    "COUNTS",
    "anchor_of",
    "block",
    "count_chips",
    "counts_of",
    "finding_item",
    "level_chip",
    "name_of",
    "suppression_words",
    "worst",
]

ANCHOR = "\0"
"""Stands for the anchor in what is rendered; no text has it, since controls are made visible."""

COUNTS = "\1"
"""Stands for the number of findings, to which the whole run may add."""

SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTE: "i"}

_DOTS: dict[str, str] = {"restricted": "●●●", "baseline": "●●○", "privileged": "●○○", "undecided": "?"}

_FORBIDS = " forbids it"
"""Ends the help of a control, which only repeats the level that was asked for."""


def name_of(named: ObjectRef | None) -> str:
    """Write `Deployment shop/web`."""
    if named is None:
        return "(the file)"
    return object_name(named.kind, named.namespace, named.name) or "(no name)"


def anchor_of(page: Page) -> str:
    """Give a readable anchor that stays as long as the object keeps its file, its place and its name."""
    first: CheckedObject | Located | Unlisted = (page.objects or page.findings or page.unlisted)[0]
    named = first.object
    identity = repr((first.file, first.document, named))
    digest = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    words = f"{named.kind or ''} {named.name or ''}" if named else "file"
    slug = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in words[:80]).split()).lower()
    return f"{slug or 'object'}-{digest}"


def worst(objects: Sequence[CheckedObject]) -> Level | None:
    """Give the least strict level of an object's pods; None: one of them could not be decided."""
    order: tuple[Level, ...] = ("privileged", "baseline", "restricted")
    met = [entry.pod_security.meets if entry.pod_security else None for entry in objects]
    return None if None in met else min((level for level in met if level), key=order.index)


def level_chip(level: Level | None) -> Markup:
    """Write the level that is met, with as many dots as it is strict."""
    word = level or "undecided"
    return element(
        "span",
        element("span", _DOTS[word], class_="dots", aria_hidden="true"),
        f" {word}",
        class_=f"level {word}",
    )


def block(page: Page) -> Markup:
    """Write the block of an object, open at its end: what only the whole run shows is added to it."""
    first: CheckedObject | Located | Unlisted = (page.objects or page.findings or page.unlisted)[0]
    place = f"{first.file}:{first.line}" if not isinstance(first, Located) else first.file
    source = page.objects[0].source if page.objects else None
    head = join(
        (
            element("h3", name_of(first.object)),
            level_chip(worst(page.objects)) if page.objects else None,
            raw(COUNTS),
            element("span", path(f"{place}, from {source}" if source else place), class_="place"),
        ),
        " ",
    )
    parts = [element("p", sentence, class_="verdict") for sentence in _verdicts(page.objects)]
    parts += _containers(page)
    parts += [_unlisted(entry) for entry in page.unlisted]
    return join(
        (
            raw(f'<details class="w" id="{ANCHOR}">'),
            element("summary", head),
            raw('<div class="body">'),
            *parts,
        )
    )


def counts_of(page: Page) -> dict[Severity, int]:
    """Count what is found and not accepted."""
    counts = dict.fromkeys(Severity, 0)
    for located in page.findings:
        if located.suppression is None:
            counts[located.finding.severity] += 1
    for entry in page.unlisted:
        counts[entry.severity] += entry.count
    return counts


def count_chips(counts: Mapping[Severity, int]) -> Markup:
    """Write how much there is of each severity."""
    words = [
        element(
            "span",
            f"{SIGNS[severity]} {count:,} {severity.value}{'' if count == 1 else 's'}",
            class_=f"count {severity.value}",
        )
        for severity, count in counts.items()
        if count
    ]
    return join(words, " ") if words else element("span", "✓ no findings", class_="count ok")


def _verdicts(objects: Sequence[CheckedObject]) -> Iterator[str]:
    """Say what separates the pod from the levels; several pods of one object are said one by one."""
    said: dict[str, None] = {}
    for entry in objects:
        security = entry.pod_security
        if security is None:
            said["Not decided: the pod could not be read; a finding says why."] = None
            continue
        lacking = security.lacking
        counts = (("baseline", lacking.baseline), ("restricted", lacking.restricted))
        missing = [
            f"{level} lacks {count} control{'' if count == 1 else 's'}" for level, count in counts if count
        ]
        if missing:
            said[f"Meets {security.meets}; {', '.join(missing)}."] = None
        else:
            said[f"Meets {security.meets}."] = None
    return iter(said)


def _containers(page: Page) -> Iterator[Markup]:
    """Write the pod's own findings, then a part for each container, and last the findings of others."""
    by_container: dict[ContainerRef | None, list[Located]] = {}
    for located in page.findings:
        by_container.setdefault(located.finding.container, []).append(located)
    if None in by_container:
        title = "pod" if page.objects else None
        yield _part(element("h4", title) if title else None, by_container.pop(None), None)
    for number, entry in enumerate(page.objects):
        contexts = page.processes[number] if number < len(page.processes) else ()
        known = {(one.placed.container.name, one.placed.kind): one for one in contexts}
        images = entry.images or (None,) * len(entry.containers)
        for container, image in zip(entry.containers, images, strict=True):
            context = known.get((container.name, container.kind))
            values = None if context is None else chips(predicted_values(context))
            yield _part(_container_title(container, image), by_container.pop(container, []), values)
    for other, findings in by_container.items():
        if other is not None:
            yield _part(_container_title(other, None), findings, None)


def _container_title(container: ContainerRef, image: str | None) -> Markup:
    kind = "container" if container.kind == "container" else f"{container.kind} container"
    return element(
        "h4",
        f"{kind} ",
        element("b", container.name or "(no name)"),
        element("span", f" {image}", class_="soft mono") if image else None,
    )


def _part(title: Markup | None, findings: list[Located], values: Markup | None) -> Markup:
    serious = [one for one in findings if not _is_advice(one)]
    advice = [one for one in findings if _is_advice(one)]
    order = list(Severity)
    serious.sort(key=lambda one: (one.suppression is not None, order.index(one.finding.severity)))
    open_ones = [one for one in serious if one.suppression is None]
    remedy = remedy_of(one.finding for one in open_ones)
    fix = None
    if remedy:
        parts: list[Markup] = []
        for paste in remedy.pastes:
            where = f" in {paste.route}" if paste.route else ""
            parts.append(element("p", "write", element("span", where, class_="soft")))
            parts.append(element("pre", join(paste.text.split("\n"), raw("\n"))))
        if remedy.removed:
            fields = join((element("code", route) for route in remedy.removed), ", ")
            parts.append(element("p", "remove ", fields))
        if remedy.careful:
            parts.append(element("p", "Try it: the workload may need what this takes away.", class_="soft"))
        fix = element("div", element("h5", "To fix"), *parts, class_="fix")
    source = frame(open_ones)
    return element(
        "section",
        title,
        values,
        element("ul", *map(finding_item, serious), class_="findings") if serious else None,
        element("div", source, fix, class_="pair") if source and fix else source or fix,
        element("ul", *map(finding_item, advice), class_="findings advice") if advice else None,
    )


def finding_item(located: Located) -> Markup:
    """Write one finding in a line or two, with why it was accepted where it was."""
    finding, place = located.finding, located.place
    severity = finding.severity
    helps = [text for text in finding.help if not text.endswith(_FORBIDS)]
    if located.read_as:
        helps.append(f"holds once this is written: {located.read_as}")
    if located.more_related:
        helps.append(f"and {located.more_related:,} more places that are not shown")
    accepted = located.suppression
    return element(
        "li",
        element("span", f"{'○' if accepted else SIGNS[severity]} {severity.value}", class_="sev"),
        " ",
        element("code", finding.check),
        " ",
        element("span", lead_with_rule(finding.whole_message), class_="msg"),
        " ",
        element("span", f"{place.line}:{place.column}", class_="at"),
        *(element("p", text, class_="help") for text in helps),
        element("p", suppression_words(accepted), class_="help") if accepted else None,
        class_="accepted" if accepted else severity.value,
    )


def suppression_words(accepted: Suppression) -> str:
    """Say why a finding does not count."""
    by = "in the baseline" if accepted.kind == "baseline" else "in the manifest"
    more = [f"owner {accepted.owner}"] if accepted.owner else []
    more += [f"until {accepted.until}"] if accepted.until else []
    behind = f" ({', '.join(more)})" if more else ""
    return f"accepted {by}{behind}" + (f": {accepted.reason}" if accepted.reason else "")


def _unlisted(entry: Unlisted) -> Markup:
    return element(
        "p", f"and {entry.count:,} more {entry.severity.value}s of {entry.check}, not listed", class_="soft"
    )


def _is_advice(located: Located) -> bool:
    return located.finding.advice and located.finding.severity is Severity.NOTE
