"""What a container gets: every field of the context with its value and with who decided it.

They stand in contexts.txt: the first whole, the others with the lines in which they differ from it.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from test_users import run

from podproof.effective.container_in_pod import place_containers
from podproof.effective.node import Node
from podproof.effective.resolve import resolve
from podproof.effective.runtime import RUNTIMES
from podproof.effective.setting import Setting
from podproof.effective.sysctls import dotted
from podproof.effective.value import Field, Unknown
from podproof.kube.pod import raw_pod


def lines(value: Any, name: str = "") -> list[str]:
    """Write a context as `field = value · kind of origin: who decided`, a line for each field."""
    if not isinstance(value, Field):
        return [
            line
            for field in value.__struct_fields__
            for line in lines(getattr(value, field), f"{name}.{field}" if name else field)
        ]
    shown = value.value
    if isinstance(shown, Unknown):
        text = f"? {shown.reason}"
    elif isinstance(shown, tuple):
        text = ", ".join(map(member, shown))
    else:
        text = str(shown)
    return [f"{name} = {text} · {value.origin.kind}: {value.origin}"]


def member(value: Any) -> str:
    if isinstance(value, tuple):
        return "=".join(value)
    if isinstance(value, msgspec.Struct):
        return " ".join(str(getattr(value, field)) for field in value.__struct_fields__)
    return str(value)


CASES: dict[str, Any] = {
    "nothing is known of the image": lambda: run(user=None, passwd=None, group=None),
    "containers decide": lambda: run(
        {
            "runAsUser": 5,
            "runAsGroup": 6,
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "procMount": "Default",
            "capabilities": {"add": ["NET_ADMIN"], "drop": ["KILL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
            "appArmorProfile": {"type": "RuntimeDefault"},
            "seLinuxOptions": {"type": "t", "user": "u", "role": "r"},
        },
        {"runAsUser": 7, "runAsGroup": 8, "seLinuxOptions": {"level": "s0"}},
    ),
    "the pod decides": lambda: run(
        None,
        {
            "runAsUser": 1000,
            "runAsGroup": 8,
            "fsGroup": 9,
            "supplementalGroups": [4],
            "seccompProfile": {"type": "Localhost", "localhostProfile": "p"},
            "appArmorProfile": {"type": "Localhost", "localhostProfile": "q"},
            "seLinuxOptions": {"level": "s0"},
            "sysctls": [{"name": "kernel/msgmax", "value": "1"}, {"name": "kernel.msgmnb"}],
        },
        spec={
            "hostUsers": False,
            "hostPID": False,
            "hostNetwork": False,
            "hostIPC": False,
            "shareProcessNamespace": True,
        },
    ),
    "the image decides": lambda: run(user="alice"),
    "the pod asks for groups only": lambda: run(
        None, {"supplementalGroupsPolicy": "Strict", "supplementalGroups": [4]}, "alice"
    ),
    "privileged": lambda: run(
        {
            "privileged": True,
            "capabilities": {"drop": ["ALL"]},
            "procMount": "Unmasked",
            "allowPrivilegeEscalation": True,
            "readOnlyRootFilesystem": False,
        }
    ),
    "procMount and unconfined profiles": lambda: run(
        {
            "procMount": "Unmasked",
            "seccompProfile": {"type": "Unconfined"},
            "appArmorProfile": {"type": "Unconfined"},
            "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]},
        }
    ),
    "the node's namespaces": lambda: run(
        spec={
            "hostUsers": True,
            "hostPID": True,
            "hostNetwork": True,
            "hostIPC": True,
            "shareProcessNamespace": True,
        }
    ),
    "cri-o": lambda: run(
        {"runAsUser": 0, "runAsGroup": 77, "readOnlyRootFilesystem": True},
        runtime=RUNTIMES["cri-o"],
        spec={"hostNetwork": True},
    ),
    "an old containerd": lambda: run(
        {"capabilities": {"add": ["CAP_KILL"]}},
        {"supplementalGroupsPolicy": "Strict"},
        "alice",
        runtime=RUNTIMES["containerd-1.6.20"],
    ),
    "a node that is known": lambda: run(
        node=Node(
            apparmor=True,
            selinux=True,
            seccomp_default=True,
            capabilities=("CHOWN", "KILL"),
            paths=("/proc/kcore", "/proc/bus", "/sys/fs/cgroup/cgroup.controllers"),
        )
    ),
    "a node without modules": lambda: run(
        {"seLinuxOptions": {"type": "t"}}, node=Node(apparmor=False, selinux=False, paths=("/proc/kcore",))
    ),
    "volumes without fsGroup": lambda: run(
        spec={
            "volumes": [
                {"name": "e"},
                {"name": "h", "hostPath": {}},
                {"name": "n", "nfs": {}},
                {"name": "i", "image": {}},
                {"name": "p", "persistentVolumeClaim": {}},
                {"name": "s", "secret": {}},
                {"name": "c", "configMap": {}},
                {"name": "d", "downwardAPI": {}},
                {"name": "j", "projected": {}},
                {"name": "a", "awsElasticBlockStore": {}},
                {"name": "x", "scaleIO": {}},
                {"name": "g", "gcePersistentDisk": {}},
            ]
        }
    ),
    "volumes with fsGroup": lambda: run(
        None,
        {"fsGroup": 5},
        spec={
            "volumes": [
                {"name": "e"},
                {"name": "h", "hostPath": {}},
                {"name": "n", "nfs": {}},
                {"name": "i", "image": {}},
                {"name": "p", "persistentVolumeClaim": {}},
                {"name": "s", "secret": {}},
                {"name": "c", "configMap": {}},
                {"name": "d", "downwardAPI": {}},
                {"name": "j", "projected": {}},
                {"name": "a", "awsElasticBlockStore": {}},
                {"name": "x", "scaleIO": {}},
                {"name": "g", "gcePersistentDisk": {}},
            ]
        },
    ),
    "a user whose name the image lacks": lambda: run(user="bob"),
    "a user out of range": lambda: run({"runAsUser": 1 << 31}),
    "a Windows node": lambda: run(
        {"runAsUser": 5, "readOnlyRootFilesystem": True},
        {"fsGroup": 3, "runAsGroup": 4},
        spec={"os": {"name": "windows"}, "hostNetwork": True},
    ),
}


def sections() -> dict[str, list[str]]:
    """Read contexts.txt: the lines below each `== name`."""
    text = (Path(__file__).parent / "contexts.txt").read_text(encoding="utf-8")
    found = [part.splitlines() for part in text.removeprefix("== ").split("\n\n== ")]
    return {name: expected for name, *expected in found}


def test_nothing_is_set() -> None:
    assert lines(run()) == sections()["nothing is set"]


@pytest.mark.parametrize("name", CASES)
def test_what_differs(name: str) -> None:
    plain = sections()["nothing is set"]
    assert [line for line in lines(CASES[name]()) if line not in plain] == sections()[name]


def test_every_section_is_compared() -> None:
    assert sections().keys() == {"nothing is set", *CASES}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "RuntimeDefault"),
        ("runtime/default", "RuntimeDefault"),
        ("localhost/p", "Localhost/p"),
        ("unconfined", "Unconfined"),
        ("other", "Unconfined"),
    ],
)
def test_an_apparmor_annotation(value: str, expected: str) -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    pod = raw_pod({"metadata": {"annotations": {key: value}}, "spec": {"containers": [{"name": "c"}]}})
    (placed,) = place_containers(pod, Setting(node=Node(apparmor=True)))
    found = resolve(placed).apparmor
    assert (found.value, str(found.origin)) == (expected, f"metadata.annotations[{key}]")


def test_the_masks_of_each_version() -> None:
    assert run(version=30).masked_paths.value == (
        "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    )  # fmt: skip
    assert run(version=30).readonly_paths.value == (
        "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    )  # fmt: skip
    assert run(version=31).masked_paths == run().masked_paths
    assert run(version=31).readonly_paths == run().readonly_paths
    throttle = "/sys/devices/system/cpu/cpu12/thermal_throttle"
    node = Node(paths=(throttle, f"{throttle}/x", "/sys/devices/system/cpu/cpux/thermal_throttle"))
    assert run(node=node, version=31).masked_paths.value == (throttle,)
    assert run(node=node, version=30).masked_paths.value == ()


@pytest.mark.parametrize(
    ("name", "dots"),
    [
        ("kernel.msgmax", "kernel.msgmax"),
        ("kernel/msgmax", "kernel.msgmax"),
        ("net.ipv4/eth0.1", "net.ipv4/eth0.1"),
        ("net/ipv4/eth0.1", "net.ipv4.eth0/1"),
        ("kernel", "kernel"),
        ("", ""),
    ],
)
def test_sysctls_are_written_with_dots(name: str, dots: str) -> None:
    assert dotted(name) == dots
