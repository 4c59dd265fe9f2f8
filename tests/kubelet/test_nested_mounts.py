"""Which mounts lie in others whose mount point may be missing: what the runtime cannot make there.

Source: runc libcontainer/rootfs_linux.go, createMountpoint; kubernetes pkg/kubelet, which makes mount points
in the volumes that it writes.
"""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kubelet.mounts import find_nested_mount

VOLUMES: list[dict[str, Any]] = [
    {"name": "host", "hostPath": {"path": "/srv"}},
    {"name": "below", "hostPath": {"path": "/srv/data"}},
    {"name": "e", "emptyDir": {}},
    {"name": "s", "secret": {"secretName": "s"}},
    {"name": "m", "configMap": {"name": "m"}},
    {"name": "d", "downwardAPI": {}},
    {"name": "p", "projected": {}},
    {"name": "image", "image": {"reference": "r"}},
    {"name": "nfs", "nfs": {"server": "s", "path": "/", "readOnly": True}},
]


def mount(name: str, path: str | None, **rest: Any) -> dict[str, Any]:
    return {"name": name, "mountPath": path, **rest}


def problem(*mounts: dict[str, Any]) -> tuple[int, str, str] | None:
    """The first mount that may fail: its index, its path and what is not known."""
    spec = {"containers": [{"name": "c", "volumeMounts": list(mounts)}], "volumes": VOLUMES}
    (placed,) = place_containers(raw_pod({"spec": spec}), Setting())
    found = find_nested_mount(placed)
    if found is None:
        return None
    assert found.unknown is not None
    return found.index, found.path, found.unknown.reason.removeprefix("not known whether ")


CLOSED = mount("host", "/data", readOnly=True)
INNER = mount("e", "/data/x")
HOST = 'volume "host" (/srv of the node), read-only at /data, has a folder x'


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        ([CLOSED, INNER], (1, "/data/x", HOST)),
        ([INNER, CLOSED], (0, "/data/x", HOST)),
        ([CLOSED], None),
        ([], None),
        ([mount("host", "/data"), INNER], None),
        ([mount("host", "/data", readOnly=False), INNER], None),
        ([CLOSED, mount("e", "/database/x")], None),
        ([CLOSED, mount("e", "/data")], None),
        ([CLOSED, mount("e", "/other")], None),
        ([CLOSED, mount("e", "/data/./y/../x/")], (1, "/data/x", HOST)),
        ([CLOSED, mount("e", "//data//x")], (1, "/data/x", HOST)),
        ([CLOSED, mount("e", "/data/x/y")], (1, "/data/x/y", f"{HOST}/y")),
        ([mount("host", "/", readOnly=True), mount("e", "/x")],
         (1, "/x", 'volume "host" (/srv of the node), read-only at /, has a folder x')),
        # the nearest around it counts
        ([CLOSED, mount("e", "/data/x"), mount("e", "/data/x/y")], (1, "/data/x", HOST)),
        ([CLOSED, mount("e", "/data/x"), mount("image", "/data/x/y")], (1, "/data/x", HOST)),
        ([mount("e", "/data"), mount("e", "/data/x", readOnly=True), mount("e", "/data/x/y")],
         (2, "/data/x/y", 'volume "e", read-only at /data/x, has a folder y')),
        # what is read-only whatever the mount says
        ([mount("nfs", "/data"), INNER], (1, "/data/x", 'volume "nfs", read-only at /data, has a folder x')),
        ([mount("image", "/data"), INNER],
         (1, "/data/x", 'volume "image", read-only at /data, has a folder x')),
        # a claim template's volume is not listed
        ([mount("claim", "/data", readOnly=True), INNER],
         (1, "/data/x", 'volume "claim", read-only at /data, has a folder x')),
        ([mount("claim", "/data"), INNER], None),
        # a part of a volume may be a file
        ([CLOSED, mount("e", "/data/x", subPath="f")],
         (1, "/data/x", 'volume "host" (/srv of the node), read-only at /data, has a file or folder x')),
        ([CLOSED, mount("e", "/data/x", subPathExpr="$(A)")],
         (1, "/data/x", 'volume "host" (/srv of the node), read-only at /data, has a file or folder x')),
        ([mount("host", "/data", readOnly=True, subPath="a"), INNER],
         (1, "/data/x", 'volume "host", read-only at /data, has a folder x')),
        # what shows the same place is there
        ([CLOSED, mount("below", "/data/data")], None),
        ([CLOSED, mount("below", "/data/other")],
         (1, "/data/other", 'volume "host" (/srv of the node), read-only at /data, has a folder other')),
        ([CLOSED, mount("host", "/data/x", subPath="x")], None),
        ([CLOSED, mount("host", "/data/x", subPath="y")],
         (1, "/data/x", 'volume "host" (/srv of the node), read-only at /data, has a file or folder x')),
        ([CLOSED, mount("host", "/data/x", subPathExpr="x")],
         (1, "/data/x", 'volume "host" (/srv of the node), read-only at /data, has a file or folder x')),
        ([mount("e", "/data", readOnly=True), mount("e", "/data/x", subPath="x")], None),
        ([mount("e", "/data", readOnly=True, subPath="a"), mount("e", "/data/x", subPath="a/x")], None),
        ([mount("e", "/data", readOnly=True, subPath="a"), mount("e", "/data/x", subPath="x")],
         (1, "/data/x", 'volume "e", read-only at /data, has a file or folder x')),
        ([mount("e", "/data", readOnly=True, subPathExpr="a"), mount("e", "/data/x", subPath="a/x")],
         (1, "/data/x", 'volume "e", read-only at /data, has a file or folder x')),
    ],
)  # fmt: skip
def test_mounts_in_mounts(mounts: list[dict[str, Any]], expected: tuple[int, str, str] | None) -> None:
    assert problem(*mounts) == expected


@pytest.mark.parametrize("name", ["s", "m", "d", "p"])
def test_the_kubelet_makes_folders_in_what_it_writes(name: str) -> None:
    outer = mount(name, "/data")
    assert problem(outer, INNER) is None
    file = (
        f'"f" of volume "e" is a folder; a file cannot be mounted at /data/x, where the kubelet makes a '
        f'folder in volume "{name}"'
    )
    assert problem(outer, mount("e", "/data/x", subPath="f")) == (1, "/data/x", file)
    assert problem(outer, mount("e", "/data/x", subPathExpr="f")) == (1, "/data/x", file)
    # in one of its files it makes nothing
    part = (1, "/data/x", f'volume "{name}", read-only at /data, has a folder x')
    assert problem(mount(name, "/data", subPath="a"), INNER) == part
    assert problem(mount(name, "/data", subPathExpr="a"), INNER) == part


def test_a_mount_without_a_path_is_at_the_root() -> None:
    assert problem(mount("host", None, readOnly=True), mount("e", "/x")) is not None


def test_a_mount_without_a_name_is_not_the_node() -> None:
    root = mount("root", "/data", readOnly=True)
    unnamed = {"mountPath": "/data/x", "subPath": "x"}
    spec: dict[str, Any] = {
        "containers": [{"name": "c", "volumeMounts": [root, unnamed]}],
        "volumes": [{"name": "root", "hostPath": {"path": "/"}}],
    }
    (placed,) = place_containers(raw_pod({"spec": spec}), Setting())
    assert find_nested_mount(placed) is not None
    spec["volumes"].append({"name": "below", "hostPath": {"path": "/x"}})
    spec["containers"][0]["volumeMounts"][1] = mount("below", "/data/x")
    (placed,) = place_containers(raw_pod({"spec": spec}), Setting())
    assert find_nested_mount(placed) is None
