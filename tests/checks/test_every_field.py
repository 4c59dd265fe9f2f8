"""Checks that hold a list of fields or of kinds of volumes: each entry of the list, one after the other."""

from typing import Any

import pytest

from podproof.checks.model.catalogue import all_checks
from podproof.checks.model.effect import EffectCheck
from podproof.effective.setting import Setting
from podproof.findings import Finding
from podproof.kube.pod import raw_pod
from podproof.session.judging.effects import put_on_node


def found(id_: str, spec: dict[str, Any]) -> list[Finding]:
    check = next(check for check in all_checks() if check.id == id_)
    assert isinstance(check, EffectCheck)
    return list(check.find(put_on_node(Setting(), raw_pod({"spec": spec}))))


def words(id_: str, spec: dict[str, Any]) -> list[tuple[str, str]]:
    return [(".".join(map(str, finding.route)), finding.message) for finding in found(id_, spec)]


WINDOWS = {"nodeSelector": {"kubernetes.io/os": "windows"}}
REMEDY = (
    "which does nothing on the Windows node that nodeSelector asks for: "
    "remove it, and write spec.os.name: windows"
)


@pytest.mark.parametrize(
    ("owners", "field", "value"),
    [
        ("container pod", "runAsUser", 1),
        ("container pod", "runAsGroup", 1),
        ("container", "capabilities", {}),
        ("container", "privileged", False),
        ("container", "readOnlyRootFilesystem", True),
        ("container", "allowPrivilegeEscalation", False),
        ("container pod", "seccompProfile", {"type": "RuntimeDefault"}),
        ("container pod", "appArmorProfile", {"type": "RuntimeDefault"}),
        ("container pod", "seLinuxOptions", {}),
        ("container", "procMount", "Unmasked"),
        ("pod", "supplementalGroups", [1]),
        ("pod", "supplementalGroupsPolicy", "Strict"),
        ("pod", "fsGroup", 1),
        ("pod", "fsGroupChangePolicy", "Always"),
        ("pod", "sysctls", []),
        ("pod", "seLinuxChangePolicy", "Recursive"),
        ("spec", "hostUsers", False),
        ("spec", "hostUsers", True),
        ("spec", "hostPID", True),
        ("spec", "hostIPC", True),
        ("spec", "shareProcessNamespace", True),
    ],
)
def test_a_linux_field_on_a_windows_node(owners: str, field: str, value: Any) -> None:
    for owner in owners.split():
        container: dict[str, Any] = {"name": "c"}
        spec: dict[str, Any] = {**WINDOWS, "containers": [container]}
        where = {"pod": "spec.securityContext", "spec": "spec"}.get(
            owner, "spec.containers.0.securityContext"
        )
        if owner == "container":
            container["securityContext"] = {field: value}
        elif owner == "pod":
            spec["securityContext"] = {field: value}
        else:
            spec[field] = value
        name = 'container "c"' if owner == "container" else "the pod"
        assert words("field-of-other-os", spec) == [(f"{where}.{field}", f"{name} sets {field}, {REMEDY}")]


@pytest.mark.parametrize(
    ("fields", "context"),
    [
        ({"hostPID": False, "hostIPC": False, "shareProcessNamespace": False}, {}),
        ({}, {"procMount": "Default"}),
        ({}, {"runAsNonRoot": True, "windowsOptions": {}}),
    ],
)
def test_what_windows_has_as_well(fields: dict[str, Any], context: dict[str, Any]) -> None:
    spec = {**WINDOWS, **fields, "containers": [{"name": "c", "securityContext": context}]}
    assert words("field-of-other-os", spec) == []


READ_ONLY = ["secret", "configMap", "downwardAPI", "projected", "image"]
NO_FS_GROUP = ["hostPath", "nfs"]
OTHERS = ["emptyDir", "persistentVolumeClaim", "csi", "ephemeral"]


@pytest.mark.parametrize("kind", READ_ONLY + NO_FS_GROUP + OTHERS)
def test_a_volume_that_two_users_write(kind: str) -> None:
    containers = [
        {
            "name": name,
            "securityContext": {"runAsUser": uid},
            "volumeMounts": [{"name": "v", "mountPath": "/v"}],
        }
        for name, uid in (("a", 1), ("b", 2))
    ]
    spec = {"volumes": [{"name": "v", kind: {}}], "containers": containers}
    message = 'containers "a" (user 1) and "b" (user 2) write to volume "v", and no field gives them a group '
    message += "in common: "
    remedy = (
        "give both the same runAsUser"
        if kind in NO_FS_GROUP
        else "set fsGroup on the pod, or give both the same runAsUser"
    )
    expected = [] if kind in READ_ONLY else [("spec.volumes.0", message + remedy)]
    assert words("shared-volume-different-users", spec) == expected


DEFAULTS = [
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE",
    "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "has"),
    [
        (["KILL"], 'keeps the runtime\'s default capability "KILL"'),
        (["FSETID", "KILL"], 'keeps the runtime\'s default capabilities "FSETID", "KILL"'),
        (
            DEFAULTS[:4],
            'keeps the runtime\'s default capabilities "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"',
        ),
        (DEFAULTS[:5], "keeps 5 of the runtime's default capabilities"),
        (DEFAULTS, "keeps 14 of the runtime's default capabilities"),
        ([], None),
    ],
)
def test_default_capabilities_are_counted_or_named(kept: list[str], has: str | None) -> None:
    drop = [name for name in DEFAULTS if name not in kept]
    context = {"capabilities": {"drop": drop}}
    remedy = 'write capabilities.drop: ["ALL"], and add what it needs'
    expected = [] if has is None else [f'container "c" {has}: {remedy}']
    spec = {"containers": [{"name": "c", "securityContext": context}]}
    assert [message for _, message in words("default-capabilities", spec)] == expected


def test_a_capability_that_is_added_is_not_kept_by_default() -> None:
    context = {"capabilities": {"add": ["cap_kill"], "drop": [n for n in DEFAULTS if n != "KILL"]}}
    assert words("default-capabilities", {"containers": [{"name": "c", "securityContext": context}]}) == []


@pytest.mark.parametrize(
    ("field", "kind"),
    [("initContainers", "init"), ("containers", "container"), ("ephemeralContainers", "ephemeral")],
)
def test_findings_name_their_container(field: str, kind: str) -> None:
    held = {"name": "c", "securityContext": {"runAsUser": 5, "capabilities": {"add": ["KILL"]}}}
    for id_ in ("capabilities-for-non-root", "low-user-id"):
        (finding,) = found(id_, {field: [held]})
        assert finding.container is not None
        assert (finding.container.name, finding.container.kind) == ("c", kind)
        assert finding.advice is (id_ == "low-user-id")
