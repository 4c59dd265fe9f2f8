"""The ephemeral container that `kubectl debug` adds to a pod: a profile's name in, a container out.

Only what a profile decides is here; who may add it, and what becomes of it, others say.
Source: k8s.io/kubectl v0.37.2, pkg/cmd/debug: profiles.go (each Apply, style ephemeral) and debug.go,
generateDebugContainer.
"""

from collections.abc import Mapping
from typing import Any

from .generated_name import generated_name

__all__ = ["DEBUG_PROFILES", "DEFAULT_DEBUG_IMAGE", "debug_container", "with_debugger"]

_RESTRICTED: dict[str, Any] = {
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "allowPrivilegeEscalation": False,
    "seccompProfile": {"type": "RuntimeDefault"},
}

DEBUG_PROFILES: Mapping[str, Mapping[str, Any] | None] = {
    "legacy": None,
    "general": {"capabilities": {"add": ["SYS_PTRACE"]}},
    "baseline": None,
    "restricted": _RESTRICTED,
    "netadmin": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}},
    "sysadmin": {"privileged": True},
}
"""The securityContext of each profile's container; None: it has none."""

DEFAULT_DEBUG_IMAGE = "busybox"


def debug_container(
    profile: str, *, image: str = DEFAULT_DEBUG_IMAGE, target: str | None = None
) -> dict[str, Any]:
    """Make the container, named with `x` for the five letters that kubectl draws.

    `profile` is a key of DEBUG_PROFILES. `target` is the container whose processes it shall see.
    """
    container: dict[str, Any] = {
        "name": generated_name("debugger-"),
        "image": image,
        "terminationMessagePolicy": "File",
    }
    if target is not None:
        container["targetContainerName"] = target
    context = DEBUG_PROFILES[profile]
    if context is not None:
        container["securityContext"] = dict(context)
    return container


def with_debugger(pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pod with the container after the ephemeral ones that it has."""
    spec = dict(pod.get("spec") or {})
    spec["ephemeralContainers"] = [*(spec.get("ephemeralContainers") or ()), dict(container)]
    return {**pod, "spec": spec}
