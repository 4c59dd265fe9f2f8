"""Bodies of reviews: the fast way reads what the exact way reads, and leaves to it whatever is odd."""

import json
import re
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from podproof.admission import review_text
from podproof.admission.review import ReviewError, read_body

_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def _go(value: Any) -> bytes:
    """Write JSON as Go does: compact, and with the escapes of HTML."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026").encode() + b"\n"


@given(_VALUES)
def test_both_ways_read_the_same(value: Any) -> None:
    body = _go({"kind": "AdmissionReview", "value": value})
    fast = review_text._proven(body)
    exact = review_text._any_json(body)
    assert exact == {"kind": "AdmissionReview", "value": value}
    assert fast is None or repr(fast) == repr(exact)


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"AdmissionReview","request":{"a":1}}',
        '{"kind":"AdmissionReview","b":"<&>é😀\\"\\\\ \\n"}',
        '{"kind":"AdmissionReview","many":[' + ",".join(["{}"] * 300) + "]}",
    ],
)
def test_what_a_server_sends_is_read_the_fast_way(text: str) -> None:
    assert review_text._proven(_go(json.loads(text))) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\\\u003a"}',
        pytest.param('{"a":' + "1" * 5000 + "}", id="many digits"),
        '{"a":1}{}',
        '{"a":NaN}',
        "{",
        "",
        pytest.param("[" * 250 + "]" * 250, id="deep"),
        pytest.param("[" * 100_000, id="very deep"),
    ],
)
def test_what_is_odd_is_left_to_the_exact_way(text: str) -> None:
    assert review_text._proven(text.encode()) is None


@pytest.mark.parametrize(
    "text",
    ['{"a": 1}', '{"a":1e3}', '{"a":-0}', '{"a":"\\\\u003c"}', '{"a":"\\ud800 \\ud83d\\ude00"}', '{"a":1}\n'],
)
def test_what_is_only_written_otherwise_is_read_the_fast_way(text: str) -> None:
    read = review_text._proven(text.encode())
    assert read is not None
    assert repr(read) == repr(review_text._any_json(text.encode()))


def test_a_key_that_stands_twice_is_refused_however_long_the_text_is() -> None:
    """The second number is written shorter than it is read, so that lengths alone would agree."""
    body = (
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","a":1,"a":1E9}}'
    )
    with pytest.raises(ReviewError, match=r"request\.a is set twice"):
        read_body(body)


@seed(32)
@given(
    st.sampled_from(
        ['"a":1', '"a":{}', '"kind":"AdmissionReview"', '"request":{"uid":"u"}', '"\\u0061":[]', '"n":1e400']
    ),
    st.sampled_from(
        ['"a":{"b":1,"b":2}', '"a":"\\ud800"', '"\\ud800":1,"\\udfff":2', '"\\ud800":{"a":1,"a":2}', '"c":-0']
    ),
    st.sampled_from(["", '"b":1', '"d":' + "1" * 4301, '"d":' + "[" * 250 + "]" * 250, '"e":"\\u003a"']),
    st.permutations(range(3)),
)
@settings(max_examples=200)
def test_what_stands_twice_is_told_as_the_exact_way_does(
    one: str, two: str, three: str, order: list[int]
) -> None:
    parts = [part for part in ([one, two, three][at] for at in order) if part]
    body = ('{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",' + ",".join(parts) + "}").encode()
    fast = _outcome(body)
    with mock.patch.object(review_text, "_proven", return_value=None):
        assert fast == _outcome(body)


@pytest.mark.parametrize(
    "text", ['{"a":1}', '{"a":1,"a":2}', "{", '{"a":NaN}', "[" * 250 + "]" * 250, "\ufeff{}"]
)
def test_a_byte_order_mark_is_no_part_of_the_text(text: str) -> None:
    body = b"\xef\xbb\xbf" + text.encode()
    with mock.patch.object(review_text, "_reader", return_value=None):
        expected = _outcome(body)
    assert _outcome(body) == expected


def _outcome(body: bytes) -> str:
    try:
        return repr(read_body(body))
    except ReviewError as error:
        return f"{error} ({error.version})"


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ('{"a":1,"a":1}', "a"),
        ('{"a":1,"a":1.0}', "a"),
        ('{"a":[{"b":null,"b":null}]}', "a[0].b"),
        ('{"a":1,"\\u0061":1}', "a"),
        ('{"request":{"object":{"spec":{"a":1,"a":"\\ud800"}}}}', "request.object.spec.a"),
    ],
)
def test_a_key_that_stands_twice_is_found_the_fast_way(text: str, route: str) -> None:
    with (
        mock.patch.object(review_text, "_any_json", side_effect=AssertionError),
        pytest.raises(ReviewError, match=f"^{re.escape(route)} is set twice"),
    ):
        read_body(text.encode())
