"""The typed, frozen pod: every field that bears on security, as the API names it, and nothing else.

Kubernetes accepts null anywhere, so every field may be None, and None always means "not set" (absent or
null). Zero, false and the empty string are values. Null *elements* of lists do not occur here: decoding
turns them into zero values first, as the API server does.
Source: k8s.io/api core/v1 types, v0.37.2.
"""

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    Int32 = int
    Int64 = int
else:

    class _Integer(type):
        """Makes an int pass as an instance of the types below, which only have msgspec ask `integer`."""

        __instancecheck__ = int.__instancecheck__

    class Int32(metaclass=_Integer):
        """Stands for an int of 32 bits; msgspec alone would take 1.0 and any size, which Go does not."""

    class Int64(metaclass=_Integer):
        """Stands for an int of 64 bits."""


def integer(type_: Any, value: Any) -> Any:
    """Take an integer as msgspec's `dec_hook`; raises ValidationError on all that is not plainly one."""
    if value.__class__ is int and (
        -0x80000000 <= value <= 0x7FFFFFFF
        or (type_ is Int64 and -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF)
    ):
        return value
    raise msgspec.ValidationError("no integer of that size")


class ApiValue(msgspec.Struct, frozen=True, rename="camel", gc=False, omit_defaults=True):
    """Base of all values: camelCase on the wire, immutable, compared field by field.

    Values of one object may be of a type that stands on the one named here (`whole_pod`), and values of two
    types are never equal: compare fields where a pod's values meet others.
    """

    @property
    def is_empty(self) -> bool:
        """Whether no field is set."""
        return all(value is None or value is msgspec.UNSET for value in msgspec.structs.astuple(self))


class Present(ApiValue, frozen=True):
    """An object whose presence matters and whose content does not."""


class SeccompProfile(ApiValue, frozen=True):
    """A seccomp profile: RuntimeDefault, Unconfined, or Localhost, a file of the kubelet's."""

    type: str | None = None
    localhost_profile: str | None = None


class AppArmorProfile(ApiValue, frozen=True):
    """An AppArmor profile: RuntimeDefault, Unconfined, or Localhost, the name of a loaded profile."""

    type: str | None = None
    localhost_profile: str | None = None


class SELinuxOptions(ApiValue, frozen=True):
    """The parts of an SELinux label; the runtime chooses those that are not set."""

    user: str | None = None
    role: str | None = None
    type: str | None = None
    level: str | None = None


class WindowsSecurityContextOptions(ApiValue, frozen=True):
    """What Windows nodes apply instead of users, groups and capabilities."""

    gmsa_credential_spec_name: str | None = None
    gmsa_credential_spec: str | None = None
    run_as_user_name: str | None = None
    host_process: bool | None = None


class Capabilities(ApiValue, frozen=True):
    """Names of capabilities, without CAP_, to add to the runtime's default set and to drop; ALL is all."""

    add: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None


class SecurityContext(ApiValue, frozen=True):
    """A container's security context."""

    capabilities: Capabilities | None = None
    privileged: bool | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsSecurityContextOptions | None = None
    run_as_user: Int64 | None = None
    run_as_group: Int64 | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    allow_privilege_escalation: bool | None = None
    proc_mount: str | None = None
    seccomp_profile: SeccompProfile | None = None
    app_armor_profile: AppArmorProfile | None = None


class Sysctl(ApiValue, frozen=True):
    """A kernel parameter of the pod's namespaces, by its name with dots or slashes."""

    name: str | None = None
    value: str | None = None


class PodSecurityContext(ApiValue, frozen=True):
    """A pod's security context."""

    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsSecurityContextOptions | None = None
    run_as_user: Int64 | None = None
    run_as_group: Int64 | None = None
    run_as_non_root: bool | None = None
    supplemental_groups: tuple[Int64, ...] | None = None
    supplemental_groups_policy: str | None = None
    fs_group: Int64 | None = None
    sysctls: tuple[Sysctl, ...] | None = None
    fs_group_change_policy: str | None = None
    seccomp_profile: SeccompProfile | None = None
    app_armor_profile: AppArmorProfile | None = None
    se_linux_change_policy: str | None = None


class ContainerPort(ApiValue, frozen=True):
    """A port that the container says it listens on; `host_port` opens it on the node, 0 and None do not."""

    name: str | None = None
    host_port: Int32 | None = None
    container_port: Int32 | None = None
    protocol: str | None = None
    host_ip: str | None = msgspec.field(default=None, name="hostIP")


class VolumeMount(ApiValue, frozen=True):
    """A volume of the pod at a path of the container."""

    name: str | None = None
    read_only: bool | None = None
    recursive_read_only: str | None = None
    mount_path: str | None = None
    sub_path: str | None = None
    mount_propagation: str | None = None
    sub_path_expr: str | None = None
    bind_mount_options: tuple[str, ...] | None = None


