"""Kernel parameters of a pod: their names, and those that clash with the host's namespaces.

A pod's sysctls come in, what is wrong is added. Which of them a node allows is the kubelet's business.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateSysctls, ValidateHostSysctl;
component-helpers node/util/sysctl namespace.go.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, duplicate, invalid, required
from .formats import byte_length, matcher

_MAX_NAME = 253  # bytes
_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_NAME = rf"({_SEGMENT}[\./])*{_SEGMENT}"
_IPC = frozenset(
    (
        "kernel.sem",
        "kernel.shm",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
        "kernel.msg",
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
    )
)


def validate_sysctls(
    errors: Errors, sysctls: Sequence[Mapping[str, Any]], spec: Mapping[str, Any], route: Route
) -> None:
    """Judge each name; a repeated, malformed name is reported as malformed only."""
    seen: set[str] = set()
    for index, sysctl in enumerate(sysctls):
        name, at = sysctl.get("name") or "", (*route, index, "name")
        if not name:
            required(errors, at)
        elif byte_length(name) > _MAX_NAME or not matcher(_NAME).fullmatch(name):
            invalid(errors, at, name, f"must have at most {_MAX_NAME} characters and match regex ^{_NAME}$")
        elif name in seen:
            duplicate(errors, at, name)
        seen.add(name)
        dotted = _dotted(name)
        if spec.get("hostNetwork") and dotted.startswith("net."):
            invalid(errors, at, name, "may not be specified when 'hostNetwork' is true")
        elif spec.get("hostIPC") and (dotted in _IPC or dotted.startswith("fs.mqueue.")):
            invalid(errors, at, name, "may not be specified when 'hostIPC' is true")


def _dotted(name: str) -> str:
    """Write a sysctl with dots: when a slash comes first, slashes and dots change places."""
    first = min((at for at in (name.find("."), name.find("/")) if at >= 0), default=-1)
    if first < 0 or name[first] == ".":
        return name
    return name.translate({ord("."): "/", ord("/"): "."})
