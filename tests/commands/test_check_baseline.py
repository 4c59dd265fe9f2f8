"""`podproof baseline`, and `check` with one: what is new fails, in any number of processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from waiting import PATIENCE

from .conftest import environment

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers:
  - name: web
    image: nginx
    securityContext: {{privileged: true}}
    ports:
{ports}"""
ONLY = (
    "--select",
    "privileged,host-ports,unknown-field,shared-user-id,will-not-start",
    "--level",
    "baseline",
)


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def podproof(*arguments: str) -> Done:
    """Run podproof in the current folder."""
    command = [sys.executable, "-m", "podproof", *arguments]
    done = subprocess.run(
        command, env=environment(), capture_output=True, timeout=PATIENCE, check=False, text=True
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def pod(name: str, *ports: int) -> str:
    return POD.format(
        name=name, ports="".join(f"    - {{containerPort: {n}, hostPort: {n}}}\n" for n in ports)
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(pod("a", 1, 2))
    (tmp_path / "b.yaml").write_text(pod("b", 1))
    return tmp_path


def summary(*options: str, code: int) -> dict[str, Any]:
    done = podproof("check", ".", *ONLY, "--format", "json", *options)
    assert done.code == code, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def counts(*options: str, code: int = 0) -> tuple[int, int, int]:
    found = summary("--baseline", "podproof-baseline.jsonl", *options, code=code)["summary"]
    return found["errors"], found["baselined"], found["fixed"]


def write(*options: str) -> str:
    done = podproof("baseline", "write", ".", *ONLY, *options)
    assert done.code == 0, done.err
    return done.err


def test_what_is_accepted_does_not_fail_and_what_is_new_does(folder: Path) -> None:
    assert write() == (
        "podproof: podproof-baseline.jsonl: 5 findings accepted\n"
        "podproof: use it with podproof check --baseline podproof-baseline.jsonl,"
        ' or name it in podproof.toml: baseline = "podproof-baseline.jsonl"\n'
    )
    assert counts() == (0, 5, 0)
    (folder / "a.yaml").write_text("\n\n" + pod("a", 5, 1, 2))  # lines and positions move
    assert counts(code=1) == (1, 5, 0)
    (folder / "moved.yaml").write_text(pod("b"))
    (folder / "b.yaml").unlink()
    (folder / "a.yaml").write_text(pod("a", 1))
    assert counts() == (0, 3, 2)
    done = podproof("baseline", "prune", ".", *ONLY)
    assert (done.code, done.err) == (0, "podproof: podproof-baseline.jsonl: 2 findings removed\n")
    assert counts() == (0, 3, 0)


def test_what_is_no_longer_there_is_named(folder: Path) -> None:
    (folder / "a.yaml").write_text(pod("a", *range(1, 5)))
    write()
    (folder / "a.yaml").write_text(pod("a", 1).replace("true", "false"))
    done = podproof("check", ".", *ONLY, "--baseline", "podproof-baseline.jsonl")
    assert done.code == 0
    assert (
        done.out.partition("\n\n")[0]
        == """\
no longer there (podproof baseline prune removes it from the baseline)
  Pod a · container web · host-ports · spec.containers.[].ports.[].hostPort (3 times)
  Pod a · container web · privileged · spec.containers.[].securityContext.privileged"""
    )
    fixed = summary("--baseline", "podproof-baseline.jsonl", code=0)["fixed"]
    assert [(one["check"], one["count"]) for one in fixed] == [
        ("host-ports", 3),
        ("privileged", 1),
    ]
    assert podproof("check", ".", *ONLY, "--baseline", "podproof-baseline.jsonl", "-q").out == ""


def test_of_much_that_is_no_longer_there_ten_are_named(folder: Path) -> None:
    for number in range(14):
        (folder / f"c{number}.yaml").write_text(pod(f"c{number}"))
    write()
    for number in range(14):
        (folder / f"c{number}.yaml").write_text(pod(f"c{number}").replace("true", "false"))
    asked = ("check", ".", *ONLY, "--baseline", "podproof-baseline.jsonl")
    lines = podproof(*asked).out.splitlines()
    assert lines[11] == "  and 4 more (--verbose lists them)"
    assert sum("· privileged ·" in line for line in lines) == 10
    assert podproof(*asked, "-v").out.count("· privileged ·") == 14


@pytest.mark.parametrize(
    "asked",
    [
        ("a.yaml",),
        (".", "--exclude", "b.yaml"),
        (".", "--select", "host-ports"),
        (".", "--level", "privileged"),
    ],
)
def test_what_was_not_looked_at_is_not_fixed(folder: Path, asked: tuple[str, ...]) -> None:
    path = folder / "podproof-baseline.jsonl"
    write()
    before = path.read_text()
    options = ("--format", "json", "--baseline", path.name)
    found = json.loads(podproof("check", *ONLY, *asked, *options).out)
    assert (found["summary"]["fixed"], found["fixed"]) == (0, [])
    done = podproof("baseline", "prune", *ONLY, *asked)
    assert (done.code, path.read_text()) == (0, before)
    assert "0 findings removed" in done.err


def test_an_object_that_is_gone_is_removed_where_that_is_asked_for(folder: Path) -> None:
    path = folder / "podproof-baseline.jsonl"
    write()
    (folder / "b.yaml").unlink()
    found = summary("--baseline", path.name, code=0)["summary"]
    assert (found["fixed"], found["absent"]) == (0, 2)
    done = podproof("check", ".", *ONLY, "--baseline", path.name, "-v")
    assert "the baseline also accepts 2 findings of objects that are not here: Pod b\n" in done.out
    kept = "2 findings kept, of objects that are not here (Pod b): --absent removes them too"
    assert kept in podproof("baseline", "prune", ".", *ONLY).err
    assert "2 findings removed" in podproof("baseline", "prune", ".", *ONLY, "--absent").err
    assert '"name":"b"' not in path.read_text()
    assert summary("--baseline", path.name, code=0)["summary"]["absent"] == 0


def test_a_file_that_cannot_be_read_fixes_nothing(folder: Path) -> None:
    write()
    (folder / "b.yaml").write_text("a: [")
    found = summary("--baseline", "podproof-baseline.jsonl", code=4)["summary"]
    assert (found["fixed"], found["absent"]) == (0, 2)


def test_to_write_less_than_before_is_said(folder: Path) -> None:
    write()
    done = podproof("baseline", "write", "a.yaml", *ONLY)
    assert "2 findings accepted before and not any more" in done.err


def test_one_object_in_several_files_has_what_is_accepted_once(folder: Path) -> None:
    write()
    for number in range(40):
        (folder / f"c{number}.yaml").write_text(pod("a", 1))
    (folder / "all.yaml").write_text("---\n".join(pod("a", 1, 2) for _ in range(3)))
    plain = summary("--baseline", "podproof-baseline.jsonl", code=1)
    assert plain["summary"]["baselined"] == 5
    new = [(one["file"], one["line"]) for one in plain["findings"] if "suppression" not in one]
    assert {file for file, _ in new}.isdisjoint(("a.yaml", "b.yaml"))
    assert ("all.yaml", 8) in new
    for options in (
        ("--jobs", "3"),
        ("--cache", "../cache-of-it"),
        ("--cache", "../cache-of-it", "--jobs", "2"),
    ):
        again = summary("--baseline", "podproof-baseline.jsonl", *options, code=1)
        assert again["findings"] == plain["findings"]
        assert again["summary"] | {"seconds": 0} == plain["summary"] | {"seconds": 0}


def test_what_is_not_listed_is_accepted_one_by_one(folder: Path) -> None:
    (folder / "a.yaml").write_text(pod("a", *range(1, 251)))
    write()
    assert counts() == (0, 253, 0)
    (folder / "a.yaml").write_text(pod("a", *range(1, 271)))
    assert counts(code=1) == (20, 253, 0)
    found = summary("--baseline", "podproof-baseline.jsonl", code=1)
    assert [(one["count"], one["suppressed"]) for one in found["unlisted"]] == [(150, "baseline")]


def test_refusals_need_their_switch(folder: Path) -> None:
    (folder / "a.yaml").write_text(pod("a") + "  unknown: 1\n")
    assert "1 finding not accepted: the API server refuses" in write()
    assert counts(code=1) == (1, 3, 0)
    assert "not accepted" not in write("--allow-ignoring-refusals")
    assert counts(code=1) == (1, 3, 0)
    assert counts("--allow-ignoring-refusals") == (0, 4, 0)


def test_what_is_ignored_is_not_in_the_baseline_and_reasons_stay(folder: Path) -> None:
    text = pod("a").replace("true}", "true} # podproof: ignore[privileged] it mounts")
    (folder / "a.yaml").write_text(text)
    path = folder / "podproof-baseline.jsonl"
    write()
    lines = path.read_text().splitlines()
    assert [json.loads(line)["check"] for line in lines[1:]] == ["host-ports", "privileged"]
    path.write_text("\n".join([lines[0], lines[1], lines[2][:-1] + ',"reason":"old"}']))
    write()
    assert json.loads(path.read_text().splitlines()[2])["reason"] == "old"
    found = summary("--baseline", path.name, code=0)
    reasons = {
        (one["check"], one["suppression"]["kind"], one["suppression"]["reason"]) for one in found["findings"]
    }
    assert ("privileged", "ignore", "it mounts") in reasons
    assert ("privileged", "baseline", "old") in reasons


def test_the_configuration_names_it(folder: Path) -> None:
    (folder / "podproof.toml").write_text('baseline = "known.jsonl"\n')
    assert write() == f"podproof: {folder}/known.jsonl: 5 findings accepted\n"
    assert summary(code=0)["summary"]["baselined"] == 5


def test_users_that_all_manifests_share_are_accepted(folder: Path) -> None:
    for name in "ab":
        (folder / f"{name}.yaml").write_text(pod(name).replace("privileged: true", "runAsUser: 2000"))
    write()
    assert summary("--baseline", "podproof-baseline.jsonl", code=0)["summary"]["notes"] == 0
    (folder / "c.yaml").write_text(pod("c").replace("privileged: true", "runAsUser: 2000"))
    found = summary("--baseline", "podproof-baseline.jsonl", code=0)["summary"]
    assert (found["notes"], found["baselined"], found["fixed"]) == (1, 2, 0)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [(None, 2, "cannot read baseline x: No such file or directory"), ("[]", 4, "x:1: is not a baseline")],
)
def test_a_baseline_that_cannot_be_read_is_named(
    folder: Path, text: str | None, code: int, words: str
) -> None:
    if text is not None:
        (folder / "x").write_text(text)
    done = podproof("check", ".", "--baseline", "x")
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_nothing_is_pruned_where_something_cannot_be_read(folder: Path) -> None:
    write()
    before = (folder / "podproof-baseline.jsonl").read_text()
    (folder / "a.yaml").write_text("a: [")
    done = podproof("baseline", "prune", ".", *ONLY)
    assert (done.code, (folder / "podproof-baseline.jsonl").read_text()) == (4, before)
