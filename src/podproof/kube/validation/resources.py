"""Resource requests and limits of containers and pods.

Requirements come in, what is wrong is added. Several faults of one map come in the order of the sorted names;
the API server's own order is random there.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateResourceRequirements, validatePodResources;
pkg/apis/core/helper.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, duplicate, forbidden, invalid, keyed, not_found, not_supported, required
from ..go_format import json_value, quote
from ..quantity import Quantity, is_fractional, parse_quantity
from ..resource_sums import read_quantities, sum_resources
from .formats import dns_label, qualified_name

_CONTAINER_RESOURCES = frozenset(("cpu", "memory", "ephemeral-storage"))
_LONGEST_KEPT = 64
"""Characters of a text that is worth remembering."""
_COUNTED = frozenset(
    (
        "pods",
        "resourcequotas",
        "services",
        "replicationcontrollers",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    )
)
_STANDARD = (
    _CONTAINER_RESOURCES
    | _COUNTED
    | frozenset(("storage", "requests.storage"))
    | frozenset(f"{side}.{name}" for side in ("requests", "limits") for name in _CONTAINER_RESOURCES)
)
_HUGE_PAGES = "hugepages-"
_POD_LEVEL = ("cpu", "hugepages-", "memory")
_DOMAIN = "kubernetes.io/"


def _is_native(name: str) -> bool:
    return "/" not in name or _DOMAIN in name


def _is_extended(name: str) -> bool:
    return (
        not _is_native(name) and not name.startswith("requests.") and not qualified_name(f"requests.{name}")
    )


def _may_overcommit(name: str) -> bool:
    return _is_native(name) and not name.startswith(_HUGE_PAGES)


def _validate_name(errors: Errors, name: str, route: Route, field: str, *, pod_level: bool) -> None:
    before = len(errors)
    for fault in qualified_name(name):
        invalid(errors, route, json_value(name), fault, field=field)
    standard = name in _STANDARD or name.startswith((_HUGE_PAGES, "requests.hugepages-"))
    if len(errors) == before and "/" not in name and not standard:
        detail = "must be a standard resource type or fully qualified"
        invalid(errors, route, json_value(name), detail, field=field)
    if pod_level:
        if len(errors) == before and name not in ("cpu", "memory") and not name.startswith(_HUGE_PAGES):
            not_supported(errors, route, name, _POD_LEVEL, field=field)
        return
    if "/" not in name:
        if name not in _CONTAINER_RESOURCES and not name.startswith(_HUGE_PAGES):
            invalid(
                errors, route, json_value(name), "must be a standard resource for containers", field=field
            )
    elif not _is_native(name) and not _is_extended(name):
        invalid(
            errors, route, json_value(name), "doesn't follow extended resource name standard", field=field
        )


def _validate_quantity(errors: Errors, name: str, quantity: Quantity, route: Route, field: str) -> None:
    if quantity.value < 0:
        invalid(errors, route, str(quantity), "must be greater than or equal to 0", field=field)
    if (name in _COUNTED or _is_extended(name)) and quantity.value.denominator != 1:
        invalid(errors, route, json_value(str(quantity)), "must be an integer", field=field)


def _validate_huge_pages(errors: Errors, name: str, quantity: Quantity, route: Route, field: str) -> None:
    page = parse_quantity(name.removeprefix(_HUGE_PAGES))
    size = page.value if page else Fraction(0)
    whole = -((-quantity.value).__floor__())  # Quantity.Value rounds up
    if size <= 0 or size.denominator != 1 or whole % size.numerator:
        detail = f"{quantity} is not positive integer multiple of {name}"
        invalid(errors, route, str(quantity), detail, field=field)


def validate_resources(
    errors: Errors,
    resources: Mapping[str, Any] | None,
    route: Route,
    claims: frozenset[str] = frozenset(),
    *,
    pod_level: bool = False,
) -> None:
    """Judge requests and limits; `claims` are the names in the pod's resourceClaims."""
    if not resources:
        return
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    usual = not pod_level and not resources.get("claims")
    usual = usual and _are_few(limits) and _are_few(requests)
    if usual and _are_right(tuple(limits.items()), tuple(requests.items())):
        return
    _validate_resources(errors, resources, route, claims, pod_level=pod_level)


