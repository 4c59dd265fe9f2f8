"""How a pod's like are spread over zones and nodes: `topologySpreadConstraints`.

The constraints of a pod come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateTopologySpreadConstraints and what it calls.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, FieldError, forbidden, invalid, not_supported, required
from .metadata import validate_label_keys, validate_label_name, validate_selector

_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
_POLICIES = ("Honor", "Ignore")
_NOT_POSITIVE = "must be greater than zero"


def validate_topology_spread(errors: Errors, constraints: Sequence[Mapping[str, Any]], route: Route) -> None:
    """Judge `topologySpreadConstraints`."""
    kinds = [(item.get("topologyKey") or "", item.get("whenUnsatisfiable") or "") for item in constraints]
    last = {kind: index for index, kind in enumerate(kinds)}
    for index, constraint in enumerate(constraints):
        at, (key, action) = (*route, index), kinds[index]
        skew = constraint.get("maxSkew") or 0
        if skew <= 0:
            invalid(errors, (*at, "maxSkew"), skew, _NOT_POSITIVE)
        if not key:
            required(errors, (*at, "topologyKey"), "can not be empty")
        if action not in _ACTIONS:
            not_supported(errors, (*at, "whenUnsatisfiable"), action, _ACTIONS)
        if last[kinds[index]] > index:
            field = f"{format_route(at)}.{{topologyKey, whenUnsatisfiable}}"
            pair = f"{{{key}, {action}}}"
            errors.append(FieldError("Duplicate value", (*at, "topologyKey"), pair, field=field))
        _validate_domains(errors, constraint, action, (*at, "minDomains"))
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = constraint.get(name)
            if policy is not None and policy not in _POLICIES:
                not_supported(errors, (*at, name), policy, _POLICIES)
        selector = constraint.get("labelSelector")
        keys = constraint.get("matchLabelKeys") or ()
        if keys and not _selectors_are_merged(errors):
            _validate_keys_apart(errors, keys, selector, (*at, "matchLabelKeys"))
        else:
            validate_label_keys(errors, keys, (), selector, at)
        validate_selector(errors, selector, (*at, "labelSelector"))


def _selectors_are_merged(errors: Errors) -> bool:
    gate = "MatchLabelKeysInPodTopologySpread"
    return errors.gates.enabled(gate) and errors.gates.enabled(f"{gate}SelectorMerge")


def _validate_keys_apart(
    errors: Errors, keys: Sequence[str], selector: Mapping[str, Any] | None, route: Route
) -> None:
    """Judge `matchLabelKeys` that the server does not put into the selector.

    Source: pkg/apis/core/validation, ValidateMatchLabelKeysInTopologySpread.
    """
    taken: set[str] = set()
    if selector is None:
        forbidden(errors, route, "must not be specified when labelSelector is not set")
    else:
        taken.update(selector.get("matchLabels") or ())
        taken.update(one.get("key") or "" for one in selector.get("matchExpressions") or ())
    for index, key in enumerate(keys):
        validate_label_name(errors, key, (*route, index))
        if key in taken:
            invalid(errors, (*route, index), key, "exists in both matchLabelKeys and labelSelector")


def _validate_domains(errors: Errors, constraint: Mapping[str, Any], action: str, route: Route) -> None:
    domains = constraint.get("minDomains")
    if domains is None:
        return
    if domains <= 0:
        invalid(errors, route, domains, _NOT_POSITIVE)
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        invalid(errors, route, domains, detail)
