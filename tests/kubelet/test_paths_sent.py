"""Masked and read-only paths in the request to the runtime: the kubelet's own lists, by its version.

Source: kubernetes pkg/securitycontext/util.go of 1.30 and 1.31 and later.
"""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.node import Node
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kubelet.cri import LinuxContainerSecurityContext
from podproof.kubelet.security_contexts import container_security_context

READONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


def request(version: int, **context: Any) -> LinuxContainerSecurityContext:
    pod = raw_pod({"spec": {"containers": [{"name": "c", "image": "i", "securityContext": context}]}})
    # what the node has is not asked: the runtime leaves out what is not there
    setting = Setting(node=Node(paths=("/proc/kcore",)), version=version)
    (placed,) = place_containers(pod, setting)
    return container_security_context(placed)


@pytest.mark.parametrize("context", [{}, {"procMount": "Default"}, {"privileged": True}])
def test_default(context: dict[str, Any]) -> None:
    new, old = request(31, **context), request(30, **context)
    assert new.readonly_paths == READONLY
    assert old.readonly_paths == ("/proc/asound", *READONLY)
    assert set(new.masked_paths) - set(old.masked_paths) == {
        "/proc/asound",
        "/proc/interrupts",
        "/sys/devices/virtual/powercap",
    }
    assert set(old.masked_paths) < set(new.masked_paths)


@pytest.mark.parametrize("version", [30, 37])
def test_unmasked(version: int) -> None:
    found = request(version, procMount="Unmasked")
    assert (found.masked_paths, found.readonly_paths) == ((), ())
