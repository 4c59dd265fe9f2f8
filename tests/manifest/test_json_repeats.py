"""The key that stands twice is found where the exact reader finds it, however it is written and nested."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from podproof.manifest.document import Document
from podproof.manifest.json_proofs import lost_colons, with_plain_colons
from podproof.manifest.json_repeats import first_repeat
from podproof.manifest.reader import read

_KEYS = st.sampled_from(["a", "b", "", "a:b", ":", "é", "😀", '"', "\\", "{", "\ufffd", "a.b/c"])
_BLANKS = st.sampled_from(["", "", "", " ", "\n\t"])
_SCALARS = st.sampled_from(
    [
        "0",
        "-0",
        "1e3",
        "1.50",
        "123456789012345678",
        "null",
        "true",
        '"a:b"',
        '"{\\"a\\":1}"',
        '"\\u003a"',
        '"é"',
    ]
)


@st.composite
def _written_key(draw: st.DrawFn) -> str:
    """Write a key, with some of its characters as escapes."""
    key = draw(_KEYS)
    text = json.dumps(key, ensure_ascii=draw(st.booleans()))
    if key and key[0].isalnum() and key[0].isascii() and draw(st.booleans()):
        text = f'"\\u{ord(key[0]):04x}{text[2:]}'
    return text.replace(":", draw(st.sampled_from([":", "\\u003a", "\\u003A"])))


@st.composite
def _object(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    pairs = draw(st.lists(st.tuples(_written_key(), inner), max_size=4))
    blank = draw(_BLANKS)
    return "{" + f",{blank}".join(f"{key}{blank}:{value}" for key, value in pairs) + blank + "}"


def _array(items: list[str]) -> str:
    return f"[{','.join(items)}]"


_TEXTS = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4).map(_array) | _object(inner), max_leaves=25
)


def _first(text: str) -> Any:
    data = with_plain_colons(text.encode())
    value = msgspec.json.decode(data)
    lost = lost_colons(data, value)
    found = first_repeat(data, value, lost)
    assert (found is None) == (lost == 0)
    return found


def _exact(text: str) -> Any:
    (document,) = read("a.json", text.encode())
    assert isinstance(document, Document)
    return next(iter(document.duplicates), None)


@seed(31)
@given(_object(_TEXTS), st.sampled_from([0, 0, 0, 5, 20]))
@settings(max_examples=300)
def test_the_first_is_that_of_the_exact_reader(text: str, depth: int) -> None:
    text = '{"a":[' * depth + text + "]}" * depth
    assert _first(text) == _exact(text)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ('{"a":{"x":1,"x":2},"b":{"y":1,"y":2,"z":[1,2,3,4,5,6,7]}}', ("a", "x")),
        ('{"a":{"x":1,"z":[1,2,3,4,5,6,7]},"b":{"y":1,"y":2}}', ("b", "y")),
        ('{"a":{"x":1,"z":[1,2,3,{"x":1,"x":2}]},"b":{"y":1,"y":2}}', ("a", "z", 3, "x")),
        ('{"b":{"y":1,"y":2},"a":1,"b":2,"a":3}', ("b",)),
        ('{"a":1,"b":1,"b":2,"a":3}', ("b",)),
        ('[{"a":1},{"a:":1,"a\\u003a":2}]', (1, "a:")),
        ('{"é":{"":1,"":1}}', ("é", "")),
        ("[[],{}]", None),
        ("null", None),
    ],
)
def test_which_one_is_the_first(text: str, route: Any) -> None:
    assert _first(text) == _exact(text) == route


def _seconds(call: Callable[[str], Any], text: str) -> float:
    begun = time.process_time()
    call(text)
    return time.process_time() - begun


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' * 150 + "[" + "{}," * 5_000 + '{"b":1,"b":2}]' + "}" * 150,
        "[" + '{"b":1,"b":2},' * 5_000 + "0]",
        '{"a":0,' + '"b":{"c":1},' * 5_000 + '"b":0}',
        "[" * 150 + "[{}]," * 5_000 + '{"b":1,"b":2}' + ",[{}]" * 5_000 + "]" * 150,
    ],
    ids=["deep", "everywhere", "one key", "wide"],
)
def test_no_text_takes_much_longer_than_the_exact_reader(text: str) -> None:
    """It is asked before that reader, on the way to the same answer."""
    took, exact = [], []
    for _ in range(5):
        took.append(_seconds(_first, text))
        exact.append(_seconds(_exact, text))
    assert min(took) < 10 * min(exact)  # the collector of garbage has its moods; at most 1 by itself
