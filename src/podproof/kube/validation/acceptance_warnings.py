"""What the API server accepts but warns about.

A decoded and defaulted object comes in, the bare texts of the warnings go out.
Source: kubernetes 1.37.2 pkg/api/pod/warnings.go, pkg/api/job/warnings.go, the registries' WarningsOnCreate.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from ...manifest.route import Route, format_route
from ..defaults.pod import parse_apparmor_annotation
from ..go_format import quote
from ..visit import visit_mappings
from .dns import warn_of_addresses
from .formats import dns_label
from .port_warnings import warn_of_ports
from .profiles import APPARMOR_CONTAINER, SECCOMP_CONTAINER, SECCOMP_POD
from .scheduling_warnings import warn_of_nodes, warn_of_pod_affinity
from .volume_warnings import warn_of_claim, warn_of_volumes

_ANNOTATIONS = (
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        'non-functional in v1.16+; use the "priorityClassName" field instead',
    ),
    ("security.alpha.kubernetes.io/sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        'non-functional in v1.11+; use the "sysctls" field instead',
    ),
)
_LONGEST_KEPT = 64
"""Characters of a quantity that is worth remembering."""
_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_APPARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'
_NAMED = frozenset(("ReplicationController", "Deployment", "ReplicaSet", "Job", "CronJob"))


_IN_BYTES = ("memory", "ephemeral-storage")


def collect_warnings(kind: str, obj: Mapping[str, Any]) -> list[str]:
    """Give the warnings of an accepted object of the kind."""
    metadata, spec = obj.get("metadata") or {}, obj.get("spec") or {}
    faults = dns_label(metadata.get("name") or "") if kind in _NAMED or kind == "Pod" else ()
    out = []
    if faults:
        where = "the Pod's hostname" if kind == "Pod" else "Pod names and hostnames"
        out.append(
            f"metadata.name: this is used in {where}, which can result in surprising behavior; "
            f"a DNS label is recommended: [{' '.join(faults)}]"
        )
    if kind == "Pod":
        return out + _pod_warnings(obj, (), is_template=False)
    if kind == "PodTemplate":
        return _pod_warnings(obj.get("template") or {}, ("template",), is_template=True)
    route: Route = ("spec", "template")
    if kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
        route = ("spec", "jobTemplate", "spec", "template")
    if kind in ("Job", "CronJob"):
        out += _job_warnings(spec, route[:-1])
    out += _pod_warnings(spec.get("template") or {}, route, is_template=True)
    if kind == "StatefulSet":
        for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
            # the server leaves the claim's `spec` out of the path
            out += warn_of_claim(claim.get("spec") or {}, ("spec", "volumeClaimTemplates", index))
    if kind == "StatefulSet" and (spec.get("revisionHistoryLimit") or 0) < 0:
        out.append(
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; "
            "a value >= 0 is recommended"
        )
    return out


def _job_warnings(spec: Mapping[str, Any], route: Route) -> Iterator[str]:
    completions, parallelism = spec.get("completions") or 0, spec.get("parallelism") or 0
    if spec.get("completionMode") == "Indexed" and completions > 100_000 and parallelism > 10_000:
        yield (
            f"{format_route(route)}: In Indexed Jobs with a number of completions higher than 10^5 and a "
            "parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big "
            "number of indexes fail"
        )


def _pod_warnings(pod: Mapping[str, Any], route: Route, *, is_template: bool) -> list[str]:
    metadata, spec = pod.get("metadata") or {}, pod.get("spec") or {}
    annotations = metadata.get("annotations") or {}
    base = format_route((*route, "metadata", "annotations")) if annotations else ""
    at = (*route, "spec")
    usual = _RARE.isdisjoint(spec)
    placed = not usual and (
        spec.get("nodeSelector") or spec.get("affinity") or spec.get("topologySpreadConstraints")
    )
    out = list(warn_of_nodes(spec, at)) if placed else []
    if annotations:
        out += [f"{base}[{key}]: {text}" for key, text in _ANNOTATIONS if key in annotations]
    if spec.get("volumes"):
        out += warn_of_volumes(spec["volumes"], (*at, "volumes"))
    if not usual and (spec.get("hostAliases") or spec.get("imagePullSecrets") or spec.get("overhead")):
        out += _duplicates(spec, at)
    context = spec.get("securityContext") or {}
    if annotations and context.get("seccompProfile") is None and SECCOMP_POD in annotations:
        out.append(f"{base}[{SECCOMP_POD}]: {_SECCOMP}")
    for _, container, where in visit_mappings(spec, at):
        out += _container_warnings(container, where, annotations, base, context, is_template)
    out += warn_of_ports(spec, at)
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        out.append(
            f"{format_route((*at, 'terminationGracePeriodSeconds'))}: must be >= 0; "
            "negative values are invalid and will be treated as 1"
        )
    if usual:
        return out
    if spec.get("affinity"):
        out += warn_of_pod_affinity(spec, at)
    if spec.get("dnsConfig") or spec.get("hostAliases"):
        out += warn_of_addresses(spec, at)
    return out


_RARE = frozenset(
    (
        "affinity",
        "dnsConfig",
        "hostAliases",
        "imagePullSecrets",
        "nodeSelector",
        "overhead",
        "topologySpreadConstraints",
    )
)
"""Fields that may be warned of; most pods have none of them."""


def _duplicates(spec: Mapping[str, Any], route: Route) -> list[str]:
    out = []
    for key, name in (("hostAliases", "ip"), ("imagePullSecrets", "name")):
        seen: set[str] = set()
        for index, item in enumerate(spec.get(key) or ()):
            value = item.get(name) or ""
            if value in seen:
                out.append(f"{format_route((*route, key, index, name))}: duplicate {name} {quote(value)}")
            seen.add(value)
    for index, item in enumerate(spec.get("imagePullSecrets") or ()):
        if not item.get("name"):
            out.append(f'{format_route((*route, "imagePullSecrets", index, "name"))}: invalid empty name ""')
    for name in ("memory", "ephemeral-storage") if spec.get("overhead") else ():
        text = _fraction_rule()(spec["overhead"].get(name))
        if text:
            path = format_route((*route, "overhead"))
            out.append(f"{path}[{name}]: fractional byte value {text} is invalid, must be an integer")
    return out


def _container_warnings(
    container: Mapping[str, Any],
    where: Route,
    annotations: Mapping[str, str],
    base: str,
    pod_context: Mapping[str, Any],
    is_template: bool,
) -> list[str]:
    resources, variables = container.get("resources"), container.get("env")
    out: list[str] = []
    if annotations:
        out += _profile_warnings(container, annotations, base, pod_context, is_template)
    if resources:
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        if not _are_known_whole(*map(limits.get, _IN_BYTES), *map(requests.get, _IN_BYTES)):
            out += _fraction_warnings(resources, where)
    if variables and len({variable.get("name") or "" for variable in variables}) < len(variables):
        out += _variable_warnings(variables, where)
    return out


def _profile_warnings(
    container: Mapping[str, Any],
    annotations: Mapping[str, str],
    base: str,
    pod_context: Mapping[str, Any],
    is_template: bool,
) -> Iterator[str]:
    """Warn of annotations that fields have replaced; `base` is the annotations' path."""
    context, name = container.get("securityContext") or {}, container.get("name") or ""
    key = SECCOMP_CONTAINER + name
    if context.get("seccompProfile") is None and key in annotations:
        yield f"{base}[{key}]: {_SECCOMP}"
    key = APPARMOR_CONTAINER + name
    # a pod's own annotations have been copied and warned about by defaulting
    if is_template and context.get("appArmorProfile") is None and key in annotations:
        profile = pod_context.get("appArmorProfile")
        if profile is None or profile != parse_apparmor_annotation(annotations[key] or ""):
            yield f"{base}[{key}]: {_APPARMOR}"


