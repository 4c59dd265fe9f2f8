"""JSON is read as Go's reader does, as deep as Go reads, whatever Python's own limits are."""

import json
from random import Random

import pytest

from podproof.kube.go_json import SyntaxProblem, _Reader, mend, parse
from podproof.manifest.limits import MAX_DEPTH


@pytest.mark.parametrize("depth", [1, 300, 600, 990, 5000, MAX_DEPTH])
@pytest.mark.parametrize(("literal", "value"), [(b'"\\ud800"', "\ufffd"), (b'"\\u0041"', "A"), (b"1", 1)])
def test_nested_as_deep_as_go_reads(depth: int, literal: bytes, value: object) -> None:
    found = parse(b"[" * depth + literal + b"]" * depth)
    for _ in range(depth):
        (found,) = found
    assert found == value


def test_deeper_is_refused_in_gos_words() -> None:
    with pytest.raises(SyntaxProblem, match=r"invalid character '\[' exceeded max depth"):
        parse(b"[" * (MAX_DEPTH + 1))


@pytest.mark.parametrize(
    ("byte", "taken"),
    [(0x00, False), (0x09, False), (0x1F, False), (0x20, True), (0x21, True), (0x7E, True), (0x7F, True)],
)
def test_which_bytes_may_stand_in_a_text(byte: int, taken: bool) -> None:
    """Go's words come from a reader of its own, which goes on to the first mistake there is."""
    with pytest.raises(SyntaxProblem) as raised:
        parse(b'["a%cb", ]' % byte)
    told = "looking for beginning of value" if taken else "in string literal"
    assert told in str(raised.value)


PIECES = (
    *(
        b"a",
        b"\\\\",
        rb"\n",
        rb"\"",
        rb"\u0041",
        rb"\ud800",
        rb"\uDBFF",
        rb"\udc00",
        rb"\uDfff",
        rb"\u005c",
        b"ud800",
    ),
    *(
        b"\xc3\xa9",
        b"\xc3",
        b"\xa9",
        b"\xe2\x82\xac",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"\xed\xb2\x80",
        b"\xf0\x9f\x98\x80",
    ),
    *(b"\xf0\x9f\x98", b"\xf5", b"\xff", b"\xc0\x80", b"\xef\xbf\xbd"),
)


def test_odd_text_is_mended_as_the_reader_reads_it_byte_for_byte() -> None:
    random = Random("odd text")
    for _ in range(4000):
        text = b'"' + b"".join(random.choices(PIECES, k=random.randint(1, 6))) + b'"'
        value = _Reader(text).read()
        assert parse(text) == parse(mend(text)) == value, text
        assert json.loads(mend(text)) == value, text


def test_very_many_odd_bytes_take_no_longer_than_their_number() -> None:
    assert parse(b'"' + b"\xff" * 1_000_000 + b'"') == "\ufffd" * 1_000_000
