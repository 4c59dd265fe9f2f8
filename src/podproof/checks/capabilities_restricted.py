"""A container should keep only the capabilities that it needs, and most need none.

Runtimes hand out a dozen by default, among them those to change owners, to switch users and to open raw
sockets. Dropping `ALL` and adding back what is needed is what least privilege means here; binding ports below
1024 is the one need that restricted grants. It must be spelled exactly `ALL`.

**Restricted fields:** `spec.containers[*].securityContext.capabilities.drop` and `.add`, likewise for
initContainers and ephemeralContainers. **Allowed values:** drop includes `ALL`; add is unset or
`NET_BIND_SERVICE`. From v1.25 not for pods with `spec.os.name: windows`.

**Since:** v1.22, restricted; replaces `capabilities-baseline`. **Source:** Pod Security Standards;
k8s.io/pod-security-admission, policy/check_capabilities_restricted.go.
"""

from collections.abc import Iterator

from ..edits.edit import Fix
from ..kube.pod import Container, Pod, PodSpec
from ._capabilities import added_spots
from ._exemptions import except_windows, is_windows
from ._text import names, quoted, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, set_value

_DROP = ("securityContext", "capabilities", "drop")


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    missing: list[Container] = []
    adding: list[Container] = []
    added: list[str] = []
    for c in containers:
        sc = c.security_context
        if sc is None or (capabilities := sc.capabilities) is None:
            missing.append(c)
            continue
        drop, add = capabilities.drop, capabilities.add
        if not drop or "ALL" not in drop:
            missing.append(c)
        if add:
            wrong = [name for name in add if name != "NET_BIND_SERVICE"]
            if wrong:
                adding.append(c)
                added += wrong
    if not missing and not adding:
        return None
    parts = []
    if missing:
        parts.append(f'{names(missing)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        added = sorted(set(added))
        parts.append(f"{names(adding)} must not include {quoted(added)} in securityContext.capabilities.add")
    return Violation("unrestricted capabilities", "; ".join(parts), lambda: _spots(spec, missing, adding))


def _spots(spec: PodSpec, missing: list[Container], adding: list[Container]) -> Iterator[Spot]:
    yield from _missing(spec, missing)
    yield from added_spots(adding, ("NET_BIND_SERVICE",), "only NET_BIND_SERVICE may be added")


def _missing(spec: PodSpec, containers: list[Container]) -> Iterator[Spot]:
    fix = set_value(_DROP, ["ALL"])
    for c in containers:
        sc = c.security_context
        drop = sc.capabilities.drop if sc is not None and sc.capabilities is not None else None
        has = f"has [{quoted(drop)}]" if drop else "has none"
        message = f'{who(c)} must set capabilities.drop=["ALL"], {has}'
        label = 'write drop: ["ALL"]' if drop else "nothing is dropped"
        # Runtimes take the name in any case, the control does not.
        safe = any(name.upper() == "ALL" for name in drop or ())
        # A Windows pod may not have the field, although these versions ask for it.
        yield Spot(c, _DROP, message, label, None if is_windows(spec) else Fix(fix.edits, safe))


CHECK = PodSecurityCheck(
    id="capabilities-restricted",
    upstream_id="capabilities_restricted",
    summary="capabilities that are not dropped",
    level="restricted",
    versions=((22, _evaluate), (25, except_windows(_evaluate))),
    overrides=("capabilities_baseline",),
)
