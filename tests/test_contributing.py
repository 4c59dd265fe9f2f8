"""CONTRIBUTING.md is followed word by word: its files are written into a copy and its commands are run there.

`<!-- file: PATH -->` above a fenced block names the file that a reader writes; a block marked `console` that
stands below `<!-- then -->` holds commands to run and the output that the page promises.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
# A document of a check holds fenced blocks itself, so its own fence has four marks.
FILE = re.compile(r"<!-- file: (\S+) -->\n(`{3,})\w*\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
THEN = re.compile(r"<!-- then -->\n```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# ./test needs the environment of a checkout; what it runs is this.
PROGRAMS = {
    "./podproof": [sys.executable, "-m", "podproof"],
    "./test": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
    ".podproof/dev-*/bin/python": [sys.executable],
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page's reader has: the checkout with the page's files in it."""
    root = tmp_path_factory.mktemp("contributing") / "checkout"
    for folder in ("src", "tests/checks", "docs/rules", "schemas", "tools"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    shutil.copy2(ROOT / "pyproject.toml", root)
    files = FILE.findall(PAGE)
    assert files, "the page writes no file"
    for path, _, text in files:
        target = root / path
        assert not target.exists(), f"{path} is there already: the page has to add something new"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root


def run(copy: Path, command: str) -> str:
    program, *arguments = shlex.split(command)
    environment = os.environ | {"PYTHONPATH": str(copy / "src"), "NO_COLOR": "1", "COLUMNS": "110"}
    for name in list(environment):
        if name.startswith(("PYTEST_", "COV_", "FORCE_COLOR")):
            del environment[name]
    result = subprocess.run(
        [*PROGRAMS[program], *arguments],
        cwd=copy,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("block", THEN.findall(PAGE))
def test_the_commands_of_the_page_print_what_it_says(copy: Path, block: str) -> None:
    for part in block.removeprefix("$ ").split("\n$ "):
        command, _, promised = part.partition("\n")
        printed = run(copy, command)
        # `...` stands for lines that are left out and for times, which differ.
        pattern = re.escape(promised.strip()).replace(re.escape("..."), "(?s:.*?)")
        assert re.search(f"^{pattern}$", printed.strip(), re.MULTILINE), f"$ {command}\n{printed}"


@pytest.mark.slow
def test_the_files_of_the_page_are_in_the_projects_style(copy: Path) -> None:
    files = [path for path, _, _ in FILE.findall(PAGE) if path.endswith(".py")]
    types = ["mypy", "--strict", "--follow-imports=silent"]
    for arguments in (["ruff", "check"], ["ruff", "format", "--check"], types):
        result = subprocess.run(
            [sys.executable, "-m", *arguments, *files], cwd=copy, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr


def anchors(page: Path) -> set[str]:
    """What `#...` can name on a page: headings in lower case, hyphens for spaces, other signs left out."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_of_the_pages_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("bench/*.md"), *ROOT.glob("docs/**/*.md")]
    pages += ROOT.glob("examples/*/README.md")
    assert len(pages) >= 8
    astray = []
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)", page.read_text(encoding="utf-8")):
            if target.startswith(("http:", "https:", "mailto:")):
                continue
            path, _, anchor = target.partition("#")
            led = page.parent / path if path else page
            if not led.exists() or (anchor and anchor not in anchors(led)):
                astray.append(f"{page.relative_to(ROOT)}: {target}")
    assert astray == []


def test_every_page_is_listed() -> None:
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in [*ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/README.md"), *ROOT.glob("*.md")]:
        path = os.path.relpath(page, ROOT / "docs")
        assert f"]({path})" in listed or path == "README.md", path
