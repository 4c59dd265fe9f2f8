"""What `explain` found, as every one of its formats gets it: data, and the plain JSON of it.

Effective contexts and start predictions come in, plain values go out; nothing is decided here.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from ..effective.context import NAMESPACES, EffectiveSecurityContext
from ..effective.value import Field, Origin, Unknown
from ..kubelet.start_prediction import StartPrediction
from ..manifest.route import Route, format_route

__all__ = [
    "FIELDS",
    "SCHEMA",
    "ExplainedContainer",
    "ExplainedObject",
    "fields_of",
    "plain",
    "process_of",
    "to_json",
]

SCHEMA = "podproof/explain/v1"

Locate = Callable[[Route], tuple[Route, str | None, int | None]]
"""Gives the document's route, file and line of a route of the pod; None where there is no text."""


class ExplainedContainer(msgspec.Struct, frozen=True):
    """One container: will it start, what its process will be, and the image as the pod names it."""

    start: StartPrediction
    context: EffectiveSecurityContext
    image: str | None = None


class ExplainedObject(msgspec.Struct, frozen=True):
    """One pod, or the pod that a workload makes. `line` is 1-based; file and line are None without a text."""

    file: str | None
    line: int | None
    kind: str
    namespace: str | None
    name: str | None
    containers: tuple[ExplainedContainer, ...]
    locate: Locate


def plain(value: Any) -> Any:
    """Turn a value into plain JSON data; an unknown one becomes `{"unknown": REASON}`."""
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    # the result is JSON data, which has lists and no tuples
    return [plain(item) for item in value] if isinstance(value, tuple) else msgspec.to_builtins(value)


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


def fields_of(context: EffectiveSecurityContext) -> dict[str, tuple[Any, Origin]]:
    """Map each field, named as Kubernetes names it, to its plain value and its origin."""
    found = {name: get(context) for name, get in _FIELDS.items()}
    values = {name: (plain(field.value), field.origin) for name, field in found.items()}
    for name in ("hostUsers", "hostPID", "hostNetwork", "hostIPC"):
        if not isinstance(found[name].value, Unknown):
            values[name] = (values[name][0] == "host", values[name][1])
    if not isinstance(context.no_new_privs.value, Unknown):
        values["allowPrivilegeEscalation"] = (not context.no_new_privs.value, context.no_new_privs.origin)
    if not isinstance(context.sysctls.value, Unknown):
        values["sysctls"] = (dict(context.sysctls.value), context.sysctls.origin)
    return values


def process_of(context: EffectiveSecurityContext) -> dict[str, Any]:
    """Describe the process in the kernel's words."""
    sets = ("bounding", "permitted", "effective", "inheritable", "ambient")
    return {
        "uid": plain(context.uid.value),
        "gid": plain(context.gid.value),
        "groups": plain(context.groups.value),
        "capabilities": {name: plain(getattr(context.capabilities, name).value) for name in sets},
        "no_new_privs": plain(context.no_new_privs.value),
        "seccomp": plain(context.seccomp.value),
        "apparmor": plain(context.apparmor.value),
        "selinux": plain(context.selinux.value),
        "read_only_root": plain(context.read_only_root.value),
        "masked_paths": plain(context.masked_paths.value),
        "readonly_paths": plain(context.readonly_paths.value),
        "writable_paths": plain(context.writable.value),
        "namespaces": {name: plain(getattr(context.namespaces, name).value) for name in NAMESPACES},
    }


def to_json(objects: tuple[ExplainedObject, ...]) -> dict[str, Any]:
    """Build the whole JSON document."""
    return {"schema": SCHEMA, "objects": [_object(entry) for entry in objects]}


def _object(entry: ExplainedObject) -> dict[str, Any]:
    return {
        "file": entry.file,
        "line": entry.line,
        "kind": entry.kind,
        "namespace": entry.namespace,
        "name": entry.name,
        "containers": [_container(container, entry.locate) for container in entry.containers],
    }


def _container(entry: ExplainedContainer, locate: Locate) -> dict[str, Any]:
    start = entry.start
    event = {"reason": start.event.reason, "message": start.event.message} if start.event else None
    return {
        "name": start.name,
        "kind": start.kind,
        "image": entry.image,
        "start": {
            "starts": plain(start.starts),
            "reason": start.reason,
            "message": start.message,
            "event": event,
        },
        "fields": {
            name: {"value": value, "origin": _origin(origin, locate)}
            for name, (value, origin) in fields_of(entry.context).items()
        },
        "process": process_of(entry.context),
    }


def _origin(origin: Origin, locate: Locate) -> dict[str, Any]:
    route, file, line = origin.route, origin.file, origin.line
    if route and line is None:
        route, file, line = locate(route)
    return {
        "kind": origin.kind,
        "route": format_route(route) if route else None,
        "file": file,
        "line": line,
        "text": origin.text,
    }
