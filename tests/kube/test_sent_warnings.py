"""Which warnings reach a client. Source: kubernetes apiserver pkg/endpoints/filters/warning.go."""

import pytest

from podproof.kube.status import sent_warnings


@pytest.mark.parametrize("char", ["\x00", "\n", "\x1f", "\x7f", "\x80", "\x9f"])
def test_one_with_a_control_character_is_not_sent(char: str) -> None:
    assert sent_warnings(["a", f"b{char}", "c"]) == ("a", "c")


@pytest.mark.parametrize("char", [" ", "~", "\xa0", "é", "\u2028", "\xad"])
def test_others_are(char: str) -> None:
    assert sent_warnings([f"b{char}"]) == (f"b{char}",)


def test_none_is_sent_twice() -> None:
    assert sent_warnings([]) == ()
    assert sent_warnings(["b", "a", "b"]) == ("b", "a")


def test_all_are_whole_up_to_4096_characters() -> None:
    texts = [chr(ord("a") + number) * 1024 for number in range(4)]
    assert sent_warnings(texts) == tuple(texts)
    assert sent_warnings([*texts, "e"]) == tuple(text[:256] for text in [*texts, "e"])


def test_what_comes_after_the_limit_is_cut_and_then_left_out() -> None:
    texts = [f"{number:02}" + "x" * 300 for number in range(40)]
    sent = sent_warnings(texts)
    assert sent == tuple(text[:256] for text in texts[:16])
    assert sum(map(len, sent)) == 4096


def test_characters_are_counted_and_not_bytes() -> None:
    assert sent_warnings(["é" * 4096]) == ("é" * 4096,)
    assert sent_warnings(["é" * 4097]) == ("é" * 256,)


def test_a_control_character_behind_the_cut_is_no_hindrance() -> None:
    text = "a" * 256 + "\n"
    assert sent_warnings([text, "b"]) == ("b",)
    assert sent_warnings([text, "b" * 4097]) == ("a" * 256, "b" * 256)


def test_an_empty_one_is_not_sent() -> None:
    assert sent_warnings(["", "a"]) == ("a",)