def _are_few(quantities: Mapping[str, Any]) -> bool:
    """Say whether it is worth remembering them; a file may hold many, and long ones."""
    return len(quantities) <= len(_CONTAINER_RESOURCES) and all(
        len(name) <= _LONGEST_KEPT and (value.__class__ is not str or len(value) <= _LONGEST_KEPT)
        for name, value in quantities.items()
    )


_Pairs = tuple[tuple[str, str | int | float | None], ...]


@lru_cache(maxsize=1024)
def _are_right(limits: _Pairs, requests: _Pairs) -> bool:
    """Say whether there are only the usual resources, which do not concern each other, each right."""
    limited, requested = dict(limits), dict(requests)
    for name, limit in limits:
        if name not in _CONTAINER_RESOURCES or limit is None:
            return False
        if name not in requested and _is_wrong(name, None, limit):
            return False
    for name, request in requests:
        if name not in _CONTAINER_RESOURCES or request is None or _is_wrong(name, request, limited.get(name)):
            return False
    return True


@lru_cache(maxsize=1024, typed=True)
def _is_wrong(name: str, request: str | int | float | None, limit: str | int | float | None) -> bool:
    """Judge one resource of a container by itself; None: it is not asked for, or not limited."""
    errors = Errors()
    sides = {"limits": limit, "requests": request}
    resources = {side: {name: value} for side, value in sides.items() if value is not None}
    _validate_resources(errors, resources, (), frozenset(), pod_level=False)
    return bool(errors)


def _validate_resources(
    errors: Errors, resources: Mapping[str, Any], route: Route, claims: frozenset[str], *, pod_level: bool
) -> None:
    limits, requests = read_quantities(resources.get("limits")), read_quantities(resources.get("requests"))
    names: set[str] = set()
    for side, quantities in (("limits", limits), ("requests", requests)):
        for name, quantity in quantities.items():
            at: Route = (*route, side, name)
            names.add(name)
            if name in _CONTAINER_RESOURCES and not pod_level and quantity.value.numerator >= 0:
                # what nearly every container has; a path is written only where it is needed
                if side == "requests":
                    _compare_with_limit(errors, name, quantity, limits.get(name), route)
                continue
            field = keyed((*route, side), name)
            _validate_name(errors, name, at, field, pod_level=pod_level)
            _validate_quantity(errors, name, quantity, at, field)
            if side == "requests":
                _compare_with_limit(errors, name, quantity, limits.get(name), route)
            if name.startswith(_HUGE_PAGES):
                _validate_huge_pages(errors, name, quantity, at, field)
    if any(name.startswith(_HUGE_PAGES) for name in names) and not names & {"cpu", "memory"}:
        forbidden(errors, route, "HugePages require cpu or memory")
    if resources.get("claims"):
        _validate_claims(errors, resources["claims"], claims, (*route, "claims"))


def _compare_with_limit(
    errors: Errors, name: str, quantity: Quantity, limit: Quantity | None, route: Route
) -> None:
    if limit is None:
        if not _may_overcommit(name):
            required(errors, (*route, "limits"), "Limit must be set for non overcommitable resources")
    elif quantity.value != limit.value and not _may_overcommit(name):
        invalid(errors, (*route, "requests"), str(quantity), f"must be equal to {name} limit of {limit}")
    elif quantity.value > limit.value:
        detail = f"must be less than or equal to {name} limit of {limit}"
        invalid(errors, (*route, "requests"), str(quantity), detail)


