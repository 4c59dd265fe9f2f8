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
    Handler,
    HostPathVolumeSource,
    KeysVolumeSource,
    Lifecycle,
    ObjectMeta,
    PersistentVolumeClaimVolumeSource,
    Pod,
    PodSecurityContext,
    PodSpec,
    ProjectedVolumeSource,
    SeccompProfile,
    SecurityContext,
    SELinuxOptions,
    Share,
    Sysctl,
    Volume,
    VolumeDevice,
    VolumeMount,
    WindowsSecurityContextOptions,
)
from ..kube.whole_pod import ReadFields

__all__ = ["JUDGED_FIELDS", "NOTHING_IF_EMPTY", "READ_FIELDS", "SHAPE_FIELDS"]

READ_FIELDS: ReadFields = {
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
_Names = Mapping[type[msgspec.Struct], tuple[str, ...]]
_FOR_OTHERS: _Names = {
    ObjectMeta: ("name", "namespace", "labels"),
    PodSpec: ("runtime_class_name",),
    HostPathVolumeSource: ("path",),
    Container: ("image", "restart_policy", "volume_mounts", "volume_devices"),
}


def _without(unread: _Names, of: Mapping[type[msgspec.Struct], frozenset[str]]) -> ReadFields:
    return {struct: read.difference(unread.get(struct, ())) for struct, read in of.items()}


_VERDICT_FIELDS = _without(_FOR_OTHERS, READ_FIELDS)
"""Those that verdicts rest on, without what exemptions and the places of findings need."""
_OF_NO_CONTROL: _Names = {
    PodSecurityContext: (
        "run_as_group",
        "supplemental_groups",
        "supplemental_groups_policy",
        "fs_group",
        "fs_group_change_policy",
        "se_linux_change_policy",
    ),
    SecurityContext: ("run_as_group", "read_only_root_filesystem"),
    SELinuxOptions: ("level",),
    WindowsSecurityContextOptions: ("gmsa_credential_spec_name", "gmsa_credential_spec", "run_as_user_name"),
    Sysctl: ("value",),
    SeccompProfile: ("localhost_profile",),
    Handler: ("exec", "grpc"),
}
JUDGED_FIELDS: ReadFields = _without(
    _OF_NO_CONTROL,
    {
        **{
            struct: frozenset(field.name for field in msgspec.structs.fields(struct))
            for struct in _OF_NO_CONTROL
        },
        **_VERDICT_FIELDS,
    },
)
"""The same without what no control looks at."""
NOTHING_IF_EMPTY: ReadFields = {
    Pod: frozenset(("metadata",)),
    ObjectMeta: frozenset(("annotations",)),
    Container: frozenset(("liveness_probe", "readiness_probe", "startup_probe", "lifecycle")),
    Lifecycle: frozenset(("post_start", "pre_stop")),
    Handler: frozenset(("http_get", "tcp_socket")),
}
"""Fields that are as good as unset where nothing of `JUDGED_FIELDS` stands in them."""
SHAPE_FIELDS: ReadFields = {
    **_VERDICT_FIELDS,
    Volume: frozenset(field.name for field in msgspec.structs.fields(Volume)) - {"name"},
}
"""Those that nearly every verdict rests on, and that the pods of one workload have in common.

A volume has a name of its own in each pod, and so has the pod.
"""
