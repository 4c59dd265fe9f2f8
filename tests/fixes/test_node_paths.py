"""What to use instead of a folder of the node, of what lies in it, and not of what only begins as it does."""

import pytest

from podproof.fixes.node_paths import instead_of

SOCKET = "whoever reaches the runtime's socket is root on the node"
DATA = "use a persistentVolumeClaim, whose class may be one of local volumes"

FOLDERS = {
    "put the certificates into the image": [
        "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
    ],
    "set the environment variable TZ": ["/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"],
    "remove it: Kubernetes writes such a file": ["/etc/hosts", "/etc/resolv.conf", "/etc/hostname"],
    "the API server knows it of each node": [
        "/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release", "/etc/machine-id",
    ],
    "put the users into the image": ["/etc/passwd", "/etc/group"],
    "use an emptyDir with medium: Memory": ["/dev/shm"],
    "use an emptyDir, or a persistentVolumeClaim": ["/tmp", "/var/tmp"],
    "have a device plugin or a driver": ["/dev"],
    "write own logs to the output": ["/var/log", "/var/lib/docker/containers"],
    "these are the control plane's keys and data": ["/etc/kubernetes", "/var/lib/etcd"],
    "only plugins for network and storage need it": [
        "/var/lib/kubelet", "/etc/cni", "/opt/cni", "/var/lib/cni", "/run/cni", "/run/multus", "/run/netns",
        "/run/flannel", "/run/calico", "/var/lib/calico", "/run/cilium", "/etc/containerd",
        "/var/lib/containerd", "/var/lib/docker",
    ],
    "the container has a /proc and a /sys of its own": [
        "/proc", "/sys", "/lib/modules", "/usr/lib/modules", "/usr/src", "/boot",
    ],
    "put what the program reads into the image": ["/run", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64"],
    SOCKET: ["/run/containerd", "/run/docker", "/run/crio", "/run/podman", "/run/k3s/containerd"],
    DATA: ["/data", "/var/lib/mysql", "/opt", "/srv", "/mnt/disks"],
}  # fmt: skip

EACH = [(folder, words) for words, folders in FOLDERS.items() for folder in folders]


@pytest.mark.parametrize(("folder", "words"), EACH)
def test_each_folder(folder: str, words: str) -> None:
    for path in (
        folder,
        f"{folder}/",
        f"{folder}/deeper/than-that",
        folder[1:],
        f"/{folder}",
        f"{folder}/x/..",
    ):
        assert instead_of(path).startswith(words), path
    if folder.startswith("/run"):
        assert instead_of(f"/var{folder}/x").startswith(words)
    others = {known for known, _ in EACH}
    beside = f"{folder}-x"
    assert beside not in others
    assert instead_of(beside) == instead_of(f"{folder.rpartition('/')[0]}/no-such") or words == DATA


@pytest.mark.parametrize("name", ["docker", "containerd", "crio", "cri-dockerd", "dockershim", "podman"])
def test_a_socket_of_a_runtime_wherever_it_is(name: str) -> None:
    for folder in ("/run", "/var/run", "/data/x", "", "/etc"):
        assert instead_of(f"{folder}/{name}.sock").startswith(SOCKET)
        assert not instead_of(f"{folder}/{name}.socket").startswith(SOCKET)


@pytest.mark.parametrize("path", ["/", "//", "/.", "/etc/.."])
def test_the_whole_node(path: str) -> None:
    assert instead_of(path).startswith("mount the folders that are needed, if any; ")
