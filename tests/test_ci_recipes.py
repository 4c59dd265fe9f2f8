"""What others put into their pipelines: the action, the template for GitLab, the hook of pre-commit.

Their scripts are read from the files and run here as the services run them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[1]
PRIVILEGED = """apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec: {containers: [{name: a, image: "a:1", securityContext: {privileged: true}}]}
"""


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


def environment(**given: str) -> dict[str, str]:
    """What a service starts a script with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PODPROOF", "PYTHON"))}
    return kept | given


def bash(script: str, folder: Path, **given: str) -> "subprocess.CompletedProcess[str]":
    """Run a script as both services do: it ends with its first command that fails."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=environment(**given),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Podproof of this checkout, as a program that prints its arguments to a file, too."""
    program = tmp_path / "installed" / "podproof"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {tmp_path}/arguments\n"
        f'PYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m podproof "$@"\n'
    )
    program.chmod(0o755)
    return program


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy" / "a.yaml").write_text(PRIVILEGED)
    return folder


ACTION = read("action.yml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def act(folder: Path, action: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """Run the action's script with these inputs, and the defaults of the others."""
    (step,) = (step for step in STEPS if "run" in step)
    values = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    given = {}
    for name, value in step["env"].items():
        expression = re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)
        if expression:
            given[name] = values[expression[1]]
    assert {f"INPUT_{name.upper().replace('-', '_')}" for name in values} == set(given)
    summary = folder / "summary.md"
    return bash(step["run"], folder, GITHUB_STEP_SUMMARY=str(summary), ACTION=str(action), **given)


def test_no_input_is_read_as_a_script() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")
        assert step.get("shell", "bash") == "bash"


def test_what_the_action_uses_is_pinned_by_commit() -> None:
    used = [line for line in (ROOT / "action.yml").read_text().splitlines() if "uses:" in line]
    assert used
    assert all(re.fullmatch(r"  - uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in used)


def test_the_action_annotates_and_sums_up(program: Path, repository: Path) -> None:
    result = act(repository, program.parent, level="baseline", **{"sarif-file": "found.sarif"})
    assert result.returncode == 1, result.stderr
    assert "::error file=deploy/a.yaml,line=4" in result.stdout
    assert "privileged" in (repository / "summary.md").read_text()
    assert json.loads((repository / "found.sarif").read_text())["version"] == "2.1.0"


def test_the_action_takes_what_it_is_given(program: Path, repository: Path, tmp_path: Path) -> None:
    (repository / "strange $(touch ran) name.yaml").write_text(PRIVILEGED)
    (repository / "-v").mkdir()
    (repository / "mine.toml").write_text('ignore = ["privileged"]\n')
    inputs = {
        "paths": "strange $(touch ran) name.yaml\n-v\ndeploy\n",
        "level": "baseline:1.30",
        "kubernetes-version": "1.30",
        "fail-on": "error",
        "config": "mine.toml",
    }
    result = act(repository, program.parent, **inputs)
    assert result.returncode == 0, result.stderr
    assert not (repository / "ran").exists()
    told = (tmp_path / "arguments").read_text().splitlines()
    assert told[told.index("--") + 1 :] == ["strange $(touch ran) name.yaml", "-v", "deploy"]
    assert told[told.index("--level") + 1] == "baseline:1.30"


def test_the_action_runs_from_a_checkout(repository: Path) -> None:
    result = act(repository, ROOT, level="baseline", **{"fail-on": "never"})
    assert result.returncode == 0, result.stderr
    assert "::error file=deploy/a.yaml" in result.stdout


GITLAB = read("ci/podproof.gitlab-ci.yml")["podproof"]


def gitlab(folder: Path, program: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the job's script, with stand-ins for python3, which makes an environment, and for pip in it."""
    tools = folder.parent / "tools"
    tools.mkdir()
    installed = folder / ".podproof-ci" / "bin"
    made = (
        f'[ "$*" = "-m venv {installed.parent}" ] && mkdir -p {installed} && cp {tools}/pip {installed}/pip'
    )
    installs = f'[ "$*" = "install --quiet podproof" ] && cp {program} {installed}/podproof'
    for name, does in (("python3", made), ("pip", installs)):
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    return bash(
        "\n".join(GITLAB["script"]),
        folder,
        CI_PROJECT_DIR=str(folder),
        **(GITLAB["variables"] | variables | {"PATH": f"{tools}:{os.environ['PATH']}"}),
    )


def test_the_job_of_gitlab_reports_code_quality(program: Path, repository: Path) -> None:
    result = gitlab(repository, program, PODPROOF_LEVEL="baseline:1.34")
    assert result.returncode == 1, result.stderr
    assert "privileged" in result.stdout
    found = json.loads((repository / GITLAB["artifacts"]["reports"]["codequality"]).read_text())
    assert "deploy/a.yaml" in {entry["location"]["path"] for entry in found}


def test_the_job_of_gitlab_takes_what_it_is_given(program: Path, repository: Path) -> None:
    (repository / "b.yaml").write_text(PRIVILEGED)
    result = gitlab(
        repository, program, PODPROOF_PATHS="$(touch${IFS}ran) b.yaml *.yml", PODPROOF_FAIL_ON="never"
    )
    assert not (repository / "ran").exists()
    told = (repository.parent / "arguments").read_text().splitlines()
    assert told[told.index("--") + 1 :] == ["$(touch${IFS}ran)", "b.yaml", "*.yml"]
    assert not any(word.startswith("--level") for word in told)
    assert result.returncode == 4  # two of the names are none of a file


HOOKS = read(".pre-commit-hooks.yaml")


def test_the_hook_runs_for_what_can_change_the_answer() -> None:
    (hook,) = HOOKS
    files = re.compile(hook["files"])
    for name in ("a.yaml", "deploy/a.yml", "deploy/A.JSON", "base/Kustomization", "podproof.toml"):
        assert files.search(name)
    for name in ("README.md", "yaml", "a.yaml.md", "pyproject.toml"):
        assert not files.search(name)


def test_the_entry_of_the_hook_checks_the_repository(program: Path, repository: Path) -> None:
    (hook,) = HOOKS
    result = bash(hook["entry"], repository, PATH=f"{program.parent}:{os.environ['PATH']}")
    assert result.returncode == 1
    assert "deploy/a.yaml" in result.stdout
    (repository / "podproof.toml").write_text('level = "privileged"\n')
    assert bash(hook["entry"], repository, PATH=f"{program.parent}:{os.environ['PATH']}").returncode == 0


@pytest.mark.slow
def test_the_hook_in_pre_commit(repository: Path, tmp_path: Path) -> None:
    program = shutil.which("pre-commit")
    if program is None:
        pytest.skip("pre-commit is not on PATH")
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    given = environment(PRE_COMMIT_HOME=str(tmp_path / "home"), GIT_CONFIG_GLOBAL="/dev/null")

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words, cwd=repository, env=given, capture_output=True, text=True, timeout=600, check=False
        )

    run("git", "init", "--quiet", ".")
    run("git", "add", ".")
    run("git", *identity, "commit", "--quiet", "-m", "first")
    tried = run(program, "try-repo", str(ROOT), "podproof", "--all-files", "--verbose")
    assert tried.returncode == 1, tried.stdout + tried.stderr
    assert "deploy/a.yaml" in tried.stdout
    (repository / "podproof.toml").write_text('level = "privileged"\n')
    run("git", "add", ".")
    tried = run(program, "try-repo", str(ROOT), "podproof", "--all-files")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "Passed" in tried.stdout
