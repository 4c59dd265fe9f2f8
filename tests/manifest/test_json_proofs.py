"""What is proved of JSON without a look at each of its values holds."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podproof.manifest.json_proofs import keeps_all_colons, nests_deeper, value_without_repeats
from podproof.manifest.json_text import find_too_deep

_VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(st.sampled_from('a{}[]":\\é'), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(_VALUES, st.integers(0, 6))
def test_depth_is_that_of_the_scan(value: object, limit: int) -> None:
    text = json.dumps([value])
    assert nests_deeper(text.encode(), limit) == (find_too_deep(text, 0, limit) is not None)


@pytest.mark.parametrize(("depth", "deeper"), [(199, False), (200, False), (201, True)])
def test_depth_at_its_limit(depth: int, deeper: bool) -> None:
    wide = ",".join(["{}"] * 300)
    text = b"[" * (depth - 1) + b"{}," + wide.encode() + b"]" * (depth - 1)
    assert nests_deeper(text, 200) is deeper


@given(_VALUES)
def test_plain_values_are_read(value: object) -> None:
    text = json.dumps(value).encode()
    read = value_without_repeats(text)
    assert read == value
    assert keeps_all_colons(text, msgspec.json.encode(value))


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', '{"a":"::","a":1}', '{"a":{"b":[{"c":1,"\\u0063":2}]}}', '{"a":1,"a":"\\u003a"}'],
)
def test_what_may_repeat_a_key_is_not_read(text: str) -> None:
    assert value_without_repeats(text.encode()) is None
    assert not keeps_all_colons(text.encode(), msgspec.json.encode(json.loads(text)))


def test_colons_may_be_written_as_escapes() -> None:
    assert value_without_repeats(rb'{"a":"\u003a\u003A","b":1}') == {"a": "::", "b": 1}
    assert value_without_repeats(rb'{"a\u003a":1,"a:":"\u003A"}') is None
    with pytest.raises(msgspec.DecodeError):
        value_without_repeats(rb'{"a":"\\u003a"}')
