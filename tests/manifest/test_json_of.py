"""Plain data of Python code, written as JSON: what JSON cannot hold is refused, and the size is bounded."""

import datetime
import enum
import json
import math
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podproof.errors import ManifestError
from podproof.manifest.doubled import mapping_of_pairs
from podproof.manifest.json_of import (
    TooLargeAsJson,
    is_plain,
    json_of,
    plain_copy,
    require_size,
)
from podproof.manifest.limits import MAX_DEPTH

KEYS = st.one_of(st.text(max_size=3), st.integers(), st.booleans(), st.none(), st.floats())
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=20,
)


class Text(str):
    """A text of a type of its own."""


class Word(enum.StrEnum):
    """A word of a list."""

    WEB = "web"


def nested(depth: int) -> list[Any]:
    """Make lists inside each other."""
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def shared(depth: int) -> dict[str, Any]:
    """Make an object of 2 ** depth values out of `depth` dicts."""
    value: dict[str, Any] = {"x": 1}
    for _ in range(depth):
        value = {"a": value, "b": value}
    return value


@given(DATA)
def test_it_writes_what_python_writes(value: object) -> None:
    assert json_of(value, 1 << 20) == json.dumps(value).encode()
    assert json_of([value, 0.5], 1 << 20) == json.dumps([value, 0.5]).encode()


@pytest.mark.parametrize("value", [{}, [], {"a": ["b", 1, True, None]}, "text", {"a": {"b": [[]]}}])
def test_plain_data_is_plain(value: object) -> None:
    assert is_plain(value)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        {"a": 1.0},
        (),
        {1: 2},
        {None: 2},
        {Text("a"): 1},
        [Text("a")],
        [Word.WEB],
        MappingProxyType({}),
        mapping_of_pairs([("a", 1), ("a", 2)]),
        {"a": {1}},
        b"",
        nested(1000),
        [0] * 100_001,
    ],
    ids=lambda value: repr(value)[:30] if not isinstance(value, list) else f"{len(value)} items",
)
def test_other_data_is_not_plain(value: object) -> None:
    assert not is_plain(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (["x" * 64] * 90_000, True),
        (["x" * 65] * 2_000, False),
        (["x" * 100_000], False),
        (["x" * 99_998], True),
        ([{"k" * 65: 1}] * 800, True),
        ([{"k" * 200: 1}] * 800, False),
    ],
    ids=["short", "many long", "one too long", "one long", "long keys", "longer keys"],
)
def test_long_texts_count_as_often_as_they_stand_in_it(value: object, plain: bool) -> None:
    """A reader of YAML gives one text for all aliases of it, which would be written for each."""
    assert is_plain(value) is plain


def test_one_text_a_million_times_is_not_written() -> None:
    text = "x" * 1_000_000
    with pytest.raises(TooLargeAsJson):
        json_of([text] * 90_000, 3 << 20)


def test_what_a_deep_caller_asks_for_is_written_all_the_same() -> None:
    def at(depth: int, value: object) -> bytes:
        return at(depth - 1, value) if depth else json_of(value, 1 << 20)

    assert at(600, nested(880)) == b"[" * 880 + b"]" * 880


def test_what_holds_itself_is_not_plain() -> None:
    value: dict[str, Any] = {}
    value["a"] = value
    assert not is_plain(value)


def test_both_values_of_a_key_that_stands_twice_are_written() -> None:
    value = {"spec": mapping_of_pairs([("a", 1), ("a", {"b": 2})])}
    assert json_of(value, 100) == b'{"spec": {"a": 1, "a": {"b": 2}}}'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Text("a"), b'"a"'),
        (Word.WEB, b'"web"'),
        ({Text("a"): 1}, b'{"a": 1}'),
        (MappingProxyType({"a": ({},)}), b'{"a": [{}]}'),
        ("\ud800", b'"\\ud800"'),
        (math.nan, b"NaN"),
    ],
)
def test_types_derived_from_those_of_json_are_written_as_these(value: object, text: bytes) -> None:
    assert json_of(value, 100) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": {1}}, "a value is of type set"),
        ([b"x"], "a value is of type bytes"),
        ([datetime.date(2024, 1, 31)], "a value is of type date"),
        ({(1, 2): 1}, "a key is a list, not a string"),
        ({b"a": 1}, "a key is of type bytes, not a string"),
        ([1, 10**5000], "Exceeds the limit"),
    ],
)
def test_what_json_has_not_is_named(value: object, words: str) -> None:
    with pytest.raises(ManifestError, match=f"^the object cannot be written as JSON: {words}"):
        json_of(value, 1 << 20)


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
def test_depth_is_bounded_as_in_go(depth: int) -> None:
    value = nested(depth)
    if depth <= MAX_DEPTH:
        assert json_of(value, 1 << 20) == b"[" * depth + b"]" * depth
        return
    with pytest.raises(ManifestError, match="nested too deeply to be read, or holds itself"):
        json_of(value, 1 << 20)


def test_what_holds_itself_is_refused() -> None:
    value: list[Any] = [1]
    value.append({"a": value})
    with pytest.raises(ManifestError, match="nested too deeply to be read, or holds itself"):
        json_of(value, 1 << 20)


@pytest.mark.parametrize(
    "value",
    [shared(60), [["a" * 1000] * 1000] * 1000, {"k" * 60: 1.5}, ["x" * 51], ["x" * 51, 1.5]],
    ids=["shared", "strings", "key", "plain", "not plain"],
)
def test_what_is_too_large_is_refused_without_being_written(value: object) -> None:
    with pytest.raises(TooLargeAsJson, match="larger than the 50 bytes of JSON"):
        json_of(value, 50)


def test_a_bound_is_the_last_size_that_is_written() -> None:
    for value in ({"a": [1, 1.5]}, {"a": [1, "b"]}):
        text = json.dumps(value).encode()
        assert json_of(value, len(text)) == text
        with pytest.raises(TooLargeAsJson):
            json_of(value, len(text) - 1)


@given(DATA)
def test_the_size_that_is_required_is_never_more_than_what_is_written(value: object) -> None:
    require_size(value, len(json.dumps(value, ensure_ascii=False)))


def test_plain_data_is_its_own_copy() -> None:
    value = {"a": [1]}
    assert plain_copy(value) is value


def test_a_copy_has_the_types_of_json_and_dates_as_text() -> None:
    value = {
        1: (datetime.date(2024, 1, 31), datetime.datetime(2024, 1, 31, 8, 30, tzinfo=datetime.UTC)),
        "b": MappingProxyType({Text("c"): Word.WEB, "d": 1.5}),
    }
    assert plain_copy(value) == {
        "1": ["2024-01-31", "2024-01-31T08:30:00+00:00"],
        "b": {"c": "web", "d": 1.5},
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [([math.nan], "NaN is not JSON"), ([-math.inf], "-Infinity is not JSON"), (nested(1001), "nested too")],
    ids=["nan", "infinity", "deep"],
)
def test_a_copy_is_refused_of_what_no_reader_would_give(value: object, words: str) -> None:
    with pytest.raises(ManifestError, match=words):
        plain_copy(value)


def test_many_collections_are_written_as_few_are() -> None:
    value = [{"a": [1, "é", None, True]}, {}] * 2000
    assert json_of(value, 1 << 20) == json.dumps(value).encode()
    assert json_of([value, 1.5, (1,)], 1 << 20) == json.dumps([value, 1.5, (1,)]).encode()
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    assert json_of(deep, 1 << 20) == b"[" * 5001 + b"]" * 5001
