"""Writes the outputs in README.md and pages of docs/ from real runs; --check tells whether they still hold.

In: the pages, where `<!-- run: podproof ... -->` stands above a fenced block, or `<!-- run in FOLDER: -->`
with a folder of the checkout, where it is written as of an installed Podproof. Out: the same files, with each
such block replaced by the command and what it prints. Times differ from run to run and become one number.
Never runs anything but `podproof`, from the root of the checkout or from that folder.
"""

import os
import re
import shlex
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    ROOT / "README.md",
    ROOT / "docs" / "pod-security-policy.md",
    ROOT / "docs" / "restricted.md",
    ROOT / "docs" / "findings.md",
    ROOT / "docs" / "fix.md",
)
BLOCK = re.compile(
    r"(<!-- run(?: in (?P<folder>[\w/.-]+))?: (?P<command>podproof [^\n]*?) -->\n)```console\n.*?^```$",
    re.DOTALL | re.MULTILINE,
)
TIME = re.compile(r"\d+(\.\d+)? (ms|s)$", re.MULTILINE)
SECONDS = re.compile(r'("seconds": )[0-9.e-]+')


def run(command: str, folder: str | None) -> str:
    """The command as a user types it, what it prints, and its exit code when that is not 0."""
    arguments = shlex.split(command)[1:]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PODPROOF", "FORCE_"))
    }
    environment |= {"NO_COLOR": "1", "COLUMNS": "110", "PYTHONPATH": str(ROOT / "src")}
    result = subprocess.run(
        [sys.executable, "-m", "podproof", *arguments],
        cwd=ROOT / (folder or ""),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if "Traceback (most recent call last)" in result.stdout:
        raise SystemExit(f"{command}\n{result.stdout}")
    printed = SECONDS.sub(r"\g<1>0.04", TIME.sub("40 ms", result.stdout.rstrip()))
    ending = f"\n$ echo $?\n{result.returncode}" if result.returncode else ""
    return f"$ {'' if folder else './'}{command}\n{printed}{ending}"


def generate(page: Path) -> tuple[str, str]:
    """The page as it is, and as it should be."""
    present = page.read_text(encoding="utf-8")

    def written(match: re.Match[str]) -> str:
        return f"{match[1]}```console\n{run(match['command'], match['folder'])}\n```"

    return present, BLOCK.sub(written, present)


def main() -> int:
    stale = 0
    for page in PAGES:
        present, wanted = generate(page)
        if "--check" in sys.argv[1:]:
            name = str(page.relative_to(ROOT))
            for line in unified_diff(
                present.splitlines(), wanted.splitlines(), name, "generated", lineterm=""
            ):
                print(line)
            stale |= present != wanted
        else:
            page.write_text(wanted, encoding="utf-8")
    return int(stale)


if __name__ == "__main__":
    raise SystemExit(main())
