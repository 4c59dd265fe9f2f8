"""docs/explain.md: its program runs, its files can be read, and it leaves out no option and no exit code."""

import re
from pathlib import Path

import click
import pytest

from podproof.commands.explain import command
from podproof.images.lock import parse_lock
from podproof.session.facts import read_node

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "explain.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_program_runs() -> None:
    (program,) = blocks("python")
    exec(compile(program, "explain.md", "exec"), {})


def test_the_files_can_be_read(tmp_path: Path) -> None:
    images, node, editor = blocks("yaml")
    assert editor.startswith("# yaml-language-server: $schema=")
    known = parse_lock("images.yaml", images.replace("sha256:…", "sha256:" + "0" * 64).encode())
    assert known["web:1"].user == "app"
    (tmp_path / "node.yaml").write_text(node, encoding="utf-8")
    assert read_node(str(tmp_path / "node.yaml")).seccomp_profiles == ("audit.json",)


@pytest.mark.parametrize(
    "option", [param.opts[0] for param in command.params if isinstance(param, click.Option)]
)
def test_every_option_is_told_of(option: str) -> None:
    assert option in PAGE
