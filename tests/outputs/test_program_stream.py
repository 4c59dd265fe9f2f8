"""What a program prints while it runs: whole lines are made readable, prompts are let go, nothing is lost."""

import pytest

from podproof.outputs.plain import program_output
from podproof.outputs.program_stream import ProgramStream


def shown(*parts: bytes, raw: bool = False) -> tuple[bytes, bool]:
    """What is shown of output that comes in parts, and whether something was changed."""
    written: list[bytes] = []
    stream = ProgramStream(written.append, raw=raw)
    for part in parts:
        stream.feed(part)
    stream.flush(whole=True)
    return b"".join(written), stream.changed


TEXT = "a\tb\r\nü€😀 \x1b[31mred\x1b[0m\n\u202eback\a\nend €".encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_parts_do_not_matter(size: int) -> None:
    parts = [TEXT[start : start + size] for start in range(0, len(TEXT), size)]
    assert shown(*parts) == (program_output(TEXT), True)
    assert shown(*parts, raw=True) == (TEXT, False)


def test_plain_text_is_unchanged() -> None:
    assert shown(b"one\ntwo\n", b"") == (b"one\ntwo\n", False)


def test_a_prompt_is_let_go_and_a_part_of_a_character_is_not() -> None:
    written: list[bytes] = []
    stream = ProgramStream(written.append, raw=False)
    stream.feed("name? €".encode()[:-1])
    assert written == []
    stream.flush()
    assert written == [b"name? "]
    stream.feed("€".encode()[-1:])
    stream.flush()
    assert b"".join(written) == "name? €".encode()
    stream.feed(b"\xe2")
    stream.flush(whole=True)
    assert written[-1] == "\ufffd".encode()


@pytest.mark.parametrize("tail", [b"\x80\x80\x80\x80", b"\xff", b"\xf0\x9f\x98", b"x"])
def test_what_is_no_utf8_does_not_wait_for_ever(tail: bytes) -> None:
    written: list[bytes] = []
    stream = ProgramStream(written.append, raw=False)
    for _ in range(5):
        stream.feed(tail)
        stream.flush()
    assert written


def test_a_line_without_an_end_is_bounded() -> None:
    written: list[bytes] = []
    stream = ProgramStream(written.append, raw=False)
    for _ in range(100):
        stream.feed(b"x" * 10_000)
    assert sum(map(len, written)) > 900_000
