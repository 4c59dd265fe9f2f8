"""What `fix` says of each decision: the patch of its object, and which edits of the text write it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from json_patches import patched

from podproof.results.fixed import FileFix, FixDecision, PatchOperation
from podproof.results.plain import to_plain
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.options import FixOptions
from podproof.session.fix.pipeline import fix_manifests
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

TWO = """\
apiVersion: v1
kind: Pod
metadata: {name: first}
spec:
  hostPID: true
  containers:
  - {name: a, image: a}
  - name: b
    image: b
    securityContext:
      privileged: true
---
apiVersion: v1
kind: Pod
metadata: {name: second}
spec:
  hostPID: true
  containers: [{name: a, image: a}]
"""


def mended(path: Path, text: str) -> FileFix:
    path.write_text(text)
    configuration = ProjectConfiguration()
    judge = make_judge(
        configuration,
        level="restricted",
        kubernetes_version=None,
        runtime=None,
        images={},
        node=None,
        feature_gates=(),
    )
    selection = make_selection(configuration, select=(), ignore=(), today="2026-01-01")
    (file,) = fix_manifests(collect([str(path)]), judge, selection, FixOptions()).files
    return file


def decided(value: Any, decisions: tuple[FixDecision, ...]) -> Any:
    for decision in decisions:
        value = patched(value, to_plain(decision.patch))
    return value


def test_the_patches_in_their_order_make_the_object_that_is_written(tmp_path: Path) -> None:
    file = mended(tmp_path / "a.yaml", TWO)
    before, after = (list(yaml.safe_load_all(data)) for data in (file.before, file.after))
    assert [decided(value, each.decisions) for value, each in zip(before, file.objects, strict=True)] == after


def test_a_removal_has_no_value(tmp_path: Path) -> None:
    first = mended(tmp_path / "a.yaml", TWO).objects[0].decisions[0]
    assert first.what == "remove hostPID"
    assert first.patch == (PatchOperation("remove", "/spec/hostPID"),)
    assert to_plain(first.patch) == [{"op": "remove", "path": "/spec/hostPID"}]


@pytest.mark.parametrize("number", [0, 1])
def test_each_decision_names_the_edits_that_write_it(tmp_path: Path, number: int) -> None:
    file = mended(tmp_path / "a.yaml", TWO)
    border = TWO.index("---")
    for decision in file.objects[number].decisions:
        edits = [file.edits[index] for index in decision.edits]
        assert edits
        assert all((edit.start > border) == bool(number) for edit in edits)
        name = decision.what.removeprefix("remove ").split(":")[0].split(".")[-1]
        texts = [edit.text + TWO[edit.start : edit.end] for edit in edits]
        assert any(name in text for text in texts)


def test_edits_of_the_same_place_are_told_apart(tmp_path: Path) -> None:
    file = mended(tmp_path / "a.yaml", TWO)
    of = {
        (decision.container.name if decision.container else "", decision.what): decision.edits
        for decision in file.objects[0].decisions
    }
    assert of["", "securityContext.runAsNonRoot: true"] != of["b", "securityContext.capabilities.drop: [ALL]"]
    assert len(of["b", "securityContext.capabilities.drop: [ALL]"]) == 1


def test_items_of_a_list_are_found_by_their_route(tmp_path: Path) -> None:
    items = "".join("- " + text.strip().replace("\n", "\n  ") + "\n" for text in TWO.split("---\n"))
    file = mended(tmp_path / "a.yaml", f"apiVersion: v1\nkind: List\nitems:\n{items}")
    assert [(each.route, each.object.name) for each in file.objects] == [
        ("items[0]", "first"),
        ("items[1]", "second"),
    ]
    (one, other) = (
        {index for decision in each.decisions for index in decision.edits} for each in file.objects
    )
    assert one
    assert other
    assert not one & other
