"""`podproof init` proposes what holds today, with reasons, and writes it only when it is told to."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run

POD = """apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: shop}
spec:
  containers:
  - {name: web, image: "web:1"}
"""
HARDENED = POD.replace(
    "  containers:\n",
    "  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}\n"
    "  containers:\n",
).replace('"}', '", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}')
PRIVILEGED = POD.replace('"}', '", securityContext: {privileged: true}}')


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("NAME", Path(name).stem))


def proposed(podproof: Run) -> tuple[dict[str, Any], str, str]:
    """The proposal as TOML and as text, and what is said beside it."""
    result = podproof("init")
    assert result.returncode == 0, result.stderr
    text = result.stdout.decode()
    return tomllib.loads(text), text, result.stderr.decode()


def test_a_level_that_holds(podproof: Run, tmp_path: Path) -> None:
    put(tmp_path, {"deploy/web.yaml": HARDENED})
    toml, text, said = proposed(podproof)
    assert toml == {"level": "restricted"}
    assert "# Of 1 pod, 1 meets restricted.\n# This level holds today.\n" in text
    assert said == (
        "podproof: next:\n"
        "  podproof init --write       write this file\n"
        "  podproof check               0 errors and 0 warnings today\n"
        "  podproof explain deploy/web.yaml\n"
    )


def test_the_highest_level_that_all_meet(podproof: Run, tmp_path: Path) -> None:
    put(tmp_path, {"a.yaml": HARDENED, "b.yaml": POD})
    toml, text, _ = proposed(podproof)
    assert toml == {"level": "baseline"}
    assert "# Of 2 pods, 1 meets restricted and 1 meets baseline." in text
    assert "the next one is restricted" in text


def test_files_that_are_exceptions(podproof: Run, tmp_path: Path) -> None:
    put(tmp_path, {"a.yaml": POD, "b.yaml": POD, "agents/agent.yaml": PRIVILEGED})
    toml, text, said = proposed(podproof)
    assert toml == {"level": "baseline", "per-file-ignores": {"agents/agent.yaml": ["privileged"]}}
    assert "# Pod shop/agent\n" in text
    assert "0 errors" in said
    assert "explain agents/agent.yaml" in said


def test_too_many_exceptions_are_not_named(podproof: Run, tmp_path: Path) -> None:
    put(tmp_path, {"a.yaml": PRIVILEGED, "b.yaml": PRIVILEGED, "c.yaml": POD})
    toml, text, said = proposed(podproof)
    assert toml == {"level": "baseline"}
    assert "This level does not hold yet" in text
    assert "2 errors" in said
    assert "podproof baseline write . " in said


def test_what_is_left_out_has_a_reason(podproof: Run, tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "deploy/web.yaml": POD,
            "deploy/e2e/broken.yaml": "a: [",
            "vendor/other/tests/x.yaml": PRIVILEGED,
            "charts/web/Chart.yaml": "name: web\nversion: 1.0.0\n",
            "charts/web/templates/pod.yaml": PRIVILEGED.replace("NAME", "'{{ .Release.Name }}'"),
            "charts/web/charts/db/Chart.yaml": "name: db\nversion: 1.0.0\n",
            "charts/web/charts/db/templates/pod.yaml": PRIVILEGED,
            "overlays/prod/kustomization.yaml": "resources: [../../deploy/web.yaml]\n",
            ".hidden/charts/x/Chart.yaml": "name: x\n",
        },
    )
    toml, text, said = proposed(podproof)
    assert toml == {"level": "baseline", "exclude": ["vendor", "e2e", "charts/web/charts", "templates"]}
    assert "    # 1 file: manifests of tests, which nobody deploys\n" in text
    assert "helm template charts/web | podproof check -" in said
    assert "podproof check --kustomize overlays/prod" in said
    assert "charts/db" not in said
    assert "cannot be read" not in said


def test_templates_of_charts_are_told_from_other_templates(podproof: Run, tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "web/Chart.yaml": "name: web\nversion: 1.0.0\n",
            "web/templates/pod.yaml": PRIVILEGED,
            "templates/pod.yaml": POD,
        },
    )
    toml, _, _ = proposed(podproof)
    assert toml == {"level": "baseline", "exclude": ["web/templates"]}


def test_a_chart_at_the_top(podproof: Run, tmp_path: Path) -> None:
    files = {
        "Chart.yaml": "name: web\nversion: 1.0.0\n",
        "templates/pod.yaml": "{{ if .Values.x }}\na: b\n{{ end }}\n",
    }
    put(tmp_path, files)
    toml, text, said = proposed(podproof)
    assert toml == {"level": "restricted", "exclude": ["templates"]}
    assert "No manifest of a pod is left here" in text
    assert "helm template . | podproof check -" in said


def test_it_is_written_once(podproof: Run, tmp_path: Path) -> None:
    put(tmp_path, {"a.yaml": POD})
    text = podproof("init").stdout
    assert not (tmp_path / "podproof.toml").exists()
    written = podproof("init", "--write")
    assert (written.returncode, written.stdout) == (0, b"")
    assert written.stderr.startswith(b"podproof: podproof.toml is written; next:\n  podproof check")
    assert (tmp_path / "podproof.toml").read_bytes() == text
    assert podproof("check").returncode == 0
    (tmp_path / "podproof.toml").write_text("# mine\n")
    again = podproof("init", "--write")
    assert again.returncode == 2
    assert again.stderr.startswith(b"podproof: podproof.toml is there already: change it, or remove it first")
    assert (tmp_path / "podproof.toml").read_text() == "# mine\n"


@pytest.mark.parametrize("name", ["podproof.toml", "../podproof.toml", "pyproject.toml"])
def test_no_configuration_is_hidden_by_another(podproof: Run, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "below"
    put(folder, {"a.yaml": POD})
    (folder / name).write_text("[tool.podproof]\n" if name == "pyproject.toml" else "")
    result = podproof("init", "--write", cwd=folder)
    assert result.returncode == 2
    assert f"{name} is there already".encode() in result.stderr
    assert not [path for path in folder.glob("podproof.toml") if path.stat().st_size]


def test_nothing_to_check(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no manifest\n")
    result = podproof("init")
    assert (result.returncode, result.stdout) == (3, b"")
    assert result.stderr.startswith(b"podproof: nothing here is a manifest, a chart or an overlay")


def test_names_that_are_no_plain_text(podproof: Run, tmp_path: Path) -> None:
    put(
        tmp_path, {'a"b\n.yaml': PRIVILEGED.replace("NAME", "a"), "b.yaml": POD, "c.yaml": POD, "d.yaml": POD}
    )
    toml, _, said = proposed(podproof)
    assert toml == {"level": "baseline"}
    assert "1 error " in said
    assert all(line.startswith("  podproof") for line in said.splitlines()[1:])
