"""Reads HTML pages as a browser would, as far as tests ask: elements, anchors, links and texts."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

VOID = frozenset(("meta", "link", "input", "br", "wbr", "rect", "line", "path", "circle", "use", "polygon"))
LEFT_OPEN = frozenset(("td",))
"""End tags that a page may leave out."""


class Page(HTMLParser):
    """A page that was taken apart: a wrongly nested one is an AssertionError."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LEFT_OPEN and self.open[-1] in LEFT_OPEN:
            self.open.pop()
        self.tags.append(tag)
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1] in LEFT_OPEN and tag not in LEFT_OPEN:
            self.open.pop()
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.append((self.open[-1], data))

    def text(self) -> str:
        """What people read, without style and script."""
        return " ".join(data for tag, data in self.texts if tag not in ("style", "script"))

    def inside(self, tag: str) -> str:
        return "".join(data for where, data in self.texts if where == tag)


def assert_self_contained(html: str) -> Page:
    """A page loads nothing and runs nothing but its own, which its policy allows by hashes."""
    page = Page(html)
    policy = next(
        value for tag, name, value in page.attributes if name == "content" and "default-src" in value
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["style-src"] == _hash(page.inside("style"))
    assert page.tags.count("style") == 1
    assert rules.get("script-src") == (_hash(page.inside("script")) if "script" in page.tags else None)
    assert page.tags.count("script") <= 1
    assert set(rules) <= {"default-src", "base-uri", "form-action", "style-src", "script-src"}
    assert not {"iframe", "object", "embed", "img", "link", "base", "form", "audio", "video"} & set(page.tags)
    outside = re.compile(r"(?i)(?:https?:)?//|javascript:|data:")
    for tag, name, value in page.attributes:
        assert name != "style", f"<{tag} style> is against the policy"
        assert not name.startswith("on"), f"<{tag} {name}> is a script"
        if name in ("href", "src", "action", "xlink:href"):
            assert value.startswith("#"), f"<{tag} {name}={value}> leads out of the page"
    assert not outside.search(re.sub(r"//[^\n]*", "", page.inside("style")))
    assert "url(" not in page.inside("style")
    assert "@import" not in page.inside("style")
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    for link in page.links:
        assert link[1:] in page.ids, f"{link} leads nowhere"
    return page


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
