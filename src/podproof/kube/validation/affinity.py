"""Which nodes a pod wants, and which pods it wants near itself: node affinity, pod affinity and its opposite.

A pod's `affinity` comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateAffinity and what it calls.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, forbidden, invalid, required
from ..go_format import json_value
from .formats import dns_label, dns_subdomain, label_value
from .metadata import validate_label_keys, validate_label_name, validate_selector

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_UNKNOWN_OPERATOR = "not a valid selector operator"


def validate_affinity(errors: Errors, affinity: Mapping[str, Any], route: Route) -> None:
    """Judge `affinity`."""
    if affinity.get("nodeAffinity") is not None:
        _validate_node_affinity(errors, affinity["nodeAffinity"], (*route, "nodeAffinity"))
    for key in ("podAffinity", "podAntiAffinity"):
        pods, at = affinity.get(key) or {}, (*route, key)
        for index, term in enumerate(pods.get(REQUIRED) or ()):
            _validate_pod_term(errors, term, (*at, REQUIRED, index))
        for index, weighted in enumerate(pods.get(PREFERRED) or ()):
            where = (*at, PREFERRED, index)
            _validate_weight(errors, weighted, where)
            _validate_pod_term(errors, weighted.get("podAffinityTerm") or {}, (*where, "podAffinityTerm"))


def _validate_node_affinity(errors: Errors, affinity: Mapping[str, Any], route: Route) -> None:
    wanted = affinity.get(REQUIRED)
    if wanted is not None:
        terms, at = wanted.get("nodeSelectorTerms") or (), (*route, REQUIRED, "nodeSelectorTerms")
        if not terms:
            required(errors, at, "must have at least one node selector term")
        for index, term in enumerate(terms):
            _validate_node_term(errors, term, (*at, index), with_values=True)
    for index, preferred in enumerate(affinity.get(PREFERRED) or ()):
        where = (*route, PREFERRED, index)
        _validate_weight(errors, preferred, where)
        # a preferred value that no label can have is only warned about
        term = preferred.get("preference") or {}
        _validate_node_term(errors, term, (*where, "preference"), with_values=False)


def _validate_weight(errors: Errors, weighted: Mapping[str, Any], route: Route) -> None:
    weight = weighted.get("weight") or 0
    if not 1 <= weight <= 100:
        invalid(errors, (*route, "weight"), weight, "must be in the range 1-100")


def _validate_node_term(errors: Errors, term: Mapping[str, Any], route: Route, *, with_values: bool) -> None:
    for index, requirement in enumerate(term.get("matchExpressions") or ()):
        _validate_expression(errors, requirement, (*route, "matchExpressions", index), with_values)
    for index, requirement in enumerate(term.get("matchFields") or ()):
        _validate_field(errors, requirement, (*route, "matchFields", index))


def _validate_expression(
    errors: Errors, requirement: Mapping[str, Any], route: Route, with_values: bool
) -> None:
    operator, values = requirement.get("operator") or "", requirement.get("values") or ()
    at = (*route, "values")
    if operator in ("In", "NotIn"):
        if not values:
            required(errors, at, "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            forbidden(errors, at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            required(errors, at, "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        invalid(errors, (*route, "operator"), json_value(operator), _UNKNOWN_OPERATOR)
    validate_label_name(errors, requirement.get("key") or "", (*route, "key"))
    for index, value in enumerate(values if with_values else ()):
        for fault in label_value(value):
            invalid(errors, (*at, index), value, fault)


def _validate_field(errors: Errors, requirement: Mapping[str, Any], route: Route) -> None:
    operator, values = requirement.get("operator") or "", requirement.get("values") or ()
    if operator not in ("In", "NotIn"):
        invalid(errors, (*route, "operator"), json_value(operator), _UNKNOWN_OPERATOR)
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        required(errors, (*route, "values"), detail)
    key = requirement.get("key") or ""
    if key != "metadata.name":
        invalid(errors, (*route, "key"), key, "not a valid field selector key")
        return
    for index, value in enumerate(values):
        for fault in dns_subdomain(value):
            invalid(errors, (*route, "values", index), value, fault)


def _validate_pod_term(errors: Errors, term: Mapping[str, Any], route: Route) -> None:
    selector = term.get("labelSelector")
    for key in ("labelSelector", "namespaceSelector"):
        validate_selector(errors, term.get(key), (*route, key))
    for index, name in enumerate(term.get("namespaces") or ()):
        for fault in dns_label(name):
            # upstream names a field that does not exist
            field = format_route((*route, "namespace"))
            invalid(errors, (*route, "namespaces", index), name, fault, field=field)
    keys, other_keys = _names(term, "matchLabelKeys"), _names(term, "mismatchLabelKeys")
    validate_label_keys(errors, keys, other_keys, selector, route)
    topology = term.get("topologyKey") or ""
    if not topology:
        required(errors, (*route, "topologyKey"), "can not be empty")
    validate_label_name(errors, topology, (*route, "topologyKey"))


def _names(term: Mapping[str, Any], key: str) -> Sequence[str]:
    return term.get(key) or ()
