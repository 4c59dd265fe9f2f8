"""Which effective values follow from a field: each field of contexts is set in many pods, and compared."""

import functools
from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from typing import Any

import pytest

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.effective.context import EffectiveSecurityContext
from podproof.effective.image import ImageConfig
from podproof.effective.node import Node
from podproof.effective.resolve import resolve
from podproof.effective.runtime import RUNTIMES
from podproof.effective.setting import Setting
from podproof.fixes.proof import FOLLOWS
from podproof.session.judging.effects import put_on_node
from podproof.session.judging.pods import Stored, pods_of

IMAGES = {
    "i": ImageConfig(user="", passwd="root:x:0:0::/:/bin/sh\nu:x:5:6::/:/bin/sh\n", group="g:x:9:u\n"),
    "u": ImageConfig(user="u", passwd="root:x:0:0::/:/bin/sh\nu:x:5:6::/:/bin/sh\n", group="root:x:0:u\n"),
    "unknown": None,
}

VOLUMES = [
    {"name": "v", "emptyDir": {}},
    {"name": "c", "persistentVolumeClaim": {"claimName": "c"}},
    {"name": "s", "secret": {"secretName": "s", "defaultMode": 0o440}},
    {"name": "h", "hostPath": {"path": "/h"}},
    {"name": "i", "iscsi": {"targetPortal": "t", "iqn": "q", "lun": 0}},
]
MOUNTS = [{"name": volume["name"], "mountPath": f"/{volume['name']}"} for volume in VOLUMES]

CONTEXTS: list[dict[str, Any]] = [
    {},
    {"privileged": True},
    {"runAsUser": 5, "capabilities": {"add": ["NET_ADMIN"]}},
    {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}, "allowPrivilegeEscalation": False},
    {"capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True},
    {
        "procMount": "Unmasked",
        "seccompProfile": {"type": "RuntimeDefault"},
        "seLinuxOptions": {"level": "s0:c2"},
        "appArmorProfile": {"type": "RuntimeDefault"},
    },
]
SPECS: list[dict[str, Any]] = [
    {},
    {"hostNetwork": True, "hostPID": True, "hostIPC": True},
    {"hostUsers": False},
    {"securityContext": {"fsGroup": 7, "supplementalGroups": [8], "runAsUser": 5}},
    {"securityContext": {"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1"}]}},
]

CONTAINER: dict[str, list[Any]] = {
    "allowPrivilegeEscalation": [True, False],
    "appArmorProfile": [{"type": "Unconfined"}, {"type": "RuntimeDefault"}],
    "capabilities": [{"drop": ["ALL"]}, {"add": ["SYS_ADMIN", "DAC_OVERRIDE"], "drop": ["CHOWN"]}],
    "privileged": [True, False],
    "procMount": ["Unmasked", "Default"],
    "readOnlyRootFilesystem": [True, False],
    "runAsGroup": [0, 11],
    "runAsNonRoot": [True, False],
    "runAsUser": [0, 5, 99],
    "seLinuxOptions": [{"level": "s0:c1"}],
    "seccompProfile": [{"type": "Unconfined"}, {"type": "RuntimeDefault"}],
}
POD: dict[str, list[Any]] = {
    "fsGroup": [0, 12],
    "fsGroupChangePolicy": ["OnRootMismatch"],
    "supplementalGroups": [[13], [0]],
    "supplementalGroupsPolicy": ["Strict"],
    "sysctls": [[{"name": "net.ipv4.ip_unprivileged_port_start", "value": "1024"}]],
}
SPEC: dict[str, list[Any]] = {
    "hostIPC": [True],
    "hostNetwork": [True],
    "hostPID": [True],
    "hostUsers": [True, False],
    "volumes": [[*VOLUMES[:2], {"name": "s", "emptyDir": {}}, *VOLUMES[3:]]],
}
IN_CONTAINER: dict[str, list[Any]] = {
    "volumeMounts": [[MOUNTS[0] | {"readOnly": True}, *MOUNTS[1:]], []],
    "volumeDevices": [[{"name": "c", "devicePath": "/dev/c"}]],
}


MAY_FOLLOW = {
    "capabilities": ["no_new_privs", "writable"],
    "fsGroup": ["writable"],
    "hostIPC": ["sysctls"],
    "hostUsers": ["volumes"],
    "privileged": ["no_new_privs", "proc_mount", "selinux", "sysctls", "writable"],
    "procMount": ["writable"],
    "supplementalGroups": ["writable"],
    "supplementalGroupsPolicy": ["writable"],
}
"""What the pods here do not show, and storage, nodes or the kernel might."""


def edits() -> Iterator[tuple[str, Edit]]:
    container = ("spec", "containers", 0)
    places: list[tuple[tuple[str | int, ...], dict[str, list[Any]]]] = [
        ((*container, "securityContext"), CONTAINER),
        (("spec", "securityContext"), POD),
        (("spec",), SPEC),
        (container, IN_CONTAINER),
    ]
    for place, fields in places:
        for name, values in fields.items():
            for value in values:
                yield name, Edit((*place, name), "set", value)
            yield name, Edit((*place, name), "remove")


def pods() -> Iterator[dict[str, Any]]:
    for image, context, spec in product(IMAGES, CONTEXTS, SPECS):
        container = {"name": "a", "image": image, "securityContext": context, "volumeMounts": MOUNTS}
        whole = {"containers": [container], "volumes": VOLUMES, **spec}
        yield deepcopy({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": whole})


def context_of(pod: Any, setting: Setting) -> EffectiveSecurityContext:
    (stored,) = pods_of(pod, setting.gates)
    assert isinstance(stored, Stored)
    return resolve(put_on_node(setting, stored.pod).containers[0])


@functools.cache
def seen_on(runtime: str) -> dict[str, frozenset[str]]:
    """Give the effective values that differ after an edit, by the field that it is at."""
    images = {name: image for name, image in IMAGES.items() if image is not None}
    setting = Setting(images=images, runtime=RUNTIMES[runtime], node=Node(apparmor=True))
    seen: dict[str, frozenset[str]] = {}
    for pod in pods():
        before = context_of(pod, setting)
        for name, edit in edits():
            after = context_of(apply_edits(pod, [edit]), setting)
            seen[name] = seen.get(name, frozenset()).union(
                field
                for field in EffectiveSecurityContext.__struct_fields__
                if _values(getattr(before, field)) != _values(getattr(after, field))
            )
    return seen


@pytest.mark.parametrize("runtime", sorted(RUNTIMES))
def test_each_difference_follows(runtime: str) -> None:
    seen = seen_on(runtime)
    surprising = {name: more for name, fields in seen.items() if (more := fields.difference(FOLLOWS[name]))}
    assert surprising == {}
    silent = {name for name, fields in seen.items() if not fields}
    assert silent <= {"supplementalGroupsPolicy"}  # not every runtime obeys it


def test_what_follows_differs_somewhere() -> None:
    never = {
        name: set(fields).difference(*(seen_on(runtime)[name] for runtime in RUNTIMES))
        for name, fields in FOLLOWS.items()
        if name in seen_on(next(iter(RUNTIMES)))
    }
    assert {name: sorted(fields) for name, fields in never.items() if fields} == MAY_FOLLOW


def _values(field: Any) -> Any:
    if hasattr(field, "origin"):
        return field.value
    return tuple(getattr(field, name).value for name in field.__struct_fields__)
