"""Granted capabilities that the node is known not to have, and names that no kernel has."""

from typing import Any

import pytest

from podproof.effective.capabilities import ignored_names, missing_on_node
from podproof.effective.container_in_pod import ContainerInPod, place_containers
from podproof.effective.node import Node
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