class VolumeDevice(ApiValue, frozen=True):
    """A block volume of the pod as a device of the container."""

    name: str | None = None
    device_path: str | None = None


class HTTPGetAction(ApiValue, frozen=True):
    """A request of a probe or hook; `host` None is the pod's own address."""

    host: str | None = None


class TCPSocketAction(ApiValue, frozen=True):
    """A connection of a probe or hook; `host` None is the pod's own address."""

    host: str | None = None


class Handler(ApiValue, frozen=True):
    """A probe or a lifecycle hook: what is asked, and of which host."""

    exec: Present | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    grpc: Present | None = None


class Lifecycle(ApiValue, frozen=True):
    """The hooks after the start and before the end of a container."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None


class ContainerRestartRule(ApiValue, frozen=True):
    """What is done when a container has ended in a certain way."""

    action: str | None = None


class Container(ApiValue, frozen=True):
    """A container of any kind: regular, init (restart_policy "Always": sidecar) or ephemeral."""

    name: str | None = None
    image: str | None = None
    command: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    working_dir: str | None = None
    ports: tuple[ContainerPort, ...] | None = None
    restart_policy: str | None = None
    restart_policy_rules: tuple[ContainerRestartRule, ...] | None = None
    volume_mounts: tuple[VolumeMount, ...] | None = None
    volume_devices: tuple[VolumeDevice, ...] | None = None
    liveness_probe: Handler | None = None
    readiness_probe: Handler | None = None
    startup_probe: Handler | None = None
    lifecycle: Lifecycle | None = None
    termination_message_path: str | None = None
    image_pull_policy: str | None = None
    security_context: SecurityContext | None = None
    target_container_name: str | None = None


class HostPathVolumeSource(ApiValue, frozen=True):
    """A path of the node. `type` None or "" means that nothing about it is verified."""

    path: str | None = None
    type: str | None = None


class Driver(ApiValue, frozen=True):
    """A volume source that names a driver (CSI, FlexVolume)."""

    driver: str | None = None
    read_only: bool | None = None
    fs_type: str | None = None


class Share(ApiValue, frozen=True):
    """A volume source outside of the node, of which only matters whether it is read-only."""

    read_only: bool | None = None


class KeyToPath(ApiValue, frozen=True):
    """A key of a secret or configMap as a file; `mode` and `user` None are the volume's defaults."""

    path: str | None = None
    mode: Int32 | None = None
    user: Int64 | None = None


class KeysVolumeSource(ApiValue, frozen=True):
    """A secret or a configMap as files: the named items, or a file for each key."""

    items: tuple[KeyToPath, ...] | None = None
    default_mode: Int32 | None = None
    default_user: Int64 | None = None


class DownwardAPIVolumeSource(ApiValue, frozen=True):
    """Fields of the pod as files."""

    items: tuple[KeyToPath, ...] | None = None
    default_mode: Int32 | None = None
    default_user: Int64 | None = None


class PathProjection(ApiValue, frozen=True):
    """A projection that makes one file: a service account's token, or a bundle of trust anchors."""

    path: str | None = None
    user: Int64 | None = None


class PodCertificateProjection(ApiValue, frozen=True):
    """A certificate with its key, as files of these names; None and "" make no file."""

    key_type: str | None = None
    credential_bundle_path: str | None = None
    key_path: str | None = None
    certificate_chain_path: str | None = None
    user: Int64 | None = None


class VolumeProjection(ApiValue, frozen=True):
    """One source of a projected volume; exactly one field is set."""

    secret: KeysVolumeSource | None = None
    config_map: KeysVolumeSource | None = None
    downward_api: DownwardAPIVolumeSource | None = msgspec.field(default=None, name="downwardAPI")
    service_account_token: PathProjection | None = None
    cluster_trust_bundle: PathProjection | None = None
    pod_certificate: PodCertificateProjection | None = None


class ProjectedVolumeSource(ApiValue, frozen=True):
    """Several sources as the files of one volume."""

    sources: tuple[VolumeProjection, ...] | None = None
    default_mode: Int32 | None = None
    default_user: Int64 | None = None


class PersistentVolumeClaimVolumeSource(ApiValue, frozen=True):
    """A claim of the pod's namespace."""

    claim_name: str | None = None
    read_only: bool | None = None


class PersistentVolumeClaimSpec(ApiValue, frozen=True):
    """What a claim asks for; `volume_name` is the PersistentVolume that it is bound to."""

    access_modes: tuple[str, ...] | None = None
    storage_class_name: str | None = None
    volume_name: str | None = None


class PersistentVolumeClaimTemplate(ApiValue, frozen=True):
    """The claim that is made for a pod."""

    spec: PersistentVolumeClaimSpec | None = None


