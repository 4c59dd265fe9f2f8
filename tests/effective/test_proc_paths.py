"""Masked and read-only paths of each kubelet, with and without a node that is known.

Source: kubernetes pkg/securitycontext/util.go of 1.30 and 1.31 and later; recorded processes of both.
"""

from typing import Any

import pytest

from podproof.effective.container_in_pod import ContainerInPod, place_containers
from podproof.effective.node import Node
from podproof.effective.proc_paths import (
    default_masked,
    default_readonly,
    resolve_masked_paths,
    resolve_readonly_paths,
)
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod

OLD_MASKED = (
    "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
    "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
)  # fmt: skip
NEW_MASKED = ("/proc/asound", "/proc/interrupts", "/sys/devices/virtual/powercap")
OLD_READONLY = (
    "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
)  # fmt: skip

THROTTLE = "/sys/devices/system/cpu/cpu0/thermal_throttle"


def placed(version: int, *paths: str, known: bool = True, **context: Any) -> ContainerInPod:
    pod = raw_pod({"spec": {"containers": [{"name": "c", "securityContext": context}]}})
    node = Node(paths=paths) if known else Node()
    (container,) = place_containers(pod, Setting(node=node, version=version))
    return container


@pytest.mark.parametrize("version", [0, 24, 30])
def test_a_kubelet_before_1_31(version: int) -> None:
    assert default_masked(version) == OLD_MASKED
    assert default_readonly(version) == OLD_READONLY


@pytest.mark.parametrize("version", [31, 37])
def test_a_kubelet_from_1_31_on(version: int) -> None:
    assert set(default_masked(version)) == {*OLD_MASKED, *NEW_MASKED}
    assert default_readonly(version) == OLD_READONLY[1:]


@pytest.mark.parametrize(
    ("version", "paths", "masked"),
    [
        (30, ("/proc/kcore", THROTTLE), ("/proc/kcore",)),
        (31, ("/proc/kcore", THROTTLE), ("/proc/kcore", THROTTLE)),
        (31, (f"{THROTTLE}/x", "/sys/devices/system/cpu/cpux/thermal_throttle"), ()),
        (30, ("/proc/asound", "/proc/scsi"), ("/proc/scsi",)),
        (31, ("/proc/asound", "/proc/scsi"), ("/proc/asound", "/proc/scsi")),
        (31, (), ()),
    ],
)
def test_masked_are_the_paths_that_the_node_has(
    version: int, paths: tuple[str, ...], masked: tuple[str, ...]
) -> None:
    assert resolve_masked_paths(placed(version, *paths)).value == masked


@pytest.mark.parametrize(("version", "readonly"), [(30, ("/proc/asound", "/proc/sys")), (31, ("/proc/sys",))])
def test_read_only_are_the_paths_that_the_node_has(version: int, readonly: tuple[str, ...]) -> None:
    assert resolve_readonly_paths(placed(version, "/proc/asound", "/proc/sys", THROTTLE)).value == readonly


@pytest.mark.parametrize("version", [30, 37])
def test_of_an_unknown_node_the_kubelet_s_list_counts(version: int) -> None:
    container = placed(version, known=False)
    assert resolve_masked_paths(container).value == default_masked(version)
    assert resolve_readonly_paths(container).value == default_readonly(version)


@pytest.mark.parametrize("context", [{"privileged": True}, {"procMount": "Unmasked"}])
def test_nothing_is_hidden_from_who_is_privileged_or_unmasked(context: dict[str, Any]) -> None:
    container = placed(30, "/proc/kcore", "/proc/sys", **context)
    assert resolve_masked_paths(container).value == ()
    assert resolve_readonly_paths(container).value == ()
