"""Edits of made-up documents in made-up styles: the value is the one that is meant, and nothing else changes.

Each document is written by a writer of the test's own, with an indentation, lists, quotes, line ends and
comments drawn from a seed, between two other documents or alone. Edits set, add and remove at random places.
"""

import json
import random
import re
from copy import deepcopy
from typing import Any

import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.edits.text.apply import TextEditError, edit_text
from podproof.edits.text.same import is_same
from podproof.edits.text.spans import change_text
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.manifest.route import Route, value_at

SCALARS: list[Any] = [
    0, 7, -3, 1.5, True, False, None, "", "a", "a b", "yes", "007", "x: y", "# no", "- d", "it's", "é",
    "a\nb", "*x", "{", "1e3", "~", " pad ", "@at", "%p", "key:", "ends\n",
]  # fmt: skip
KEYS = ["a", "b", "name", "securityContext", "x-y", "with space", "8", "true", "é", "q:r"]


class Writer:
    """Writes values as YAML in one style."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.step = chance.choice([2, 2, 2, 4])
        self.list_step = chance.choice([0, 0, 2])
        self.flow = chance.choice([0.0, 0.1, 0.5])
        self.comments = chance.choice([0.0, 0.3])
        self.blank = chance.choice([0.0, 0.2])
        self.said = 0

    def comment(self) -> str:
        self.said += 1
        return f"# said {self.said}."

    def document(self, value: dict[str, Any]) -> str:
        return "".join(f"{line}\n" for line in self.block(value, 0))

    def block(self, value: Any, depth: int) -> list[str]:
        """Give the lines of a mapping or a list that is not empty."""
        lines: list[str] = []
        items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, item in items:
            pad = " " * depth
            if self.chance.random() < self.comments / 2:
                lines.append(pad + self.comment())
            if lines and self.chance.random() < self.blank:
                lines.append("")
            head = "-" if key is None else f"{self.text(key)}:"
            tail = f"  {self.comment()}" if self.chance.random() < self.comments else ""
            if not isinstance(item, dict | list) or not item or self.chance.random() < self.flow:
                lines.append(f"{pad}{head} {self.inline(item)}{tail}")
                continue
            below = self.list_step if isinstance(item, list) and key is not None else self.step
            inner = self.block(item, depth + below if key is not None else depth + 2)
            if key is None and inner[0].lstrip()[0] != "#":
                lines += [f"{pad}- {inner[0].lstrip()}", *inner[1:]]
            else:
                lines += [f"{pad}{head}{tail}", *inner]
        return lines

    def inline(self, value: Any) -> str:
        if isinstance(value, dict):
            return (
                "{" + ", ".join(f"{self.text(key)}: {self.inline(item)}" for key, item in value.items()) + "}"
            )
        if isinstance(value, list):
            return "[" + ", ".join(map(self.inline, value)) + "]"
        return self.text(value)

    def text(self, value: Any) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        if value.isascii() and value.isalpha() and value not in ("yes", "true", "null", "no", "on", "off"):
            return self.chance.choice([value, value, f"'{value}'", f'"{value}"'])
        if "\n" not in value and self.chance.random() < 0.5:
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=False)


def made(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if depth == 0 or (depth < 4 and kind < 0.35):
        keys = chance.sample(KEYS, chance.randint(1, 4))
        return {key: made(chance, depth + 1) for key in keys}
    if depth < 4 and kind < 0.55:
        return [made(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    return chance.choice(SCALARS)


def routes(value: Any, route: Route = ()) -> list[Route]:
    found = [route]
    if isinstance(value, dict):
        for key, item in value.items():
            found += routes(item, (*route, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += routes(item, (*route, index))
    return found


def drawn(value: Any, chance: random.Random) -> list[Edit]:
    """Draw edits one after the other, each for the value that the ones before have made."""
    edits: list[Edit] = []
    for _ in range(chance.randint(1, 4)):
        there = routes(value)
        route = chance.choice(there)
        target = value_at(value, route)
        if isinstance(target, dict) and chance.random() < 0.6:
            edit = Edit((*route, chance.choice(KEYS)), "set", made(chance, 2))
        elif not route:
            continue
        else:
            edit = chance.choice([Edit(route, "remove"), Edit(route, "set", made(chance, 2))])
        value = apply_edits(value, [edit])
        edits.append(edit)
    return edits


def document_in(text: str, index: int) -> Document:
    (found,) = (
        one for one in read("a.yaml", text.encode()) if isinstance(one, Document) and one.index == index
    )
    return found


@pytest.mark.parametrize("seed", range(40))
def test_what_is_written_is_what_is_meant(seed: int) -> None:
    chance = random.Random(seed)
    refused = tried = 0
    for _ in range(25):
        writer, value = Writer(chance), made(chance)
        text, index = writer.document(value), 1
        if chance.random() < 0.5:
            other = f"kind: A {writer.comment()}\n"
            text, index = f"{other}---\n{text}---\n{other}", 2
        if chance.random() < 0.2:
            text = text.replace("\n", "\r\n")
        if chance.random() < 0.2:
            text = text.rstrip("\r\n")
        document = document_in(text, index)
        assert is_same(document.value, value), text
        edits = drawn(deepcopy(value), chance)
        tried += 1
        try:
            spans = edit_text(document, edits)
        except TextEditError:
            refused += 1
            continue
        changed = change_text(text, spans)
        after = document_in(changed, index)
        assert is_same(after.value, apply_edits(value, edits)), text
        assert [one for one in re.findall(r"# said \d+\.", text) if one not in changed] == [], (text, changed)
        assert edit_text(after, ()) == ()
        outside = [one for one in read("a.yaml", changed.encode()) if getattr(one, "index", 0) != index]
        assert len(outside) == (2 if index == 2 else 0), (text, changed)
        assert ("\r\n" in text) <= (changed.count("\n") == changed.count("\r\n")), (text, changed)
    assert refused <= tried / 4
