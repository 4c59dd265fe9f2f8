"""What else gives people what they want of a node's paths: a path comes in, a sentence goes out."""

import posixpath

__all__ = ["AGENT", "instead_of"]

_PLACE = "belongs in a namespace of its own, at level privileged"

AGENT = f"an agent of the node {_PLACE}"
"""Where those things run that have to do with the node."""

_RUNTIMES = ("/run/containerd", "/run/crio", "/run/docker", "/run/podman", "/run/k3s/containerd")
"""Folders of container runtimes' sockets. Source: kubernetes.io "Container Runtimes"; K3s and Podman."""

_SOCKETS = (
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "cri-dockerd.sock",
    "dockershim.sock",
    "podman.sock",
)

_USES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates",
         "/usr/local/share/ca-certificates"),
        "put the certificates into the image, or mount them from a ConfigMap",
    ),
    (
        ("/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"),
        "set the environment variable TZ, with the time zones in the image",
    ),
    (
        ("/etc/hosts", "/etc/resolv.conf", "/etc/hostname"),
        "remove it: Kubernetes writes such a file into every container, from hostAliases and dnsConfig",
    ),
    (
        ("/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release", "/etc/machine-id"),
        "the API server knows it of each node, in status.nodeInfo; the downward API gives the node's name",
    ),
    (
        ("/etc/passwd", "/etc/group"),
        "put the users into the image, or mount the file from a ConfigMap",
    ),
    (("/dev/shm",), "use an emptyDir with medium: Memory"),
    (("/tmp", "/var/tmp"), "use an emptyDir, or a persistentVolumeClaim where the data has to stay"),
    (
        ("/dev",),
        "have a device plugin or a driver for dynamic resource allocation give the device to the container",
    ),
    (
        ("/var/log", "/var/lib/docker/containers"),
        "write own logs to the output or an emptyDir; an agent that collects those of others "
        + _PLACE,
    ),
    (
        ("/etc/kubernetes", "/var/lib/etcd"),
        "these are the control plane's keys and data; use a ServiceAccount, or ConfigMaps and Secrets",
    ),
    (
        ("/var/lib/kubelet", "/etc/cni", "/opt/cni", "/var/lib/cni", "/run/cni", "/run/multus", "/run/netns",
         "/run/flannel", "/run/calico", "/var/lib/calico", "/run/cilium", "/etc/containerd",
         "/var/lib/containerd", "/var/lib/docker"),
        "only plugins for network and storage need it; such an agent " + _PLACE,
    ),
    (
        ("/proc", "/sys", "/lib/modules", "/usr/lib/modules", "/usr/src", "/boot"),
        "the container has a /proc and a /sys of its own; an agent that watches the node " + _PLACE,
    ),
    (
        ("/run", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64"),
        f"put what the program reads into the image, a ConfigMap or a Secret; {AGENT}",
    ),
)  # fmt: skip
"""Folders and what to use instead; the first that a path lies in, or is, counts."""

_DATA = (
    "use a persistentVolumeClaim, whose class may be one of local volumes, or an emptyDir where the data may "
    "be lost with the pod"
)


def instead_of(path: str) -> str:
    """Say what a person can use instead of a path of the node."""
    path = posixpath.normpath("/" + path.lstrip("/"))
    if path == "/":
        return f"mount the folders that are needed, if any; {AGENT}"
    if path.startswith("/var/run"):
        path = path.removeprefix("/var")
    if posixpath.basename(path) in _SOCKETS or any(_lies_in(path, folder) for folder in _RUNTIMES):
        return (
            "whoever reaches the runtime's socket is root on the node: build images with BuildKit or Buildah "
            f"instead, and ask the API server about containers; {AGENT}"
        )
    for folders, instead in _USES:
        if any(_lies_in(path, folder) for folder in folders):
            return instead
    return _DATA


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")
