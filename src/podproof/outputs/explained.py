"""What `explain` found, as every one of its formats gets it: data, and the plain JSON of it.

Effective contexts and start verdicts come in, plain values go out; nothing is decided here.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ..effective.context import NAMESPACES, EffectiveSecurityContext
from ..effective.value import Field, Origin, Unknown
from ..kubelet.verdict import ContainerStart
from ..manifest.route import Route, format_route

__all__ = ["SCHEMA", "ExplainedContainer", "ExplainedObject", "fields_of", "plain", "process_of", "to_json"]

SCHEMA = "podproof/explain/v1"

Locate = Callable[[Route], tuple[Route, str | None, int | None]]
"""Gives the document's route, file and line of a route of the pod; None where there is no text."""


class ExplainedContainer(msgspec.Struct, frozen=True):
    """One container: will it start, what its process will be, and the image as the pod names it."""

    start: ContainerStart
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


def fields_of(context: EffectiveSecurityContext) -> dict[str, tuple[Any, Origin]]:
    """Map each field, named as Kubernetes names it, to its plain value and its origin."""
    found: dict[str, Field[Any]] = {
        "runAsUser": context.uid,
        "runAsGroup": context.gid,
        "supplementalGroups": context.groups,
        "runAsNonRoot": context.run_as_non_root,
        "capabilities": context.capabilities.bounding,
        "allowPrivilegeEscalation": context.no_new_privs,
        "privileged": context.privileged,
        "readOnlyRootFilesystem": context.read_only_root,
        "procMount": context.proc_mount,
        "seccompProfile": context.seccomp,
        "appArmorProfile": context.apparmor,
        "seLinuxOptions": context.selinux,
        "sysctls": context.sysctls,
        "fsGroup": context.fs_group,
        "volumes": context.volumes,
        "hostUsers": context.namespaces.user,
        "hostPID": context.namespaces.pid,
        "hostNetwork": context.namespaces.net,
        "hostIPC": context.namespaces.ipc,
        "devices": context.devices,
        "writablePaths": context.writable,
        "maskedPaths": context.masked_paths,
        "readonlyPaths": context.readonly_paths,
    }
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
