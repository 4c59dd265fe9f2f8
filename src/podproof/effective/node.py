"""What a node has: a node file's mapping goes in, a Node comes out. What it leaves out is unknown."""

from collections.abc import Callable, Mapping

import msgspec

from ..errors import UsageError
from ..manifest.route import Route
from ..manifest.type_name import type_name
from .linux_capabilities import CAPABILITIES, short_name

__all__ = ["Node", "NodeFeatures", "parse_node"]


class NodeFeatures(msgspec.Struct, frozen=True):
    """What the node's status says that its runtime can do; None: what the runtime of that name can.

    Source: k8s.io/api core/v1 NodeFeatures and NodeRuntimeHandlerFeatures.
    """

    supplemental_groups_policy: bool | None = None
    recursive_read_only_mounts: bool | None = None
    user_namespaces: bool | None = None


class Node(msgspec.Struct, frozen=True):
    """A node's abilities; None means unknown.

    `capabilities`: names without CAP_ that the runtime itself has. `seccomp_profiles`: file names under the
    kubelet's seccomp folder. `unsafe_sysctls`: the kubelet's --allowed-unsafe-sysctls, patterns ending in `*`
    included. `apparmor`, `selinux`: whether the kernel enforces them. `apparmor_profiles`: those that are
    loaded. `paths`: the paths under /proc and /sys that exist there, for masked and read-only paths and the
    cgroup version. `seccomp_default`: the kubelet's seccompDefault, which is off unless told. `features`:
    those of its runtime. `declared_features`: the names in the Node's status.declaredFeatures, from 1.36 on;
    None: those that the cluster's feature gates give it.
    """

    capabilities: tuple[str, ...] | None = None
    seccomp_profiles: tuple[str, ...] | None = None
    unsafe_sysctls: tuple[str, ...] | None = None
    apparmor: bool | None = None
    apparmor_profiles: tuple[str, ...] | None = None
    selinux: bool | None = None
    paths: tuple[str, ...] | None = None
    seccomp_default: bool = False
    features: NodeFeatures = NodeFeatures()
    declared_features: tuple[str, ...] | None = None

    @property
    def is_known(self) -> bool:
        """Says whether anything about this node is known, so that it is a node and not just any node."""
        return self != _ANY_NODE


_ANY_NODE = Node()


_LISTS = (
    "capabilities", "seccomp_profiles", "unsafe_sysctls", "apparmor_profiles", "paths", "declared_features"
)  # fmt: skip
_BOOLEANS = ("apparmor", "selinux", "seccomp_default")
_FEATURES = {
    "supplementalGroupsPolicy": "supplemental_groups_policy",
    "recursiveReadOnlyMounts": "recursive_read_only_mounts",
    "userNamespaces": "user_namespaces",
}
"""The names in a Node's status, and ours."""
_KEYS = (*_LISTS, *_BOOLEANS, "features")


Where = Callable[[Route], str]
"""Says how a message about a route of the node file opens: its name, with the place where there is a text."""


def _in_no_file(_route: Route) -> str:
    return "node"


def parse_node(value: object, *, where: Where = _in_no_file) -> Node:
    """Read a node from plain data with the keys of Node; null and absent mean unknown.

    Raises UsageError: not a mapping, an unknown key (the nearest one is named), a value of a wrong type, a
    capability no kernel has, a sysctl pattern or path that cannot be right; `where` opens the message.
    """
    if isinstance(value, Node):
        return value
    if value is None:
        return Node()
    if not isinstance(value, Mapping):
        keys = ", ".join(_KEYS)
        raise UsageError(f"{where(())}: must be a mapping with the keys {keys}")
    values: dict[str, object] = {}
    for key, item in value.items():
        if key not in _KEYS:
            raise UsageError(f"{where((key,))}: unknown key {key!r}{_nearest(str(key), _KEYS)}")
        if item is None:
            continue
        if key == "features":
            values[key] = _features(item, where)
        elif key in _BOOLEANS:
            if not isinstance(item, bool):
                raise UsageError(f"{where((key,))}: {key} must be true or false, has {item!r}")
            values[key] = item
        else:
            values[key] = _strings(item, key, where)
    _verify(values, where)
    return msgspec.convert(values, Node)


def _features(item: object, where: Where) -> dict[str, bool]:
    if not isinstance(item, Mapping):
        raise UsageError(
            f"{where(('features',))}: features must be a mapping with the keys {', '.join(_FEATURES)}, "
            f"has {type_name(item)}"
        )
    features: dict[str, bool] = {}
    for key, there in item.items():
        if key not in _FEATURES:
            known = _nearest(str(key), tuple(_FEATURES))
            raise UsageError(f"{where(('features', key))}: unknown key {key!r} in features{known}")
        if there is None:
            continue
        if not isinstance(there, bool):
            raise UsageError(
                f"{where(('features', key))}: features.{key} must be true or false, has {there!r}"
            )
        features[_FEATURES[key]] = there
    return features


def _nearest(key: str, keys: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # costs 10 ms to import: only for a message

    close = get_close_matches(key, keys, 1)
    return f", did you mean {close[0]!r}" if close else f", known are {', '.join(keys)}"


def _strings(item: object, key: str, where: Where) -> tuple[str, ...]:
    if not isinstance(item, (list, tuple)):
        raise UsageError(f"{where((key,))}: {key} must be a list of strings, has {type_name(item)}")
    for index, element in enumerate(item):
        if not isinstance(element, str):
            raise UsageError(
                f"{where((key, index))}: {key}[{index}] must be a string, has {element!r}: quote it"
            )
    return tuple(item)


def _verify(values: dict[str, object], where: Where) -> None:
    if "capabilities" in values:
        values["capabilities"] = _capabilities(_tuple(values["capabilities"]), where)
    for index, pattern in enumerate(_tuple(values.get("unsafe_sysctls"))):
        if "*" in pattern[:-1] or not pattern:
            place = where(("unsafe_sysctls", index))
            raise UsageError(f"{place}: unsafe_sysctls: {pattern!r} may have one `*`, at its end")
    for index, path in enumerate(_tuple(values.get("paths"))):
        if not path.startswith("/"):
            raise UsageError(f"{where(('paths', index))}: paths: {path!r} must be absolute")
    for index, profile in enumerate(_tuple(values.get("seccomp_profiles"))):
        if profile.startswith("/") or ".." in profile.split("/"):
            place = where(("seccomp_profiles", index))
            raise UsageError(
                f"{place}: seccomp_profiles: {profile!r} must be relative to the kubelet's seccomp folder"
            )


def _capabilities(names: tuple[str, ...], where: Where) -> tuple[str, ...]:
    """Read the names, with CAP_ or without; ALL stands alone, since it says more than any list beside it."""
    known_names: list[str] = []
    for index, raw in enumerate(names):
        if raw.upper() in ("ALL", "CAP_ALL"):
            if len(names) == 1:
                return CAPABILITIES
            place = where(("capabilities", index))
            raise UsageError(f"{place}: capabilities: {raw!r} means every one, so it must stand alone")
        name = short_name(raw)
        if name not in CAPABILITIES:
            raise UsageError(
                f"{where(('capabilities', index))}: capabilities: {raw!r} is not a Linux capability"
            )
        known_names.append(name)
    return tuple(known_names)


def _tuple(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
