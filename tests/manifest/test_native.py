"""The native reader reads what it reads as the Python one does, and leaves everything unusual to it."""

import json
import lzma
import os
import re
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requires
from yaml_texts import HOSTILE, TEXTS, mutants

from podproof.manifest import native
from podproof.manifest.document import Document
from podproof.manifest.file_text import FileText
from podproof.manifest.limits import Limits
from podproof.manifest.reader import read
from podproof.manifest.scalars import MAY_BE_SPECIAL, key_text, resolve_plain
from podproof.manifest.split import split
from tools.compare_readers import compare, compare_all, documents_in, small_examples

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ROOT / "tests" / "conformance" / "data" / "api" / "answers.jsonl.xz"
SPECIAL = "".join(MAY_BE_SPECIAL)

MUTANTS = 3_000
SLOW_MUTANTS = 25_000
"""Of each of eight seeds."""

with_reader = pytest.mark.skipif(
    native.native_reader() is None, reason="the native reader is switched off, or not built: it needs Rust"
)


def native_read(data: bytes, max_depth: int = 1000) -> tuple[object, int, bytes] | None:
    reader = native.native_reader()
    assert reader is not None
    return reader.read(data, max_depth)


def recorded() -> Iterator[bytes]:
    """The bodies in YAML that real servers answered."""
    with lzma.open(ANSWERS, "rt") as lines:
        for line in lines:
            answer = json.loads(line)
            if answer["content_type"] == "application/yaml":
                yield answer["body"].encode()


@with_reader
def test_texts_and_examples_are_read_alike() -> None:
    bodies = [*HOSTILE, *(text.encode() for text in TEXTS), *recorded(), *documents_in(ROOT / "examples")]
    count, read_natively, spans = compare_all(bodies)
    assert read_natively > count / 2
    assert spans > 10_000


@with_reader
def test_mutants_are_read_alike() -> None:
    texts = TEXTS + small_examples()
    _, read_natively, _ = compare_all(text.encode() for text in mutants(MUTANTS, 1, texts))
    assert read_natively > MUTANTS / 4


@with_reader
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
def test_many_mutants_are_read_alike(seed: int) -> None:
    texts = TEXTS + small_examples()
    _, read_natively, _ = compare_all(text.encode() for text in mutants(SLOW_MUTANTS, seed, texts))
    assert read_natively > SLOW_MUTANTS / 4


@with_reader
@pytest.mark.slow
@requires.needs(requires.shared("corpus/apps.tar.gz"))
def test_manifests_of_real_projects_are_read_alike() -> None:
    count = read_natively = 0
    with tarfile.open(requires.SHARED / "corpus" / "apps.tar.gz") as files:
        for member in files:
            stream = files.extractfile(member) if member.name.endswith((".yaml", ".yml")) else None
            if stream is not None:
                data = FileText(stream.read()).data
                for start, end, _ in split(data):
                    count += 1
                    read_natively += compare(data[start:end]) > 0
    assert count > 3000
    assert read_natively > 0.99 * count


@with_reader
def test_a_value_its_line_and_its_tape() -> None:
    text = b"# a comment\n\na: [b, 1]\n'c':\n- |\n  d\n  # e\n# f\n"
    document = native_read(text)
    assert document is not None
    value, line, tape = document
    assert value == {"a": ["b", 1], "c": ["d\n# e\n"]}
    assert line == 2
    numbers = memoryview(tape).cast("I").tolist()
    nodes = [numbers[i : i + 4] for i in range(0, len(numbers), 4)]
    shown = [(text[start : (end if kind != 3 else start)], after, kind) for start, end, after, kind in nodes]
    assert shown == [
        (b"", 32, 3),
        (b"a", 8, 0),
        (b"[b, 1]", 20, 2),
        (b"b", 16, 0),
        (b"1", 20, 0),
        (b"'c'", 24, 0),
        (b"", 32, 3),
        (b"|\n  d\n  # e\n", 32, 1),
    ]
    assert [end for _, end, _, kind in nodes if kind == 3] == [28, 28]


@with_reader
@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "!!str a",
        "a: !own b",
        "&a b",
        "[&a b, *a]",
        "<<: {a: b}",
        "'<<': a",
        "{a: 1, a: 2}",
        "{1: a, '1': b}",
        "{yes: a, true: b}",
        "~: a",
        "18446744073709551615: a",
        "[a]: b",
        "{{ a }}",
        "%YAML 1.1\n--- a",
        "a: b\n--- c",
        "a: b\n]",
        "'a",
        "a: b\x01",
        "\ufeffa: b",
        "[" * 101 + "]" * 101,
    ],
)
def test_what_is_unusual_is_left_to_python(text: str) -> None:
    assert native_read(text.encode()) is None


@with_reader
def test_what_is_not_utf_8_is_left_to_python() -> None:
    assert native_read(b"a: \xff") is None
    assert native_read("a: \ud800".encode("utf-8", "surrogatepass")) is None


