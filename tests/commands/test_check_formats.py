"""`check --format NAME[=FILE]`, several at once: what goes where, and which command lines are refused."""

import json
import re
from pathlib import Path

import pytest
from reported import HOSTILE

from podproof.outputs.formats import FORMATS

from .conftest import Run

PODS = b"""\
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": {
    "securityContext": {"runAsUser": 4000}, "containers": [{"name": "web", "image": "nginx:1.27"}]}},
  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "two"}, "spec": {
    "securityContext": {"runAsUser": 4000}, "containers": [{"name": "w\\ud800b", "image": "nginx:1.27"}]}}
]}
"""
"""Both have one user, which only the whole run shows; a name holds half a surrogate pair."""


def _untimed(text: bytes) -> str:
    return re.sub(r"\d+(\.\d+)? (ms|s)$|\"seconds\": .*", "", text.decode(), flags=re.MULTILINE)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_format_is_written_as_if_alone(podproof: Run, tmp_path: Path, jobs: str) -> None:
    (tmp_path / "a.json").write_bytes(PODS)
    arguments = ("check", "a.json", "--jobs", jobs, "--cache", ".cache")
    alone = {name: podproof(*arguments, "--format", name) for name in ("json", "full")}
    both = ("--format", "json=out.json", "--format", "full", "--format", "full=out.txt")
    for _ in range(2):  # the second time from the cache
        result = podproof(*arguments, *both)
        assert result.returncode == alone["full"].returncode == 1
        assert _untimed(result.stdout) == _untimed(alone["full"].stdout)
        assert _untimed((tmp_path / "out.json").read_bytes()) == _untimed(alone["json"].stdout)
        assert _untimed((tmp_path / "out.txt").read_bytes()) == _untimed(alone["full"].stdout)
    checks = [finding["check"] for finding in json.loads((tmp_path / "out.json").read_bytes())["findings"]]
    assert "shared-user-id" in checks


def test_all_formats_at_once_are_those_of_each_alone(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_bytes(PODS)
    (tmp_path / "in" / "b.yaml").write_text("kind: [\n")
    wanted = [argument for name in FORMATS for argument in ("--format", f"{name}={name}.out")]
    environment = {"SOURCE_DATE_EPOCH": "0"}
    assert podproof("check", "in", *wanted, env=environment).returncode == 4
    for name in FORMATS:
        alone = podproof("check", "in", "--format", name, "--output", "alone", env=environment)
        assert alone.returncode == 4
        together = (tmp_path / f"{name}.out").read_bytes()
        assert _untimed(together) == _untimed((tmp_path / "alone").read_bytes())
        assert len(together) > 100


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_hostile_names(podproof: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.json").write_text(HOSTILE)
    (tmp_path / "b\udcff \u202e.yaml").write_text("kind: [\n")
    result = podproof("check", ".", "--format", name)
    assert result.returncode == 4
    assert "nnnnn" in result.stdout.decode()


def test_output_is_the_file_of_the_format_without_one(podproof: Run, tmp_path: Path) -> None:
    result = podproof("check", "-", "--format", "json", "--format", "full=a.txt", "--output", "b", stdin=PODS)
    assert (result.returncode, result.stdout, result.stderr) == (1, b"", b"")
    assert json.loads((tmp_path / "b").read_bytes())["summary"]["workloads"] == 2
    assert (tmp_path / "a.txt").read_bytes().startswith(b"<stdin>:")


def test_a_dash_is_standard_output(podproof: Run) -> None:
    assert json.loads(podproof("check", "-", "--format", "json=-", stdin=PODS).stdout)["summary"]["errors"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "jsn"), "unknown format 'jsn', did you mean json?"),
        (("--format", "zzz=a"), "unknown format 'zzz', known are text, "),
        (("--format", "json="), "json= names no file: write json=FILE, or json alone"),
        (
            ("--format", "json", "--format", "full"),
            "--format json and full would both be written to standard output: write --format full=FILE",
        ),
        (
            ("--format", "json", "--format", "full=-"),
            "--format json and full would both be written to standard output",
        ),
        (
            ("--format", "json=a", "--format", "full=./a"),
            "--format json and full would both be written into ./a: write --format full=FILE",
        ),
        (
            ("--format", "json=a", "--format", "full", "--output", "a"),
            "--format json and full would both be written into a",
        ),
        (("--format", "json=a", "--output", "b"), "--output b: every --format names a file already"),
        (
            ("--format", "json", "--format", "full", "--output", "b"),
            "--output b is for one format, and json and full name no file: write --format full=FILE",
        ),
    ],
)
def test_refused_command_lines(podproof: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = podproof("check", "-", *arguments, stdin=PODS)
    assert (result.returncode, result.stdout) == (2, b"")
    assert said in result.stderr.decode()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(podproof: Run, tmp_path: Path) -> None:
    result = podproof("check", "-", "--format", "json=missing/a.json", stdin=PODS)
    assert result.returncode == 4
    assert "cannot write output file missing/a.json" in result.stderr.decode()


def test_what_could_not_be_read_is_named_beside_a_format_for_programs(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    for arguments, named in (
        (("--format", "json"), True),
        (("--format", "full"), False),
        (("--format", "json", "--format", "full=b"), True),
    ):
        result = podproof("check", "a.json", *arguments)
        assert result.returncode == 4
        assert (b"a.json" in result.stderr) is named


@pytest.mark.parametrize(("begun", "given"), [("js", b"plain,json\n"), ("fu", b"plain,full\n"), ("z", b"\n")])
def test_a_shell_completes_names(podproof: Run, begun: str, given: bytes) -> None:
    words = {"COMP_WORDS": f"podproof check --format {begun}", "COMP_CWORD": "3"}
    result = podproof(env={"_PODPROOF_COMPLETE": "bash_complete", **words})
    assert result.stdout == given
