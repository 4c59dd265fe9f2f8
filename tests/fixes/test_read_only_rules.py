"""Root file systems that become read-only: which, with what volumes, and what each of them rests on."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from planned_pods import pod_to_fix

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.effective.image import ImageConfig
from podproof.findings import ContainerRef
from podproof.fixes.change import PlannedChange
from podproof.fixes.volumes import Written, plan_read_only, plan_volumes

A, B = ContainerRef("a", "container"), ContainerRef("b", "container")
IMAGES = {
    "none": ImageConfig(volumes=(), nonempty=()),
    "silent": ImageConfig(volumes=None, nonempty=()),
    "empty": ImageConfig(volumes=("/data",), nonempty=()),
    "two": ImageConfig(volumes=("/data", "/cache"), nonempty=()),
    "full": ImageConfig(volumes=("/data", "/site"), nonempty=("/site",)),
    "allfull": ImageConfig(volumes=("/data", "/site"), nonempty=("/site", "/data")),
    "tmp": ImageConfig(volumes=(), nonempty=("/tmp",)),
    "tmpand": ImageConfig(volumes=("/data", "/site"), nonempty=("/tmp", "/site")),
    "old": ImageConfig(volumes=("/data", "/site"), nonempty=None),
}
TRIED = "is not known: fix --run tries it"


def always(_change: PlannedChange) -> bool:
    return True


def read_only(
    spec: str, seen: Mapping[ContainerRef, Written] = {}, unwanted: Iterable[ContainerRef] = ()
) -> list[PlannedChange]:
    value, pod = pod_to_fix(spec, IMAGES)
    return list(plan_read_only(value, pod, lambda container, place: container not in unwanted, seen, always))


@pytest.mark.parametrize(
    ("image", "folders", "why"),
    [
        ("unknown", ["/tmp"], f"what it writes {TRIED}"),
        ("none", ["/tmp"], f"what it writes {TRIED}"),
        ("silent", ["/tmp"], f"what it writes {TRIED}"),
        ("empty", ["/data", "/tmp"],
         f"the image declares /data as volumes; what it writes elsewhere {TRIED}"),
        ("two", ["/cache", "/data", "/tmp"],
         f"the image declares /data, /cache as volumes; what it writes elsewhere {TRIED}"),
        ("full", ["/data", "/tmp"],
         "the image declares /data as volumes; no volume hides /site: the image has content in it; "
         f"what it writes elsewhere {TRIED}"),
        ("allfull", ["/tmp"],
         f"no volume hides /data, /site: the image has content in it; what it writes {TRIED}"),
        ("old", ["/tmp"],
         f"no volume hides /data, /site: the image may have content in it; what it writes {TRIED}"),
        ("tmp", [], "no volume hides /tmp: the image has content in it"),
        ("tmpand", ["/data"],
         "the image declares /data as volumes; no volume hides /site: the image has content in it; "
         "no volume hides /tmp: the image has content in it"),
    ],
)  # fmt: skip
def test_what_is_known_of_an_image(image: str, folders: list[str], why: str) -> None:
    names = [folder[1:] for folder in folders]
    mounts = [{"name": name, "mountPath": folder} for name, folder in zip(names, folders, strict=True)]
    edits = [Edit(("spec", "containers", 0, "securityContext", "readOnlyRootFilesystem"), "set", True)]
    if folders:
        edits.append(Edit(("spec", "containers", 0, "volumeMounts"), "set", mounts))
        edits.append(Edit(("spec", "volumes"), "set", [{"name": name, "emptyDir": {}} for name in names]))
    what = "securityContext.readOnlyRootFilesystem: true"
    what += f", an emptyDir at {', '.join(folders)}" if folders else ""
    assert read_only(f"containers: [{{name: a, image: {image}}}]") == [
        PlannedChange(
            "tighter",
            tuple(edits),
            what,
            why,
            ("writable-root-filesystem",),
            A,
            name="writable-root-filesystem",
        )
    ]


@pytest.mark.parametrize(
    ("spec", "sealed"),
    [
        ("containers: [{name: a, image: none}]", ["a"]),
        ("containers: [{name: a, image: none, securityContext: {readOnlyRootFilesystem: null}}]", ["a"]),
        ("containers: [{name: a, image: none, securityContext: {readOnlyRootFilesystem: false}}]", ["a"]),
        ("containers: [{name: a, image: none, securityContext: {readOnlyRootFilesystem: true}}]", []),
        ("containers: [{name: a, image: none, securityContext: {readOnlyRootFilesystem: true}}, "
         "{name: b, image: none}]", ["b"]),
        ("initContainers: [{name: i, image: none}]\ncontainers: [{name: a, image: none}]", ["i", "a"]),
        ("containers: [{name: a, image: none}]\nephemeralContainers: [{name: e, image: none}]", ["a"]),
    ],
)  # fmt: skip
def test_which_root_file_systems(spec: str, sealed: list[str]) -> None:
    assert [change.container.name for change in read_only(spec) if change.container] == sealed
    assert read_only(spec, unwanted=[A, B]) == [
        change for change in read_only(spec) if change.container not in (A, B)
    ]


def test_what_was_seen_counts_and_not_the_image() -> None:
    (change,) = read_only("containers: [{name: a, image: full}]", {A: Written(("/x",), "it wrote there")})
    assert change.why == "it wrote there"
    assert change.what == "securityContext.readOnlyRootFilesystem: true, an emptyDir at /x"
    (change,) = read_only("containers: [{name: a, image: full}]", {A: Written((), "it wrote nothing")})
    assert (change.why, len(change.edits)) == ("it wrote nothing", 1)
    (change,) = read_only("containers: [{name: a, image: none}]", {B: Written(("/x",), "another did")})
    assert change.why == f"what it writes {TRIED}"


def folders_of(folders: tuple[str, ...], mounts: str = "") -> list[str]:
    """Give the folders of a container that get a volume."""
    container = f"{{name: a, image: none, volumeMounts: [{mounts}]}}"
    spec = f"containers: [{container}]\nvolumes: [{{name: v, emptyDir: {{}}}}]"
    value, pod = pod_to_fix(spec, IMAGES)
    changes = list(plan_volumes(value, pod, {A: Written(folders, "seen")}, always))
    for change in changes:
        value = apply_edits(value, change.edits)
    return [
        mount["mountPath"] for mount in value["spec"]["containers"][0]["volumeMounts"] if mount["name"] != "v"
    ]


@pytest.mark.parametrize(
    ("folders", "mounts", "chosen"),
    [
        (("/b", "/a"), "", ["/a", "/b"]),
        (("/a", "/a/"), "", ["/a"]),
        (("//a/./b/", "/a/b"), "", ["/a/b"]),
        (("a",), "", ["/a"]),
        # one volume holds what lies below it
        (("/a/b", "/a"), "", ["/a"]),
        (("/a", "/ab"), "", ["/a", "/ab"]),
        (("/a/b", "/a/c"), "", ["/a/b", "/a/c"]),
        # where a volume is already, and below it, as it is written
        (("/a",), "{name: v, mountPath: /a}", []),
        (("/a",), "{name: v, mountPath: /a/}", []),
        (("/a/b/c",), "{name: v, mountPath: /a/b}", []),
        (("/a",), "{name: v, mountPath: /a/b}", ["/a"]),
        (("/ab",), "{name: v, mountPath: /a}", ["/ab"]),
        (("/b",), "{name: v, mountPath: /x}, {name: v, mountPath: /b}", []),
        # no volume covers the root, nor a path that no server takes
        (("/",), "", []),
        (("/", "/a"), "", ["/a"]),
        (("", "/.", "//"), "", []),
        (("/a:b", "/c"), "", ["/c"]),
    ],
)
def test_which_folders_get_a_volume(folders: tuple[str, ...], mounts: str, chosen: list[str]) -> None:
    assert folders_of(folders, mounts) == chosen


def test_volumes_alone_are_for_those_that_were_seen() -> None:
    value, pod = pod_to_fix("containers: [{name: a, image: none}, {name: b, image: none}]", IMAGES)
    assert list(plan_volumes(value, pod, {}, always)) == []
    assert list(plan_volumes(value, pod, {B: Written((), "seen")}, always)) == []
    (change,) = plan_volumes(value, pod, {B: Written(("/x", "/y"), "seen")}, always)
    mounts = [{"name": "x", "mountPath": "/x"}, {"name": "y", "mountPath": "/y"}]
    edits = (
        Edit(("spec", "containers", 1, "volumeMounts"), "set", mounts),
        Edit(("spec", "volumes"), "set", [{"name": "x", "emptyDir": {}}, {"name": "y", "emptyDir": {}}]),
    )
    assert change == PlannedChange("tighter", edits, "an emptyDir at /x, /y", "seen", ("run-as-non-root",), B)


@pytest.mark.parametrize(
    ("mounts", "volumes", "at"),
    [
        (None, None, (None, None)),
        ([], [], (None, None)),
        ("wrong", "wrong", (None, None)),
        ([{"name": "v", "mountPath": "/v"}], [{"name": "v"}], (1, 1)),
        ([{"name": "v", "mountPath": "/v"}] * 2, [{"name": "v"}], (2, 1)),
        ([], [{"name": "v"}, "wrong", {"name": None}], (None, 3)),
    ],
)
def test_items_come_behind_those_that_are_there(mounts: Any, volumes: Any, at: tuple[Any, Any]) -> None:
    _, pod = pod_to_fix("containers: [{name: a, image: none}]", IMAGES)
    spec = {"volumes": volumes, "containers": [{"name": "a", "volumeMounts": mounts}]}
    (change,) = plan_volumes({"spec": spec}, pod, {A: Written(("/x", "/y"), "seen")}, always)
    routes = [("spec", "containers", 0, "volumeMounts"), ("spec", "volumes")]
    expected = [
        (*route, start + number) if start else route
        for route, start in zip(routes, at, strict=True)
        for number in range(2 if start else 1)
    ]
    assert [edit.route for edit in change.edits] == expected


def test_each_container_counts_the_volumes_of_those_before() -> None:
    value, pod = pod_to_fix("containers: [{name: a, image: none}, {name: b, image: none}]", IMAGES)
    seen = {A: Written(("/x", "/y"), "seen"), B: Written(("/z",), "seen")}
    changes = list(plan_volumes(value, pod, seen, always))
    assert changes[1].edits[-1] == Edit(("spec", "volumes", 2), "set", {"name": "z", "emptyDir": {}})
    assert changes[1].edits[0].route == ("spec", "containers", 1, "volumeMounts")


def test_who_is_refused_leaves_names_and_places_to_the_others() -> None:
    value, pod = pod_to_fix("containers: [{name: a, image: none}, {name: b, image: none}]", IMAGES)

    def not_for_a(change: PlannedChange) -> bool:
        return change.container != A

    (sealed,) = plan_read_only(value, pod, lambda container, place: True, {}, not_for_a)
    assert (sealed.container, sealed.edits[-1]) == (
        B, Edit(("spec", "volumes"), "set", [{"name": "tmp", "emptyDir": {}}]),
    )  # fmt: skip
    written = Written(("/tmp",), "seen")
    (mounted,) = plan_volumes(value, pod, {A: written, B: written}, not_for_a)
    assert mounted.edits[1:] == sealed.edits[2:]
