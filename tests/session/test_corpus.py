"""Real projects: no crash, every document accounted for, the exit code as the findings say."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import requires
from waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "apps.tar.gz"

pytestmark = requires.needs(requires.shared("corpus/apps.tar.gz"))


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(CORPUS) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("level", ["restricted", "baseline:v1.24"])
def test_every_document_is_accounted_for(projects: Path, level: str) -> None:
    names = sorted(path.name for path in projects.iterdir())
    assert len(names) == 17
    for name in names:
        result = subprocess.run(
            [sys.executable, "-m", "podproof", "check", name, "--format", "json", "--level", level],
            cwd=projects,
            env={"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert b"Traceback" not in result.stderr, name
        report = json.loads(result.stdout)
        summary = report["summary"]
        lost = [finding for finding in report["findings"] if finding["check"] == "unreadable"]
        checked = summary["workloads"] + summary["policies"]
        expected = 4 if lost else 1 if summary["errors"] else 0 if checked else 3
        assert result.returncode == expected, name
        assert summary["workloads"] == len(report["objects"])
        skipped = [entry for entry in report["skipped"] if entry["document"] is not None]
        judged = {(entry["file"], entry["document"], entry["line"]) for entry in report["objects"]}
        assert summary["documents"] <= checked + summary["other_objects"] + summary["patterns"] + len(skipped)
        assert len(judged) <= summary["workloads"]
        for entry in report["objects"]:
            checks = {f["check"] for f in report["findings"] if f["file"] == entry["file"]}
            assert entry["pod_security"] is not None or "wrong-type" in checks, entry
        for finding in report["findings"]:
            assert 1 <= finding["line"] <= finding["end_line"], finding
            assert finding["message"], finding
