"""What the checks look at is what `explain` shows: each value of PredictedContext is that of resolve."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.node import Node
from podproof.effective.predicted import PredictedContext
from podproof.effective.resolve import resolve
from podproof.effective.runtime import RUNTIMES
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod

VALUES = (
    "uid",
    "gid",
    "groups",
    "capabilities",
    "no_new_privs",
    "read_only_root",
    "sysctls",
    "fs_group",
    "volumes",
)

IMAGES = {
    "unknown": {},
    "by name": {"i": ImageConfig(user="web", passwd="web:x:33:44::/:/bin/sh\n", group="logs:x:55:web\n")},
    "no such user": {"i": ImageConfig(user="nobody", passwd="")},
}
NODES = (Node(), Node(capabilities=("CHOWN", "NET_RAW"), paths=("/proc/kcore",), apparmor=True))

SPECS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "pod": {
        "securityContext": {
            "runAsUser": 1000,
            "runAsGroup": 2000,
            "fsGroup": 3000,
            "supplementalGroups": [4000],
            "sysctls": [{"name": "net/ipv4/tcp_syncookies", "value": "1"}],
        },
        "volumes": [
            {"name": "a", "hostPath": {"path": "/var/log"}},
            {"name": "b", "downwardAPI": {}},
            {"name": "c", "csi": {"driver": "d"}},
            {"name": "d"},
        ],
        "hostUsers": False,
    },
    "node's network": {"hostUsers": True, "hostNetwork": True},
    "strict groups": {"securityContext": {"supplementalGroupsPolicy": "Strict", "runAsGroup": 7}},
}

CONTEXTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "tight": {
        "runAsUser": 0,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["all"], "add": ["net_bind_service", "CAP_CHOWN", "NONE"]},
    },
    "everything added": {"capabilities": {"add": ["ALL"], "drop": ["NET_RAW"]}},
    "privileged": {"privileged": True, "runAsUser": 5, "allowPrivilegeEscalation": True},
}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("images", IMAGES)
@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("spec", SPECS)
def test_each_value_is_that_of_resolve(spec: str, context: str, images: str, runtime: str) -> None:
    container = {"name": "c", "image": "i", "securityContext": CONTEXTS[context]}
    pod = raw_pod({"spec": {**SPECS[spec], "containers": [container], "initContainers": [container]}})
    for node in NODES:
        for placed in place_containers(
            pod, Setting(images=IMAGES[images], node=node, runtime=RUNTIMES[runtime])
        ):
            predicted, resolved = PredictedContext(placed), resolve(placed)
            for name in VALUES:
                assert getattr(predicted, name) == getattr(resolved, name), name
            assert predicted.user_namespace == resolved.namespaces.user
