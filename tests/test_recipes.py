"""The recipes for Helm and Kustomize in docs/ci.md, run with the real tools where they are on PATH."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "ci.md").read_text()
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"<!-- tried -->\n```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples, and podproof as a program."""
    folder = tmp_path_factory.mktemp("recipes")
    shutil.copytree(ROOT / "examples" / "ci", folder / "examples" / "ci")
    program = folder / "bin" / "podproof"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m podproof "$@"\n')
    program.chmod(0o755)
    return folder


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def needed(command: str) -> list[list[str]]:
    """The tools of a command; one of each list is needed."""
    if "--kustomize" in command:
        return [["kustomize", "kubectl"]]
    return [[name] for name in ("helm", "kustomize") if command.startswith(name)]


def test_there_are_recipes() -> None:
    assert {name for command in COMMANDS for names in needed(command) for name in names} >= {
        "helm",
        "kustomize",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_recipe_works(checkout: Path, command: str) -> None:
    for names in needed(command):
        if not any(map(shutil.which, names)):
            pytest.skip(f"{' and '.join(names)} not on PATH")
    if command == "podproof check rendered --level baseline" and not (checkout / "rendered").exists():
        pytest.skip("helm, which renders it, is not on PATH")
    result = run(command, checkout)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_command_on_the_way_to_restricted_is_run() -> None:
    """tools/generate_readme.py runs them, and compares what they print."""
    page = (ROOT / "docs" / "restricted.md").read_text()
    run_in = re.findall(r"<!-- run in [\w/-]+: (podproof [^\n]*) -->\n```console\n\$ ([^\n]*)\n", page)
    assert [comment for comment, _ in run_in] == [shown for _, shown in run_in]
    shown = re.findall(r"^\$ (podproof .*)$", page, re.MULTILINE)
    assert shown
    assert shown == [comment for comment, _ in run_in]


def test_the_settings_on_the_way_to_restricted_are_those_of_the_example() -> None:
    page = (ROOT / "docs" / "restricted.md").read_text()
    (snippet,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    mended = (ROOT / "examples" / "afternoon" / "mended" / "api.yaml").read_text().splitlines()
    assert set(snippet.splitlines()) <= set(mended)


def test_the_chart_and_the_overlay_are_what_the_page_says(checkout: Path) -> None:
    """Without the values, and without the overlay, restricted is not met: the recipes show something."""
    if shutil.which("kustomize") is None and shutil.which("kubectl") is None:
        pytest.skip("neither kustomize nor kubectl on PATH")
    base = run("podproof check --kustomize examples/ci/base --level restricted", checkout)
    assert base.returncode == 1
    if shutil.which("helm") is None:
        pytest.skip("helm not on PATH")
    plain = run("helm template web examples/ci/chart | podproof check - --level restricted", checkout)
    assert plain.returncode == 1
    assert "web/templates/deployment.yaml" in plain.stdout
