"""What is wrong with a line of podproof.toml, and the line to write instead."""

from pathlib import Path

import pytest

from podproof.errors import UsageError
from podproof.session.config import load_configuration
from podproof.session.config_mending import mended_line

MENDED = [
    ("level = restricted", "1:9: invalid value in level = restricted", 'level = "restricted"'),
    (
        "level: restricted",
        "1:6: expected '=' after a key in a key/value pair in level: restricted",
        'level = "restricted"',
    ),
    ("level = 'restricted", "1: expected \"'\" in level = 'restricted", 'level = "restricted"'),
    (
        "kubernetes-version = v1.34  # ours",
        "1:22: invalid value in kubernetes-version = v1.34  # ours",
        'kubernetes-version = "v1.34"',
    ),
    (
        "kubernetes-version = 1.30",
        "1: kubernetes-version must be a string, is the number 1.3",
        'kubernetes-version = "1.30"',
    ),
    (
        "ignore = run-as-user, seccomp",
        "1:10: invalid value in ignore = run-as-user, seccomp",
        'ignore = ["run-as-user", "seccomp"]',
    ),
    (
        "ignore = 'run-as-user'",
        "1: ignore must be a list of strings, is the string 'run-as-user'",
        'ignore = ["run-as-user"]',
    ),
    ("jobs = '4'", "1: jobs must be a number from 1 to 64, is the string '4'", "jobs = 4"),
    ("level = 1", "1: level must be a string, is the number 1", ""),
    (
        "[severity]\nrun-as-user = warning",
        "2:15: invalid value in run-as-user = warning",
        'run-as-user = "warning"',
    ),
    (
        "[severity]\nrun-as-user = 1",
        "2: severity.run-as-user must be error, warning or note, is the number 1",
        "",
    ),
    (
        "[feature-gates]\nProcMountType = 'True'",
        "2: feature-gates.ProcMountType must be true or false, is the string 'True'",
        "ProcMountType = true",
    ),
    (
        "[per-file-ignores]\n\"a/*\" = 'privileged'",
        "2: per-file-ignores.a/* must be a list of strings, is the string 'privileged'",
        '"a/*" = ["privileged"]',
    ),
    (
        "[per-file-ignores]\na/* = privileged",
        "2:2: expected '=' after a key in a key/value pair in a/* = privileged",
        '"a/*" = ["privileged"]',
    ),
    ("severity = 'error'", "1: severity must be a table, is the string 'error'", "[severity] above it"),
    ("levl = 'restricted'", "1: unknown configuration key levl, did you mean level?", ""),
    (
        "kubernetes_version = '1.34'",
        "1: unknown configuration key kubernetes_version, did you mean kubernetes-version?",
        "",
    ),
    (
        "jobs = 1\njobs = 2",
        "2:9: what is set already is set again in jobs = 2: keep one of the two",
        "",
    ),
    (
        "[severity]\n[severity]",
        "2:10: what is set already is set again in [severity]: keep one of the two",
        "",
    ),
    ("level = ]", "1:9: invalid value in level = ]", ""),
]


@pytest.mark.parametrize(("written", "message", "mended"), MENDED)
def test_the_line_to_write_is_said(tmp_path: Path, written: str, message: str, mended: str) -> None:
    file = tmp_path / "podproof.toml"
    file.write_text(f"{written}\n")
    with pytest.raises(UsageError) as caught:
        load_configuration(str(file))
    assert str(caught.value) == f"{file}:{message}{': write ' if mended else ''}{mended}"


@pytest.mark.parametrize(("written", "mended"), [(row[0], row[2]) for row in MENDED if row[2]])
def test_the_line_to_write_is_read(tmp_path: Path, written: str, mended: str) -> None:
    lines = [*written.splitlines()[:-1], mended.removesuffix(" above it")]
    (tmp_path / "podproof.toml").write_text("\n".join(lines))
    assert load_configuration(str(tmp_path / "podproof.toml")).path


@pytest.mark.parametrize(
    "line", ["", "# level = x", "level =", 'level = "x"', "[severity", 'level = "a\\qb" "c"', "x"]
)
def test_what_is_not_certain_is_not_proposed(line: str) -> None:
    assert mended_line(line, "", {"level": "text"}) == ""
