"""The API server's way with a YAML body: its values, its words, and its list of keys set twice."""

import json
import lzma
import re
from pathlib import Path

import pytest

from podproof.kube.server_yaml import YAMLError, to_json_value

ANSWERS = Path(__file__).parents[1] / "conformance" / "data" / "api" / "answers.jsonl.xz"

REFUSAL = re.compile(
    r"((?:yaml: (?!unmarshal)|json: unsupported value|unsupported map key).*?)(?: \([0-9a-f]+ \.\.\.\))?$"
)
TWICE = re.compile(r"yaml: unmarshal errors:(?:\n  line \d+: key .* already set in map)+")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("b: 1.0\na: 1e3", {"a": 1000, "b": 1}),
        ("a: 18446744073709551616", {"a": 18446744073709552000}),
        ("a: 1e21", {"a": 1e21}),
        ("a: 1\n---\nb: 2", {"a": 1}),
        ("a: 1\n...\njunk: [", {"a": 1}),
        ("a: 1\na: 2", {"a": 2}),
        ("a: !!binary /w==", {"a": "\ufffd"}),
        ("!!str 1: a\n2024-01-01: b", {"1": "a", "2024-01-01": "b"}),
    ],
)
def test_values(text: str, value: object) -> None:
    found = to_json_value(text.encode()).value
    assert (found, repr(found)) == (value, repr(value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a: 1\nb: - 1\n", "yaml: line 2: block sequence entries are not allowed in this context"),
        (b"a:\n  b: c: d\n", "yaml: line 2: mapping values are not allowed in this context"),
        (b"a: *x", "yaml: unknown anchor 'x' referenced"),
        (b"a: &x [*x]", "yaml: anchor 'x' value contains itself"),
        (b"a: .nan", "json: unsupported value: NaN"),
        (b"a: -.inf", "json: unsupported value: -Inf"),
        (b"~: 1", "unsupported map key of type: %!s(<nil>), key: <nil>, value: 1"),
        (b"a: {<<: 1}", "yaml: map merge requires map or sequence of maps as the value"),
        (b"a: !!int x", "yaml: cannot decode !!str `x` as a !!int"),
        (b"{a: 1}: 2", 'yaml: invalid map key: map[interface {}]interface {}{"a":1}'),
        (b"a: \x01", "yaml: control characters are not allowed"),
        (b"a: \xff", "yaml: invalid leading UTF-8 octet"),
    ],
)
def test_refusals(text: bytes, words: str) -> None:
    with pytest.raises(YAMLError) as refused:
        to_json_value(text)
    assert str(refused.value) == words


def test_keys_set_twice() -> None:
    found = to_json_value(b"a: &a\n  x: 1\nb:\n  <<: *a\n  x: 2\n  yes: 1\n  on: 2\n  1: a\n  1: b\n")
    assert found.duplicates == (
        'line 5: key "x" already set in map',
        "line 7: key true already set in map",
        "line 9: key 1 already set in map",
    )
    assert found.strict_error == "yaml: unmarshal errors:\n  " + "\n  ".join(found.duplicates)


def test_deep_nesting_ends() -> None:
    with pytest.raises(YAMLError, match="yaml: exceeded max depth of 10000"):
        to_json_value(b"[" * 100_000)
    assert to_json_value(b"[" * 900 + b"]" * 900).duplicates == ()


def test_recorded_answers() -> None:
    """Every recorded YAML body: refused where the server's converter refused, with its words and lines."""
    seen = 0
    with lzma.open(ANSWERS, "rt") as lines:
        for line in lines:
            answer = json.loads(line)
            if answer["content_type"] != "application/yaml":
                continue
            seen += 1
            message = answer.get("message") or ""
            refusal, twice = REFUSAL.search(message), TWICE.search(message)
            found, words = None, None
            try:
                found = to_json_value(answer["body"].encode())
            except YAMLError as error:
                words = str(error)
            assert words == (refusal[1] if refusal else None), message
            if found is not None and "strict decoding error" in message:
                assert found.strict_error == (twice[0] if twice else None)
    assert seen == 400
