"""What each field of a policy lets in that a level forbids: level, field, and what pods may do by it."""

from typing import Any

import pytest

from podproof.policies.psp.level import assess_level
from podproof.policies.psp.policy import read_policy

from .test_level import ANNOTATIONS, TIGHT

SECCOMP = "seccomp.security.alpha.kubernetes.io/"
APPARMOR = "apparmor.security.beta.kubernetes.io/allowedProfileNames"
NON_ROOT = "a runAsUser without runAsNonRoot: true"


def gaps(spec: dict[str, Any], annotations: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Give level, route and what is allowed of each gap but that of the tight policy itself."""
    raw = {"metadata": {"annotations": ANNOTATIONS if annotations is None else annotations}}
    found = assess_level(read_policy({**raw, "spec": {**TIGHT, **spec}})).gaps
    rows = [(one.level, ".".join(map(str, one.route)), one.allows) for one in found]
    return [row for row in rows if row != ("restricted", "spec.runAsUser.rule", NON_ROOT)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        (
            {"privileged": True, "allowPrivilegeEscalation": True},
            [
                ("baseline", "spec.privileged", "privileged containers"),
                ("restricted", "spec.allowPrivilegeEscalation", "privilege escalation"),
            ],
        ),
        ({"hostNetwork": True}, [("baseline", "spec.hostNetwork", "the node's network")]),
        ({"hostPID": True}, [("baseline", "spec.hostPID", "the node's processes")]),
        ({"hostIPC": True}, [("baseline", "spec.hostIPC", "the node's IPC")]),
        ({"hostPorts": [{"min": 0, "max": 0}]}, []),
        (
            {"hostPorts": [{"min": 0, "max": 1}, {"min": 80, "max": 90}]},
            [
                ("baseline", "spec.hostPorts.0", "host ports 0-1"),
                ("baseline", "spec.hostPorts.1", "host ports 80-90"),
            ],
        ),
        (
            {"volumes": ["secret", "nfs", "hostPath"]},
            [
                ("baseline", "spec.volumes.2", "hostPath volumes"),
                ("restricted", "spec.volumes.1", "nfs volumes"),
            ],
        ),
        ({"volumes": ["csi", "flexVolume"]}, [("restricted", "spec.volumes.1", "flexVolume volumes")]),
        (
            {"volumes": ["*"]},
            [
                ("baseline", "spec.volumes.0", "volumes of every kind, hostPath among them"),
                ("restricted", "spec.volumes.0", "volumes of every kind, gcePersistentDisk among them"),
            ],
        ),
        (
            {"allowedCapabilities": ["NET_BIND_SERVICE", "CHOWN", "SYS_TIME"]},
            [
                ("baseline", "spec.allowedCapabilities.2", "SYS_TIME may be added"),
                ("restricted", "spec.allowedCapabilities.1", "CHOWN may be added"),
            ],
        ),
        (
            {"defaultAddCapabilities": ["SYS_TIME"]},
            [("baseline", "spec.defaultAddCapabilities.0", "SYS_TIME is added where a pod does not drop it")],
        ),
        (
            {"allowedCapabilities": ["*"]},
            [("baseline", "spec.allowedCapabilities.0", "every capability may be added")],
        ),
        (
            {"requiredDropCapabilities": ["KILL"]},
            [
                (
                    "restricted",
                    "spec.requiredDropCapabilities",
                    "capabilities of the runtime's default set are kept",
                )
            ],
        ),
        ({"requiredDropCapabilities": ["KILL", "ALL"]}, []),
        (
            {"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 0, "max": 9}, {"min": 1, "max": 1}]}},
            [
                ("restricted", "spec.runAsUser.ranges.0", "user 0, which is root"),
                ("restricted", "spec.runAsUser.ranges.1", NON_ROOT),
            ],
        ),
        (
            {"runAsUser": {"rule": "RunAsAny"}},
            [("restricted", "spec.runAsUser.rule", "any user, root included")],
        ),
        (
            {"seLinux": {"rule": "RunAsAny"}},
            [("baseline", "spec.seLinux.rule", "any SELinux options, e.g. the type spc_t")],
        ),
        (
            {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"user": "u"}}},
            [("baseline", "spec.seLinux.rule", "these SELinux options")],
        ),
        (
            {"allowPrivilegeEscalation": True},
            [("restricted", "spec.allowPrivilegeEscalation", "privilege escalation")],
        ),
        (
            {"allowedProcMountTypes": ["Default", "Unmasked"]},
            [("baseline", "spec.allowedProcMountTypes.1", "procMount Unmasked")],
        ),
        (
            {"allowedUnsafeSysctls": ["net.ipv4.ip_local_port_range", "kernel.msg*"]},
            [("baseline", "spec.allowedUnsafeSysctls.1", "sysctls kernel.msg*")],
        ),
    ],
)
def test_a_field(spec: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert gaps(spec) == expected


def test_the_words_are_the_levels_own() -> None:
    annotations = {**ANNOTATIONS, f"{SECCOMP}allowedProfileNames": "runtime/default,unconfined"}
    found = assess_level(read_policy({"metadata": {"annotations": annotations}, "spec": TIGHT}))
    (words,) = [one.words for one in found.gaps if one.level == "baseline"]
    assert words.startswith("seccompProfile (container ")
    assert words.endswith('must not set securityContext.seccompProfile.type to "Unconfined")')


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (
            {},
            [
                (
                    "baseline",
                    f"metadata.annotations.{APPARMOR}",
                    "any AppArmor profile, e.g. unconfined",
                ),
                (
                    "restricted",
                    f"metadata.annotations.{SECCOMP}defaultProfileName",
                    "containers without a seccomp profile",
                ),
            ],
        ),
        (
            {**ANNOTATIONS, APPARMOR: "runtime/default,localhost/a,unconfined"},
            [("baseline", f"metadata.annotations.{APPARMOR}", "the AppArmor profile unconfined")],
        ),
        *(
            (
                {**ANNOTATIONS, f"{SECCOMP}allowedProfileNames": f"runtime/default,{name}"},
                [
                    (
                        "baseline",
                        f"metadata.annotations.{SECCOMP}allowedProfileNames",
                        "the seccomp profile Unconfined",
                    )
                ],
            )
            for name in ("*", "unconfined")
        ),
    ],
)
def test_profiles(annotations: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    assert gaps({}, annotations) == expected
