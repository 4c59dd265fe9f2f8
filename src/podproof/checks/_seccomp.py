"""What the seccomp controls share: which types are fine, and who sets another explicitly."""

from collections.abc import Iterator

from ..edits.edit import Fix
from ..findings import Route
from ..kube.pod import Container, PodSpec, SeccompProfile
from ._exemptions import is_windows
from ._text import quoted, setters, who
from .model.pod_security import Spot, Violation, set_value

ROUTE = ("securityContext", "seccompProfile", "type")


def valid(kind: str | None) -> bool:
    """Say whether a profile type confines; unset and empty do not."""
    return kind in ("RuntimeDefault", "Localhost")


def confining(spec: PodSpec, route: Route) -> Fix | None:
    """Make the fix that writes RuntimeDefault in place of the profile at `route`; None on Windows.

    The API server refuses a Windows pod with any profile.
    """
    return None if is_windows(spec) else set_value(route, {"type": "RuntimeDefault"})


def explicit(spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    """Refuse every profile that is set, by pod or container, to a type that does not confine."""
    sc = spec.security_context
    profile = sc.seccomp_profile if sc is not None else None
    at_pod = profile is not None and not valid(profile.type)
    bad: list[Container] = []
    for c in containers:
        csc = c.security_context
        if csc is not None and csc.seccomp_profile is not None and not valid(csc.seccomp_profile.type):
            bad.append(c)
    if not bad and not at_pod:
        return None
    values: set[str] = set()
    if profile is not None and at_pod:
        values.add(profile.type or "")
    for c in bad:
        csc = c.security_context
        kind = (csc.seccomp_profile.type or "") if csc is not None and csc.seccomp_profile is not None else ""
        values.add(kind)
    return Violation(
        "seccompProfile",
        f"{setters(at_pod, bad)} must not set securityContext.seccompProfile.type to "
        f"{quoted(sorted(values))}",
        lambda: _spots(spec, profile if at_pod else None, bad),
    )


def _spots(spec: PodSpec, at_pod: SeccompProfile | None, bad: list[Container]) -> Iterator[Spot]:
    if at_pod is not None:
        yield _spot(spec, None, "pod", ("spec", *ROUTE), at_pod.type)
    for c in bad:
        sc = c.security_context
        profile = sc.seccomp_profile if sc is not None else None
        yield _spot(spec, c, who(c), ROUTE, profile.type if profile is not None else None)


def _spot(spec: PodSpec, c: Container | None, name: str, route: Route, kind: str | None) -> Spot:
    message = f'{name} must not set seccompProfile.type to "{kind or ""}"'
    return Spot(c, route, message, "write RuntimeDefault", confining(spec, route[:-1]))
