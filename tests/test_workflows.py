"""What CI runs of other people is named by commit: a tag can be moved to other code."""

import re
from pathlib import Path

WORKFLOWS = Path(__file__).resolve().parents[1] / ".github" / "workflows"


def test_actions_are_pinned_by_commit() -> None:
    used = [
        line.strip()
        for file in WORKFLOWS.glob("*.yml")
        for line in file.read_text().splitlines()
        if re.match(r"\s*(- )?uses:", line)
    ]
    assert used
    pinned = re.compile(r"(- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_packages_are_wheels_of_a_version() -> None:
    lines = [line for file in WORKFLOWS.glob("*.yml") for line in file.read_text().splitlines()]
    installed = [line.partition("pip install ")[2] for line in lines if "pip install " in line]
    assert installed
    assert [
        words for words in installed if not re.fullmatch(r"--only-binary :all: [\w-]+==[\d.]+", words)
    ] == []
