"""Runs commands on a terminal and draws what it showed in the end as a picture, an SVG with real text.

    sudo python tools/record_terminal.py docs/pictures/run.svg 'SHOWN=COMMAND' ...

Each argument is a command as a reader would type it, and after `=` what is run for it, by sh, in the root of
the checkout. The terminal is a real one (a pty), so that live tables and colours are as a
person sees them. Pictures are recorded by hand, since runs differ in names and seconds; nothing checks them.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from html import escape
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 118
WIDTH, HEIGHT = 7.83, 18
"""Size of a character of a 13 px monospace font, in pixels."""

MARGIN, BAR = 16, 30

ROWS = 60

COLORS = {"31": "b", "32": "g", "33": "y", "34": "c", "35": "m", "36": "c"}
"""Colours of a terminal, and their classes in the picture."""

Line = list[tuple[str, str]]
"""Stretches of a line, each with its colour's class."""

STYLE = """\
.t{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.t{fill:#d8dee9;white-space:pre}
.c{fill:#88c0d0}.b{fill:#ff8f8f}.g{fill:#a3d9a5}.y{fill:#ebcb8b}.m{fill:#c8a2d0}"""


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    target, *commands = arguments
    lines: list[Line] = []
    for command in commands:
        shown, _, run = command.partition("=")
        lines += [[]] if lines else []
        lines += [[("c", f"$ {shown}")], *record(run or shown)]
    Path(target).write_text(picture(lines))
    return 0


def record(command: str) -> list[Line]:
    """Run a command on a terminal of its own and give the lines that stand there in the end."""
    process, terminal = pty.fork()
    if not process:
        os.chdir(ROOT)
        os.environ["TERM"] = "xterm-256color"
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execvp("sh", ["sh", "-c", command])
    written = bytearray()
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the last process has left the terminal
            break
        if not data:
            break
        written += data
    os.close(terminal)
    os.waitpid(process, 0)
    return lines_of(written.decode())


def lines_of(written: str) -> list[Line]:
    """Play what was written to a terminal: the lines down to the last, in stretches of one colour.

    Raises ValueError: it steers the terminal in a way that no verb does.
    """
    rows: list[list[tuple[str, str]]] = [[]]
    row, column, color = 0, 0, ""
    for control, character in re.findall(r"(\x1b\[[0-9;]*[A-Za-z])|([\s\S])", written):
        if control.endswith("m"):
            color = COLORS.get(control[2:-1], "")
        elif control.endswith("F"):
            row, column = max(0, row - int(control[2:-1])), 0
        elif control == "\x1b[J":
            rows[row:] = [rows[row][:column]]
        elif control or character == "\x1b":
            raise ValueError(f"no such control is known: {control or character!r}")
        elif character == "\r":
            column = 0
        elif character == "\n":
            row, column = row + 1, 0
        else:
            if column == COLUMNS:
                row, column = row + 1, 0
            rows += [[] for _ in range(row + 1 - len(rows))]
            rows[row][column:] = [(color, character), *rows[row][column + 1 :]]
            column += 1
            continue
        rows += [[] for _ in range(row + 1 - len(rows))]
    while rows and not rows[-1]:
        rows.pop()
    lines = [
        [
            (color, "".join(character for _, character in held))
            for color, held in groupby(cells, lambda c: c[0])
        ]
        for cells in rows
    ]
    return [[(kind_of(line) or color, text) for color, text in line] for line in lines]


def kind_of(line: Line) -> str:
    """Choose a line's own colour: what was refused or went wrong, and what ran; "" leaves the terminal's."""
    text = "".join(text for _, text in line)
    if "Error" in text or text.startswith(("refuted", "corrected")):
        return "b"
    return "g" if "Running" in text or text.startswith("proven") else ""


def picture(lines: list[Line]) -> str:
    """Draw the lines in a window."""
    width = round(2 * MARGIN + COLUMNS * WIDTH)
    height = BAR + 2 * MARGIN + len(lines) * HEIGHT
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#20242c"/>',
        *(
            f'<circle cx="{MARGIN + 6 + 18 * index}" cy="{BAR // 2 + 4}" r="5.5" fill="{colour}"/>'
            for index, colour in enumerate(("#ec6a5e", "#f4bf4f", "#61c554"))
        ),
    ]
    for index, line in enumerate(lines):
        y = BAR + MARGIN + 13 + index * HEIGHT
        parts = "".join(
            f'<tspan class="{kind}">{escape(text)}</tspan>' if kind else escape(text) for kind, text in line
        )
        if parts:
            out.append(f'<text class="t" x="{MARGIN}" y="{y}">{parts.rstrip()}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
