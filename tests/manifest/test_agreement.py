"""Values, places and the server's values are three readings of one text, so they agree on every text."""

import json
import lzma
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from podproof.kube.server_yaml import YAMLError, to_json_value
from podproof.manifest.document import Document, UnreadableDocument
from podproof.manifest.reader import read
from podproof.manifest.route import Route
from podproof.manifest.scalars import key_text, resolve_plain

ANSWERS = Path(__file__).parents[1] / "conformance" / "data" / "api" / "answers.jsonl.xz"

TEXTS = [
    # chapter 2 of the YAML specification, as far as one document goes
    "- Mark McGwire\n- Sammy Sosa\n- Ken Griffey\n",
    "hr:  65    # Home runs\navg: 0.278 # Batting average\nrbi: 147   # Runs Batted In\n",
    "american:\n- Boston Red Sox\n- Detroit Tigers\nnational:\n- New York Mets\n- Chicago Cubs\n",
    "-\n  name: Mark McGwire\n  hr:   65\n-\n  name: Sammy Sosa\n  hr:   63\n",
    "- [name        , hr, avg  ]\n- [Mark McGwire, 65, 0.278]\n",
    "Mark McGwire: {hr: 65, avg: 0.278}\nSammy Sosa: {\n    hr: 63,\n    avg: 0.288,\n  }\n",
    "hr:\n- Mark McGwire\n# a node for SS\n- &SS Sammy Sosa\nrbi:\n- *SS # again\n",
    "- item    : Super Hoop\n  quantity: 1\n- item    : Basketball\n  quantity: 4\n",
    "- |\n  \\//||\\/||\n  // ||  ||__\n- >\n  Mark McGwire's\n  year was crippled\n\n  by a knee injury.\n",
    'unicode: "Sosa did fine.\\u263A"\ncontrol: "\\b1998\\t1999\\t2000\\n"\nsingle: \'"Howdy!" he cried.\'\n',
    'plain:\n  This unquoted scalar\n  spans many lines.\n\nquoted: "So does this\n  quoted scalar.\\n"\n',
    "canonical: 12345\ndecimal: +12,345\noctal: 0o14\nhexadecimal: 0xC\n",
    "canonical: 1.23015e+3\nexponential: 12.3015e+02\nfixed: 1230.15\n",
    "null:\nbooleans: [ true, false ]\nstring: '012345'\n",
    "not-date: !!str 2002-04-28\npicture: !!binary |\n R0lGODlhDAAMAIQAAP\nown: !something |\n the value\n",
    # aliases and merges
    "a: &a {x: 1, k: 2}\nb: {<<: *a, k: 3}\nc: {k: 4, <<: *a}\n",
    "a: &a {x: 1}\nc: &c {x: 2}\nb:\n  <<: [*a, *c]\n  x: 4\nd: {<<: [*a, *c], y: 1}\n",
    "c: &c {x: 2}\nd: {'<<': 1, !!merge <<: *c}\n",
    "x: &x k\n*x : 1\nl: [a: 1, *x, {}, [], ]\n? |\n  key\n: v\n? z\n",
    # hostile: ends, indents, styles and characters where a reader may lose its way
    "a: |\n  x\n  # text\n\n  y\n# comment\nb: >+\n  q\n\nc: |2\n    x\n",
    "a:\nb:\n- \n- &e\n- !!str\n- ! x\n- !!int 3\n- !!float 3\n- !!binary aGk=\n",
    "{'a': 1, \"b\" : [x, y], c: {d: e}, ? f : g}\n",
    "é: ü # 😀\n😀: |\n  é\nb: 'é\n\n  x'\n",
    "y: n\n1: a\n1.5: b\n~x: c\n0x10: d\n1_0: e\n.5: f\nno: g\n",
    "a: 18446744073709551616\nb: -9223372036854775808\nc: 0b101\nd: 0777\ne: 1e3\nf: 1_000.5\n",
]
FRAGMENTS = [
    *("*a", "*x", "&a ", "<<: *a\n", "<<: [*a]\n", "<<", "a: ", "- ", ": ", "? ", "|\n", ">-\n", "#", "\n"),
    *(
        "{",
        "}",
        "[",
        "]",
        "'",
        '"',
        "  ",
        "\t",
        "!!int ",
        "!!merge ",
        "!!str ",
        "yes",
        "0x1F",
        "1_0",
        "~",
        "é",
    ),
]
MUTANTS = 1_500


def mutants() -> Iterator[str]:
    """Give texts that were cut, filled in and moved about at random, always the same ones."""
    chance = random.Random(20)
    for _ in range(MUTANTS):
        text = chance.choice(TEXTS)
        for _ in range(chance.choice((1, 1, 2, 4))):
            start = chance.randrange(len(text) + 1)
            end = min(len(text), start + chance.randrange(12))
            filling = chance.choice(("", chance.choice(FRAGMENTS), text[end : end + 12]))
            text = text[:start] + filling + text[chance.choice((start, end)) :]
        yield text


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
    outcomes = [assert_readings_agree(text) for text in mutants()]
    assert outcomes.count("read") > MUTANTS / 5
    assert outcomes.count("refused") > MUTANTS / 5


def test_readings_of_recorded_bodies_agree() -> None:
    outcomes = [assert_readings_agree(text) for text in recorded()]
    assert outcomes.count("read") > 100