def _fraction_warnings(resources: Mapping[str, Any], where: Route) -> list[str]:
    out: list[str] = []
    quote_fraction = _fraction_rule()
    sides = [(side, resources[side]) for side in ("limits", "requests") if resources.get(side)]
    for resource in _IN_BYTES:
        for side, quantities in sides:
            text = quote_fraction(quantities[resource]) if resource in quantities else None
            if text:
                path = format_route((*where, "resources", side))
                out.append(f"{path}[{resource}]: fractional byte value {text} is invalid, must be an integer")
    return out


def _are_known_whole(*quantities: str | int | float | None) -> bool:
    """Tell whether there is nothing to warn of; many containers have the same resources."""
    if any(quantity.__class__ is str and len(quantity) > _LONGEST_KEPT for quantity in quantities):
        return False  # it is looked at, and not remembered
    return _are_whole(*quantities)


@lru_cache(maxsize=1024)
def _are_whole(*quantities: str | int | float | None) -> bool:
    return not any(map(_fraction_rule(), quantities))


@cache
def _fraction_rule() -> Callable[[str | int | float | None], str | None]:
    from .resources import quote_fractional_bytes  # drags in fractions and decimal: late

    return quote_fractional_bytes


def _variable_warnings(variables: Sequence[Mapping[str, Any]], where: Route) -> Iterator[str]:
    """Warn of variables that are set again, unless the value refers to the earlier one."""
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        name, value = variable.get("name") or "", variable.get("value") or ""
        if name in seen:
            reference = f"$({name})"
            if variable.get("valueFrom") is not None or value == reference or reference not in value:
                yield (
                    f"{format_route((*where, 'env', index))}: hides previous definition of {quote(name)}, "
                    "which may be dropped when using apply"
                )
        seen.add(name)
