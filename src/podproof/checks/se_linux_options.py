"""SELinux keeps containers apart by type; another type, user or role can lift that.

Nothing confines `spc_t` (the super privileged container). Any level is allowed.

**Restricted fields:** `seLinuxOptions.type`, `.user` and `.role` in the security context of the pod and of
every container. **Allowed values:** type unset, empty, `container_t`, `container_init_t`,
`container_kvm_t`, and from v1.31 `container_engine_t`; user and role unset or empty.

**Since:** v1.0, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_seLinuxOptions.go.
"""

from collections.abc import Iterator

from ..findings import Route
from ..kube.pod import Container, Pod, PodSecurityContext, PodSpec, SecurityContext, SELinuxOptions
from ._text import plural, quoted, setters, who
from .model.pod_security import CheckFunction, PodSecurityCheck, Spot, Violation, When, remove_value

_ROUTE: Route = ("securityContext", "seLinuxOptions")
_V0 = frozenset(("", "container_t", "container_init_t", "container_kvm_t"))
_V31 = _V0 | {"container_engine_t"}


def _allowing(allowed: frozenset[str]) -> CheckFunction:
    def evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
        sc = spec.security_context
        options = sc.se_linux_options if sc is not None else None
        pod_bad = options is not None and _bad(options, allowed)
        bad: list[Container] = []
        for c in containers:
            csc = c.security_context
            if csc is not None and csc.se_linux_options is not None and _bad(csc.se_linux_options, allowed):
                bad.append(c)
        if not bad and not pod_bad:
            return None
        all_options = [options for _, options in _set(options if pod_bad else None, bad)]
        types = sorted({o.type for o in all_options if o.type and o.type not in allowed})
        data = []
        if types:
            data.append(f"{plural(len(types), 'type', 'types')} {quoted(types)}")
        if any(o.user for o in all_options):
            data.append("user may not be set")
        if any(o.role for o in all_options):
            data.append("role may not be set")
        return Violation(
            "seLinuxOptions",
            f"{setters(pod_bad, bad)} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}",
            lambda: _spots(options if pod_bad else None, bad, allowed),
        )

    return evaluate


def _bad(options: SELinuxOptions, allowed: frozenset[str]) -> bool:
    return (options.type or "") not in allowed or bool(options.user) or bool(options.role)


def _set(pod: SELinuxOptions | None, bad: list[Container]) -> list[tuple[Container | None, SELinuxOptions]]:
    set_options: list[tuple[Container | None, SELinuxOptions]] = [] if pod is None else [(None, pod)]
    for c in bad:
        if c.security_context is not None and c.security_context.se_linux_options is not None:
            set_options.append((c, c.security_context.se_linux_options))
    return set_options


def _spots(pod: SELinuxOptions | None, bad: list[Container], allowed: frozenset[str]) -> Iterator[Spot]:
    for c, options in _set(pod, bad):
        name, base = "pod", ("spec", *_ROUTE)
        if c is not None:
            name, base = who(c), _ROUTE
        if options.type and options.type not in allowed:
            message = f'{name} must not set the SELinux type "{options.type}"'
            route: Route = (*base, "type")
            yield Spot(c, route, message, "remove it, or write container_t", remove_value(route))
        for word, value in (("user", options.user), ("role", options.role)):
            if value:
                route = (*base, word)
                message = f'{name} must not set an SELinux {word}, has "{value}"'
                yield Spot(c, route, message, "remove it", remove_value(route))


CHECK = PodSecurityCheck(
    id="se-linux-options",
    upstream_id="seLinuxOptions",
    summary="SELinux types, users and roles that lift confinement",
    level="baseline",
    versions=((0, _allowing(_V0)), (31, _allowing(_V31))),
    when=When(((PodSecurityContext, "se_linux_options"), (SecurityContext, "se_linux_options"))),
)
