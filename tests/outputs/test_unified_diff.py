"""A unified diff is what `git apply` expects: applied, it gives the text that the edits give."""

import random
import subprocess
from pathlib import Path

import pytest

from podproof.edits.text.spans import TextEdit, change_text
from podproof.outputs.unified_diff import unified_diff


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("diff")
    subprocess.run(["git", "init", "--quiet", path], check=True)
    return path


@pytest.mark.parametrize("seed", range(80))
def test_git_applies_it(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = [chance.choice(["a", "b: 1", "", "  - c", "é"]) for _ in range(chance.randrange(1, 40))]
    text = "\n".join(lines) + chance.choice(["", "\n"])
    cuts = sorted(chance.randrange(len(text) + 1) for _ in range(2 * chance.randrange(1, 6)))
    edits = [
        TextEdit(start, chance.choice([start, end]), chance.choice(["", "x", "\n", "new\nlines\n", "\ny"]))
        for start, end in zip(cuts[::2], cuts[1::2], strict=True)
    ]
    expected = change_text(text, edits)
    diff = "".join(unified_diff("f", text, edits))
    if text == expected:
        assert diff == ""
        return
    (folder / "f").write_text(text)
    subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=folder, input=diff.encode(), check=True)
    assert (folder / "f").read_text() == expected


def test_the_form() -> None:
    text = "".join(f"{number}\n" for number in range(20))
    edits = [
        TextEdit(0, 2, ""),
        TextEdit(text.index("9\n"), text.index("9\n") + 1, "nine"),
        TextEdit(50, 50, "end"),
    ]
    assert "".join(unified_diff("a b/é\n.yaml", text, edits)) == (
        '--- "a/a b/\\303\\251\\n.yaml"\n+++ "b/a b/\\303\\251\\n.yaml"\n'
        "@@ -1,4 +1,3 @@\n-0\n 1\n 2\n 3\n"
        "@@ -7,7 +6,7 @@\n 6\n 7\n 8\n-9\n+nine\n 10\n 11\n 12\n"
        "@@ -18,3 +17,4 @@\n 17\n 18\n 19\n+end\n\\ No newline at end of file\n"
    )


def test_many_lines_cost_little() -> None:
    text = "a\n" * 200_000
    edits = [TextEdit(0, 200_000, "")]
    assert sum(1 for _ in unified_diff("f", text, edits)) > 100_000
