"""The fields that an exemption can name, and a pod as if they had an allowed value.

A typed pod and fields come in, the pod without them goes out. A field that has to be set is written, in its
container alone; what a pod sets for all containers is taken away, so that it never speaks for a container
that is not named.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from ..kube.pod import (
    ApiValue,
    Capabilities,
    Container,
    Pod,
    PodSpec,
    SeccompProfile,
    SecurityContext,
    Volume,
)
from ..kube.visit import CONTAINER_FIELDS

__all__ = ["EXEMPT_FIELDS", "ExemptField", "is_of_pod", "without_containers", "without_fields"]

_PROBES = tuple(
    f"{handler}.{action}.host"
    for handler in (
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle.postStart",
        "lifecycle.preStop",
    )
    for action in ("httpGet", "tcpSocket")
)
_OF_CONTAINERS = (
    "securityContext.allowPrivilegeEscalation",
    "securityContext.appArmorProfile",
    "securityContext.capabilities.add",
    "securityContext.capabilities.drop",
    "securityContext.privileged",
    "securityContext.procMount",
    "securityContext.runAsNonRoot",
    "securityContext.runAsUser",
    "securityContext.seLinuxOptions",
    "securityContext.seccompProfile",
    "securityContext.windowsOptions.hostProcess",
)
_NOT_OF_EPHEMERAL = ("ports[*].hostPort", *_PROBES)
_VOLUMES = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker",
    "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "iscsi", "nfs", "photonPersistentDisk",
    "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
)  # fmt: skip
_VOLUME = "spec.volumes[*]."
_OF_POD = (
    "spec.hostIPC",
    "spec.hostNetwork",
    "spec.hostPID",
    "spec.securityContext.appArmorProfile",
    "spec.securityContext.runAsNonRoot",
    "spec.securityContext.runAsUser",
    "spec.securityContext.seLinuxOptions",
    "spec.securityContext.seccompProfile",
    "spec.securityContext.sysctls",
    "spec.securityContext.windowsOptions.hostProcess",
    *(f"{_VOLUME}{source}" for source in _VOLUMES),
)
EXEMPT_FIELDS = (
    *_OF_POD,
    *(
        f"spec.{list_}[*].{field}"
        for list_ in ("containers", "initContainers", "ephemeralContainers")
        for field in sorted((*_OF_CONTAINERS, *(() if list_ == "ephemeralContainers" else _NOT_OF_EPHEMERAL)))
    ),
)
"""Every field that the Pod Security Standards restrict, as an exemption writes it."""

_KNOWN = frozenset(EXEMPT_FIELDS)
_REQUIRED: dict[str, Any] = {
    "securityContext.allowPrivilegeEscalation": False,
    "securityContext.capabilities.drop": ("ALL",),
    "securityContext.runAsNonRoot": True,
    "securityContext.seccompProfile": SeccompProfile(type="RuntimeDefault"),
}
"""Fields of containers that restricted wants set, and what it takes."""
_EMPTY: dict[str, ApiValue] = {"securityContext": SecurityContext(), "capabilities": Capabilities()}

_T = TypeVar("_T", bound=msgspec.Struct)


class ExemptField(msgspec.Struct, frozen=True):
    """A field of the pods that are exempt; `container` None: in every container."""

    path: str
    container: str | None


def is_of_pod(path: str) -> bool:
    """Say whether a path is a field that an exemption can name."""
    return path in _KNOWN


def without_containers(pod: Pod, names: Collection[str]) -> Pod:
    """Return the pod as if it did not have the containers of these names, nor annotations about them."""
    if not names or pod.spec is None:
        return pod
    changed: dict[str, Any] = {}
    for attribute in ("init_containers", "containers", "ephemeral_containers"):
        containers: tuple[Container, ...] | None = getattr(pod.spec, attribute)
        if containers:
            changed[attribute] = tuple(one for one in containers if (one.name or "") not in names)
    pod = msgspec.structs.replace(pod, spec=msgspec.structs.replace(pod.spec, **changed))
    metadata = pod.metadata
    if metadata is None or not metadata.annotations:
        return pod
    annotations = {
        key: value
        for key, value in metadata.annotations.items()
        if not (key.startswith("container.") and key.partition("/")[2] in names)
    }
    return msgspec.structs.replace(pod, metadata=msgspec.structs.replace(metadata, annotations=annotations))


def without_fields(pod: Pod, fields: Collection[ExemptField]) -> Pod:
    """Return the pod as if the fields had allowed values."""
    spec = pod.spec
    if not fields or spec is None:
        return pod
    for field in fields:
        where, _, rest = field.path.removeprefix("spec.").partition("[*].")
        if where in CONTAINER_FIELDS:
            spec = _in_containers(spec, where, tuple(rest.split(".")), field.container)
        elif field.container is not None:
            continue  # what is named of one container is nothing that the pod sets as a whole
        elif field.path.startswith(_VOLUME):
            spec = _without_volumes(spec, rest)
        else:
            spec = _replaced(spec, tuple(field.path.removeprefix("spec.").split(".")), None)
    return msgspec.structs.replace(pod, spec=spec)


def _in_containers(spec: PodSpec, list_: str, path: tuple[str, ...], name: str | None) -> PodSpec:
    attribute = _attributes(type(spec))[list_]
    value = _REQUIRED.get(".".join(path))
    containers: tuple[Container, ...] = getattr(spec, attribute) or ()
    changed = tuple(
        _replaced(one, path, value) if name is None or one.name == name else one for one in containers
    )
    return msgspec.structs.replace(spec, **{attribute: changed}) if changed else spec


def _without_volumes(spec: PodSpec, source: str) -> PodSpec:
    """Leave out the volumes of a source: without it they would be of no kind at all."""
    attribute = _attributes(Volume)[source]
    volumes = tuple(one for one in spec.volumes or () if getattr(one, attribute) is None)
    return msgspec.structs.replace(spec, volumes=volumes)


def _replaced(struct: _T, path: tuple[str, ...], value: Any) -> _T:
    """Return a value with another one at a path; None is nothing."""
    step, *rest = path
    key = step.removesuffix("[*]")
    attribute = _attributes(type(struct))[key]
    if not rest:
        return msgspec.structs.replace(struct, **{attribute: value})
    inner = getattr(struct, attribute)
    if inner is None:
        if value is None:
            return struct
        inner = _EMPTY[key]
    if step != key:
        changed: Any = tuple(_replaced(item, tuple(rest), value) for item in inner)
    else:
        changed = _replaced(inner, tuple(rest), value)
    return msgspec.structs.replace(struct, **{attribute: changed})


@lru_cache(maxsize=64)
def _attributes(type_: type[msgspec.Struct]) -> dict[str, str]:
    """Map the API's names of a type's fields to those of its attributes."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(type_)}
