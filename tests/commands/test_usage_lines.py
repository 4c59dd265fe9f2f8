"""A wrong command line is answered by one line: what is wrong, the near word, and the verb's help."""

from pathlib import Path

import pytest

from .conftest import Run

LINES = [
    ("check", "--lvel x", "no such option --lvel, did you mean --level?"),
    (
        "check",
        "--fail-on eror",
        "invalid value for '--fail-on': 'eror' is not one of 'error', 'warning', 'note', 'never', "
        "did you mean error?",
    ),
    (
        "check",
        "--level resticted x",
        'level "resticted" must be one of privileged, baseline, restricted; did you mean restricted?',
    ),
    (
        "check",
        "--select run-as-nonroot x",
        "unknown check run-as-nonroot, did you mean run-as-non-root or run-as-user?",
    ),
    (
        "check",
        "--runtime containrd x",
        "unknown runtime 'containrd', nearest are containerd-2.3.7, containerd-1.6.20",
    ),
    (
        "check",
        "--kubernetes-version 1.x x",
        '"1.x" is not a Kubernetes version; write v1.0 to v1.37, or latest',
    ),
    ("check", "--output json x", "--output names a file: write --format json, or ./json for a file"),
    (
        "check",
        "--config pod.yaml x",
        "--config takes a podproof.toml, not pod.yaml; admit takes a PodSecurityConfiguration by "
        "--admission-control-config-file",
    ),
    (
        "explain",
        "pod.yaml --field runAsUsr",
        "unknown field 'runAsUsr', did you mean runAsUser or runAsGroup?",
    ),
    (
        "run",
        "x --format yml",
        "invalid value for '--format': 'yml' is not one of 'text', 'yaml', did you mean yaml?",
    ),
    ("run", "x -o yaml", "--output names a file: write --format yaml, or ./yaml for a file"),
    ("images", "loc", "no such verb: loc, did you mean lock?"),
    (
        "images build",
        "x -o x.tar",
        "name what to start from: either --from-debian PKG... or --from-scratch",
    ),
]


@pytest.mark.parametrize(("verb", "words", "message"), LINES)
def test_a_wrong_command_line(podproof: Run, verb: str, words: str, message: str) -> None:
    result = podproof(*verb.split(), *words.split())
    assert result.returncode == 2
    assert result.stderr.decode() == f"podproof: {message} (see podproof {verb} --help)\n"


def test_an_unknown_verb(podproof: Run) -> None:
    result = podproof("chek")
    assert result.returncode == 2
    assert result.stderr == b"podproof: no such verb: chek, did you mean check? (see podproof --help)\n"


def test_what_stands_in_a_file_is_no_matter_of_options(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "node.yaml").write_text("apparmr: true\n")
    result = podproof("explain", "x.yaml", "--node", "node.yaml")
    assert result.returncode == 2
    assert b"node.yaml:1" in result.stderr
    assert b"--help" not in result.stderr


@pytest.mark.parametrize("version", ["1.34", "v1.34", "1.34.2", "v1.34.2"])
@pytest.mark.parametrize("verb", ["check", "explain", "admit"])
def test_versions_with_and_without_v(podproof: Run, verb: str, version: str) -> None:
    pod = b"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}"
    with_option = podproof(verb, "-", "--kubernetes-version", version, "--format", "json", stdin=pod)
    assert with_option.returncode in (0, 1)
    assert with_option.stderr == b""


@pytest.mark.parametrize("version", ["1.34", "v1.34"])
def test_levels_with_and_without_v(podproof: Run, tmp_path: Path, version: str) -> None:
    pod = b"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}"
    asked = podproof("check", "-", "--level", f"restricted:{version}", "--format", "json", stdin=pod)
    toml = f'level = "restricted:{version}"\nkubernetes-version = "{version}"\n'
    (tmp_path / "podproof.toml").write_text(toml)
    configured = podproof("check", "-", "--format", "json", stdin=pod)
    assert b'"restricted' in asked.stdout
    assert b"v1.34" in asked.stdout
    assert asked.stderr == configured.stderr == b""
    assert b"v1.34" in configured.stdout
