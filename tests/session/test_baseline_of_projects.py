"""A baseline of real projects: what was found is accepted, to the last finding, and nothing else is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requires
from unpacking import unpack
from waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "apps.tar.gz"
PROJECTS = ("longhorn+longhorn", "kubernetes+ingress-nginx")

pytestmark = requires.needs(requires.shared("corpus/apps.tar.gz"))


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "podproof", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        timeout=PATIENCE,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 1, 4), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    unpack(CORPUS, folder)
    return folder


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", PROJECTS)
def test_everything_that_is_found_is_accepted(projects: Path, name: str, jobs: str) -> None:
    asked = (name, "--allow-ignoring-refusals", "--jobs", jobs)
    plain = json.loads(run(projects, "check", *asked, "--format", "json"))["summary"]
    run(projects, "baseline", "write", *asked, "-o", "known.jsonl")
    found = json.loads(run(projects, "check", *asked, "--format", "json", "--baseline", "known.jsonl"))
    unread = sum(one["check"] == "unreadable" for one in found["findings"])
    assert (found["summary"]["errors"], found["summary"]["warnings"], found["summary"]["notes"]) == (
        unread,
        0,
        0,
    )
    assert (
        found["summary"]["baselined"] == plain["errors"] + plain["warnings"] + plain["notes"] - unread > 100
    )
    assert found["summary"]["fixed"] == 0
    known = (projects / "known.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(known) == len(set(known))
    (projects / "known.jsonl").write_text("\n".join([known[0], *known[2:]]), encoding="utf-8")
    missing = json.loads(known[1])["count"]
    found = json.loads(run(projects, "check", *asked, "--format", "json", "--baseline", "known.jsonl"))[
        "summary"
    ]
    assert found["errors"] + found["warnings"] + found["notes"] == missing + unread
