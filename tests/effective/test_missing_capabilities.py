"""Granted capabilities that the node is known not to have, and names that no kernel has."""

from typing import Any

import pytest

from podproof.effective.capabilities import ignored_names, missing_on_node
from podproof.effective.container_in_pod import ContainerInPod, place_containers
from podproof.effective.linux_capabilities import CAPABILITIES
from podproof.effective.node import Node
from podproof.effective.resolve import resolve
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod

HAS = ("CHOWN", "KILL", "SETUID")


def placed(context: Any, node: tuple[str, ...] | None = HAS, runtime: str = "containerd") -> ContainerInPod:
    spec = {"containers": [{"name": "c", "securityContext": context}]}
    setting = Setting(node=Node(capabilities=node), runtime=parse_runtime(runtime))
    return place_containers(raw_pod({"spec": spec}), setting)[0]


def lists(*add: str, drop: tuple[str, ...] = (), **context: Any) -> dict[str, Any]:
    return {"capabilities": {"add": list(add), "drop": list(drop)}, **context}


@pytest.mark.parametrize(
    ("context", "node", "missing"),
    [
        (lists("CHOWN", "SYS_TIME", "NET_ADMIN", drop=("ALL",)), HAS, ("NET_ADMIN", "SYS_TIME")),
        (lists("CHOWN", drop=("ALL",)), HAS, ()),
        (lists("SYS_TIME", drop=("ALL", "SYS_TIME")), HAS, ()),
        (lists("SYS_TIME", drop=("ALL",)), None, ()),
        (lists("SYS_TIME", drop=("ALL",), privileged=True), HAS, ()),
        (lists("NOPE", drop=("ALL",)), HAS, ()),
        (None, (), ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
                    "NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP")),
    ],
)  # fmt: skip
def test_what_the_node_lacks(context: Any, node: Any, missing: tuple[str, ...]) -> None:
    assert missing_on_node(placed(context, node)) == missing


@pytest.mark.parametrize(
    ("context", "runtime", "ignored"),
    [
        (None, "containerd", ()),
        ({"capabilities": {}}, "containerd", ()),
        (lists("CHOWN", "nope", "all", drop=("ALL", "Nor")), "containerd", ("nope", "Nor")),
        (lists("CAP_CHOWN", "chown"), "containerd", ("CAP_CHOWN",)),
        (lists("CAP_CHOWN", "chown", "CAP_NOPE"), "cri-o", ("CAP_NOPE",)),
    ],
)
def test_names_that_are_ignored(context: Any, runtime: str, ignored: tuple[str, ...]) -> None:
    assert ignored_names(placed(context, runtime=runtime)) == ignored


@pytest.mark.parametrize(
    ("context", "node", "text"),
    [
        ({"privileged": True}, None, "privileged: all that the node has, of the kernel's 41"),
        ({"privileged": True}, HAS, "privileged: all that the node has"),
        ({"privileged": True}, (), "privileged: all that the node has"),
        (lists("KILL"), None, "containerd-2.3.7's default, changed"),
        (lists(drop=("ALL",)), HAS, "containerd-2.3.7's default, changed"),
        (lists(), HAS, "containerd-2.3.7: default capabilities"),
        (None, None, "containerd-2.3.7: default capabilities"),
    ],
)
def test_where_the_capabilities_come_from(context: Any, node: Any, text: str) -> None:
    found = resolve(placed(context, node)).capabilities.bounding
    assert found.origin.text == text
    if context == {"privileged": True} and node is not None:
        assert found.value == tuple(name for name in CAPABILITIES if name in node)
