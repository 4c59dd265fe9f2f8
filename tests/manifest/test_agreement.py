"""Values, places and the server's values are three readings of one text, so they agree on every text."""

import json
import lzma
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from yaml_texts import TEXTS, mutants

from podproof.kube.server_yaml import YAMLError, to_json_value
from podproof.manifest.document import Document, UnreadableDocument
from podproof.manifest.reader import read
from podproof.manifest.route import Route
from podproof.manifest.scalars import key_text, resolve_plain

ANSWERS = Path(__file__).parents[1] / "conformance" / "data" / "api" / "answers.jsonl.xz"

MUTANTS = 1_500


def recorded() -> Iterator[str]:
    """Give the bodies in YAML that real servers answered."""
    with lzma.open(ANSWERS, "rt") as lines:
        for line in lines:
            answer = json.loads(line)
            if answer["content_type"] == "application/yaml":
                yield answer["body"]


def leaves(value: Any) -> Iterator[tuple[Route, Any]]:
    """Give the route and value of every scalar."""
    pending: list[tuple[Route, Any]] = [((), value)]
    while pending:
        route, one = pending.pop()
        if isinstance(one, dict):
            pending.extend(((*route, key), child) for key, child in one.items())
        elif isinstance(one, list):
            pending.extend(((*route, i), child) for i, child in enumerate(one))
        else:
            yield route, one


def as_json(value: Any) -> Any:
    """Write a value as Go's JSON has it: a whole float is its shortest digits, filled up by zeros."""
    if isinstance(value, dict):
        return {key: as_json(child) for key, child in value.items()}
    if isinstance(value, list):
        return [as_json(child) for child in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(Decimal(repr(value)))
    return value


def assert_places_agree(text: str, document: Document) -> None:
    """Each scalar that stands on one line reads alone as its value, and so does each key.

    A block scalar with nothing but blanks in it ends at its header for a place, so these are left out.
    """
    for route, value in leaves(document.value):
        place = document.place(route)
        alone = text.encode()[place.offset : place.end_offset].decode()
        if not any(char in alone for char in "\n|>"):
            (again,) = read("f.yaml", f"# one\n- {alone}\n".encode())
            assert isinstance(again, Document), (text, route, alone)
            assert repr(again.value) == repr([value]), (text, route, alone)
        if route and isinstance(route[-1], str):
            place = document.place(route, key=True)
            written = text.encode()[place.offset : place.end_offset].decode()
            if written.isalnum():
                assert key_text(resolve_plain(written)) == route[-1], (text, route, written)


def assert_readings_agree(text: str) -> str:
    """Compare the readings of one text; gives what the reader made of it."""
    text = f"# a comment: the text is not taken for JSON\n{text}"
    results = list(read("f.yaml", text.encode()))
    try:
        server, refusal = to_json_value(text.encode()), ""
    except YAMLError as error:
        server, refusal = None, str(error)
    if len(results) != 1:
        return "several"
    (result,) = results
    if isinstance(result, Document):
        assert_places_agree(text, result)
        assert server is not None or refusal.startswith("json: unsupported value"), (text, refusal)
        if server is not None and not result.duplicates:
            assert repr(server.value) == repr(as_json(sorted_keys(result.value))), text
        return "read"
    if isinstance(result, UnreadableDocument):
        ignored = "Kubernetes ignores" in result.message
        assert server is None or ignored, (text, result.message)
        return "refused"
    assert server is not None, (text, refusal)
    assert server.value is None
    return "empty"


def sorted_keys(value: Any) -> Any:
    """Order mappings as the server does, by the bytes of their keys."""
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value, key=str.encode)}
    return [sorted_keys(child) for child in value] if isinstance(value, list) else value


@pytest.mark.parametrize("text", TEXTS)
def test_readings_agree(text: str) -> None:
    assert assert_readings_agree(text) in ("read", "refused")


def test_readings_of_mutants_agree() -> None:
    outcomes = [assert_readings_agree(text) for text in mutants(MUTANTS, 20)]
    assert outcomes.count("read") > MUTANTS / 5
    assert outcomes.count("refused") > MUTANTS / 5


def test_readings_of_recorded_bodies_agree() -> None:
    outcomes = [assert_readings_agree(text) for text in recorded()]
    assert outcomes.count("read") > 100
