"""What the seccomp controls share: which types are fine, and who sets another explicitly."""

from collections.abc import Iterator

from ..edits.edit import Fix
from ..findings import Route
from ..kube.pod import Container, PodSecurityContext, PodSpec, SecurityContext
from ._exemptions import is_windows
from ._text import quoted, setters, who
from .model.pod_security import Spot, Violation, set_value

ROUTE = ("securityContext", "seccompProfile", "type")

CONFINING = ("RuntimeDefault", "Localhost")
"""Types of profiles that confine; unset and empty do not."""


def confining(spec: PodSpec, route: Route) -> Fix | None:
    """Make the fix that writes RuntimeDefault in place of the profile at `route`; None on Windows.

    The API server refuses a Windows pod with any profile.
    """
    return None if is_windows(spec) else set_value(route, {"type": "RuntimeDefault"})


def explicit(spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    """Refuse every profile that is set, by pod or container, to a type that does not confine."""
    at_pod = _refused(spec.security_context)
    bad: list[tuple[Container, str]] = []
    for c in containers:
        context = c.security_context
        if context is not None and context.seccomp_profile is not None:
            kind = _refused(context)
            if kind is not None:
                bad.append((c, kind))
    if not bad and at_pod is None:
        return None
    values = {kind for _, kind in bad} | ({at_pod} if at_pod is not None else set())
    return Violation(
        "seccompProfile",
        f"{setters(at_pod is not None, [c for c, _ in bad])} must not set "
        f"securityContext.seccompProfile.type to {quoted(sorted(values))}",
        lambda: _spots(spec, at_pod, bad),
    )


def _refused(context: PodSecurityContext | SecurityContext | None) -> str | None:
    """Give the type that is set and does not confine; None when there is no profile, or one that does."""
    profile = context.seccomp_profile if context is not None else None
    return None if profile is None or profile.type in CONFINING else profile.type or ""


def _spots(spec: PodSpec, at_pod: str | None, bad: list[tuple[Container, str]]) -> Iterator[Spot]:
    if at_pod is not None:
        yield _spot(spec, None, "pod", ("spec", *ROUTE), at_pod)
    for c, kind in bad:
        yield _spot(spec, c, who(c), ROUTE, kind)


def _spot(spec: PodSpec, c: Container | None, name: str, route: Route, kind: str) -> Spot:
    message = f'{name} must not set seccompProfile.type to "{kind}"'
    return Spot(c, route, message, "write RuntimeDefault", confining(spec, route[:-1]))
