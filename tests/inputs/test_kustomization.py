"""Which files beside a kustomization are judged: bases for what they hold, whole objects, never patches."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from podproof.commands.check import command
from podproof.errors import UsageError
from podproof.inputs import kustomize
from podproof.inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from podproof.inputs.kustomization import PATCH
from podproof.inputs.objects import read_paths

CONTAINER = "{name: c, image: i}"
WHOLE_POD = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{CONTAINER}]}}\n"
BASE = f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec: {{template: {{spec: {{containers: [{CONTAINER}]}}}}}}
"""
SET_ENVIRONMENT = BASE.replace(CONTAINER, "{name: c, env: [{name: A, value: b}]}")
KUSTOMIZATION = """resources: [deployment.yaml]
commonLabels: {app: web}
patches: [{path: named.yaml}, {path: pod.yaml}]
configurations: [transform.yaml]
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    for name, text in (
        ("kustomization.yaml", KUSTOMIZATION),
        ("deployment.yaml", BASE),
        ("named.yaml", SERVICE),
        ("pod.yaml", WHOLE_POD),
        ("spare.yaml", SET_ENVIRONMENT),
        ("spare-pod.yaml", WHOLE_POD),
        ("spare-service.yaml", SERVICE),
    ):
        (folder / name).write_text(text)
    return folder


def test_the_part_of_each_file(base: Path) -> None:
    found = {}
    for result in read_paths([str(base)]):
        file = result.document.file if isinstance(result, InputObject) else result.file
        if isinstance(result, InputObject):
            found[Path(file).name] = "base" if result.kustomized else "judged"
        else:
            assert isinstance(result, SkippedInput)
            found[Path(file).name] = "patch" if result.reason == PATCH else result.reason[:13]
    assert found == {
        "kustomization.yaml": "Kustomization",
        "deployment.yaml": "base",
        "named.yaml": "patch",
        "pod.yaml": "judged",
        "spare.yaml": "patch",
        "spare-pod.yaml": "judged",
        "spare-service.yaml": "judged",
    }


@pytest.mark.parametrize(
    ("text", "is_patch"),
    [
        (BASE, True),  # without a selector nothing can be created
        (BASE.replace("spec: {template", "spec: {selector: {matchLabels: {a: b}}, template"), False),
        (BASE.replace("apps/v1", "batch/v1").replace("Deployment", "Job"), True),
        (
            BASE.replace("apps/v1", "batch/v1")
            .replace("Deployment", "Job")
            .replace("{containers", "{restartPolicy: Never, containers"),
            False,
        ),
        (WHOLE_POD.replace(", image: i", ""), True),
        (WHOLE_POD.replace("{containers", "{initContainers: [{name: x}], containers"), True),
        ("apiVersion: example.org/v1\nkind: App\nspec: {containers: [{name: c}]}\n", False),
    ],
)
def test_a_spare_file_is_a_patch_if_its_pods_are_not_whole(base: Path, text: str, is_patch: bool) -> None:
    (base / "other.yaml").write_text(text)
    (result,) = [
        result
        for result in read_paths([str(base)])
        if (result.document.file if isinstance(result, InputObject) else result.file).endswith("other.yaml")
    ]
    assert isinstance(result, SkippedInput) is is_patch


def _check(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(command, [*arguments, "--format", "json", "--level", "privileged"])
    document: dict[str, object] = json.loads(done.stdout)
    return document


def test_what_kustomize_writes_is_not_missed(base: Path) -> None:
    findings = _check(str(base), "--include", "deployment.yaml")["findings"]
    assert [f["check"] for f in findings if f["severity"] == "error"] == []  # type: ignore[attr-defined]
    # as pre-commit names it
    named = _check(str(base / "deployment.yaml"))["findings"]
    assert [f["check"] for f in named if f["severity"] == "error"] == []  # type: ignore[attr-defined]


def test_a_named_patch_is_still_a_patch_and_a_named_spare_file_is_judged(base: Path) -> None:
    patch = _check(str(base / "named.yaml"))
    assert (patch["summary"]["workloads"], patch["summary"]["skipped"]) == (0, 1)  # type: ignore[index]
    (base / "spare.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: true, containers: [{name: c}]}\n"
    )
    spare = _check(str(base / "spare.yaml"))
    assert spare["summary"]["workloads"] == 1  # type: ignore[index]


def _fake(folder: Path, name: str, script: str) -> None:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)


def test_a_folder_is_built_by_the_tool_that_is_there(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(UsageError, match="needs kustomize or kubectl on PATH"):
        kustomize.build(str(base))
    _fake(tools, "kubectl", 'echo "# $1 $2"')
    assert kustomize.build(str(base)) == InputFile(f"{base} (kustomize)", f"# kustomize {base}/\n".encode())
    _fake(tools, "kustomize", 'echo "Error: no such   file" >&2; exit 1')
    broken = kustomize.build(str(base))
    assert isinstance(broken, UnreadableInput)
    assert broken.message == "kustomize cannot build it: Error: no such file"
    (base / "kustomization.yaml").unlink()
    with pytest.raises(UsageError, match="has no kustomization"):
        kustomize.build(str(base))


def test_what_was_built_is_checked(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    _fake(tools, "kustomize", f"echo '{json.dumps({'apiVersion': 'v1', 'kind': 'Pod'})}'")
    monkeypatch.setenv("PATH", str(tools))
    document = _check(str(base), "--kustomize")
    assert document["summary"]["workloads"] == 1  # type: ignore[index]
    assert {f["file"] for f in document["findings"]} == {f"{base} (kustomize)"}  # type: ignore[attr-defined]
