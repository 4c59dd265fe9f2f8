"""The shape of a check, and how the members of this room are found and validated.

A check's page is its module's docstring: first why a person should care, then the restricted fields, the
allowed values, since which version, and the source. Its id is the module's name with hyphens.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ClassVar, Literal

import msgspec

from ..edits.edit import Edit, Fix
from ..findings import ContainerRef, Finding, Route, Severity
from ..kube.pod import Container, Pod, PodSpec
from ..registry import RegistryError, members


class Spot(msgspec.Struct, frozen=True, gc=False):
    """One place that makes a pod violate a control.

    `container` None: the pod itself. `route` is counted from the container, or from the pod object when
    `container` is None; it may name an absent field. `message` says who, which value, what to write instead.
    """

    container: Container | None
    route: Route
    message: str
    label: str = ""
    fix: Fix | None = None
    """Routes of its edits are counted as `route` is."""


def setting(route: Route, value: Any) -> Fix:
    """Make the fix that writes one value."""
    return Fix((Edit(route, "set", value),))


def removing(route: Route) -> Fix:
    """Make the fix that removes one field."""
    return Fix((Edit(route, "remove"),))


class Violation(msgspec.Struct, frozen=True, gc=False):
    """What one Pod Security check has against a pod, in upstream's words, and where.

    `detail` may be empty; the aggregate then prints the reason alone. `spots` gives the places; it is called
    only for what is reported, so that a verdict costs no more than its text.
    """

    reason: str
    detail: str
    spots: Callable[[], Iterable[Spot]]


CheckFunction = Callable[[Pod, PodSpec, tuple[Container, ...]], Violation | None]
"""Judges a pod: the whole pod, its spec, and its containers in visiting order (init, regular, ephemeral)."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with a name: what `podproof rules` lists and what --select, --ignore and severity refer to.

    `id` is kebab-case and the module's name; `summary` is a noun phrase for lists and reports.
    """

    kind: ClassVar[str] = "check"

    id: str
    summary: str
    severity: Severity = Severity.ERROR


class PodSecurityCheck(Check, frozen=True, kw_only=True):
    """A control of the Pod Security Standards.

    `versions` maps the minor version 1.N from which a behaviour holds to the function, strictly increasing;
    below the first the control does not exist. `overrides` names checks of baseline (by upstream id) that
    this check of restricted replaces. The restricted fields and allowed values stand on the page.
    """

    kind: ClassVar[str] = "Pod Security Standards"

    upstream_id: str
    level: Literal["baseline", "restricted"]
    versions: tuple[tuple[int, CheckFunction], ...]
    overrides: tuple[str, ...] = ()

    def function(self, minor: int) -> CheckFunction | None:
        """Return what holds at version 1.`minor`; None where the control does not exist yet."""
        found = None
        for since, function in self.versions:
            if since <= minor:
                found = function
        return found


def validate(checks: Iterable[Check]) -> None:
    """Refuse a set of checks that contradicts itself.

    Raises RegistryError, in upstream's words where it has the rule.
    Source: k8s.io/pod-security-admission v0.37.2, policy/registry.go.
    """
    ids: set[str] = set()
    standards: dict[str, PodSecurityCheck] = {}
    for check in checks:
        if check.id in ids:
            raise RegistryError(f"multiple checks registered for ID {check.id}")
        ids.add(check.id)
        if not isinstance(check, PodSecurityCheck):
            continue
        name = check.upstream_id
        if name in standards:
            raise RegistryError(f"multiple checks registered for ID {name}")
        standards[name] = check
        if check.level not in ("baseline", "restricted"):
            raise RegistryError(f"check {name}: invalid level {check.level}")
        if not check.versions:
            raise RegistryError(f"check {name}: empty")
        last = -1
        for since, _ in check.versions:
            if since < 0:
                raise RegistryError(f"check {name}: undefined version found")
            if since == last:
                raise RegistryError(f"check {name}: duplicate version v1.{since}")
            if since < last:
                raise RegistryError(f"check {name}: versions must be strictly increasing")
            last = since
        if check.overrides and check.level != "restricted":
            raise RegistryError(f"check {name}: only restricted checks may set overrides")
    for check in standards.values():
        for name in check.overrides:
            other = standards.get(name)
            if other is not None and other.level != "baseline":
                raise RegistryError(f"check {check.upstream_id}: overrides {other.level} check {name}")


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check of this room, sorted by module name; validated once, at first use."""
    import podproof.checks as room

    found = members(room, "CHECK", Check)
    validate(found)
    return found


@cache
def pod_security_checks() -> tuple[PodSecurityCheck, ...]:
    """Return the controls of the Pod Security Standards."""
    return tuple(check for check in all_checks() if isinstance(check, PodSecurityCheck))


def containers_of(spec: PodSpec) -> tuple[Container, ...]:
    """Return the containers in upstream's visiting order: init, regular, ephemeral."""
    init, ephemeral = spec.init_containers, spec.ephemeral_containers
    regular = spec.containers or ()
    if init:
        regular = init + regular
    return regular + ephemeral if ephemeral else regular


def container_routes(spec: PodSpec) -> dict[int, tuple[Route, ContainerRef]]:
    """Map the identity of each container value to its route in the pod and what to call it."""
    routes: dict[int, tuple[Route, ContainerRef]] = {}
    for i, c in enumerate(spec.init_containers or ()):
        kind: Literal["sidecar", "init"] = "sidecar" if c.restart_policy == "Always" else "init"
        routes[id(c)] = ("spec", "initContainers", i), ContainerRef(c.name or "", kind)
    for i, c in enumerate(spec.containers or ()):
        routes[id(c)] = ("spec", "containers", i), ContainerRef(c.name or "", "container")
    for i, c in enumerate(spec.ephemeral_containers or ()):
        routes[id(c)] = ("spec", "ephemeralContainers", i), ContainerRef(c.name or "", "ephemeral")
    return routes


def findings_of(check: Check, violation: Violation, spec: PodSpec) -> tuple[Finding, ...]:
    """Turn a violation into findings whose routes are counted from the pod object."""
    routes = container_routes(spec)
    found = []
    for spot in violation.spots():
        base: Route = ()
        ref: ContainerRef | None = None
        if spot.container is not None:
            base, ref = routes[id(spot.container)]
        found.append(
            Finding(
                check=check.id,
                severity=check.severity,
                message=spot.message,
                route=base + spot.route,
                container=ref,
                label=spot.label,
                fix=_based(spot.fix, base),
            )
        )
    return tuple(found)


def _based(fix: Fix | None, base: Route) -> Fix | None:
    if fix is None or not base:
        return fix
    return Fix(tuple(Edit(base + edit.route, edit.operation, edit.value) for edit in fix.edits), fix.safe)
