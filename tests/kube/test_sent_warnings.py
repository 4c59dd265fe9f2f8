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
