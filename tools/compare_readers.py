#!/usr/bin/env python3
"""Compares the native reader with the Python one: values, lines, trees, and the span of every key and value.

    python -m tools.compare_readers [--mutants N] [--seed S] [FILE OR FOLDER...]

Without files it takes the texts of tests/yaml_texts.py and the examples, and mutants of both. Prints what was
compared, or the first difference and ends with 1. `./test` does the same with fewer mutants.
"""

import argparse
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from podproof.manifest.document import Document
from podproof.manifest.file_text import FileText
from podproof.manifest.limits import DEFAULT
from podproof.manifest.native import native_reader, read_natively
from podproof.manifest.route import Route
from podproof.manifest.split import split
from podproof.manifest.syntax_tree import CollectionNode, ScalarNode
from podproof.manifest.yaml_text import read_yaml

ROOT = Path(__file__).resolve().parents[1]
MUTANTS = 1_000_000


def compare(body: bytes) -> int:
    """Read one document in both ways; gives the number of spans that are equal, 0 where only Python reads it.

    Raises AssertionError: they differ, with the document and what is different.
    """
    text = FileText(body)
    read = read_natively("f.yaml", 1, text, 0, text.data, 1, DEFAULT)
    if read is None:
        return 0
    other = read_yaml("f.yaml", 1, text, 0, text.data, text.data.decode(), 1, DEFAULT)
    assert isinstance(other, Document), (body, read.value, other)
    # by what they print: 1 is True for ==, and nan is not nan
    assert repr(read.value) == repr(other.value), (body, read.value, other.value)
    facts = [(one.line, one.source, one.duplicates) for one in (read, other)]
    assert facts[0] == facts[1], (body, facts)
    assert _tree(read) == _tree(other), (body, _tree(read), _tree(other))
    spans = 0
    for route in _routes(other.value):
        for key in (False, True):
            places = [one.place(route, key=key) for one in (read, other)]
            assert places[0] == places[1], (body, route, key, places)
            spans += 1
        repeated = [one.duplicate_places(route, 10) for one in (read, other)]
        assert repeated[0] == repeated[1], (body, route, repeated)
    return spans


def compare_all(bodies: Iterable[bytes]) -> tuple[int, int, int]:
    """Compare documents; gives how many there were, how many the native reader has read, and their spans."""
    count = read = spans = 0
    for body in bodies:
        equal = compare(body)
        count, read, spans = count + 1, read + (equal > 0), spans + equal
    return count, read, spans


def documents_in(path: Path) -> Iterator[bytes]:
    """Give every document of a file, or of all YAML files in a folder."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file() and file.suffix in (".yaml", ".yml"):
            data = FileText(file.read_bytes()).data
            yield from (data[start:end] for start, end, _ in split(data))


def small_examples() -> list[str]:
    """Give the examples' documents that are short enough to be changed and read many times."""
    found = (body.decode() for body in documents_in(ROOT / "examples"))
    return [text for text in found if 0 < len(text) < 2000]


def _tree(document: Document) -> list[object]:
    """Give all there is to know of a document's nodes, in their order."""
    nodes: list[object] = []
    pending = [document.syntax().root]
    while pending:
        node = pending.pop()
        if isinstance(node, CollectionNode):
            nodes.append((node.start, node.end, node.line, node.is_mapping, len(node.children)))
            pending += node.children
        elif isinstance(node, ScalarNode):
            facts = node.start, node.end, node.line, node.text, node.tag, node.plain, node.is_block
            nodes.append(facts)
    return nodes


def _routes(value: Any) -> Iterator[Route]:
    """Give the route of every key and value, and of some that are not there."""
    pending: list[tuple[Route, Any]] = [((), value)]
    while pending:
        route, one = pending.pop()
        yield route
        if isinstance(one, dict):
            yield (*route, "\0")
            pending.extend(((*route, key), child) for key, child in one.items())
        elif isinstance(one, list):
            yield (*route, len(one))
            pending.extend(((*route, i), child) for i, child in enumerate(one))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--mutants", type=int, default=MUTANTS)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    if native_reader() is None:
        print("there is no native reader here: start ./test once, with a Rust toolchain", file=sys.stderr)
        return 2
    sys.path.insert(0, str(ROOT / "tests"))
    from yaml_texts import HOSTILE, TEXTS, mutants

    print(f"seed {arguments.seed}")
    try:
        for path in arguments.paths or [ROOT / "examples"]:
            _report(str(path), documents_in(path))
        if not arguments.paths:
            _report("texts", (*HOSTILE, *(text.encode() for text in TEXTS)))
            texts = TEXTS + small_examples()
            found = mutants(arguments.mutants, arguments.seed, texts)
            _report("mutants", (text.encode() for text in found))
    except AssertionError as difference:
        print(f"the readers differ: {difference}")
        return 1
    return 0


def _report(name: str, bodies: Iterable[bytes]) -> None:
    count, read, spans = compare_all(bodies)
    print(f"{name}: {count} documents, of which the native reader read {read}; {spans} spans are equal")


if __name__ == "__main__":
    sys.exit(main())
