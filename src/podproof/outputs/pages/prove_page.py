"""The page of `prove`: a proof comes in, one HTML page goes out.

The verdict comes first, with what it depends on; then statements, and each pod with its picture, what was
compared and what was tried. The page has no script; all text of manifests, images and kernels is escaped.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from ...results.proved import ClaimLine, Proof, ProvedContainer, Shown
from ..prove_words import ProvedRow, attack_rows, closing, environment_lines, field_rows, title
from .document import Fact, document, facts, headline
from .explain_style import PICTURE
from .markup import Markup, element, path, raw
from .pod_picture import picture
from .prove_style import STYLE
from .values import DANGER

__all__ = ["html"]

_MOODS = {"as predicted": "good", "not as predicted": "bad", "incomplete": "warn"}

_MARKS = {"as predicted": ("good", "✓ "), "NOT AS PREDICTED": ("bad", "✗ ")}

_DANGEROUS = {
    ("uid", "0"), ("privileged", "true"), ("seccomp", "Unconfined"), ("namespaces.net", "host"),
    ("namespaces.pid", "host"), ("namespaces.ipc", "host"), ("proc_mount", "Unmasked"),
}  # fmt: skip
"""Values of fields, as the kernel's side calls them, that reach beyond the pod."""

_LONG = 30
"""Characters of a value that is too long for one column."""


def html(proof: Proof) -> str:
    """Write the page."""
    return "".join(document("What was proven", _body(proof), style=f"{PICTURE}\n{STYLE}"))


def _body(proof: Proof) -> Iterator[Markup]:
    yield raw("<header>\n")
    yield headline("prove", _MOODS[proof.verdict], _sentence(proof), closing(proof))
    yield facts(_facts(proof))
    yield raw("</header>\n<main>\n")
    if proof.problems:
        items = (element("li", f"✗ {line}") for line in proof.problems)
        yield element("section", element("h2", "Not proven"), element("ul", *items, class_="problems"))
    if proof.claims:
        yield element("h2", "Statements")
        yield from map(_claim, proof.claims)
    pods = groupby(proof.containers, key=lambda one: (one.source, one.object))
    for number, ((source, name), containers) in enumerate(pods, 1):
        yield _pod(number, source, name, tuple(containers))
    yield raw("</main>\n")


def _facts(proof: Proof) -> Iterator[Fact]:
    """Give what the evidence depends on; the date stands as on the other pages."""
    for name, words in environment_lines(proof):
        if name != "podproof":
            yield name, words
            continue
        yield "date", str(proof.environment["time"]).replace("T", " ").replace("+00:00", " UTC")
        yield "Podproof", proof.environment["podproof"]


def _sentence(proof: Proof) -> str:
    """Say in one sentence what came out."""
    summary = proof.summary
    if proof.verdict == "as predicted":
        return "Everything is as predicted"
    if proof.verdict == "incomplete":
        count = len(proof.problems)
        return f"Incomplete: {count} problem{'' if count == 1 else 's'}, and nothing contradicts a prediction"
    claims = summary.claims.not_shown if summary.claims else 0
    counts = (
        (summary.fields.different, "field"),
        (summary.attacks.not_as_predicted, "attack"),
        (claims, "statement"),
    )
    parts = [f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count]
    return f"Not as predicted: {', '.join(parts)}"


def _claim(claim: ClaimLine) -> Markup:
    where = claim.manifest + (f", container {claim.container}" if claim.container else "")
    mood = "bad" if claim.result == "not shown" else "good"
    return element(
        "section",
        element("h3", element("span", claim.result, class_=f"chip {mood}"), f" {claim.id}"),
        element("p", path(where), class_="place"),
        element("blockquote", claim.says),
        element("p", claim.truth),
        element("ul", *map(_shown, claim.shown), class_="shown"),
        class_="claim",
    )


def _shown(shown: Shown) -> Markup:
    sign = element("strong", "✓ " if shown.holds else "✗ not shown: ")
    return element(
        "li", sign, f"{shown.by}: {shown.what}: {shown.found}", class_="good" if shown.holds else "bad"
    )


def _pod(number: int, source: str, name: str, containers: tuple[ProvedContainer, ...]) -> Markup:
    pictured = containers[0].pictured
    return element(
        "section",
        element("h2", name),
        element("p", path(source), class_="place"),
        picture(pictured, f"pod-{number}") if pictured else None,
        *map(_container, containers),
        id=f"pod-{number}",
    )


def _container(container: ProvedContainer) -> Markup:
    return element(
        "section",
        element("h3", title(container), element("span", f" {container.image}", class_="soft mono")),
        _table("field", "who says so", field_rows(container)),
        _table("attack", "evidence", attack_rows(container)),
        class_="container",
    )


def _table(first: str, last: str, rows: Iterable[ProvedRow]) -> Markup | None:
    body = [_row(row, last == "evidence") for row in rows]
    if not body:
        return None
    names = (first, "predicted", "observed", last)
    heads = [element("th", name, scope="col") for name in names]
    heads.append(element("th", "verdict", scope="col", class_="mark"))
    return element(
        "table", element("thead", element("tr", *heads)), element("tbody", *body), class_=f"proved {first}s"
    )


def _row(row: ProvedRow, code: bool) -> Markup:
    mood, sign = _MARKS.get(row.mark, ("open", ""))
    return element(
        "tr",
        element("th", path(row.name, "."), scope="row"),
        *_values(row),
        element("td", element("code", row.evidence) if code else path(row.evidence, "."), class_="soft"),
        element("td", f"{sign}{row.mark}", class_="mark"),
        class_=mood,
    )


def _values(row: ProvedRow) -> Iterator[Markup]:
    """Write what was predicted and observed; the same long text stands once, across both columns."""
    if row.predicted == row.observed and len(row.predicted) > _LONG:
        yield element("td", row.predicted, class_="same", colspan=2)
        return
    for class_, words in (("predicted", row.predicted), ("observed", row.observed)):
        dangerous = (row.name, words) in _DANGEROUS
        yield element(
            "td",
            f"{DANGER} {words}" if dangerous else words,
            class_=f"{class_} danger" if dangerous else class_,
        )
