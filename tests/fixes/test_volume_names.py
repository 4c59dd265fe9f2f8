"""Volumes that `fix` adds: a label after the folder, another one where that is taken, and short enough."""

from typing import Any

import pytest

from podproof.findings import ContainerRef
from podproof.fixes.change import PodToFix
from podproof.fixes.volumes import Written, plan_volumes
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge

A = ContainerRef("a", "container")


def names(*folders: str, taken: tuple[str, ...] = (), container: str = "a") -> list[str]:
    """Give the names of the volumes for folders, in a pod that has some already."""
    spec: dict[str, Any] = {"containers": [{"name": container, "image": "i"}]}
    if taken:
        spec["volumes"] = [{"name": name, "emptyDir": {}} for name in taken]
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    (judged,) = make_judge(ProjectConfiguration()).judge(value).pods
    pod = PodToFix(("spec",), judged.containers, judged.places, judged.processes)
    reference = ContainerRef(container, "container")
    changes = list(plan_volumes(value, pod, {reference: Written(folders, "seen")}, lambda change: True))
    assert all(change.edits for change in changes)
    edits = [edit for change in changes for edit in change.edits if edit.route[:2] == ("spec", "volumes")]
    items = [
        item for edit in edits for item in (edit.value if isinstance(edit.value, list) else [edit.value])
    ]
    assert all(item == {"name": item["name"], "emptyDir": {}} for item in items)
    return [item["name"] for item in items]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("/tmp", "tmp"), ("/var/lib/x", "var-lib-x"), ("/Var//Lib/./x/", "var-lib-x"), ("/a_b.c", "a-b-c"),
        ("/.cache", "cache"), ("/x.", "x"), ("/_", "volume"), ("/é", "volume"), ("/9", "9"),
        ("/" + "b" * 63, "b" * 63),
    ],
)  # fmt: skip
def test_a_volume_is_named_after_its_folder(folder: str, name: str) -> None:
    assert names(folder) == [name]


def test_a_long_name_is_cut_and_told_apart() -> None:
    (cut,) = names("/" + "b" * 64)
    assert (cut[:55], len(cut)) == ("b" * 54 + "-", 63)
    (other,) = names("/" + "b" * 65)
    assert (other[:55], len(other)) == (cut[:55], 63)
    assert other != cut
    (dashed,) = names("/" + "b" * 53 + "/" + "c" * 20)
    assert (dashed[:54], len(dashed)) == ("b" * 53 + "-", 62)


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        (("other",), "tmp"),
        (("tmp",), "tmp-a"),
        (("tmp", "tmp-a"), "tmp-2"),
        (("tmp", "tmp-a", "tmp-2", "tmp-3"), "tmp-4"),
        (("tmp", "tmp-2"), "tmp-a"),
    ],
)
def test_a_name_that_is_taken(taken: tuple[str, ...], name: str) -> None:
    assert names("/tmp", taken=taken) == [name]


def test_folders_whose_names_would_be_the_same() -> None:
    assert names("/a.b", "/a_b", "/a/b") == ["a-b", "a-b-a", "a-b-2"]


def test_without_a_folder_nothing_is_planned() -> None:
    assert names() == []
