"""Which values give a process more than it has without them: names and values come in, a verdict goes out.

It is asked about values that were ignored, and would take effect at another place or under another name.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..effective.runtime import RUNTIMES

__all__ = ["MORE_OR_LESS", "ONLY_ON_LINUX", "loosens"]

MORE_OR_LESS = frozenset(
    ("serviceAccountName", "serviceAccount", "supplementalGroups", "fsGroup", "sysctls", "seLinuxOptions")
)
"""Fields of which nobody can say whether they give a process more or less: a person has to confirm them."""

ONLY_ON_LINUX = frozenset(
    (
        "runAsUser",
        "runAsGroup",
        "capabilities",
        "add",
        "drop",
        "privileged",
        "readOnlyRootFilesystem",
        "allowPrivilegeEscalation",
        "procMount",
        "seccompProfile",
        "appArmorProfile",
        "seLinuxOptions",
        "seLinuxChangePolicy",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "fsGroup",
        "fsGroupChangePolicy",
        "sysctls",
        "hostPID",
        "hostIPC",
        "hostUsers",
        "shareProcessNamespace",
    )
)
"""Fields that the API server refuses in a pod with `spec.os.name: windows`, and the lists of capabilities.

Source: kubernetes pkg/apis/core/validation, validateWindows.
"""


_GRANTED = frozenset.intersection(*(runtime.default_capabilities for runtime in RUNTIMES.values()))
"""Capabilities that every runtime grants to a container that names none."""


def loosens(name: str, value: Any, beside: Mapping[str, Any]) -> bool:
    """Tell whether a field that takes effect gives a process more than it has without the field.

    `beside` is what holds where the field will stand: its neighbors, and the pod's settings below them.
    """
    rule = _RULES.get(name)
    return rule is not None and rule(value, beside)


def _is_true(value: Any, _beside: Mapping[str, Any]) -> bool:
    return value is True or value == "true"


def _is_unconfined(value: Any, _beside: Mapping[str, Any]) -> bool:
    return not isinstance(value, Mapping) or value.get("type") not in ("RuntimeDefault", "Localhost")


def _adds(value: Any, beside: Mapping[str, Any]) -> bool:
    """Tell whether added capabilities are not in the runtime's default set, or are dropped as it is."""
    dropped = beside.get("drop")
    gone = set(map(str, dropped)) if isinstance(dropped, list) else set()
    names = set(map(str, value)) if isinstance(value, list) else set()
    return not names <= _GRANTED or bool(names and ("ALL" in gone or names & gone))


def _capabilities(value: Any, _beside: Mapping[str, Any]) -> bool:
    return isinstance(value, Mapping) and _adds(value.get("add"), {})


def _mounts_node(value: Any, _beside: Mapping[str, Any]) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) and "hostPath" in one for one in value)


def _is_host_process(value: Any, _beside: Mapping[str, Any]) -> bool:
    return isinstance(value, Mapping) and value.get("hostProcess") is True


_RULES: dict[str, Callable[[Any, Mapping[str, Any]], bool]] = {
    "privileged": _is_true,
    "hostNetwork": _is_true,
    "hostPID": _is_true,
    "hostIPC": _is_true,
    "shareProcessNamespace": _is_true,
    "hostProcess": _is_true,
    "hostPort": lambda value, _: value not in (0, None),
    "hostPath": lambda value, _: value is not None,
    "volumes": _mounts_node,
    "procMount": lambda value, _: value not in ("", "Default"),
    "runAsUser": lambda value, _: value == 0,
    "runAsNonRoot": lambda value, beside: value is False and beside.get("runAsNonRoot") is True,
    "seccompProfile": _is_unconfined,
    "appArmorProfile": _is_unconfined,
    "windowsOptions": _is_host_process,
    "capabilities": _capabilities,
    "add": _adds,
}
