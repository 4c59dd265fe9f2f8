"""Which fields of a pod came with which release, from 1.1 to 1.18."""

import pytest

from podproof.kube.types import resolve

NEW: dict[int, dict[str, set[str]]] = {
    1: {"SecurityContext": {"readOnlyRootFilesystem"}},
    4: {"VolumeMount": {"subPath"}},
    6: {
        "PodSpec": {
            "initContainers",
            "tolerations",
            "affinity",
            "schedulerName",
            "automountServiceAccountToken",
        },
        "Container": {"terminationMessagePolicy", "envFrom"},
        "Volume": {"projected", "portworxVolume", "scaleIO"},
    },
    7: {"PodSpec": {"hostAliases"}, "Volume": {"storageos"}},
    8: {
        "PodSpec": {"priorityClassName", "priority"},
        "SecurityContext": {"allowPrivilegeEscalation"},
        "VolumeMount": {"mountPropagation"},
        "HostPathVolumeSource": {"type"},
    },
    9: {"PodSpec": {"dnsConfig"}, "Container": {"volumeDevices"}},
    10: {
        "PodSpec": {"shareProcessNamespace"},
        "PodSecurityContext": {"runAsGroup"},
        "SecurityContext": {"runAsGroup"},
    },
    11: {
        "PodSpec": {"readinessGates"},
        "PodSecurityContext": {"sysctls"},
        "VolumeProjection": {"serviceAccountToken"},
    },
    12: {"PodSpec": {"runtimeClassName"}, "SecurityContext": {"procMount"}},
    13: {"PodSpec": {"enableServiceLinks"}},
    14: {
        "PodSecurityContext": {"windowsOptions"},
        "SecurityContext": {"windowsOptions"},
        "VolumeMount": {"subPathExpr"},
        "Volume": {"csi"},
    },
    15: {"PodSpec": {"preemptionPolicy"}},
    16: {
        "PodSpec": {"ephemeralContainers", "overhead", "topologySpreadConstraints"},
        "WindowsSecurityContextOptions": {"runAsUserName"},
        "Container": {"startupProbe"},
    },
    18: {"PodSecurityContext": {"fsGroupChangePolicy"}},
}
"""What appeared in core/v1, release after release. Source: CHANGELOG of each, api/core/v1/types.go."""

STRUCTS = sorted({struct for structs in NEW.values() for struct in structs})


@pytest.mark.parametrize("struct", STRUCTS)
def test_what_each_release_added(struct: str) -> None:
    before = resolve(f"core/v1.{struct}", 0).fields.keys()
    assert before
    for minor in range(1, 19):
        fields = resolve(f"core/v1.{struct}", minor).fields.keys()
        assert fields - before == NEW.get(minor, {}).get(struct, set()), f"1.{minor}"
        assert before <= fields
        before = fields


@pytest.mark.parametrize(
    ("struct", "fields"),
    [
        ("PodSpec", {"containers", "hostNetwork", "hostPID", "securityContext", "volumes", "nodeSelector"}),
        ("SecurityContext", {"capabilities", "privileged", "runAsUser", "runAsNonRoot", "seLinuxOptions"}),
        ("Volume", {"name", "hostPath", "emptyDir", "secret"}),
        ("VolumeMount", {"name", "mountPath", "readOnly"}),
    ],
)
def test_what_was_there_from_the_start(struct: str, fields: set[str]) -> None:
    assert fields <= resolve(f"core/v1.{struct}", 0).fields.keys()
