"""The line of progress: not before a second has passed, not too often, never too long, and taken away."""

import time

from podproof.outputs.progress_line import ProgressLine


class Terminal:
    """What was written, and a clock that is set by hand."""

    def __init__(self, columns: int = 80) -> None:
        self.now = 100.0
        self.written: list[str] = []
        self.line = ProgressLine(self.written.append, lambda: columns, lambda: self.now)


def test_short_work_is_never_seen() -> None:
    terminal = Terminal()
    terminal.line.tell("checking: 1 files")
    terminal.now += 0.9
    terminal.line.tell("checking: 2 files")
    terminal.line.close()
    assert terminal.written == []


def test_long_work_is_seen_and_taken_away() -> None:
    terminal = Terminal()
    for second in (0.5, 0.6, 0.05, 0.04, 0.02):
        terminal.now += second
        terminal.line.tell(f"at {terminal.now:.2f}")
    terminal.line.close()
    terminal.line.close()
    assert terminal.written == ["\r\x1b[Kat 101.10", "\r\x1b[Kat 101.21", "\r\x1b[K"]


def test_a_line_never_wraps_and_never_steers() -> None:
    terminal = Terminal(columns=10)
    terminal.now += 2
    terminal.line.tell("a\x1b[31m\nlonger than the terminal is wide")
    assert terminal.written == ["\r\x1b[Ka␛[31m␊lo"]


def test_silent_work_shows_its_seconds() -> None:
    written: list[str] = []
    line = ProgressLine(written.append, lambda: 80, lambda: 2 * time.monotonic())
    line.tell("importing a.tar")
    line.tick()
    while not written:
        time.sleep(0.01)
    line.close()
    count = len(written)
    assert written[0].startswith("\r\x1b[Kimporting a.tar · ")
    assert written[0].endswith(" s")
    assert written[-1] == "\r\x1b[K"
    time.sleep(0.6)
    assert len(written) == count
