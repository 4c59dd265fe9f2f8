"""Real projects: no crash, every document accounted for, the exit code as the findings say."""

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

COUNTS = {
    "GoogleCloudPlatform+microservices-demo": (108, 37, 40, 71, 0, 0),
    "aquasecurity+tracee": (41, 16, 17, 25, 0, 0),
    "argoproj+argo-cd": (847, 308, 376, 539, 0, 0),
    "istio+istio": (817, 320, 395, 497, 0, 2),
    "knative+serving": (225, 71, 77, 154, 0, 0),
    "kubearmor+KubeArmor": (204, 83, 86, 121, 0, 0),
    "kubernetes+examples": (149, 126, 131, 23, 0, 0),
    "kubernetes+ingress-nginx": (203, 40, 40, 163, 0, 0),
    "kubernetes-csi+csi-driver-host-path": (29, 14, 27, 15, 0, 0),
    "longhorn+longhorn": (158, 28, 36, 130, 0, 0),
    "madhuakula+kubernetes-goat": (30, 13, 14, 17, 0, 0),
    "metallb+metallb": (244, 31, 66, 213, 0, 0),
    "microservices-demo+microservices-demo": (69, 46, 49, 23, 0, 0),
    "projectcalico+calico": (533, 67, 108, 460, 6, 1),
    "prometheus-operator+kube-prometheus": (14, 9, 16, 5, 0, 0),
    "rook+rook": (108, 23, 25, 85, 0, 0),
    "stefanprodan+podinfo": (14, 14, 15, 0, 0, 0),
}
"""Documents, workloads, containers, other objects, patterns, and objects not judged, of each project.

A change that judges more or less has to say so here.
"""

pytestmark = requires.needs(requires.shared("corpus/apps.tar.gz"))


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    unpack(CORPUS, folder)
    return folder


@pytest.mark.parametrize("level", ["restricted", "baseline:v1.24"])
def test_every_document_is_accounted_for(projects: Path, level: str) -> None:
    names = sorted(path.name for path in projects.iterdir())
    assert names == sorted(COUNTS)
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
        others = summary["other_objects"] + summary["patterns"] + summary["policies"]
        assert summary["documents"] == len(judged) + others + len(skipped)
        counted = ("documents", "workloads", "containers", "other_objects", "patterns", "not_judged")
        assert tuple(summary[key] for key in counted) == COUNTS[name], name
        assert (summary["skipped"], report["undecided"]) == (0, 0), name
        for entry in report["objects"]:
            checks = {f["check"] for f in report["findings"] if f["file"] == entry["file"]}
            assert entry["pod_security"] is not None or "wrong-type" in checks, entry
        for finding in report["findings"]:
            assert 1 <= finding["line"] <= finding["end_line"], finding
            assert finding["message"], finding
