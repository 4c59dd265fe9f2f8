"""The part of API defaulting that changes what Pod Security sees, on typed pods.

A typed pod comes in; the same pod goes out when nothing applies, which is nearly always, else a completed
copy: host ports on the host's network, emptyDir for a volume without a source, AppArmor annotations copied to
their containers. It never validates.
Source: kubernetes 1.37.2 pkg/apis/core/v1/defaults.go (SetDefaults_Pod, SetDefaults_Volume);
pkg/registry/core/pod/strategy.go (applyAppArmorVersionSkew).
"""

import msgspec

from .pod import (
    AppArmorProfile,
    Container,
    ContainerPort,
    EmptyDirVolumeSource,
    Pod,
    PodSpec,
    SecurityContext,
    Volume,
)
from .version_skew import has_apparmor_field
from .versions import NEWEST, Minor

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_MAX_NAME = 4095  # bytes: a longer name is not copied
_NOTHING = (None, msgspec.UNSET)
_Containers = tuple[Container, ...] | None
_replace = msgspec.structs.replace


def default_pod(pod: Pod, version: Minor = NEWEST) -> Pod:
    """Complete a pod as the API server does before admission; the same object when nothing applies.

    As `defaults.apply_defaults` does, it copies nothing to fields which 1.`version` does not have.
    """
    spec = pod.spec
    if spec is None:
        return pod
    metadata = pod.metadata
    annotations = None if metadata is None else metadata.annotations
    if not spec.volumes and not spec.host_network and not annotations:
        return pod
    completed = spec
    if spec.volumes:
        completed = _with_empty_dirs(completed)
    if spec.host_network:
        completed = _with_host_ports(completed)
    if annotations and has_apparmor_field(version):
        for key in annotations:
            if key.startswith(_APPARMOR):
                completed = _with_apparmor(completed, annotations)
                break
    return pod if completed is spec else _replace(pod, spec=completed)


def _with_empty_dirs(spec: PodSpec) -> PodSpec:
    volumes = spec.volumes or ()
    for volume in volumes:
        # an unset source is left out when structs are compared: only the name is set
        known = volume.empty_dir or volume.secret or volume.config_map or volume.projected or volume.host_path
        if known is None and _has_no_source(volume):
            break
    else:
        return spec
    empty = EmptyDirVolumeSource()
    completed = tuple(_replace(v, empty_dir=empty) if _has_no_source(v) else v for v in volumes)
    return _replace(spec, volumes=completed)


def _has_no_source(volume: Volume) -> bool:
    # its class may have more fields; its name need not have been read
    return all(getattr(volume, field) in _NOTHING for field in volume.__struct_fields__ if field != "name")


def _with_host_ports(spec: PodSpec) -> PodSpec:
    containers, inits = _fill_ports(spec.containers), _fill_ports(spec.init_containers)
    if containers is spec.containers and inits is spec.init_containers:
        return spec
    return _replace(spec, containers=containers, init_containers=inits)


def _needs_host_port(port: ContainerPort) -> bool:
    return not port.host_port and bool(port.container_port)


def _fill_ports(containers: _Containers) -> _Containers:
    if not containers or not any(_needs_host_port(port) for c in containers for port in c.ports or ()):
        return containers
    return tuple(
        _replace(
            container,
            ports=tuple(
                _replace(port, host_port=port.container_port) if _needs_host_port(port) else port
                for port in container.ports
            ),
        )
        if container.ports
        else container
        for container in containers
    )


def _profile(annotation: str) -> AppArmorProfile | None:
    if annotation == "unconfined":
        return AppArmorProfile(type="Unconfined")
    if annotation == "runtime/default":
        return AppArmorProfile(type="RuntimeDefault")
    name = annotation.removeprefix("localhost/")
    if name == annotation or not name or name != name.strip() or len(name.encode()) > _MAX_NAME:
        return None
    return AppArmorProfile(type="Localhost", localhost_profile=name)


def _is_same(profile: AppArmorProfile, other: AppArmorProfile | None) -> bool:
    # not by ==: the other may be of a class that stands on AppArmorProfile, which makes it unequal
    if other is None:
        return False
    return (profile.type, profile.localhost_profile) == (other.type, other.localhost_profile)


def _with_apparmor(spec: PodSpec, annotations: "dict[str, str | None]") -> PodSpec:
    if spec.os is not None and spec.os.name == "windows":
        return spec
    context = spec.security_context
    pod_profile = None if context is None else context.app_armor_profile
    inits = _copy_annotations(spec.init_containers, annotations, pod_profile)
    containers = _copy_annotations(spec.containers, annotations, pod_profile)
    ephemeral = _copy_annotations(spec.ephemeral_containers, annotations, pod_profile)
    return _replace(spec, init_containers=inits, containers=containers, ephemeral_containers=ephemeral)


def _copy_annotations(
    containers: _Containers, annotations: "dict[str, str | None]", pod_profile: AppArmorProfile | None
) -> _Containers:
    if not containers:
        return containers
    out = []
    for container in containers:
        key, context = _APPARMOR + (container.name or ""), container.security_context
        profile = _profile(annotations[key] or "") if key in annotations else None
        if (
            profile is not None
            and not _is_same(profile, pod_profile)
            and (context is None or context.app_armor_profile is None)
        ):
            context = _replace(context or SecurityContext(), app_armor_profile=profile)
            container = _replace(container, security_context=context)
        out.append(container)
    return tuple(out)
