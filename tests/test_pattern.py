"""A pattern that is compiled when it is first used works as a compiled one."""

import re

import pytest

from podproof.pattern import pattern


def test_it_is_what_a_compiled_pattern_is() -> None:
    lazy, compiled = (
        pattern(r"(?P<word>[a-z]+)1", re.IGNORECASE),
        re.compile(r"(?P<word>[a-z]+)1", re.IGNORECASE),
    )
    for text in ("ab1", "AB1 c1", "1", ""):
        for method in ("match", "search", "fullmatch"):
            ours, theirs = getattr(lazy, method)(text), getattr(compiled, method)(text)
            assert (ours and ours.groups()) == (theirs and theirs.groups())
        assert lazy.sub("x", text) == compiled.sub("x", text)
        assert lazy.findall(text) == compiled.findall(text)
    assert (lazy.pattern, lazy.flags, lazy.groupindex) == (compiled.pattern, compiled.flags, {"word": 1})


def test_bytes_are_matched_by_bytes() -> None:
    assert pattern(rb"a+").findall(b"aab a") == [b"aa", b"a"]


def test_it_is_compiled_when_it_is_first_used() -> None:
    wrong = pattern("(")
    with pytest.raises(re.error, match="unterminated subpattern"):
        wrong.match("")


def test_a_method_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = pattern("a")
    assert lazy.match("a")
    monkeypatch.setattr(re, "compile", None)
    assert lazy.match("a")
    assert not lazy.match("b")
