"""Text and HTML kept apart by their types: text comes in and is escaped, `Markup` goes out.

A plain `str` is text of whatever origin, a manifest's included, and is made printable and escaped wherever it
enters a page. Only what this module made is a `Markup`, which enters as it is. Nothing here knows a page.
"""

from collections.abc import Iterable
from html import escape

from ..plain import one_line

__all__ = ["Content", "Markup", "element", "join", "path", "raw", "void"]


class Markup(str):
    """HTML that is well-formed by itself."""

    __slots__ = ()


Content = str | Markup | None
"""What an element holds: text, HTML, or nothing."""


def raw(html: str) -> Markup:
    """Take HTML that is written in this program as it is; nothing that others wrote may be in it."""
    return Markup(html)


def _html(content: Content) -> str:
    if content is None:
        return ""
    return content if isinstance(content, Markup) else escape(one_line(content))


def element(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """Write an element; an attribute that is None or False is left out, and True needs no value.

    A trailing underscore is no part of an attribute's name (`class_`), others are hyphens.
    """
    return Markup(f"{_open(name, attributes)}{''.join(map(_html, content))}</{name}>")


def void(name: str, /, **attributes: str | int | bool | None) -> Markup:
    """Write an element that has no content, as HTML and SVG both read it."""
    return Markup(_open(name, attributes)[:-1] + "/>")


def join(parts: Iterable[Content], between: Content = None) -> Markup:
    """Put parts beside each other."""
    return Markup(_html(between).join(map(_html, parts)))


def path(text: str, between: str = "/") -> Markup:
    """Write a file's name, or another one of parts, so that a line ends between these and not within one."""
    return join(text.split(between), join((between, raw("<wbr>"))))


def _open(name: str, attributes: dict[str, str | int | bool | None]) -> str:
    if not attributes:
        return f"<{name}>"
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        written.append(key if value is True else f'{key}="{escape(one_line(str(value)))}"')
    return f"<{' '.join((name, *written))}>"
