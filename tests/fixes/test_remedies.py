"""What a person is told about findings that no edit mends."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from podproof.findings import Finding, Severity
from podproof.fixes.node_paths import instead_of
from podproof.fixes.remedies import remedy_of
from podproof.manifest.route import Route

NODE = "at level privileged"


PATHS = [
    ("/", "mount the folders that are needed"),
    ("/var/run/docker.sock", "whoever reaches the runtime's socket is root"),
    ("/run/containerd", "whoever reaches the runtime's socket is root"),
    ("/run/containerd/containerd.sock", "whoever reaches the runtime's socket is root"),
    ("/home/me/podman.sock", "whoever reaches the runtime's socket is root"),
    ("/run/containerdx", "put what the program reads into the image"),
    ("/var/log", "own logs to the output"),
    ("/var/log/pods/", "own logs to the output"),
    ("/var/lib/docker/containers", "own logs to the output"),
    ("/var/lib/docker", "only plugins for network and storage need it"),
    ("/etc/ssl/certs", "mount them from a ConfigMap"),
    ("/etc/sslx", "put what the program reads into the image"),
    ("/etc/localtime", "the environment variable TZ"),
    ("/etc/hosts", "Kubernetes writes such a file"),
    ("/etc/machine-id", "status.nodeInfo"),
    ("/etc/passwd", "put the users into the image"),
    ("/etc/kubernetes/pki", "the control plane's keys"),
    ("/etc/cni/net.d", "only plugins for network and storage need it"),
    ("/var/lib/kubelet/plugins", "only plugins for network and storage need it"),
    ("/dev/shm", "medium: Memory"),
    ("/dev/fuse", "a device plugin"),
    ("/tmp/x", "an emptyDir"),
    ("/proc", "a /proc and a /sys of its own"),
    ("/sys/fs/bpf", "a /proc and a /sys of its own"),
    ("/lib/modules", "a /proc and a /sys of its own"),
    ("/data", "a persistentVolumeClaim, whose class"),
    ("/mnt/disks/../x", "a persistentVolumeClaim, whose class"),
    ("data", "a persistentVolumeClaim, whose class"),
    ("", "mount the folders that are needed"),
]


@pytest.mark.parametrize(("path", "words"), PATHS)
def test_paths_of_nodes(path: str, words: str) -> None:
    assert words in instead_of(path)


SPEC = yaml.safe_load("""\
volumes:
- {name: a, hostPath: {path: /dev/kvm}}
- {name: b, nfs: {server: s, path: /}}
- {name: c, gitRepo: {repository: r}}
- {name: d, cinder: {volumeID: v}}
- {name: e, hostPath: null}
containers:
- {name: a, securityContext: {privileged: true}, volumeMounts: [{name: a, mountPath: /dev/kvm}]}
- {name: b, securityContext: {privileged: true}, volumeMounts: [{name: b, mountPropagation: Bidirectional}]}
- {name: c, securityContext: {privileged: true}}
- {name: d, securityContext: {privileged: true}, volumeDevices: [{name: d, devicePath: /x}]}
- {name: e, securityContext: {capabilities: {add: [CHOWN, SYS_ADMIN], drop: [KILL]}}}
""")

PRIVILEGED: Route = ("securityContext", "privileged")
ADD: Route = ("securityContext", "capabilities", "add")

CASES: list[tuple[str, Route, str]] = [
    ("restricted-volumes", ("volumes", 0, "hostPath"), "a device plugin"),
    ("host-path-volumes", ("volumes", 0, "hostPath"), "a device plugin"),
    ("restricted-volumes", ("volumes", 1, "nfs"), "declare it as a PersistentVolume"),
    ("restricted-volumes", ("volumes", 2, "gitRepo"), "clone it into an emptyDir"),
    ("restricted-volumes", ("volumes", 3, "cinder"), "the storage's CSI driver"),
    ("restricted-volumes", ("volumes", 4, "hostPath"), ""),
    ("host-namespaces", ("hostNetwork",), "use a Service"),
    ("host-namespaces", ("hostPID",), "shareProcessNamespace"),
    ("host-namespaces", ("hostIPC",), "medium: Memory"),
    ("host-ports", ("containers", 0, "ports", 0, "hostPort"), "NodePort"),
    ("privileged", ("containers", 0, *PRIVILEGED), "a device plugin"),
    ("privileged", ("containers", 1, *PRIVILEGED), "a CSI driver"),
    ("privileged", ("containers", 2, *PRIVILEGED), "add the capabilities that the program needs"),
    ("privileged", ("containers", 3, *PRIVILEGED), "a device plugin"),
    ("run-as-non-root", ("containers", 2, "securityContext", "runAsNonRoot"), "the container is privileged"),
    ("run-as-non-root", ("containers", 4, "securityContext", "runAsNonRoot"), "a numeric USER"),
    ("run-as-non-root", ("securityContext", "runAsNonRoot"), "a numeric USER"),
    ("capabilities-restricted", ("containers", 4, *ADD, 0), "baseline allows it"),
    ("capabilities-baseline", ("containers", 4, *ADD, 1), "only privileged allows it"),
    ("capabilities-restricted", ("containers", 4, "securityContext", "capabilities", "drop"), ""),
    (
        "capabilities-restricted",
        ("containers", 2, "securityContext", "capabilities", "drop"),
        "is privileged",
    ),
    ("allow-privilege-escalation", ("containers", 4, "securityContext"), ""),
    ("sysctls", ("securityContext", "sysctls", 0, "name"), "the node's administrator"),
    ("wrong-type", ("containers", 0, "image"), "before its value has that type"),
    ("missing-value", ("containers",), ""),
]


@pytest.mark.parametrize(("check", "route", "words"), CASES)
@pytest.mark.parametrize("prefix", [(), ("template",)])
def test_remedies(check: str, route: Route, words: str, prefix: Route) -> None:
    value: Any = {"spec": SPEC}
    for step in reversed(prefix):
        value = {step: value}
    finding = Finding(check, severity=Severity.ERROR, message="m", route=(*prefix, "spec", *route))
    remedy = remedy_of(finding, value)
    assert words in remedy
    assert bool(remedy) == bool(words)
    assert not remedy.endswith(".")


def test_a_policy_whose_api_is_gone() -> None:
    finding = Finding("removed-api-version", severity=Severity.ERROR, message="m", route=("apiVersion",))
    assert "label the namespaces" in remedy_of(finding, {"kind": "PodSecurityPolicy"})
    assert remedy_of(finding, {"kind": "Deployment"}) == ""


def test_whole_texts() -> None:
    """All of them once, as people read them: look at the file when a text changes."""
    texts = {instead_of(path) for path, _ in PATHS}
    for check, route, _ in CASES:
        finding = Finding(check, severity=Severity.ERROR, message="m", route=("spec", *route))
        texts.add(remedy_of(finding, {"spec": SPEC}))
    written = Path(__file__).with_name("remedies.txt").read_text().splitlines()
    assert sorted(filter(None, texts)) == written
