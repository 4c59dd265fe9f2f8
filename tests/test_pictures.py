"""The tool that draws terminals' pictures: what a live table leaves on the screen, in its colours."""

import runpy
from pathlib import Path

TOOL = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "record_terminal.py"))


def test_a_table_that_is_drawn_anew_stands_once() -> None:
    written = "NAME\r\nweb 0/1\r\n\x1b[2F\x1b[J\x1b[36mweb/app | \x1b[0mhi\r\nNAME\r\nweb Running\r\n"
    assert TOOL["lines_of"](written) == [
        [("c", "web/app | "), ("", "hi")],
        [("", "NAME")],
        [("g", "web Running")],
    ]


def test_a_long_line_goes_on_below() -> None:
    columns = TOOL["COLUMNS"]
    assert TOOL["lines_of"]("x" * (columns + 1) + "\r\n") == [[("", "x" * columns)], [("", "x")]]


def test_a_command_sees_a_terminal() -> None:
    assert TOOL["record"]("test -t 0 && test -t 1 && stty size") == [
        [("", f"{TOOL['ROWS']} {TOOL['COLUMNS']}")]
    ]
