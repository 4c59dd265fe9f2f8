"""Which volumes a user namespace cannot have: shares never, disks always, the rest is not known.

Source: mount_setattr(2); kubernetes.io, User Namespaces.
"""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kube.storage import collect_storage
from podproof.kubelet.mounts import find_unmappable_mount


def verdict(volume: dict[str, Any], *storage: dict[str, Any], host_users: bool | None = False) -> str:
    """What becomes of a mount of the volume: `maps`, `fails`, or why it is not known."""
    container = {"name": "c", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
    spec = {"hostUsers": host_users, "containers": [container], "volumes": [{"name": "v", **volume}]}
    pod = raw_pod({"metadata": {"namespace": "n"}, "spec": spec})
    (placed,) = place_containers(pod, Setting(storage=collect_storage(storage)))
    found = find_unmappable_mount(placed)
    if found is None:
        return "maps"
    assert (found.index, found.path) == (0, "/v")
    return "fails" if found.unknown is None else found.unknown.reason


def claimed(**source: Any) -> str:
    """The verdict on a claim whose volume has this source."""
    claim = {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "n"},
        "spec": {"volumeName": "pv"},
    }
    volume = {"kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": source}
    return verdict({"persistentVolumeClaim": {"claimName": "data"}}, claim, volume)


@pytest.mark.parametrize(
    "volume",
    [{"emptyDir": {}}, {"secret": {"secretName": "s"}}, {"configMap": {"name": "m"}}, {"downwardAPI": {}},
     {"projected": {"sources": []}}, {"hostPath": {"path": "/srv"}}, {"iscsi": {}}, {"fc": {}},
     {"hostPath": {"path": "/process"}}],
)  # fmt: skip
def test_maps(volume: dict[str, Any]) -> None:
    assert verdict(volume) == "maps"


@pytest.mark.parametrize("volume", [{"nfs": {"server": "s", "path": "/"}}, {"azureFile": {"shareName": "s"}}])
def test_shares_fail(volume: dict[str, Any]) -> None:
    assert verdict(volume) == "fails"
    assert verdict(volume, host_users=True) == verdict(volume, host_users=None) == "maps"


@pytest.mark.parametrize("path", ["/proc", "/sys/fs", "/dev/shm"])
def test_the_kernels_own_are_not_known(path: str) -> None:
    assert verdict({"hostPath": {"path": path}}).startswith(f"not known whether {path} of the node")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"nfs": {"server": "s", "path": "/"}}, "fails"),
        ({"azureFile": {"shareName": "s"}}, "fails"),
        ({"csi": {"driver": "nfs.csi.k8s.io"}}, "fails"),
        ({"csi": {"driver": "smb.csi.k8s.io"}}, "fails"),
        ({"csi": {"driver": "file.csi.azure.com"}}, "fails"),
        ({"csi": {"driver": "efs.csi.aws.com"}}, "fails"),
        ({"csi": {"driver": "filestore.csi.storage.gke.io"}}, "fails"),
        ({"csi": {"driver": "nfs.csi.ceph.com"}}, "fails"),
        ({"iscsi": {"targetPortal": "t"}}, "maps"),
        ({"fc": {}}, "maps"),
        ({"hostPath": {"path": "/srv"}}, "maps"),
    ],
)
def test_what_lies_behind_a_claim(source: dict[str, Any], expected: str) -> None:
    assert claimed(**source) == expected


@pytest.mark.parametrize("medium", ["HugePages", "HugePages-2Mi"])
def test_huge_pages_are_not_known(medium: str) -> None:
    """Only newer kernels have idmapped mounts of hugetlbfs; memory (tmpfs) is a matter of course."""
    assert verdict({"emptyDir": {"medium": medium}}).startswith("not known whether the node can map")
    assert verdict({"emptyDir": {"medium": "Memory"}}) == "maps"


def test_other_drivers_are_not_known() -> None:
    words = 'not known whether the file system of volume "v" has idmapped mounts'
    assert claimed(csi={"driver": "example.com"}).startswith(words)
    gone = verdict({"persistentVolumeClaim": {"claimName": "gone"}})
    assert gone.startswith(words)
    assert gone.endswith(": claim gone is not in the input")
