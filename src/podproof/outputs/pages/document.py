"""The frame of every page: title, style, script, facts and sections come in, one whole file goes out.

Nothing is loaded from anywhere: a Content-Security-Policy allows the page's own style and script by their
hashes and forbids the rest. A page reads without its script. The date is an argument; this module reads no
clock.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256

from .markup import Content, Markup, element, join, raw
from .style import STYLE

__all__ = ["Fact", "document", "facts", "headline"]

Fact = tuple[str, str]
"""What it is, and what it is here: `("Kubernetes", "v1.37")`."""

_WIDE = 44
"""Characters of a fact from which on it gets a line for itself."""


def document(title: str, body: Iterable[Markup], *, style: str = "", script: str = "") -> Iterator[str]:
    """Write a page piece by piece; `style` is added to that of all pages."""
    whole_style = f"{STYLE}\n{style}" if style else STYLE
    policy = (
        f"default-src 'none'; style-src '{_hash(whole_style)}'; "
        + (f"script-src '{_hash(script)}'; " if script else "")
        + "base-uri 'none'; form-action 'none'"
    )
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield f"{element('title', title)}\n<style>{whole_style}</style>\n</head>\n<body>\n"
    yield from body
    yield f"<script>{script}</script>\n" if script else ""
    yield "</body>\n</html>\n"


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def headline(verb: str, mood: str, sentence: str, *lead: Content) -> Markup:
    """Write what comes first: the verdict in one sentence with its sign, and what it is made of.

    `mood` is good, warn or bad.
    """
    sign = {"good": "✓", "warn": "!", "bad": "✗"}[mood]
    return join(
        (
            element("p", f"podproof {verb}", class_="eyebrow"),
            element(
                "h1",
                element("span", sign, class_=f"sign {mood}", aria_hidden="true"),
                element("span", sentence),
            ),
            *(element("p", one, class_="lead") for one in lead if one),
            raw("\n"),
        )
    )


def facts(entries: Iterable[Fact]) -> Markup:
    """Write date, versions and configuration as a list of terms; what has one name stands together."""
    values: dict[str, list[str]] = {}
    for name, value in entries:
        if value:
            values.setdefault(name, []).append(value)
    terms = (
        element(
            "div",
            element("dt", name),
            *(element("dd", value) for value in said),
            class_="wide" if len(said) > 1 or len(said[0]) > _WIDE else None,
        )
        for name, said in values.items()
    )
    return join((element("dl", *terms, class_="facts"), raw("\n")))
