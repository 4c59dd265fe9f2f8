"""`podproof fix -` as a post-renderer of real Helm, and behind real Kustomize."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from go_tools import go_tool
from waiting import PATIENCE

import podproof

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "ci"


@pytest.fixture
def program(tmp_path: Path) -> str:
    """Podproof of this checkout, as a program."""
    path = tmp_path / "podproof"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m podproof "$@"\n')
    path.chmod(0o755)
    return str(path)


def run(*words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=PATIENCE)


def values(text: str) -> list[Any]:
    return [value for value in yaml.safe_load_all(text) if value]


def rendered(program: str, chart: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    arguments = [word for one in ("fix", "-", *options) for word in ("--post-renderer-args", one)]
    return run(go_tool("helm"), "template", "web", str(chart), "--post-renderer", program, *arguments)


def make_chart(folder: Path, template: str) -> Path:
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 1.0.0\n")
    (chart / "templates" / "all.yaml").write_text(template)
    return chart


@pytest.mark.slow  # the first time, Helm is built
def test_helm_takes_it_as_a_post_renderer(program: str) -> None:
    result = rendered(program, EXAMPLES / "chart")
    assert result.returncode == 0, result.stderr
    plain = run(go_tool("helm"), "template", "web", str(EXAMPLES / "chart"))
    piped = run(program, "fix", "-", stdin=plain.stdout)
    assert values(result.stdout) == values(piped.stdout) != values(plain.stdout)
    assert podproof.check(result.stdout).summary.errors == 0


@pytest.mark.slow  # the first time, Helm is built
def test_a_chart_without_workloads_goes_through(program: str, tmp_path: Path) -> None:
    chart = make_chart(tmp_path, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '1'}\n")
    result = rendered(program, chart)
    assert result.returncode == 0, result.stderr
    assert result.stdout == run(go_tool("helm"), "template", "web", str(chart)).stdout


@pytest.mark.slow  # the first time, Helm is built
def test_helm_stops_where_errors_are_left_and_says_which(program: str, tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    container = "{name: a, image: a, volumeMounts: [{name: v, mountPath: /v}]}"
    spec = f"spec: {{containers: [{container}], volumes: [{{name: v, hostPath: {{path: /v}}}}]}}\n"
    chart = make_chart(tmp_path, pod + spec)
    result = rendered(program, chart)
    assert result.returncode == 1
    assert "restricted-volumes" in result.stderr
    assert rendered(program, chart, "--ignore", "restricted-volumes").returncode == 0


def test_between_kustomize_and_others(program: str) -> None:
    built = run(go_tool("kustomize"), "build", str(EXAMPLES / "base")).stdout
    result = run(program, "fix", "-", stdin=built)
    assert result.returncode == 0
    assert result.stderr.count("\n") == 1
    assert podproof.check(built).summary.errors > 0
    assert podproof.check(result.stdout).summary.errors == 0
    assert run(program, "check", "-", stdin=result.stdout).returncode == 0
    again = run(program, "fix", "-", stdin=result.stdout)
    assert again.stdout == result.stdout


def test_what_is_in_order_goes_through_as_it_is(program: str) -> None:
    built = run(go_tool("kustomize"), "build", str(EXAMPLES / "overlays" / "production")).stdout
    assert run(program, "fix", "-", stdin=built).stdout == built
