"""`check` ends with the way to `fix`: what a person typed, and how many errors have a fix."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requires
from click.testing import CliRunner
from unpacking import unpack
from waiting import PATIENCE

import podproof
from podproof.commands._fix_hint import fix_command
from podproof.commands.main import podproof as program

ROOT = Path(__file__).resolve().parents[2]
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostPID: true
  containers: [{name: web, image: "nginx:1.27", volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, hostPath: {path: /v}}]
"""
NOTHING: dict[str, Any] = {
    "level": None,
    "kubernetes_version": None,
    "runtime": None,
    "images": None,
    "node": None,
    "config": None,
    "feature_gates": (),
    "select": (),
    "ignore": (),
    "include": (),
    "exclude": (),
    "hidden": False,
    "kustomize": False,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str, stdin: str | None = None) -> list[str]:
    result = CliRunner().invoke(program, ["check", *arguments], input=stdin, standalone_mode=False)
    assert result.exception is None, result.exception
    return result.stdout.splitlines()


def test_it_is_the_last_line(folder: Path) -> None:
    (folder / "a.yaml").write_text(POD)
    assert check("a.yaml", "--level", "restricted")[-1] == (
        "5 of 6 errors have a fix: podproof fix a.yaml --level restricted"
    )
    assert check("-", stdin=POD)[-1] == "5 of 6 errors have a fix: podproof fix -"
    assert check("a.yaml", "--select", "host-namespaces")[-1] == (
        "1 of 1 error has a fix: podproof fix a.yaml --select host-namespaces"
    )


def test_a_narrow_terminal_breaks_no_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.yaml").write_text(POD)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("podproof.commands.terminal._is_terminal", lambda: True)
    assert check("a.yaml", "--level", "restricted")[-2:] == [
        "5 of 6 errors have a fix:",
        "podproof fix a.yaml --level restricted",
    ]


@pytest.mark.parametrize(
    "arguments",
    [("--format", "concise"), ("--format", "full"), ("--quiet",), ("--summary",), ("--statistics",)],
)
def test_other_texts_do_without(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "a.yaml").write_text(POD)
    assert not any("podproof fix" in line for line in check("a.yaml", *arguments))


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (POD, ("--select", "restricted-volumes")),
        (POD, ("--level", "privileged")),
        (f"{POD}---\na: [\n", ()),
        (POD + "a: {{ .Values.a }}\n", ()),
        (POD + "a: *.example.com\n", ()),
        (f"# podproof: ignore[host-namespaces] it has to see them\n{POD}", ("--select", "host-namespaces")),
    ],
    ids=["without a fix", "no error", "unreadable", "template", "only a copy can be read", "ignored"],
)
def test_where_nothing_would_be_fixed_it_is_not_there(
    folder: Path, text: str, arguments: tuple[str, ...]
) -> None:
    (folder / "a.yaml").write_text(text)
    assert not any("have a fix" in line or "has a fix" in line for line in check("a.yaml", *arguments))


def test_a_big_file_that_cannot_be_read_to_its_end_counts_nothing(folder: Path) -> None:
    (folder / "big.yaml").write_text(f"{POD}---\n" * 1_500 + "a: [\n")
    (folder / "small.yaml").write_text(POD)
    last = check(".", "--jobs", "4", "--select", "host-namespaces")[-1]
    assert last == ("1 of 1,502 errors has a fix: podproof fix . --select host-namespaces")


def test_what_is_not_listed_counts(folder: Path) -> None:
    containers = [{"name": f"c{number}", "image": "a"} for number in range(150)]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers}}
    (folder / "a.json").write_text(json.dumps(pod))
    assert check("a.json", "--select", "run-as-non-root")[-1] == (
        "150 of 150 errors have a fix: podproof fix a.json --select run-as-non-root"
    )


def test_the_command_is_what_a_shell_takes() -> None:
    asked = {
        **NOTHING,
        "level": "baseline:1.30",
        "kubernetes_version": "1.30",
        "images": "my images.yaml",
        "feature_gates": ("A=true", "B=false"),
        "select": ("a", "b"),
        "include": ("*.yaml", "it's"),
        "hidden": True,
        "kustomize": True,
    }
    command = fix_command(["a b", "-v", "$(x)"], asked)
    assert shlex.split(command) == [
        *("podproof", "fix", "--level", "baseline:1.30", "--kubernetes-version", "1.30"),
        *("--images", "my images.yaml", "--feature-gates", "A=true,B=false", "--select", "a,b"),
        *("--include", "*.yaml", "--include", "it's", "--hidden", "--kustomize"),
        *("--", "a b", "-v", "$(x)"),
    ]
    assert fix_command((), NOTHING) == "podproof fix"


def test_its_options_are_those_of_fix() -> None:
    from podproof.commands.fix import command

    written = {option for each in command.params for option in each.opts}
    assert {f"--{name.replace('_', '-')}" for name in NOTHING} <= written


def test_the_command_that_is_told_works(folder: Path) -> None:
    (folder / "it's a.yaml").write_text(POD)
    told = check("it's a.yaml", "--level", "baseline")[-1].partition(": ")[2]
    arguments = shlex.split(told)[1:]
    done = subprocess.run(
        [sys.executable, "-m", "podproof", *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "src")},
        timeout=PATIENCE,
    )
    assert "mend 1 error" in done.stdout


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    requires.demand(requires.shared("corpus/apps.tar.gz"))
    folder = tmp_path_factory.mktemp("projects")
    unpack(requires.SHARED / "corpus" / "apps.tar.gz", folder)
    return folder


@pytest.mark.parametrize(
    "name", ["aquasecurity+tracee", "kubernetes+examples", "longhorn+longhorn", "rook+rook"]
)
def test_as_many_are_fixed_of_real_projects(projects: Path, name: str) -> None:
    """One fix may mend two findings, and one that makes something worse is taken back: a few differ."""
    said = check(str(projects / name))[-1].split()
    fixable, errors = int(said[0]), int(said[2])
    mended = podproof.fix(projects / name).summary.mended
    assert abs(fixable - mended) <= errors * 0.1
