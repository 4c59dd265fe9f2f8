"""Why a text is not JSON is found natively as it is by the reader in Python, which says what Go does."""

import random

import pytest

from podproof.kube.go_json import SyntaxProblem, _Reader, find_syntax_problem
from podproof.manifest.native import native_module

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)
MUTANTS = 20_000
TEXTS = [
    b'{"a":[1,-2.5e+3,true,false,null,{}],"b":{"c":"d\\n\\u00e9\\ud83d\\ude00"},"e":[[],[{}]]}',
    b' [ "x" , { "y" : 0 } , 1E5 ] ',
    b'"\xff\\ud800"',
    b"-0.1",
]
PARTS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud83d", b"'", b"tru", b"nul", b"-", b".",
    b"e", b"0", b"1", b"\x00", b"\x1f", b" ", b"\n", b"\xff", b"\xc3\xa9", b"N", b"x", b"",
]  # fmt: skip


def _said(text: bytes) -> str | None:
    try:
        _Reader(text).read()
    except SyntaxProblem as problem:
        return str(problem)
    return None


@pytest.mark.parametrize(
    "text",
    [
        b"", b" ", b"[", b"{", b'{"', b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,', b"[1", b"[1,", b"[1,]",
        b"[,]", b"{,}",
        b'{"a":1,}', b'{"a" 1}', b"{1:2}", b"[1 2]", b'{"a":1 "b":2}', b"1 2", b"{} x", b"tru", b"trux",
        b"nan", b"nul",
        b"fa", b"-", b"-x", b"01", b"1.", b"1.x", b"1e", b"1e+", b"1e+x", b'"', b'"\\', b'"\\x"', b'"\\u',
        b'"\\u12',
        b'"\\u12g4"', b'"\\ud800\\u12"', b'"\t"', b'"\x00', b"'", b"\xef\xbb\xbf1", b"]", b"}", b"[}",
        b"{]", b'["a":1]',
    ],
)  # fmt: skip
def test_each_fault(text: bytes) -> None:
    assert find_syntax_problem(text) == _said(text) is not None


@pytest.mark.parametrize("levels", [9_999, 10_000, 10_001])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth(levels: int, opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    for text in (opening * levels + b"1" + closing * levels, opening * levels):
        assert find_syntax_problem(text) == _said(text)


def test_mutants() -> None:
    chance = random.Random(3)
    faults = set()
    for _ in range(MUTANTS):
        text = chance.choice(TEXTS)
        for _ in range(chance.randint(1, 2)):
            start = chance.randint(0, len(text))
            text = text[:start] + chance.choice(PARTS) + text[start + chance.choice((0, 0, 1, 3)) :]
        said = find_syntax_problem(text)
        assert said == _said(text), text
        faults.add(said)
    assert None in faults
    assert len(faults) > 100
