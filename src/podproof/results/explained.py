"""What `explain` found: each container's effective values with their origins, its process, and its start.

Every value is resolved: what cannot be decided is an Unknown with its reason, and an origin has the file and
line where there is a text. `to_plain` turns all of it into the JSON document.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

import msgspec

from ..effective.context import NAMESPACES, EffectiveSecurityContext, Scope
from ..effective.value import Field, Origin, OriginKind, Unknown
from ..kubelet.start_prediction import StartPrediction
from ..manifest.route import Route, format_route

__all__ = [
    "FIELDS",
    "SCHEMA",
    "Explained",
    "ExplainedCapabilities",
    "ExplainedContainer",
    "ExplainedDebug",
    "ExplainedEvent",
    "ExplainedField",
    "ExplainedNamespaces",
    "ExplainedObject",
    "ExplainedOrigin",
    "ExplainedProcess",
    "ExplainedStart",
    "Locate",
    "explain_container",
]

SCHEMA: Literal["podproof/explain/v1"] = "podproof/explain/v1"

Locate = Callable[[Route], tuple[Route, str | None, int | None]]
"""Gives the document's route, file and line of a route of the pod; None where there is no text."""


class ExplainedOrigin(msgspec.Struct, frozen=True, gc=False):
    """Who set a value. `route` counts from the object; file and line (1-based) are None without a text."""

    kind: OriginKind
    route: str | None
    file: str | None
    line: int | None
    text: str


class ExplainedField(msgspec.Struct, frozen=True, gc=False):
    """One field as a manifest names it: a JSON value, or an Unknown, and who set it."""

    value: Any
    origin: ExplainedOrigin


class ExplainedCapabilities(msgspec.Struct, frozen=True, gc=False):
    """The five sets of the process: names without CAP_, in the kernel's order."""

    bounding: tuple[str, ...] | Unknown
    permitted: tuple[str, ...] | Unknown
    effective: tuple[str, ...] | Unknown
    inheritable: tuple[str, ...] | Unknown
    ambient: tuple[str, ...] | Unknown


class ExplainedNamespaces(msgspec.Struct, frozen=True, gc=False):
    """Whether each namespace is the node's (`host`) or not (`own`)."""

    user: Scope | Unknown
    pid: Scope | Unknown
    net: Scope | Unknown
    ipc: Scope | Unknown
    mnt: Scope | Unknown
    uts: Scope | Unknown
    cgroup: Scope | Unknown


class ExplainedProcess(msgspec.Struct, frozen=True, gc=False):
    """The process in the kernel's words; ids are those inside the container."""

    uid: int | Unknown
    gid: int | Unknown
    groups: tuple[int, ...] | Unknown
    capabilities: ExplainedCapabilities
    no_new_privs: bool | Unknown
    seccomp: str | Unknown
    apparmor: str | Unknown
    selinux: str | Unknown | None
    read_only_root: bool | Unknown
    masked_paths: tuple[str, ...] | Unknown
    readonly_paths: tuple[str, ...] | Unknown
    writable_paths: tuple[str, ...] | Unknown
    namespaces: ExplainedNamespaces


class ExplainedEvent(msgspec.Struct, frozen=True, gc=False):
    """The Warning event of a container that does not start."""

    reason: str
    message: str


class ExplainedStart(msgspec.Struct, frozen=True, gc=False):
    """Whether it starts; if not, its status' reason and message, and the event (None: there is none)."""

    starts: bool | Unknown
    reason: str | None
    message: str
    event: ExplainedEvent | None


class ExplainedDebug(msgspec.Struct, frozen=True):
    """An ephemeral container that `kubectl debug` would add, as kubectl sends it.

    `admitted` and the server's `message` and `warnings` are those of the update; None: no cluster was asked.
    """

    profile: str
    container: Mapping[str, Any]
    admitted: bool | None
    message: str
    warnings: tuple[str, ...]


class ExplainedContainer(msgspec.Struct, frozen=True):
    """One container. `fields` maps names as manifests have them; `image` is None where the pod names none.

    `debug` is set for the container that `kubectl debug` would add.
    """

    name: str
    kind: Literal["container", "init", "sidecar", "ephemeral"]
    image: str | None
    start: ExplainedStart
    fields: Mapping[str, ExplainedField]
    process: ExplainedProcess
    debug: ExplainedDebug | None = None


class ExplainedObject(msgspec.Struct, frozen=True):
    """One pod, or the pod that a workload makes. `line` is 1-based; file and line are None without a text.

    Containers stand in the order in which they start. `refused` are the API server's words when it refuses
    the object as invalid, so that nothing starts; None: it takes it. `unknown_fields` are routes of what it
    drops since it knows no such field, at most the first hundred; kubectl refuses an object that has any.
    """

    file: str | None
    line: int | None
    kind: str
    namespace: str | None
    name: str | None
    containers: tuple[ExplainedContainer, ...]
    refused: str | None = None
    unknown_fields: tuple[str, ...] = ()

    def only(self, *, container: str | None = None, field: str | None = None) -> "ExplainedObject":
        """Keep the containers of one name, and of their fields one; None keeps them all."""
        if container is None and field is None:
            return self
        return msgspec.structs.replace(
            self,
            containers=tuple(
                one if field is None else msgspec.structs.replace(one, fields={field: one.fields[field]})
                for one in self.containers
                if container in (None, one.name)
            ),
        )


