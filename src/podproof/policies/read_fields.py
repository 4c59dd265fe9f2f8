"""The fields of a pod that Pod Security reads, with the defaults that it sees: no other ones need be kept.

Nothing comes in; a table by type goes out. A type that is not in it is read whole.
Source: k8s.io/pod-security-admission v0.37.2 policy/check_*.go and admission/admission.go.
"""

from collections.abc import Mapping

import msgspec

from ..kube.pod import (
    Container,
    ContainerPort,
    DownwardAPIVolumeSource,
    Driver,
    EmptyDirVolumeSource,
    EphemeralVolumeSource,
    HostPathVolumeSource,
    KeysVolumeSource,
    ObjectMeta,
    PersistentVolumeClaimVolumeSource,
    PodSpec,
    ProjectedVolumeSource,
    Share,
    Volume,
    VolumeDevice,
    VolumeMount,
)

__all__ = ["JUDGED_FIELDS", "READ_FIELDS", "SHAPE_FIELDS"]

READ_FIELDS: Mapping[type[msgspec.Struct], frozenset[str]] = {
    ObjectMeta: frozenset(("name", "namespace", "labels", "annotations")),
    PodSpec: frozenset(
        (
            "volumes",
            "init_containers",
            "containers",
            "ephemeral_containers",
            "host_network",
            "host_pid",
            "host_ipc",
            "security_context",
            "host_users",
            "runtime_class_name",
            "os",
        )
    ),
    Container: frozenset(
        (
            "name",
            "image",
            "ports",
            "restart_policy",
            "volume_mounts",
            "volume_devices",
            "liveness_probe",
            "readiness_probe",
            "startup_probe",
            "lifecycle",
            "security_context",
        )
    ),
    ContainerPort: frozenset(("host_port", "container_port")),
    # which volumes containers use counts for findings, and where an exemption is for a place
    VolumeMount: frozenset(("name",)),
    VolumeDevice: frozenset(("name",)),
    # of volumes counts which source they have
    HostPathVolumeSource: frozenset(("path",)),
    EmptyDirVolumeSource: frozenset(),
    KeysVolumeSource: frozenset(),
    DownwardAPIVolumeSource: frozenset(),
    ProjectedVolumeSource: frozenset(),
    PersistentVolumeClaimVolumeSource: frozenset(),
    EphemeralVolumeSource: frozenset(),
    Share: frozenset(),
    Driver: frozenset(),
}
"""Attributes by the type of their struct."""
_FOR_OTHERS = {
    ObjectMeta: ("name", "namespace", "labels"),
    PodSpec: ("runtime_class_name",),
    HostPathVolumeSource: ("path",),
    Container: ("image", "restart_policy", "volume_mounts", "volume_devices"),
}
JUDGED_FIELDS: Mapping[type[msgspec.Struct], frozenset[str]] = {
    struct: read.difference(_FOR_OTHERS.get(struct, ())) for struct, read in READ_FIELDS.items()
}
"""Those that verdicts rest on, without what exemptions and the places of findings need."""
SHAPE_FIELDS: Mapping[type[msgspec.Struct], frozenset[str]] = {
    **JUDGED_FIELDS,
    Volume: frozenset(field.name for field in msgspec.structs.fields(Volume)) - {"name"},
}
"""Those that nearly every verdict rests on, and that the pods of one workload have in common.

A volume has a name of its own in each pod, and so has the pod.
"""
