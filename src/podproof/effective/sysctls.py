"""The kernel parameters that the pod sets, and those that the runtime sets for it."""

from .container_in_pod import ContainerInPod
from .value import Field, Origin

__all__ = ["dotted", "resolve_sysctls"]


def dotted(name: str) -> str:
    """Write a sysctl's name with dots; slashes are separators only where the first separator is a slash.

    Source: kubernetes pkg/util/sysctl, NormalizeName.
    """
    first = next((character for character in name if character in "./"), "")
    if first != "/":
        return name
    return name.translate({ord("/"): ".", ord("."): "/"})


def resolve_sysctls(placed: ContainerInPod) -> Field[tuple[tuple[str, str], ...]]:
    """List name and value in the order of the spec, then the runtime's own for pods with their own network.

    Source: spec §5.4, sandbox sysctls.
    """
    asked = tuple((dotted(item.name or ""), item.value or "") for item in placed.pod_context.sysctls or ())
    names = {name for name, _ in asked}
    added = (
        ()
        if placed.spec.host_network
        else tuple(s for s in placed.setting.runtime.sysctls if s[0] not in names)
    )
    if placed.spec.host_users is False:
        added = tuple(s for s in added if s[0] != "net.ipv4.ping_group_range")
    return Field((*asked, *added), _origin(placed, asked=bool(asked), added=tuple(name for name, _ in added)))


def _origin(placed: ContainerInPod, *, asked: bool, added: tuple[str, ...]) -> Origin:
    """Name the pod, and what its runtime adds of its own; with the node's network it adds nothing."""
    if asked:
        verb = "is a default" if len(added) == 1 else "are defaults"
        text = f"{', '.join(added)} {verb} of {placed.setting.runtime.name}" if added else ""
        return placed.in_pod("sysctls", text=text)
    if added:
        return placed.by_runtime("default for pods with their own network")
    if placed.spec.host_network:
        return Origin("kubernetes", (), "not set, and the network is the node's")
    return placed.by_runtime("sets none")
