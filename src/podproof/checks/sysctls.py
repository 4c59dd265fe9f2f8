"""A sysctl turns a knob of the kernel, and not all of them belong to the pod alone.

Those allowed are namespaced and known to leave other pods and the node in peace. The names are compared as
written: the spelling with slashes, which the API accepts, is forbidden here.

**Restricted fields:** `spec.securityContext.sysctls[*].name`. **Allowed values:**
`kernel.shm_rmid_forced`, `net.ipv4.ip_local_port_range`, `net.ipv4.tcp_syncookies`,
`net.ipv4.ping_group_range`, `net.ipv4.ip_unprivileged_port_start`;
from v1.27 `net.ipv4.ip_local_reserved_ports`;
from v1.29 `net.ipv4.tcp_keepalive_time`, `net.ipv4.tcp_fin_timeout`, `net.ipv4.tcp_keepalive_intvl`,
`net.ipv4.tcp_keepalive_probes`;
from v1.32 `net.ipv4.tcp_rmem`, `net.ipv4.tcp_wmem`;
from v1.37 `net.ipv4.tcp_slow_start_after_idle`, `net.ipv4.tcp_notsent_lowat`.

**Since:** v1.0, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_sysctls.go.
"""

from collections.abc import Collection, Iterator, Mapping

from ..edits.edit import Edit, Fix
from ..effective.sysctls import dotted
from ..kube.pod import Container, Pod, PodSecurityContext, PodSpec, Sysctl
from .model.pod_security import (
    CheckFunction,
    PodSecurityCheck,
    Spot,
    Violation,
    When,
    remove_value,
    set_value,
)

_ROUTE = ("spec", "securityContext", "sysctls")

_V0 = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",
    )
)
_V27 = _V0 | {"net.ipv4.ip_local_reserved_ports"}
_V29 = _V27 | {
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}
_V32 = _V29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}
_V37 = _V32 | {"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"}


def _allowing(allowed: frozenset[str]) -> CheckFunction:
    def evaluate(_pod: Pod, spec: PodSpec, _containers: tuple[Container, ...]) -> Violation | None:
        sc = spec.security_context
        if sc is None or not sc.sysctls:
            return None
        names = [s.name or "" for s in sc.sysctls]
        bad = [(i, name) for i, name in enumerate(names) if name not in allowed]
        if not bad:
            return None
        listed = sc.sysctls
        return Violation(
            "forbidden sysctls",
            ", ".join(name for _, name in bad),
            lambda: _spots(bad, allowed, listed),
        )

    return evaluate


def _spots(bad: list[tuple[int, str]], allowed: frozenset[str], listed: tuple[Sysctl, ...]) -> Iterator[Spot]:
    """Name each sysctl. The spelling with slashes means the same, so that the dotted one is a safe fix.

    It is none where another item is spelt or means the same: the API server refuses a repeated name.
    """
    names = [dotted(one.name or "") for one in listed]
    respelt = {i: names[i] for i, _ in bad if names[i] in allowed and names.count(names[i]) == 1}
    for i, name in bad:
        message = f'pod must not set the sysctl "{name}"'
        route = (*_ROUTE, i, "name")
        if i in respelt:
            label, fix = f"write {respelt[i]}", Fix((Edit(route, "set", respelt[i]),), safe=True)
        else:
            label = f"write {names[i]}" if names[i] in allowed else "remove it"
            fix = _without(listed, {at for at, _ in bad} - respelt.keys(), respelt)
        yield Spot(None, route, message, label, fix)


def _without(listed: tuple[Sysctl, ...], gone: Collection[int], respelt: Mapping[int, str]) -> Fix:
    """Make the fix that leaves what is allowed, or may be by another spelling."""
    rest = [
        {"name": respelt.get(i, one.name), "value": one.value or ""}
        for i, one in enumerate(listed)
        if i not in gone
    ]
    return set_value(_ROUTE, rest) if rest else remove_value(_ROUTE)


CHECK = PodSecurityCheck(
    id="sysctls",
    upstream_id="sysctls",
    summary="sysctls that reach beyond the pod",
    level="baseline",
    versions=tuple(
        (since, _allowing(allowed))
        for since, allowed in ((0, _V0), (27, _V27), (29, _V29), (32, _V32), (37, _V37))
    ),
    when=When(((PodSecurityContext, "sysctls"),)),
)
