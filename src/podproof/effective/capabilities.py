"""The five capability sets of the process: what the runtime grants, and what the kernel leaves after exec."""

from functools import lru_cache

from .container_in_pod import ContainerInPod
from .context import CapabilitySets
from .linux_capabilities import CAPABILITIES, CAPABILITY_SET, sort_by_kernel
from .users import resolve_run_as_non_root
from .value import Field, Origin, Unknown

__all__ = ["capability_name", "granted", "ignored_names", "missing_on_node", "resolve_capabilities"]


def resolve_capabilities(placed: ContainerInPod, uid: Field[int]) -> CapabilitySets:
    """Work out the sets after exec.

    The runtime fills bounding, effective and permitted; at exec the kernel gives root all of the bounding set
    and takes permitted and effective from every other uid, because ambient and inheritable are empty. A file
    with capabilities or a set-user-ID file can give back what the bounding set has, unless no_new_privs.
    Source: capabilities(7), "Transformation of capabilities during execve()".
    """
    origin = _origin(placed)
    bounding = _ordered(granted(placed))
    none: tuple[str, ...] = ()
    cleared = Field(none, placed.by_runtime("never filled"))
    after_exec: Field[tuple[str, ...]]
    if isinstance(uid.value, Unknown):
        non_root = resolve_run_as_non_root(placed)
        if non_root.value is True:
            text = "the user is not root, or it does not start: exec leaves it nothing"
            after_exec = Field(none, _because(non_root.origin, text))
        else:
            depends = Unknown(f"depends on the user: {uid.value.reason}")
            after_exec = Field(depends if bounding else none, uid.origin)
    elif uid.value == 0:
        after_exec = Field(bounding, origin)
    else:
        after_exec = Field(
            none, _because(uid.origin, f"user {uid.value} is not root: exec leaves it nothing")
        )
    return CapabilitySets(
        bounding=Field(bounding, origin),
        permitted=after_exec,
        effective=after_exec,
        inheritable=cleared,
        ambient=cleared,
    )


def granted(placed: ContainerInPod) -> frozenset[str]:
    """Give what the runtime grants: defaults, ALL, adds, drops in this order; privileged overrides all.

    Source: containerd internal/cri/opts, WithCapabilities; cri-o server/container_create_linux.go; spec §5.2.
    """
    everything = _everything(placed)
    if placed.privileged:
        return everything
    capabilities, runtime = placed.context.capabilities, placed.setting.runtime
    if capabilities is None:
        return runtime.default_capabilities
    add, drop = capabilities.add or (), capabilities.drop or ()
    return _changed(runtime.default_capabilities, everything, add, drop, runtime.prefixed_capabilities)


@lru_cache(maxsize=256)
def _changed(
    granted: frozenset[str],
    everything: frozenset[str],
    add: tuple[str, ...],
    drop: tuple[str, ...],
    prefixed: bool,
) -> frozenset[str]:
    """Apply add and drop; most containers of a run write one of a few lists, so the answers are kept."""
    if _has_all(add):
        granted = everything
    if _has_all(drop):
        granted = frozenset()
    granted |= {name for name in (_name(raw, prefixed) for raw in add) if name is not None}
    return granted.difference(_name(raw, prefixed) for raw in drop)


_ordered = lru_cache(maxsize=256)(sort_by_kernel)


def missing_on_node(placed: ContainerInPod) -> tuple[str, ...]:
    """List the granted capabilities that the node is known not to have: the container then fails to start."""
    if placed.setting.node.capabilities is None or placed.privileged:
        return ()
    return _ordered(granted(placed) - _everything(placed))


def ignored_names(placed: ContainerInPod) -> tuple[str, ...]:
    """List the names in add and drop, as written, that no kernel has in this runtime's spelling."""
    capabilities = placed.context.capabilities
    if capabilities is None:
        return ()
    written = (*(capabilities.add or ()), *(capabilities.drop or ()))
    return tuple(raw for raw in written if raw.upper() != "ALL" and capability_name(placed, raw) is None)


def _everything(placed: ContainerInPod) -> frozenset[str]:
    return (
        CAPABILITY_SET
        if placed.setting.node.capabilities is None
        else frozenset(placed.setting.node.capabilities)
    )


def _has_all(names: tuple[str, ...]) -> bool:
    return any(name.upper() == "ALL" for name in names)


def capability_name(placed: ContainerInPod, raw: str) -> str | None:
    """Read a name as the runtime does, in any case; None when the kernel has no such name (ALL is none)."""
    return _name(raw, placed.setting.runtime.prefixed_capabilities)


def _name(raw: str, prefixed: bool) -> str | None:
    name = raw.upper()
    if prefixed:
        name = name.removeprefix("CAP_")
    return name if name in CAPABILITY_SET else None


def _origin(placed: ContainerInPod) -> Origin:
    if placed.privileged:
        known = (
            "" if placed.setting.node.capabilities is not None else f", of the kernel's {len(CAPABILITIES)}"
        )
        return placed.in_container("privileged", text=f"privileged: all that the node has{known}")
    capabilities = placed.context.capabilities
    if capabilities is not None and (capabilities.add or capabilities.drop):
        return placed.in_container("capabilities", text=f"{placed.setting.runtime.name}'s default, changed")
    return placed.by_runtime("default capabilities")


def _because(origin: Origin, text: str) -> Origin:
    return Origin(origin.kind, origin.route, text, origin.file, origin.line)
