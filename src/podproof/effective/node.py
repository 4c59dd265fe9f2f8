"""What a node has, as its owner tells: a mapping goes in, a Node comes out. What is not told is unknown."""

from collections.abc import Mapping

import msgspec

from ..errors import UsageError
from .linux_capabilities import CAPABILITIES, short_name

__all__ = ["Node", "parse_node"]


class Node(msgspec.Struct, frozen=True):
    """A node's abilities; None means unknown.

    `capabilities`: names without CAP_ that the runtime itself has. `seccomp_profiles`: file names under the
    kubelet's seccomp folder. `unsafe_sysctls`: the kubelet's --allowed-unsafe-sysctls, patterns ending in `*`
    included. `apparmor`, `selinux`: whether the kernel enforces them. `paths`: the paths under /proc and /sys
    that exist there, for masked and read-only paths and the cgroup version. `seccomp_default`: the kubelet's
    seccompDefault, which is off unless told.
    """

    capabilities: tuple[str, ...] | None = None
    seccomp_profiles: tuple[str, ...] | None = None
    unsafe_sysctls: tuple[str, ...] | None = None
    apparmor: bool | None = None
    selinux: bool | None = None
    paths: tuple[str, ...] | None = None
    seccomp_default: bool = False

    @property
    def told(self) -> bool:
        """Says whether anything about this node is known, so that it is a node and not just any node."""
        return self != Node()


_LISTS = ("capabilities", "seccomp_profiles", "unsafe_sysctls", "paths")
_BOOLEANS = ("apparmor", "selinux", "seccomp_default")


def parse_node(value: object, *, source: str = "node") -> Node:
    """Read a node from plain data with the keys of Node; null and absent mean unknown.

    Raises UsageError: not a mapping, an unknown key (the nearest one is named), a value of a wrong type, a
    capability no kernel has, a sysctl pattern or path that cannot be right; `source` opens the message.
    """
    if isinstance(value, Node):
        return value
    if value is None:
        return Node()
    if not isinstance(value, Mapping):
        raise UsageError(f"{source}: must be a mapping with the keys {', '.join((*_LISTS, *_BOOLEANS))}")
    found: dict[str, object] = {}
    for key, item in value.items():
        if key not in _LISTS and key not in _BOOLEANS:
            raise UsageError(f"{source}: unknown key {key!r}{_nearest(str(key))}")
        if item is None:
            continue
        if key in _BOOLEANS:
            if not isinstance(item, bool):
                raise UsageError(f"{source}: {key} must be true or false, has {item!r}")
            found[key] = item
        else:
            found[key] = _strings(item, f"{source}: {key}")
    _verify(found, source)
    return msgspec.convert(found, Node)


def _nearest(key: str) -> str:
    from difflib import get_close_matches  # costs 10 ms to import: only for a message

    close = get_close_matches(key, (*_LISTS, *_BOOLEANS), 1)
    return f", did you mean {close[0]!r}" if close else f", known are {', '.join((*_LISTS, *_BOOLEANS))}"


def _strings(item: object, what: str) -> tuple[str, ...]:
    if not isinstance(item, (list, tuple)):
        raise UsageError(f"{what} must be a list of strings, has {type(item).__name__}")
    for index, element in enumerate(item):
        if not isinstance(element, str):
            raise UsageError(f"{what}[{index}] must be a string, has {element!r}")
    return tuple(item)


def _verify(found: dict[str, object], source: str) -> None:
    capabilities = found.get("capabilities")
    if isinstance(capabilities, tuple):
        if capabilities and all(name.upper() in ("ALL", "CAP_ALL") for name in capabilities):
            found["capabilities"] = CAPABILITIES
        else:
            names = tuple(short_name(name) for name in capabilities)
            for name in names:
                if name not in CAPABILITIES:
                    raise UsageError(f"{source}: capabilities: {name!r} is no Linux capability")
            found["capabilities"] = names
    for pattern in _tuple(found.get("unsafe_sysctls")):
        if "*" in pattern[:-1] or not pattern:
            raise UsageError(f"{source}: unsafe_sysctls: {pattern!r} may have one `*`, at its end")
    for path in _tuple(found.get("paths")):
        if not path.startswith("/"):
            raise UsageError(f"{source}: paths: {path!r} must be absolute")
    for profile in _tuple(found.get("seccomp_profiles")):
        if profile.startswith("/") or ".." in profile.split("/"):
            raise UsageError(
                f"{source}: seccomp_profiles: {profile!r} must be relative to the kubelet's seccomp folder"
            )


def _tuple(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
