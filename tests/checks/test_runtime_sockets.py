"""Which container runtimes' sockets a mount of the node's files shows.

Source: kubernetes.io "Container Runtimes", and the defaults of Docker, K3s and Podman.
"""

import pytest

from podproof.checks._host_path import host_mounts, sockets_below
from podproof.effective.container_in_pod import place_containers
from podproof.kube.pod import Container, HostPathVolumeSource, Pod, PodSpec, Volume, VolumeMount

CONTAINERD, CRIO, DOCKER, CRI_DOCKERD, SHIM, OF_DOCKER, OF_K3S, PODMAN = NAMES = (
    "containerd", "CRI-O", "Docker", "cri-dockerd", "dockershim", "Docker's containerd", "K3s' containerd",
    "Podman",
)  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "/var"])
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/run/containerd/containerd.sock", (CONTAINERD,)),
        ("/run/containerd", (CONTAINERD,)),
        ("/run/containerd/", (CONTAINERD,)),
        ("/run/crio/crio.sock", (CRIO,)),
        ("/run/crio", (CRIO,)),
        ("/run/docker.sock", (DOCKER,)),
        ("/run/cri-dockerd.sock", (CRI_DOCKERD,)),
        ("/run/dockershim.sock", (SHIM,)),
        ("/run/docker/containerd/containerd.sock", (OF_DOCKER,)),
        ("/run/docker/containerd", (OF_DOCKER,)),
        ("/run/docker", (OF_DOCKER,)),
        ("/run/k3s/containerd/containerd.sock", (OF_K3S,)),
        ("/run/k3s", (OF_K3S,)),
        ("/run/podman/podman.sock", (PODMAN,)),
        ("/run/podman", (PODMAN,)),
        ("/run", NAMES),
        ("/run/", NAMES),
        ("/run/dock", ()),
        ("/run/docker.sock.old", ()),
        ("/run/containerd/containerd.sock.ttrpc", ()),
        ("/run/user", ()),
    ],
)
def test_the_sockets_below_a_path(prefix: str, path: str, names: tuple[str, ...]) -> None:
    assert sockets_below(prefix + path) == names


@pytest.mark.parametrize(
    ("path", "names"), [("/", NAMES), ("/var", ()), ("/var/running", ()), ("/etc/run", ()), ("/variable", ())]
)
def test_the_sockets_of_other_folders(path: str, names: tuple[str, ...]) -> None:
    assert sockets_below(path) == names


@pytest.mark.parametrize(
    ("path", "sub_path", "where"),
    [
        ("/run", None, "/run"),
        ("/run", "docker", "/run/docker"),
        ("/run/", "a/../docker.sock", "/run/docker.sock"),
        ("", None, "/"),
        (None, None, "/"),
        (None, "etc", "/etc"),
        ("", "etc", "/etc"),
    ],
)
def test_where_a_mount_sees_the_node(path: str | None, sub_path: str | None, where: str) -> None:
    mount = VolumeMount(name="v", mount_path="/v", sub_path=sub_path)
    volume = Volume(name="v", host_path=HostPathVolumeSource(path=path))
    spec = PodSpec(containers=(Container(name="c", volume_mounts=(mount,)),), volumes=(volume,))
    (placed,) = place_containers(Pod(spec=spec))
    assert [found.path for found in host_mounts(placed)] == [where]
