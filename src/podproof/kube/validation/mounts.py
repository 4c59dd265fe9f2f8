"""Volume mounts and block devices of a container.

A container and the pod's valid volumes come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidateVolumeMounts, ValidateVolumeDevices. Four of the
messages name the list without the index, and so do ours; the route points at the mount.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, FieldError, forbidden, invalid, not_found, required
from ..go_format import json_value, quote
from .paths import has_backsteps, validate_descending

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")

_ODD_FIELDS = frozenset(("subPath", "subPathExpr", "mountPropagation", "recursiveReadOnly"))
"""What is judged of a mount beside its name and its path."""

Volumes = Mapping[str, Mapping[str, Any]]


def validate_mounts(errors: Errors, container: Mapping[str, Any], volumes: Volumes, route: Route) -> None:
    """Judge volumeMounts; `route` is the list's."""
    mounts = container.get("volumeMounts")
    if not mounts or _are_right(mounts, volumes, container):
        return
    devices = {
        device.get("name") or "": device.get("devicePath") or ""
        for device in container.get("volumeDevices") or ()
    }
    device_paths = set(devices.values())
    list_path = format_route(route)
    seen: set[str] = set()
    for index, mount in enumerate(mounts):
        at = (*route, index)
        name, path = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            required(errors, (*at, "name"))
        if name not in volumes:
            not_found(errors, (*at, "name"), name)
        if not path:
            required(errors, (*at, "mountPath"))
        if path in seen:
            invalid(errors, (*at, "mountPath"), path, "must be unique")
        seen.add(path)
        if name in devices:
            invalid(errors, (*at, "name"), name, "must not already exist in volumeDevices")
        if path in device_paths:
            invalid(errors, (*at, "mountPath"), path, "must not already exist as a path in volumeDevices")
        _validate_sub_paths(errors, mount, at, list_path)
        _validate_propagation(errors, mount, container, at, f"{list_path}.mountPropagation")
        _validate_recursive_read_only(errors, mount, at, f"{list_path}.recursiveReadOnly")


def _are_right(mounts: Sequence[Mapping[str, Any]], volumes: Volumes, container: Mapping[str, Any]) -> bool:
    """Tell quickly that there is nothing but a path of its own for volumes that are there, as usual."""
    if "volumeDevices" in container:
        return False
    paths = set()
    for mount in mounts:
        name, path = mount.get("name"), mount.get("mountPath")
        if not name or not path or name not in volumes or not _ODD_FIELDS.isdisjoint(mount):
            return False
        paths.add(path)
    return len(paths) == len(mounts)


def _validate_sub_paths(errors: Errors, mount: Mapping[str, Any], at: Route, list_path: str) -> None:
    sub_path, expression = mount.get("subPath") or "", mount.get("subPathExpr") or ""
    if sub_path:
        validate_descending(errors, sub_path, (*at, "subPath"), field=f"{list_path}.subPath")
    if expression:
        if sub_path:
            detail = "subPathExpr and subPath are mutually exclusive"
            invalid(errors, (*at, "subPathExpr"), expression, detail)
        validate_descending(errors, expression, (*at, "subPathExpr"), field=f"{list_path}.subPathExpr")


def _validate_propagation(
    errors: Errors, mount: Mapping[str, Any], container: Mapping[str, Any], at: Route, field: str
) -> None:
    propagation = mount.get("mountPropagation")
    if propagation is None:
        return
    if propagation not in _PROPAGATIONS:
        _not_supported(errors, (*at, "mountPropagation"), propagation, _PROPAGATIONS, field)
    if propagation == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
        detail = "Bidirectional mount propagation is available only to privileged containers"
        forbidden(errors, (*at, "mountPropagation"), detail, field=field)


def _validate_recursive_read_only(errors: Errors, mount: Mapping[str, Any], at: Route, field: str) -> None:
    value = mount.get("recursiveReadOnly")
    if value is None or value == "Disabled":
        return
    if value not in _RECURSIVE:
        _not_supported(errors, (*at, "recursiveReadOnly"), value, _RECURSIVE, field)
        return
    if not mount.get("readOnly"):
        forbidden(
            errors, (*at, "recursiveReadOnly"), "may only be specified when readOnly is true", field=field
        )
    if mount.get("mountPropagation") not in (None, "None"):
        detail = "may only be specified when mountPropagation is None or not specified"
        forbidden(errors, (*at, "recursiveReadOnly"), detail, field=field)


def _not_supported(errors: Errors, route: Route, value: str, supported: tuple[str, ...], field: str) -> None:
    detail = "supported values: " + ", ".join(quote(item) for item in supported)
    errors.append(FieldError("Unsupported value", route, json_value(value), detail, field))


def validate_devices(errors: Errors, container: Mapping[str, Any], volumes: Volumes, route: Route) -> None:
    """Judge volumeDevices; `route` is the list's."""
    devices = container.get("volumeDevices")
    if not devices:
        return
    mounts = {
        mount.get("name") or "": mount.get("mountPath") or "" for mount in container.get("volumeMounts") or ()
    }
    mount_paths = set(mounts.values())
    names: set[str] = set()
    paths: set[str] = set()
    for index, device in enumerate(devices):
        at = (*route, index)
        name, path = device.get("name") or "", device.get("devicePath") or ""
        source = volumes.get(name)
        if not name:
            required(errors, (*at, "name"))
        if name in names:
            invalid(errors, (*at, "name"), name, "must be unique")
        if (
            source is not None
            and source.get("persistentVolumeClaim") is None
            and source.get("ephemeral") is None
        ):
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            invalid(errors, (*at, "name"), name, detail)
        if source is None:
            not_found(errors, (*at, "name"), name)
        if not path:
            required(errors, (*at, "devicePath"))
        if path in paths:
            invalid(errors, (*at, "devicePath"), path, "must be unique")
        if has_backsteps(path):
            invalid(errors, (*at, "devicePath"), path, "can not contain backsteps ('..')")
        else:
            paths.add(path)
        if name in mounts:
            invalid(errors, (*at, "name"), name, "must not already exist in volumeMounts")
        if path in mount_paths:
            invalid(errors, (*at, "devicePath"), path, "must not already exist as a path in volumeMounts")
        if name:
            names.add(name)
