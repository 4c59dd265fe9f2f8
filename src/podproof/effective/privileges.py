"""no_new_privs, privileged and the devices that follow from it."""

from .container_in_pod import ContainerInPod
from .value import Field, Origin, Unknown

__all__ = ["resolve_devices", "resolve_no_new_privs", "resolve_privileged"]

_ALLOWED = Field(False, Origin("kubernetes", (), "allowPrivilegeEscalation is not set, so it is allowed"))
_NOT_PRIVILEGED = Field(False, Origin("kubernetes", (), "not set"))


def resolve_no_new_privs(placed: ContainerInPod) -> Field[bool]:
    """Set the flag exactly when allowPrivilegeEscalation is false; nothing else is looked at.

    Source: kubernetes pkg/securitycontext/util.go, AddNoNewPrivileges.
    """
    allow = placed.context.allow_privilege_escalation
    if allow is None:
        return _ALLOWED
    return Field(not allow, placed.in_container("allowPrivilegeEscalation"))


def resolve_privileged(placed: ContainerInPod) -> Field[bool]:
    """Take the container's own word; there is no pod-level setting."""
    if placed.context.privileged is None:
        return _NOT_PRIVILEGED
    return Field(placed.context.privileged, placed.in_container("privileged"))


def resolve_devices(placed: ContainerInPod) -> Field[tuple[str, ...]]:
    """Name the device files: the runtime's few, or every one of the host's for a privileged container."""
    if placed.privileged:
        # privileged_without_host_devices is an option of the runtime that is off by default
        reason = "all devices of the node, which are not listed"
        return Field(Unknown(reason), placed.in_container("privileged", text="privileged: all host devices"))
    return Field(placed.setting.runtime.devices, placed.by_runtime("default devices"))
