"""A container on a Windows node: a Linux context comes in, one whose Linux values are all unknown goes out.

The kubelet on Windows drops every Linux setting without a word, but runAsNonRoot. What Windows makes of the
rest is not known here and never guessed.
Source: kubernetes pkg/kubelet/kuberuntime/security_context_windows.go, kuberuntime_container_windows.go.
"""

import msgspec

from .context import NAMESPACES, CapabilitySets, EffectiveSecurityContext, Namespaces
from .value import Field, Origin, T, Unknown

__all__ = ["WINDOWS", "withdraw_on_windows"]

WINDOWS = "on Windows "
"""Opens the reason of everything that is unknown because the node runs Windows."""

_SETTINGS = {
    "uid": "runAsUser",
    "gid": "runAsGroup",
    "groups": "supplementalGroups",
    "no_new_privs": "allowPrivilegeEscalation",
    "privileged": "privileged",
    "read_only_root": "readOnlyRootFilesystem",
    "proc_mount": "procMount",
    "seccomp": "seccompProfile",
    "apparmor": "appArmorProfile",
    "selinux": "seLinuxOptions",
    "sysctls": "sysctls",
    "fs_group": "fsGroup",
}
"""Each field of the context, and the setting of the manifest that decides about it on Linux."""

_THINGS = {
    "writable": "paths that can be written",
    "masked_paths": "masked paths",
    "readonly_paths": "read-only paths",
    "volumes": "volumes' ownership",
    "devices": "devices",
}


def withdraw_on_windows(linux: EffectiveSecurityContext) -> EffectiveSecurityContext:
    """Take back what holds on Linux only; where a setting stands is kept, so that it can be shown."""
    changed = {name: _dropped(getattr(linux, name), setting) for name, setting in _SETTINGS.items()}
    changed |= {name: _open(getattr(linux, name), thing) for name, thing in _THINGS.items()}
    sets = {
        name: _dropped(getattr(linux.capabilities, name), "capabilities")
        for name in CapabilitySets.__struct_fields__
    }
    scopes = {name: _open(getattr(linux.namespaces, name), f"the {name} namespace") for name in NAMESPACES}
    return msgspec.structs.replace(
        linux, **changed, capabilities=CapabilitySets(**sets), namespaces=Namespaces(**scopes)
    )


def _dropped(field: Field[T], setting: str) -> Field[T]:
    return _unknown(field, f"{WINDOWS}nothing reads {setting}")


def _open(field: Field[T], thing: str) -> Field[T]:
    return _unknown(field, f"{WINDOWS}nothing is known of {thing}")


def _unknown(field: Field[T], reason: str) -> Field[T]:
    origin = field.origin
    if not origin.route or origin.kind not in ("container", "pod", "policy"):
        origin = Origin("kubernetes")
    return Field(Unknown(reason), Origin(origin.kind, origin.route, "", origin.file, origin.line))