class Explained(msgspec.Struct, frozen=True):
    """Everything one `explain` found, in the order of the inputs."""

    schema: Literal["podproof/explain/v1"] = SCHEMA
    objects: tuple[ExplainedObject, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the API server refuses one of the objects as invalid."""
        return any(entry.refused is not None for entry in self.objects)

    def only(self, *, container: str | None = None, field: str | None = None) -> "Explained":
        """Keep the containers of one name, and of their fields one; None keeps them all."""
        objects = tuple(entry.only(container=container, field=field) for entry in self.objects)
        return Explained(objects=objects)


_FIELDS: dict[str, Callable[[EffectiveSecurityContext], Field[Any]]] = {
    "runAsUser": attrgetter("uid"),
    "runAsGroup": attrgetter("gid"),
    "supplementalGroups": attrgetter("groups"),
    "runAsNonRoot": attrgetter("run_as_non_root"),
    "capabilities": attrgetter("capabilities.bounding"),
    "allowPrivilegeEscalation": attrgetter("no_new_privs"),
    "privileged": attrgetter("privileged"),
    "readOnlyRootFilesystem": attrgetter("read_only_root"),
    "procMount": attrgetter("proc_mount"),
    "seccompProfile": attrgetter("seccomp"),
    "appArmorProfile": attrgetter("apparmor"),
    "seLinuxOptions": attrgetter("selinux"),
    "sysctls": attrgetter("sysctls"),
    "fsGroup": attrgetter("fs_group"),
    "volumes": attrgetter("volumes"),
    "hostUsers": attrgetter("namespaces.user"),
    "hostPID": attrgetter("namespaces.pid"),
    "hostNetwork": attrgetter("namespaces.net"),
    "hostIPC": attrgetter("namespaces.ipc"),
    "devices": attrgetter("devices"),
    "writablePaths": attrgetter("writable"),
    "maskedPaths": attrgetter("masked_paths"),
    "readonlyPaths": attrgetter("readonly_paths"),
}

FIELDS = tuple(_FIELDS)
"""The names of all fields, in the order in which they are shown."""

_AS_THE_MANIFEST_SAYS: dict[str, Callable[[Any], Any]] = {
    "hostUsers": lambda scope: scope == "host",
    "hostPID": lambda scope: scope == "host",
    "hostNetwork": lambda scope: scope == "host",
    "hostIPC": lambda scope: scope == "host",
    "allowPrivilegeEscalation": lambda no_new_privs: not no_new_privs,
    "sysctls": dict,
}
"""Fields whose value in a manifest differs from the kernel's."""


def explain_container(
    start: StartPrediction, context: EffectiveSecurityContext, image: str | None, locate: Locate
) -> ExplainedContainer:
    """Put together what is known of one container; `locate` gives the places of its origins."""
    return ExplainedContainer(
        name=start.name,
        kind=start.kind,
        image=image,
        start=ExplainedStart(
            start.starts,
            start.reason,
            start.message,
            ExplainedEvent(start.event.reason, start.event.message) if start.event else None,
        ),
        fields={name: _field(name, get(context), locate) for name, get in _FIELDS.items()},
        process=_process(context),
    )


def _field(name: str, field: Field[Any], locate: Locate) -> ExplainedField:
    value, origin = field.value, field.origin
    say = _AS_THE_MANIFEST_SAYS.get(name)
    if say is not None and not isinstance(value, Unknown):
        value = say(value)
    if not origin.route and len(origin.text) <= _SHORT:  # most fields: nothing sets them
        return ExplainedField(value, _default(origin))
    return ExplainedField(value, _origin(origin, locate))


_SHORT = 120
"""Characters of a text about an origin that is worth remembering, since most containers have it."""


@lru_cache(256)
def _default(origin: Origin) -> ExplainedOrigin:
    return ExplainedOrigin(origin.kind, None, origin.file, origin.line, origin.text)


def _origin(origin: Origin, locate: Locate) -> ExplainedOrigin:
    route, file, line = origin.route, origin.file, origin.line
    if route and line is None:
        route, file, line = locate(route)
    return ExplainedOrigin(origin.kind, format_route(route) if route else None, file, line, origin.text)


def _process(context: EffectiveSecurityContext) -> ExplainedProcess:
    sets, namespaces = context.capabilities, context.namespaces
    return ExplainedProcess(
        uid=context.uid.value,
        gid=context.gid.value,
        groups=context.groups.value,
        capabilities=ExplainedCapabilities(
            sets.bounding.value,
            sets.permitted.value,
            sets.effective.value,
            sets.inheritable.value,
            sets.ambient.value,
        ),
        no_new_privs=context.no_new_privs.value,
        seccomp=context.seccomp.value,
        apparmor=context.apparmor.value,
        selinux=context.selinux.value,
        read_only_root=context.read_only_root.value,
        masked_paths=context.masked_paths.value,
        readonly_paths=context.readonly_paths.value,
        writable_paths=context.writable.value,
        namespaces=ExplainedNamespaces(*(getattr(namespaces, name).value for name in NAMESPACES)),
    )