def _validate_claims(
    errors: Errors, claims: Sequence[Mapping[str, Any]], known: frozenset[str], route: Route
) -> None:
    seen: set[str] = set()
    for index, claim in enumerate(claims):
        name, request, at = claim.get("name") or "", claim.get("request") or "", (*route, index)
        if not name:
            required(errors, at)
            continue
        if name in seen:
            duplicate(errors, at, name)
        else:
            key = name
            if request:
                for fault in dns_label(request):
                    invalid(errors, (*at, "request"), request, fault)
                key = f"{name}/{request}"
            if key in seen:
                duplicate(errors, at, key)
            elif not request:
                for other in sorted(seen):
                    if other.partition("/")[1] and other.partition("/")[0] == name:
                        duplicate(errors, at, name)
            seen.add(key)
        if name not in known:
            rest = f": {', '.join(sorted(known))}" if known else " which is empty"
            not_found(errors, at, name, f"must be one of the names in pod.spec.resourceClaims{rest}")


def validate_pod_resources(
    errors: Errors, spec: Mapping[str, Any], claims: frozenset[str], route: Route
) -> None:
    """Judge the pod's own resources, and that the containers' stay within them."""
    resources = spec.get("resources")
    if resources is None:
        return
    at = (*route, "resources")
    if (spec.get("os") or {}).get("name") == "windows":
        forbidden(errors, at, "may not be set for a windows pod")
        return
    if resources.get("claims") is not None:
        forbidden(errors, (*at, "claims"), "claims may not be set for Resources at pod-level")
    validate_resources(errors, resources, at, claims, pod_level=True)
    limits, requests = read_quantities(resources.get("limits")), read_quantities(resources.get("requests"))
    _compare_sums(
        errors, sum_resources(spec, "requests"), requests, (*at, "requests"), "requests", huge_only=False
    )
    _compare_sums(errors, sum_resources(spec, "limits"), limits, (*at, "limits"), "limits", huge_only=True)
    for index, container in enumerate(spec.get("containers") or ()):
        for name, quantity in read_quantities((container.get("resources") or {}).get("limits")).items():
            if name in limits and quantity.value > limits[name].value:
                where = (*at, "containers", index)
                field = f"{keyed(where, name)}.limits"
                detail = f"must be less than or equal to pod limits of {limits[name]}"
                invalid(
                    errors,
                    (*route, "containers", index, "resources", "limits", name),
                    str(quantity),
                    detail,
                    field=field,
                )


def _compare_sums(
    errors: Errors,
    sums: Mapping[str, Quantity],
    own: Mapping[str, Quantity],
    route: Route,
    word: str,
    *,
    huge_only: bool,
) -> None:
    for name, total in sums.items():
        if huge_only and not name.startswith(_HUGE_PAGES):
            continue
        if name in own and total.value > own[name].value:
            detail = f"must be greater than or equal to aggregate container {word} of {total}"
            invalid(errors, (*route, name), str(own[name]), detail, field=keyed(route, name))


_POD_NAMED_SINCE = 36
"""The first version that says whose restartPolicy it is. Source: kubernetes 1.36.3 validateResizePolicy."""


def validate_resize_policy(
    errors: Errors, policies: Sequence[Mapping[str, Any]] | None, route: Route, pod_restart_policy: str
) -> None:
    """Judge resizePolicy; most messages name the list, not the item."""
    seen: set[str] = set()
    for index, policy in enumerate(policies or ()):
        name, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if name in seen:
            duplicate(errors, (*route, index), json_value(name))
        seen.add(name)
        for value, supported in ((name, ("cpu", "memory")), (restart, ("NotRequired", "RestartContainer"))):
            if not value:
                required(errors, route)
            elif value not in supported:
                not_supported(errors, route, value, supported)
        if pod_restart_policy == "Never" and restart != "NotRequired":
            whose = "pod " if errors.gates.minor >= _POD_NAMED_SINCE else ""
            detail = f"must be 'NotRequired' when {whose}`restartPolicy` is 'Never'"
            invalid(errors, route, json_value(restart), detail)


@lru_cache(maxsize=512, typed=True)
def quote_fractional_bytes(value: str | int | float | None) -> str | None:
    """Quote a quantity that the server takes for one of not whole bytes, None when it does not."""
    quantity = None if value is None else parse_quantity(value)
    return quote(str(quantity)) if quantity is not None and is_fractional(quantity) else None
