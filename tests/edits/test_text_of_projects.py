"""Random edits in the manifests of real projects: nothing but what they mean changes, and no comment goes."""

import random
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requires

from podproof.edits.apply import EditError
from podproof.edits.edit import Edit
from podproof.edits.text.apply import edit_text
from podproof.edits.text.spans import change_text
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.manifest.route import Route, value_at

COMMENT = re.compile(r"(?:(?<=[ \t])|^)#[^\r\n]*", re.MULTILINE)

VALUES: list[Any] = [True, 7, "x y", "Always", {"a": {"b": ["c"]}}, ["ALL"], [], {}, None, [{"a": 1, "b": 2}]]

SETTINGS = ((("runAsNonRoot",), True), (("capabilities", "drop"), ["ALL"]), (("seccompProfile", "type"), "x"))


def routes_of(value: Any, route: Route = ()) -> Iterator[Route]:
    yield route
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, child in children:
        yield from routes_of(child, (*route, step))


def hardened(value: Any, routes: list[Route]) -> list[Edit]:
    """Set what most containers lack, as people do first."""
    edits = []
    for route in routes:
        if len(route) < 2 or route[-2] != "containers" or not isinstance(value_at(value, route), dict):
            continue
        for path, wanted in SETTINGS:
            parent = value_at(value, (*route, "securityContext", *path[:-1]))
            if parent is None or isinstance(parent, dict):
                edits.append(Edit((*route, "securityContext", *path), "set", wanted))
    return edits


def made_up(chance: random.Random, routes: list[Route]) -> list[Edit]:
    """Set or remove a few values that have nothing to do with each other."""
    edits: list[Edit] = []
    for route in chance.sample(routes, min(len(routes), chance.randrange(1, 4))):
        length = min((len(route), *(len(edit.route) for edit in edits)))
        if not route or any(edit.route[: length - 1] == route[: length - 1] for edit in edits):
            continue
        value = chance.choice(VALUES)
        edits.append(Edit(route, "remove") if chance.random() < 0.4 else Edit(route, "set", value))
    return edits


def documents(chance: random.Random, files: int) -> Iterator[tuple[str, Document]]:
    with tarfile.open(requires.SHARED / "corpus" / "apps.tar.gz") as archive:
        members = [one for one in archive if one.name.endswith((".yaml", ".yml")) and one.size < 200_000]
        for member in chance.sample(members, files):
            content = archive.extractfile(member)
            assert content is not None
            for document in read(member.name, content.read()):
                if isinstance(document, Document) and isinstance(document.value, dict):
                    yield member.name, document


@requires.needs(requires.shared("corpus/apps.tar.gz"))
@pytest.mark.parametrize("files", [60, pytest.param(900, marks=pytest.mark.slow)])
def test_only_what_is_meant_changes(files: int) -> None:
    chance = random.Random(files)
    edited = 0
    for name, document in documents(chance, files):
        routes = list(routes_of(document.value))
        edits = hardened(document.value, routes) if chance.random() < 0.4 else made_up(chance, routes)
        if not edits:
            continue
        try:
            changes = edit_text(document, edits)  # reads the result again, and compares it
        except EditError:
            continue  # a route leads through a value that another edit has replaced
        text = change_text(document.text, changes)
        assert len(text) == len(document.text) + sum(
            len(change.text) - (change.end - change.start) for change in changes
        )
        if not any(
            isinstance(one := value_at(document.value, route), str) and "#" in one for route in routes
        ):
            lost = Counter(COMMENT.findall(document.text)) - Counter(COMMENT.findall(text))
            assert not lost, (name, edits)
        again = next(
            one
            for one in read(name, text.encode())
            if isinstance(one, Document) and one.index == document.index
        )
        if all(edit.operation == "set" for edit in edits):
            assert edit_text(again, edits) == (), (name, edits)
        edited += 1
    assert edited > files
