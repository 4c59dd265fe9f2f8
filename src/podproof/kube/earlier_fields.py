"""The first version of fields that are older than the modules from which the tables are generated.

A table by hand, of what bears on security; fields that are not here count as having always existed.
Source: CHANGELOG of each Kubernetes release, and staging/src/k8s.io/api/core/v1/types.go at its tags.
"""

SINCE: dict[str, dict[str, int]] = {
    "core/v1.PodSpec": {
        "initContainers": 6,
        "hostAliases": 7,
        "tolerations": 6,
        "affinity": 6,
        "schedulerName": 6,
        "automountServiceAccountToken": 6,
        "priorityClassName": 8,
        "priority": 8,
        "dnsConfig": 9,
        "shareProcessNamespace": 10,
        "readinessGates": 11,
        "runtimeClassName": 12,
        "enableServiceLinks": 13,
        "preemptionPolicy": 15,
        "ephemeralContainers": 16,
        "overhead": 16,
        "topologySpreadConstraints": 16,
    },
    "core/v1.PodSecurityContext": {
        "runAsGroup": 10,
        "sysctls": 11,
        "windowsOptions": 14,
        "fsGroupChangePolicy": 18,
    },
    "core/v1.SecurityContext": {
        "readOnlyRootFilesystem": 1,
        "allowPrivilegeEscalation": 8,
        "runAsGroup": 10,
        "procMount": 12,
        "windowsOptions": 14,
    },
    "core/v1.WindowsSecurityContextOptions": {"runAsUserName": 16},
    "core/v1.Container": {
        "terminationMessagePolicy": 6,
        "envFrom": 6,
        "volumeDevices": 9,
        "startupProbe": 16,
    },
    "core/v1.VolumeMount": {
        "subPath": 4,
        "mountPropagation": 8,
        "subPathExpr": 14,
    },
    "core/v1.Volume": {
        "projected": 6,
        "portworxVolume": 6,
        "scaleIO": 6,
        "storageos": 7,
        "csi": 14,
    },
    "core/v1.HostPathVolumeSource": {"type": 8},
    "core/v1.VolumeProjection": {"serviceAccountToken": 11},
}
"""By struct, the minor version of Kubernetes 1 in which a field first appeared."""
