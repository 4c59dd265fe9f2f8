"""The kernel's rules that stop attacks: an effective context goes in, what it lets through comes out.

Every function answers None where the context is not known well enough. Source of the filter: containerd
contrib/seccomp/seccomp_default.go, which asks the bounding set; cri-o and docker have the same calls gated.
"""

from ...effective.context import EffectiveSecurityContext
from ...effective.linux_capabilities import CAPABILITIES
from ...effective.value import Unknown
from .attack import Expectation, Owner

__all__ = [
    "allowed", "ask_capability", "ask_file", "filtered", "has", "lacking", "needs", "own_user_namespace",
    "refused", "unknown",
]  # fmt: skip

_GATED: dict[str, frozenset[str]] = {
    "mount": frozenset(("SYS_ADMIN",)),
    "umount2": frozenset(("SYS_ADMIN",)),
    "pivot_root": frozenset(),
    "unshare": frozenset(("SYS_ADMIN",)),
    "init_module": frozenset(("SYS_MODULE",)),
    "chroot": frozenset(("SYS_CHROOT",)),
}
"""Calls that RuntimeDefault refuses unless one of these is in the bounding set."""


def allowed(why: str) -> Expectation:
    """Expect success."""
    return Expectation(True, (), why)


def refused(error: str, *errors: str, why: str) -> Expectation:
    """Expect one of these answers: errors, or what stays as it was."""
    return Expectation(False, (error, *errors), why)


def unknown(why: str) -> Expectation:
    """Expect nothing, and say why."""
    return Expectation(None, (), why)


def has(context: EffectiveSecurityContext, *names: str) -> bool | None:
    """Say whether any of these capabilities is effective."""
    effective = context.capabilities.effective.value
    return None if isinstance(effective, Unknown) else any(name in effective for name in names)


def own_user_namespace(context: EffectiveSecurityContext) -> bool:
    """Say whether capabilities count in the pod's own user namespace only."""
    return context.namespaces.user.value == "own"


def filtered(context: EffectiveSecurityContext, call: str) -> bool | None:
    """Say whether the seccomp filter refuses a call; None for a profile that is not known."""
    profile = context.seccomp.value
    if profile == "Unconfined":
        return False
    if profile != "RuntimeDefault":
        return None
    gates = _GATED.get(call)
    if gates is None:
        return False
    bounding = context.capabilities.bounding.value
    return None if isinstance(bounding, Unknown) else not gates & frozenset(bounding)


def ask_capability(
    context: EffectiveSecurityContext,
    name: str,
    *,
    call: str = "",
    error: str = "EPERM",
    filter_error: str = "EPERM",
    on_node: bool = False,
) -> Expectation:
    """Expect what follows from one capability; `on_node`: it counts in the node's user namespace only.

    `filter_error` is the answer of the runtime's own seccomp filter, where that refuses `call`.
    """
    effective = has(context, name)
    if call and filtered(context, call) is None:
        return unknown(f"the seccomp profile {context.seccomp.value} is not known here")
    if call and filtered(context, call):
        return refused(filter_error, why=f"seccomp {context.seccomp.value} refuses {call}")
    if effective is None:
        return unknown("the effective capabilities are not known")
    if not effective:
        return refused(error, why=f"{name} is not effective")
    if on_node and own_user_namespace(context):
        return refused(error, why=f"{name} counts in the pod's user namespace only")
    return allowed(f"{name} is effective")


def ask_file(
    context: EffectiveSecurityContext, owner: Owner | None, wanted: int, *, root_may: tuple[str, ...]
) -> Expectation:
    """Expect what a file's owner and mode let this process do; `wanted` in bits r=4, w=2, x=1.

    `root_may` are the capabilities that override. Source: linux fs/namei.c, generic_permission().
    """
    uid, gid, groups = context.uid.value, context.gid.value, context.groups.value
    if owner is None:
        return unknown("the file's owner and mode could not be read")
    if isinstance(uid, Unknown) or isinstance(gid, Unknown) or isinstance(groups, Unknown):
        return unknown("the user and groups are not known")
    if own_user_namespace(context):
        return unknown("how the pod's user namespace maps the file's owner depends on the runtime")
    if uid == owner.uid:
        bits, who = owner.mode >> 6, "the owner"
    elif owner.gid == gid or owner.gid in groups:
        bits, who = owner.mode >> 3, f"in group {owner.gid}"
    else:
        bits, who = owner.mode, "another user"
    words = f"mode {owner.mode & 0o7777:04o} of {owner.uid}:{owner.gid}, this process is {who}"
    if bits & wanted == wanted:
        return allowed(words)
    over = has(context, *root_may)
    if over is None:
        return unknown("the effective capabilities are not known")
    if over:
        return allowed(f"{' or '.join(root_may)} is effective, whatever the mode says")
    return refused("EACCES", why=words)


def lacking(context: EffectiveSecurityContext) -> tuple[str, ...] | None:
    """List the capabilities that the bounding set lacks; None when it is not known."""
    bounding = context.capabilities.bounding.value
    if isinstance(bounding, Unknown):
        return None
    return tuple(name for name in CAPABILITIES if name not in bounding)


def needs(context: EffectiveSecurityContext) -> str | None:
    """Name the field that is not known and without which little can be predicted; None when all is there."""
    for name in ("uid", "gid", "no_new_privs"):
        value = getattr(context, name).value
        if isinstance(value, Unknown):
            return f"{name} is not known: {value.reason}"
    return None
