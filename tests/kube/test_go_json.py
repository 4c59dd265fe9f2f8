"""JSON is read as Go's reader does, as deep as Go reads, whatever Python's own limits are."""

import pytest

from podproof.kube.go_json import MAX_DEPTH, SyntaxProblem, parse


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