class EphemeralVolumeSource(ApiValue, frozen=True):
    """A claim that lives as long as the pod."""

    volume_claim_template: PersistentVolumeClaimTemplate | None = None


class EmptyDirVolumeSource(ApiValue, frozen=True):
    """A folder that lives as long as the pod; `medium` Memory is a tmpfs."""

    medium: str | None = None
    mode: Int32 | None = None


class Volume(ApiValue, frozen=True):
    """A volume: its name and the source that is set; the API allows exactly one."""

    name: str | None = None
    host_path: HostPathVolumeSource | None = None
    empty_dir: EmptyDirVolumeSource | None = None
    gce_persistent_disk: Present | None = None
    aws_elastic_block_store: Present | None = None
    git_repo: Present | None = None
    secret: KeysVolumeSource | None = None
    nfs: Share | None = None
    iscsi: Share | None = None
    glusterfs: Present | None = None
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None
    rbd: Present | None = None
    flex_volume: Driver | None = None
    cinder: Present | None = None
    cephfs: Present | None = None
    flocker: Present | None = None
    downward_api: DownwardAPIVolumeSource | None = msgspec.field(default=None, name="downwardAPI")
    fc: Share | None = None
    azure_file: Present | None = None
    config_map: KeysVolumeSource | None = None
    vsphere_volume: Present | None = None
    quobyte: Present | None = None
    azure_disk: Present | None = None
    photon_persistent_disk: Present | None = None
    projected: ProjectedVolumeSource | None = None
    portworx_volume: Present | None = None
    scale_io: Present | None = msgspec.field(default=None, name="scaleIO")
    storageos: Present | None = None
    csi: Driver | None = None
    ephemeral: EphemeralVolumeSource | None = None
    image: Present | None = None


class PodOS(ApiValue, frozen=True):
    """The operating system that the pod is for: `linux` or `windows`."""

    name: str | None = None


class NodeSelectorRequirement(ApiValue, frozen=True):
    """A condition on one label, or on one field, of a node."""

    key: str | None = None
    operator: str | None = None
    values: tuple[str, ...] | None = None


class NodeSelectorTerm(ApiValue, frozen=True):
    """Conditions that a node must meet all of."""

    match_expressions: tuple[NodeSelectorRequirement, ...] | None = None


class NodeSelector(ApiValue, frozen=True):
    """Terms of which a node must meet one."""

    node_selector_terms: tuple[NodeSelectorTerm, ...] | None = None


class NodeAffinity(ApiValue, frozen=True):
    """The nodes that a pod may be scheduled to; mere preferences are left out."""

    required: NodeSelector | None = msgspec.field(
        default=None, name="requiredDuringSchedulingIgnoredDuringExecution"
    )


class Affinity(ApiValue, frozen=True):
    """Where a pod may be scheduled; only nodes matter here."""

    node_affinity: NodeAffinity | None = None


class PodSpec(ApiValue, frozen=True):
    """A pod's spec. Lists are None where they are not set."""

    volumes: tuple[Volume, ...] | None = None
    init_containers: tuple[Container, ...] | None = None
    containers: tuple[Container, ...] | None = None
    ephemeral_containers: tuple[Container, ...] | None = None
    restart_policy: str | None = None
    service_account_name: str | None = None
    automount_service_account_token: bool | None = None
    node_name: str | None = None
    host_network: bool | None = None
    host_pid: bool | None = msgspec.field(default=None, name="hostPID")
    host_ipc: bool | None = msgspec.field(default=None, name="hostIPC")
    share_process_namespace: bool | None = None
    security_context: PodSecurityContext | None = None
    host_users: bool | None = None
    runtime_class_name: str | None = None
    os: PodOS | None = None
    node_selector: dict[str, str | None] | None = None
    affinity: Affinity | None = None
    hostname: str | None = None
    hostname_override: str | None = None
    subdomain: str | None = None
    set_hostname_as_fqdn: bool | None = msgspec.field(default=None, name="setHostnameAsFQDN")


class OwnerReference(ApiValue, frozen=True):
    """The object that made this one, a controller as a rule."""

    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


class ObjectMeta(ApiValue, frozen=True):
    """What every object says of itself; `generate_name` is the prefix of a name that the server makes."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None


class Pod(ApiValue, frozen=True, kw_only=True):
    """A pod, or the pod that a workload's template makes (then `metadata` is the template's)."""

    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta | None = None
    spec: PodSpec | None = None


def raw_pod(raw: dict[str, Any]) -> Pod:
    """Make the typed pod of a decoded mapping (null elements of lists already turned into zero values).

    Raises msgspec.ValidationError: a modelled field has a type the API server would refuse.
    """
    return msgspec.convert(raw, Pod, dec_hook=integer)
