"""What a policy allows, in words: one row for each thing that a field can say."""

from typing import Any

import pytest

from podproof.policies.psp.describe import describe
from podproof.policies.psp.policy import read_policy

from .trial import policy

RANGES = [{"min": 1, "max": 5}, {"min": 7, "max": 7}]
SECCOMP = "seccomp.security.alpha.kubernetes.io/"
APPARMOR = "apparmor.security.beta.kubernetes.io/"


def words(matter: str, annotations: dict[str, str] | None = None, **spec: Any) -> str:
    return dict(describe(read_policy(policy(annotations, **spec))))[matter]


def test_a_policy_that_asks_for_nothing() -> None:
    assert describe(read_policy(policy(volumes=[]))) == (
        ("privileged containers", "not allowed"),
        ("host namespaces", "none"),
        ("host ports", "none"),
        ("volumes", "none"),
        ("capabilities", "adds none"),
        ("privilege escalation", "allowed"),
        ("users", "any, root included"),
        ("groups", "any"),
        ("supplementalGroups", "any"),
        ("fsGroup", "any"),
        ("root file system", "writable or read-only"),
        ("SELinux", "any"),
        ("seccomp", "none may be set"),
        ("AppArmor", "any"),
        ("unsafe sysctls", "none"),
        ("procMount", "Default"),
    )


@pytest.mark.parametrize(
    ("matter", "spec", "expected"),
    [
        ("privileged containers", {"privileged": True}, "allowed"),
        ("privileged containers", {"allowPrivilegeEscalation": False}, "not allowed"),
        ("host namespaces", {"hostNetwork": True}, "network"),
        ("host namespaces", {"hostPID": True, "hostIPC": True}, "PID, IPC"),
        ("host ports", {"hostPorts": [{"min": 80, "max": 80}, {"min": 1, "max": 9}]}, "80, 1-9"),
        ("volumes", {"volumes": ["*"]}, "of every kind, any host path"),
        ("volumes", {"volumes": ["secret", "csi"]}, "secret, csi"),
        (
            "volumes",
            {"volumes": ["secret", "hostPath"], "allowedHostPaths": [{"pathPrefix": "/a"}]},
            "secret, hostPath, host paths below /a",
        ),
        (
            "volumes",
            {
                "volumes": ["*"],
                "allowedHostPaths": [{"pathPrefix": "/a", "readOnly": True}, {"pathPrefix": "/b"}],
            },
            "of every kind, host paths below /a read-only, /b",
        ),
        ("volumes", {"volumes": ["secret"], "allowedHostPaths": [{"pathPrefix": "/a"}]}, "secret"),
        ("capabilities", {"allowedCapabilities": ["*", "KILL"]}, "may add any"),
        ("capabilities", {"allowedCapabilities": ["KILL", "CHOWN"]}, "may add KILL, CHOWN"),
        (
            "capabilities",
            {"defaultAddCapabilities": ["A", "B"], "requiredDropCapabilities": ["C", "D"]},
            "adds none, gets A, B, drops C, D",
        ),
        ("privilege escalation", {"allowPrivilegeEscalation": False}, "not allowed"),
        (
            "privilege escalation",
            {"defaultAllowPrivilegeEscalation": False},
            "allowed, false where it is not set",
        ),
        ("users", {"runAsUser": {"rule": "MustRunAsNonRoot"}}, "any but root"),
        ("users", {"runAsUser": {"rule": "MustRunAs", "ranges": RANGES}}, "1 to 5, 7; 1 where none is set"),
        ("groups", {"runAsGroup": {"rule": "RunAsAny"}}, "any"),
        ("groups", {"runAsGroup": {"rule": "MayRunAs", "ranges": RANGES}}, "none, or 1 to 5, 7"),
        ("fsGroup", {"fsGroup": {"rule": "MustRunAs", "ranges": RANGES}}, "1 to 5, 7; 1 where none is set"),
        (
            "supplementalGroups",
            {"supplementalGroups": {"rule": "MayRunAs", "ranges": RANGES}},
            "none, or 1 to 5, 7",
        ),
        ("root file system", {"readOnlyRootFilesystem": True}, "read-only"),
        ("SELinux", {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {}}}, "no options"),
        (
            "SELinux",
            {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"type": "t", "level": "s0"}}},
            "type t, level s0",
        ),
        ("unsafe sysctls", {"allowedUnsafeSysctls": ["kernel.msg*", "net.*"]}, "kernel.msg*, net.*"),
        ("procMount", {"allowedProcMountTypes": ["Unmasked", "Default"]}, "Unmasked, Default"),
    ],
)
def test_a_field(matter: str, spec: dict[str, Any], expected: str) -> None:
    assert words(matter, **spec) == expected


@pytest.mark.parametrize(("matter", "prefix"), [("seccomp", SECCOMP), ("AppArmor", APPARMOR)])
@pytest.mark.parametrize(
    ("allowed", "default", "expected"),
    [
        ("a,*", None, "any"),
        ("runtime/default,localhost/a", None, "runtime/default, localhost/a"),
        ("a*", None, "a*"),
        ("runtime/default", "runtime/default", "runtime/default; runtime/default where none is set"),
        ("runtime/default", "", "runtime/default"),
    ],
)
def test_profiles(matter: str, prefix: str, allowed: str, default: str | None, expected: str) -> None:
    annotations = {f"{prefix}allowedProfileNames": allowed}
    if default is not None:
        annotations[f"{prefix}defaultProfileName"] = default
    assert words(matter, annotations) == expected
