"""What a control of the Pod Security Standards is made of, and how its violations become findings.

A typed pod comes in, a violation in upstream's words goes out; its places are worked out only for what is
reported.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Literal

import msgspec

from ...edits.edit import Edit, Fix, based
from ...findings import ContainerRef, Finding, Route
from ...kube.pod import Container, Pod, PodSpec
from ...kube.visit import visit_containers
from .check import Check

__all__ = [
    "CheckFunction",
    "ExemptingFunction",
    "PodSecurityCheck",
    "Spot",
    "Violation",
    "When",
    "container_routes",
    "except_in_user_namespace",
    "findings_of",
    "remove_value",
    "set_value",
]


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


def set_value(route: Route, value: Any) -> Fix:
    """Make the fix that writes one value."""
    return Fix((Edit(route, "set", value),))


def remove_value(route: Route) -> Fix:
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
    fixed_together: bool = False
    """True where the API server refuses the object while only some of the places are mended: each finding
    then carries the edits of all."""


CheckFunction = Callable[[Pod, PodSpec, tuple[Container, ...]], Violation | None]
"""Judges a pod: the whole pod, its spec, and its containers in visiting order (init, regular, ephemeral)."""


class ExemptingFunction(msgspec.Struct, frozen=True):
    """A check's function that leaves alone those pods of which `exempts` is true.

    It says so of none that has neither `os` nor `host_users`, as most pods, which need not be asked about.
    """

    evaluate: CheckFunction
    exempts: Callable[[PodSpec], bool]

    def __call__(self, pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
        """Judge a pod that is not exempted."""
        return None if self.exempts(spec) else self.evaluate(pod, spec, containers)


def _is_in_user_namespace(spec: PodSpec) -> bool:
    return spec.host_users is False


def except_in_user_namespace(evaluate: CheckFunction) -> CheckFunction:
    """Exempt pods with `hostUsers: false`, whose users are nobody on the node.

    Source: k8s.io/pod-security-admission, policy/check_runAsUser.go.
    """
    return ExemptingFunction(evaluate, _is_in_user_namespace)


class When(msgspec.Struct, frozen=True):
    """What a pod has to have before a check finds something in it: at least one of these.

    `fields` are attributes with the struct that they are of, as a client writes them: what defaulting fills
    in counts by what it is made of. `annotations` are the beginnings of keys.
    """

    fields: tuple[tuple[type[msgspec.Struct], str], ...]
    annotations: tuple[str, ...] = ()


class PodSecurityCheck(Check, frozen=True, kw_only=True):
    """A control of the Pod Security Standards.

    `versions` maps the minor version 1.N from which a behaviour holds to the function, strictly increasing;
    below the first the control does not exist. `overrides` names checks of baseline (by upstream id) that
    this check of restricted replaces. `relaxed_since` is the first server 1.N that leaves pods in a user
    namespace alone, at every version of the level, while its gate UserNamespacesPodSecurityStandards is on.
    `when` says what a pod has in which it finds something at any version; None: that may be any pod.
    The restricted fields and allowed values stand on the page.
    """

    kind: ClassVar[str] = "Pod Security Standards"

    upstream_id: str
    level: Literal["baseline", "restricted"]
    versions: tuple[tuple[int, CheckFunction], ...]
    overrides: tuple[str, ...] = ()
    relaxed_since: int | None = None
    when: When | None = None

    def function(self, minor: int, relaxed_by: int | None = None) -> CheckFunction | None:
        """Return what holds at version 1.`minor`; None where the control does not exist yet.

        `relaxed_by` is the version of a server with UserNamespacesPodSecurityStandards, None where it is off.
        """
        newest = None
        for since, function in self.versions:
            if since <= minor:
                newest = function
        if newest is None or relaxed_by is None or self.relaxed_since is None:
            return newest
        return except_in_user_namespace(newest) if relaxed_by >= self.relaxed_since else newest


def container_routes(spec: PodSpec) -> dict[int, tuple[Route, ContainerRef]]:
    """Map the identity of each container value to its route in the pod and what to call it."""
    return {
        id(container): (route, ContainerRef(container.name or "", kind))
        for kind, container, route in visit_containers(spec)
    }


def findings_of(
    check: Check, violation: Violation, routes: dict[int, tuple[Route, ContainerRef]]
) -> list[Finding]:
    """Turn a violation into findings whose routes are counted from the pod object.

    `routes` are the pod's `container_routes`.
    """
    findings = []
    for spot in violation.spots():
        base: Route = ()
        ref: ContainerRef | None = None
        if spot.container is not None:
            base, ref = routes[id(spot.container)]
        findings.append(
            Finding(
                check=check.id,
                severity=check.severity,
                message=spot.message,
                route=base + spot.route,
                container=ref,
                label=spot.label,
                fix=spot.fix and based(spot.fix, base),
            )
        )
    if violation.fixed_together:
        fixes = [finding.fix for finding in findings if finding.fix is not None]
        edits = tuple(edit for fix in fixes for edit in fix.edits)
        together = Fix(edits, all(fix.safe for fix in fixes)) if fixes else None
        findings = [msgspec.structs.replace(finding, fix=together) for finding in findings]
    return findings