@with_reader
def test_a_route_is_followed_as_far_as_it_leads() -> None:
    from podproof_reader import reach

    found = native_read(b"a: {b: [1, {c: 2}]}\nd:\n- x\n- e: f\n")
    assert found is not None
    value, _, tape = found
    routes: dict[tuple[str | int, ...], tuple[int, int | None, int]] = {
        (): (0, None, 0),
        ("a",): (1, 4, 8),
        ("a", "b"): (2, 12, 16),
        ("a", "b", 1, "c"): (4, 28, 32),
        ("a", "b", 2): (2, 12, 16),
        ("a", "b", -1): (2, 12, 16),
        ("a", "b", "0"): (2, 12, 16),
        ("a", "b", 0, "c"): (3, None, 20),
        ("d", 1, "e"): (3, 52, 56),
        ("z", "a"): (0, None, 0),
        (0,): (0, None, 0),
    }
    assert {route: reach(value, tape, route) for route in routes} == routes
    assert reach(value, tape[:32], ("d",)) is None


@with_reader
@pytest.mark.parametrize("count", [63, 64, 65, 200])
def test_places_among_many_members_are_those_among_few(count: int) -> None:
    from podproof_reader import reach

    text = "".join(f"k{number}: [{', '.join('abc')}]\n" for number in range(count))
    text += f"list:\n{''.join(f'- v{number}{chr(10)}' for number in range(count))}"
    (document,) = read("f.yaml", text.encode())
    assert isinstance(document, Document)
    for number in (0, count // 2, count - 1):
        place = document.place((f"k{number}", 1))
        assert (place.line, text[place.offset : place.end_offset]) == (number + 1, "b")
        place = document.place((f"k{number}",), key=True)
        assert text[place.offset : place.end_offset] == f"k{number}"
        place = document.place(("list", number))
        assert (place.line, text[place.offset : place.end_offset]) == (count + 2 + number, f"v{number}")
    found = native_read(text.encode())
    assert found is not None
    value, _, tape = found
    assert (reach(value, tape, ("k0",)) is None) == (count + 1 > 64)


@with_reader
def test_a_lower_limit_of_depth_holds() -> None:
    assert native_read(b"[[a]]", 2) is not None
    assert native_read(b"[[[a]]]", 2) is None
    (refused,) = read("f.yaml", b"- - - a\n", Limits(max_depth=2))
    assert "nested deeper than 2 levels" in getattr(refused, "message", "")


@with_reader
def test_rules_are_asked_once_for_a_text_and_remembered() -> None:
    import podproof_reader

    asked: list[object] = []

    def resolve(text: str) -> object:
        asked.append(text)
        return resolve_plain(text)

    reader = podproof_reader.Reader(SPECIAL, resolve, key_text)
    for _ in range(2):
        assert reader.read(b"[true, true, 8080, web, '8080', ~, ]", 9) is not None
    assert asked == ["true", "8080", "~"]
    # more texts than it remembers
    many = b"[" + b", ".join(b"%d" % number for number in range(10_000)) + b"]"
    document = reader.read(many, 9)
    assert document is not None
    assert document[0] == list(range(10_000))


@with_reader
def test_what_a_rule_raises_comes_out_and_the_reader_goes_on() -> None:
    import podproof_reader

    def resolve(text: str) -> object:
        if text == "no":
            raise KeyboardInterrupt
        return reader.read(b"[0, 1]", 9) if text == "yes" else resolve_plain(text)

    reader: Any = podproof_reader.Reader(SPECIAL, resolve, key_text)
    with pytest.raises(KeyboardInterrupt):
        reader.read(b"a: [b, no]", 9)
    # a rule that reads, and one that gives no key
    assert reader.read(b"a: [yes, 1]", 9)[0]["a"][0][0] == [0, 1]
    assert reader.read(b"~: a", 9) is None


@with_reader
def test_threads_may_read_at_the_same_time() -> None:
    texts = [f"name-{n}: [{n}, n{n}, true]\n" for n in range(200)]
    results: list[list[object]] = []

    def work() -> None:
        results.append([(native_read(text.encode()) or ("",))[0] for text in texts])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[{f"name-{n}": [n, f"n{n}", True]} for n in range(200)]] * 8


@with_reader
def test_a_package_with_another_interface_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import podproof_reader

    monkeypatch.setattr(podproof_reader, "INTERFACE", 0)
    assert native.native_reader.__wrapped__() is None


def test_without_the_package_python_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "podproof_reader", None)
    monkeypatch.setattr(native, "native_reader", native.native_reader.__wrapped__)
    (document,) = read("f.yaml", b"a: {b: c}\n")
    assert isinstance(document, Document)
    assert document.place(("a", "b")).column == 8
    assert native.describe_reader() == "Python (podproof-reader is not installed, or switched off)"


def podproof(*arguments: str, reader: str) -> str:
    """What a command prints, without the time that it took."""
    result = subprocess.run(
        [sys.executable, "-m", "podproof", *arguments],
        env=os.environ | {"PODPROOF_READER": reader},
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    return re.sub(r'"seconds": [0-9.]+', "", f"{result.returncode}\n{result.stdout}\n{result.stderr}")


@with_reader
@pytest.mark.parametrize("verb", ["check", "explain"])
def test_the_output_does_not_tell_which_reader_was_used(verb: str) -> None:
    outputs = [podproof(verb, "--format", "json", "examples", reader=reader) for reader in ("", "python")]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 10_000


@with_reader
def test_version_tells_which_reader_is_used() -> None:
    assert "YAML is read by podproof-reader 0.1.0, and by" in podproof("--version", "-v", reader="")
    assert "YAML is read by Python (" in podproof("--version", "-v", reader="python")
    assert "YAML" not in podproof("--version", reader="")


def test_verbose_goes_with_version() -> None:
    assert podproof("-v", "check", "examples", reader="").startswith("2\n")
