"""The small words that the texts of Pod Security share.

Names and values are put between plain quotes and never escaped, as upstream does; clients match on it.
Source: k8s.io/pod-security-admission v0.37.2, policy/helpers.go.
"""

from collections.abc import Iterable, Sequence

from ..kube.pod import Container


def quoted(items: Iterable[str]) -> str:
    """Write `"a", "b"`; the empty string for no items."""
    text = '", "'.join(items)
    return f'"{text}"'


def plural(count: int, one: str, many: str) -> str:
    """Return `one` for exactly one, else `many`."""
    return one if count == 1 else many


def names(containers: Sequence[Container]) -> str:
    """Write `container "a"` or `containers "a", "b"`."""
    word = "container" if len(containers) == 1 else "containers"
    return f"{word} {quoted([c.name or '' for c in containers])}"


def setters(pod: bool, containers: Sequence[Container]) -> str:
    """Write who set a value: `pod`, `container "a"`, or `pod and containers "a", "b"`."""
    if not containers:
        return "pod"
    return f"pod and {names(containers)}" if pod else names(containers)


def who(container: Container) -> str:
    """Name one container for people: `container "a"`; custom resources need not name theirs."""
    return named(container.name)


def named(name: str | None) -> str:
    """Write `container "a"`, as `who` does."""
    return f'container "{name}"' if name else "the container without a name"
