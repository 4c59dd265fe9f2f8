"""Every input ends as judged, as another object, as a pattern or as skipped, and the counters add up."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from podproof.commands.check import command
from podproof.inputs.input import InputObject
from podproof.session.sources import collect

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n"
FILES = {
    "pod.yaml": POD,
    "several.yaml": POD + "---\n" + SERVICE + "---\n# nothing\n---\n" + POD.replace("name: p", "name: q"),
    "list.json": json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod"}, 7, None]}
    ),
    "twice.json": '{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true,"hostPID":null}}',
    "policy.yaml": "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\nspec: {}\n",
    "broken.yaml": 'a: "{{ x }}"\nb: [',
    "template.yaml": "image: {{ .Values.image }}\nb: [",
    "half-broken.yaml": POD + "---\na: [\n---\n" + SERVICE,
    "empty.yaml": "",
    "comment.yaml": "# nothing\n",
    "text.yaml": "just words\n",
    "values.yaml": "replicas: 3\n",
    "binary.yaml": "\0\0\0",
    "latin.yaml": "kind: \xe9\n",
    "package.json": "{}",
    ".hidden.yaml": POD,
    ".folder/pod.yaml": POD,
    "notes.txt": "not looked at",
    "kustom/kustomization.yaml": "resources: [base.yaml]\npatches: [{path: patch.yaml}]\n",
    "kustom/base.yaml": POD,
    "kustom/patch.yaml": SERVICE,
    "kustom/spare.yaml": POD.replace(", image: i", ""),
    "chart/Chart.yaml": "apiVersion: v2\nname: c\n",
    "chart/values.yaml": "a: 1\n",
    "chart/templates/pod.yaml": POD.replace("image: i", "image: {{ .Values.a }}"),
    "kyverno.yaml": "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: {rules: []}\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "in"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="latin-1")
    (tmp_path / "outside.yaml").write_text(POD)
    (root / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "gone.yaml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(root / "pipe.yaml")
    return root


def _run(folder: Path, *options: str) -> tuple[Any, str, Any]:
    asked = [str(folder), *options]
    report = CliRunner().invoke(command, [*asked, "--format", "json"], standalone_mode=False)
    text = CliRunner().invoke(command, [*asked, "-v"], standalone_mode=False)
    assert report.return_value == text.return_value
    return json.loads(report.stdout), text.stdout, report.return_value


@pytest.mark.parametrize("options", [(), ("--hidden",), ("--exclude", "kustom"), ("--level", "privileged")])
def test_the_counters_add_up(folder: Path, options: tuple[str, ...]) -> None:
    report, text, code = _run(folder, *options)
    exclude = ("kustom",) if "kustom" in options else ()
    items = [item for item, _ in collect([str(folder)], exclude=exclude, hidden="--hidden" in options)]
    objects = [item for item in items if isinstance(item, InputObject)]
    summary = report["summary"]
    assert code == 4  # broken.yaml and its like
    judged = summary["workloads"] + summary["policies"] + summary["patterns"] + summary["other_objects"]
    assert judged == len(objects)
    assert summary["skipped"] == len(report["skipped"]) == len(items) - len(objects)
    assert all(entry["reason"] for entry in report["skipped"])
    assert summary["documents"] == sum(
        isinstance(item, InputObject) or item.document is not None for item in items
    )
    (last,) = [line for line in text.splitlines() if " skipped    " in line]
    for count, word in (("files", "file"), ("documents", "document"), ("other_objects", "other object")):
        assert re.search(rf"\b{summary[count]} {word}s?\b", last), (count, last)
    assert f"{summary['skipped']} skipped" in last
    for entry in report["skipped"]:
        assert entry["reason"] in text.replace("\n", " "), entry


def test_every_file_of_a_folder_is_told_of(folder: Path) -> None:
    report, _, _ = _run(folder, "--hidden")
    files = {
        item.document.file if isinstance(item, InputObject) else item.file
        for item, _ in collect([str(folder)], hidden=True)
    }
    on_disk = {
        os.path.join(path, name)
        for path, _, names in os.walk(folder)
        for name in names
        if name.endswith((".yaml", ".json"))
    }
    assert files == on_disk
    skipped = {entry["file"] for entry in report["skipped"]}
    assert str(folder / "link.yaml") in skipped
    assert str(folder / "pipe.yaml") in skipped
