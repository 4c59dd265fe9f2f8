"""Runs commands and draws what they wrote as a terminal's picture, an SVG with real text.

    sudo python tools/record_terminal.py docs/pictures/run.svg 'SHOWN=COMMAND' ...

Each argument is a command as a reader would type it, and after `=` what is run for it, by sh, in the root of
the checkout. Pictures are recorded by hand, since runs differ in names and seconds; nothing checks them.
"""

import subprocess
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 118
WIDTH, HEIGHT = 7.83, 18
"""Size of a character of a 13 px monospace font, in pixels."""

MARGIN, BAR = 16, 30

STYLE = """\
.t{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.t{fill:#d8dee9;white-space:pre}
.c{fill:#88c0d0}.b{fill:#ff8f8f}.g{fill:#a3d9a5}"""


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    target, *commands = arguments
    lines: list[tuple[str, str]] = []
    for command in commands:
        shown, _, run = command.partition("=")
        lines += [("", "")] if lines else []
        lines += [("c", f"$ {shown}"), *((kind_of(line), line) for line in output_of(run or shown))]
    Path(target).write_text(picture(lines))
    return 0


def output_of(command: str) -> list[str]:
    """Run a command and give its lines, folded at the terminal's width."""
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return [
        line[start : start + COLUMNS]
        for line in done.stdout.splitlines()
        for start in range(0, max(1, len(line)), COLUMNS)
    ]


def kind_of(line: str) -> str:
    """Choose a line's colour: what was refused or went wrong, and what ran."""
    if "Error" in line or line.startswith(("refuted", "corrected")):
        return "b"
    return "g" if "Running" in line or line.startswith("proven") else ""


def picture(lines: list[tuple[str, str]]) -> str:
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
    for index, (kind, line) in enumerate(lines):
        y = BAR + MARGIN + 13 + index * HEIGHT
        if line:
            out.append(f'<text class="{f"t {kind}".strip()}" x="{MARGIN}" y="{y}">{escape(line)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
