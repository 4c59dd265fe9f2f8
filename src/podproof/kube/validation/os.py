"""What `os.name` forbids: Linux settings on Windows pods and the reverse.

A pod spec comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateOS, validateLinux, validateWindows.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, forbidden, not_supported, required
from ..visit import visit_mappings

_NOT_ON_WINDOWS = "cannot be set for a windows pod"
_NOT_ON_LINUX = "windows options cannot be set for a linux pod"
_POD_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
)
_CONTAINER_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)


def validate_os(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge `os` and what it forbids elsewhere; a pod without `os` may set anything."""
    system = spec.get("os")
    if system is None:
        return
    name = system.get("name")
    if not name:
        required(errors, (*route, "os", "name"))
    elif name == "linux":
        _validate_linux(errors, spec, route)
    elif name == "windows":
        _validate_windows(errors, spec, route)
    else:
        not_supported(errors, (*route, "os"), name, ("linux", "windows"))


def _validate_linux(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    if (spec.get("securityContext") or {}).get("windowsOptions") is not None:
        forbidden(errors, (*route, "securityContext", "windowsOptions"), _NOT_ON_LINUX)
    for _, container, where in visit_mappings(spec, route):
        if (container.get("securityContext") or {}).get("windowsOptions") is not None:
            forbidden(errors, (*where, "securityContext", "windowsOptions"), _NOT_ON_LINUX)


def _validate_windows(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    context = spec.get("securityContext") or {}
    for key in _POD_FIELDS:
        value = context.get(key)
        # an empty list of sysctls is none; an empty list of groups is not nil and counts
        if value is not None and not (key == "sysctls" and not value):
            forbidden(errors, (*route, "securityContext", key), _NOT_ON_WINDOWS)
    if spec.get("hostUsers") is not None:
        forbidden(errors, (*route, "hostUsers"), _NOT_ON_WINDOWS)
    for key in ("hostPID", "hostIPC"):
        if spec.get(key):
            forbidden(errors, (*route, key), _NOT_ON_WINDOWS)
    if spec.get("shareProcessNamespace") is not None:
        forbidden(errors, (*route, "shareProcessNamespace"), _NOT_ON_WINDOWS)
    for _, container, where in visit_mappings(spec, route):
        context = container.get("securityContext") or {}
        for key in _CONTAINER_FIELDS:
            if context.get(key) is not None:
                forbidden(errors, (*where, "securityContext", key), _NOT_ON_WINDOWS)
