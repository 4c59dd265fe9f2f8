"""`check --diff-base` on real git repositories, some of them hostile: what is new since a revision."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from .test_check_baseline import Done, pod, podproof

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
ONLY = (
    "--select",
    "privileged,host-ports,unknown-field,fragment",
    "--level",
    "baseline",
    "--fail-on",
    "note",
)


def git(*arguments: str, stdin: bytes | None = None) -> str:
    done = subprocess.run(["git", *arguments], env=ENVIRONMENT, check=True, capture_output=True, input=stdin)
    return done.stdout.decode().strip()


def commit() -> None:
    git("add", "-A")
    git("commit", "-qm", "a")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / "deploy").mkdir(parents=True)
    monkeypatch.chdir(root)
    (root / "deploy/a.yaml").write_text(pod("a", 1) + "  unknown: 1\n")
    (root / "deploy/b.yaml").write_text(pod("b"))
    (root / "deploy/piece.yaml").write_text("securityContext: {privileged: true}\n")
    git("init", "-qb", "main")
    commit()
    return root


def check(*paths: str, ref: str = "main", options: tuple[str, ...] = ()) -> Done:
    return podproof("check", *paths, *ONLY, "--diff-base", ref, "--format", "json", *options)


def new(*paths: str, ref: str = "main", options: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """What is new: file and check."""
    done = check(*paths, ref=ref, options=options)
    found = json.loads(done.out)
    listed = [(one["file"], one["check"]) for one in found["findings"] if "suppression" not in one]
    assert done.code == (1 if listed else 0), done.err
    return listed


def test_what_was_there_is_not_new_wherever_it_stands_now(repository: Path) -> None:
    assert new("deploy") == []
    text = (repository / "deploy/a.yaml").read_text()
    (repository / "deploy/a.yaml").unlink()
    (repository / "deploy/b.yaml").write_text("\n\n" + pod("b") + "---\n" + text)
    (repository / "deploy/piece.yaml").rename(repository / "deploy/other.yaml")
    assert new("deploy") == []
    assert new(str(repository / "deploy")) == []
    (repository / "deploy/b.yaml").write_text(pod("b", 80))
    (repository / "c.yaml").write_text(pod("c"))
    assert new() == [("c.yaml", "privileged"), ("deploy/b.yaml", "host-ports")]
    assert new("deploy/b.yaml", "c.yaml") == [("deploy/b.yaml", "host-ports"), ("c.yaml", "privileged")]


def test_other_folders_and_processes_say_the_same(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "deploy/b.yaml").write_text(pod("b", 80))
    monkeypatch.chdir(repository / "deploy")
    for options in ((), ("--jobs", "2"), ("--cache", "../../cache")):
        assert new(options=options) == [("b.yaml", "host-ports")]
    assert new("..", options=("--exclude", "b.yaml")) == []


def test_an_ignore_that_goes_away_makes_it_new(repository: Path) -> None:
    text = pod("b").replace("true}", "true} # podproof: ignore[privileged] it mounts")
    (repository / "deploy/b.yaml").write_text(text)
    commit()
    (repository / "deploy/b.yaml").write_text(pod("b"))
    assert new("deploy") == [("deploy/b.yaml", "privileged")]
    assert new("deploy", ref="main~1") == []


def test_together_with_a_baseline(repository: Path) -> None:
    (repository / "deploy/b.yaml").write_text(pod("b", 80))
    assert podproof("baseline", "write", "deploy", *ONLY[:4], "-o", "known.jsonl").code == 0
    (repository / "deploy/b.yaml").write_text(pod("b", 80, 81))
    assert new("deploy", options=("--baseline", "known.jsonl")) == [("deploy/b.yaml", "host-ports")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("deploy", "--diff-base", "nowhere"), "nowhere is not a known revision"),
        (("deploy", "--diff-base=--output=x"), "--output=x: is not a revision"),
        (("-", "--diff-base", "main"), "standard input has no other revision"),
        (("/etc", "--diff-base", "main"), "/etc is outside of the repository"),
        (("deploy", "--kustomize", "--diff-base", "main"), "cannot build folders"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_has_no_answer_is_refused(arguments: tuple[str, ...], words: str) -> None:
    done = podproof("check", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_shallow_clone_says_how_to_get_the_revision(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    git("clone", "--quiet", "--depth", "1", f"file://{repository}", str(clone))
    monkeypatch.chdir(clone)
    done = podproof("check", "deploy", "--diff-base", "HEAD~1")
    assert (done.code, done.out) == (2, "")
    assert "HEAD~1 is not a known revision; this clone is shallow: fetch its history first" in done.err


def test_no_repository_and_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "a.yaml").write_text(pod("a"))
    done = podproof("check", ".", "--diff-base", "main")
    assert done.code == 2
    assert "needs a git work tree (not a git repository" in done.err
    monkeypatch.setenv("PATH", str(tmp_path))
    done = podproof("check", ".", "--diff-base", "main")
    assert done.code == 2
    assert "needs git on PATH" in done.err


def test_a_submodule_is_named_unless_it_is_left_out(repository: Path) -> None:
    oid = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{oid},deploy/vendor")
    git("commit", "-qm", "b")
    done = check("deploy")
    assert done.code == 2
    assert "deploy/vendor is a submodule" in done.err
    (repository / "deploy/vendor").mkdir()
    assert new("deploy", options=("--exclude", "vendor")) == []


def test_nothing_that_the_repository_names_is_run_or_written(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "run"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "filter.x.smudge",
        "diff.x.textconv",
        "remote.origin.uploadpack",
    ):
        git("config", key, str(script))
    git("config", "alias.cat-file", f"!{script}")
    git("config", "protocol.allow", "always")
    git("config", "remote.origin.url", str(repository))
    git("config", "remote.origin.promisor", "true")
    git("config", "extensions.partialClone", "origin")
    git("config", "core.repositoryFormatVersion", "1")
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (repository / ".git/hooks" / hook).write_text(script.read_text())
        (repository / ".git/hooks" / hook).chmod(0o755)
    (repository / ".gitattributes").write_text("*.yaml filter=x diff=x\n")
    assert new("deploy") == []
    blob = git("rev-parse", "HEAD:deploy/b.yaml")
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    done = check("deploy")
    assert done.code == 2
    assert "the repository lacks" in done.err or "cannot be read" in done.err
    assert not trap.exists()


def test_a_tree_with_hostile_names_and_links_stays_in_its_folder(repository: Path, tmp_path: Path) -> None:
    blob = git("hash-object", "-w", "--stdin", stdin=pod("b").encode())
    away = git("hash-object", "-w", "--stdin", stdin=str(tmp_path).encode())
    entries = f"100644 blob {blob}\tb.yaml\n120000 blob {away}\taway\n120000 blob {away}\tlink.yaml\n"
    tree = git("mktree", stdin=entries.encode())
    raw = b"100644 ..\0" + bytes.fromhex(blob) + b"100644 x.yaml\0" + bytes.fromhex(blob)
    hostile = git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=raw)
    for oid in (tree, hostile):
        revision = git("commit-tree", oid, "-m", "a")
        before = sorted(tmp_path.iterdir())
        assert new("deploy/b.yaml", ref=revision) == [("deploy/b.yaml", "privileged")]
        assert sorted(tmp_path.iterdir()) == before
    revision = git("commit-tree", tree, "-m", "a")
    assert new(".", ref=revision, options=("--exclude", "a.yaml", "--exclude", "piece.yaml")) == []
