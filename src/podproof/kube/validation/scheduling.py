"""Where a pod may run: tolerations, gates, claims for devices, classes, deadlines, names.

A pod spec comes in, what is wrong is added. Affinity and topology spread are other modules.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidateTolerations, validateSchedulingGates,
validatePodResourceClaims and the end of ValidatePodSpec.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, duplicate, forbidden, invalid, not_supported, required
from ..go_format import Printed, json_text, json_value
from ..go_integers import find_int64_problem
from .formats import MAX_ID, between, dns_label, dns_subdomain, label_value, matcher, qualified_name
from .metadata import validate_label_name

_OPERATORS = ("Equal", "Exists")
_COMPARISONS_SINCE = 35
"""The first version that knows Lt and Gt. Source: kubernetes 1.35.4 ValidateTolerations."""
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_MIRROR = "kubernetes.io/config.mirror"


def validate_tolerations(
    errors: Errors, tolerations: Sequence[Mapping[str, Any]] | None, route: Route
) -> None:
    """Judge tolerations."""
    for index, toleration in enumerate(tolerations or ()):
        at = (*route, index)
        key, operator, value, effect = (
            toleration.get(n) or "" for n in ("key", "operator", "value", "effect")
        )
        if key:
            validate_label_name(errors, key, (*at, "key"))
        elif operator != "Exists":
            detail = (
                'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            )
            invalid(errors, (*at, "operator"), json_value(operator), detail)
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            invalid(errors, (*at, "effect"), json_value(effect), detail)
        if operator in ("", "Equal"):
            faults = label_value(value)
            if faults:
                invalid(errors, (*at, "operator"), value, ";".join(faults))
        elif operator == "Exists":
            if value:
                invalid(errors, (*at, "operator"), value, "value must be empty when `operator` is 'Exists'")
        elif operator in ("Lt", "Gt"):
            _validate_comparison(errors, operator, value, at)
        else:
            not_supported(errors, (*at, "operator"), operator, _OPERATORS)
        if effect and effect not in _EFFECTS:
            not_supported(errors, (*at, "effect"), effect, _EFFECTS)


def _validate_comparison(errors: Errors, operator: str, value: str, route: Route) -> None:
    """Judge a toleration that compares numbers, which only a feature gate allows."""
    if not errors.gates.enabled("TaintTolerationComparisonOperators"):
        known = ("Equal", "Exists", "Lt", "Gt") if errors.gates.minor >= _COMPARISONS_SINCE else _OPERATORS
        not_supported(errors, (*route, "operator"), operator, known)
        return
    at = (*route, "value")
    if not value:
        invalid(errors, at, value, "must be non-empty")
    elif not matcher("0|-?[1-9][0-9]*").fullmatch(value):
        invalid(errors, at, value, "must be a valid decimal integer in canonical form")
    fault = find_int64_problem(value)
    if fault:
        invalid(errors, at, value, fault)


def validate_gates(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge readinessGates and schedulingGates; `route` is the pod spec's."""
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        condition = gate.get("conditionType") or ""
        for fault in qualified_name(condition):
            invalid(errors, (*route, "readinessGates", index, "conditionType"), condition, fault)
    seen: set[str] = set()
    for index, gate in enumerate(spec.get("schedulingGates") or ()):
        name, at = gate.get("name") or "", (*route, "schedulingGates", index)
        for fault in qualified_name(name):
            invalid(errors, at, name, fault)
        if name in seen:
            duplicate(errors, at, name)
        seen.add(name)


_NO_NAMES: frozenset[str] = frozenset()


def list_claim_names(spec: Mapping[str, Any]) -> frozenset[str]:
    """Name the pod's resource claims."""
    claims = spec.get("resourceClaims")
    return frozenset([claim.get("name") or "" for claim in claims]) if claims else _NO_NAMES


def validate_claims(
    errors: Errors, spec: Mapping[str, Any], annotations: Mapping[str, str] | None, route: Route
) -> None:
    """Judge resourceClaims; `annotations` None for templates."""
    seen: set[str] = set()
    for index, claim in enumerate(spec.get("resourceClaims") or ()):
        if annotations is not None and _MIRROR in annotations:
            forbidden(errors, (*route, index), "static pods do not support resource claims", field="")
            continue
        at, name = (*route, index), claim.get("name") or ""
        if not name:
            required(errors, (*at, "name"))
        elif name in seen:
            duplicate(errors, (*at, "name"), name)
        else:
            for fault in dns_label(name):
                invalid(errors, (*at, "name"), name, fault)
            seen.add(name)
        own, template = claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")
        shown = Printed(
            f'{{"Name":{json_text(name)},"ResourceClaimName":{json_text(own)},'
            f'"ResourceClaimTemplateName":{json_text(template)}}}'
        )
        if own is not None and template is not None:
            detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            invalid(errors, at, shown, detail)
        if own is None and template is None:
            detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            invalid(errors, at, shown, detail)
        for key, value in (("resourceClaimName", own), ("resourceClaimTemplateName", template)):
            for fault in dns_subdomain(value) if value is not None else ():
                invalid(errors, (*at, key), value, fault)


def validate_subdomain_name(errors: Errors, spec: Mapping[str, Any], key: str, route: Route) -> None:
    """Judge a name that must be a subdomain when it is set and not empty."""
    name = spec.get(key)
    if name:
        for fault in dns_subdomain(name):
            invalid(errors, (*route, key), name, fault)


def validate_label_field(errors: Errors, spec: Mapping[str, Any], key: str, route: Route) -> None:
    """Judge a name that must be a label when it is set and not empty."""
    name = spec.get(key)
    if name:
        for fault in dns_label(name):
            invalid(errors, (*route, key), name, fault)


def validate_deadline(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge activeDeadlineSeconds."""
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and not 1 <= seconds <= MAX_ID:
        invalid(errors, (*route, "activeDeadlineSeconds"), seconds, between(1, MAX_ID))


def validate_classes(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge runtimeClassName, where also the empty name is wrong, and preemptionPolicy."""
    name, policy = spec.get("runtimeClassName"), spec.get("preemptionPolicy")
    if name is not None:
        for fault in dns_subdomain(name):
            invalid(errors, (*route, "runtimeClassName"), name, fault)
    if policy is None:
        return
    if not policy:
        required(errors, (*route, "preemptionPolicy"))
    elif policy not in ("PreemptLowerPriority", "Never"):
        not_supported(errors, (*route, "preemptionPolicy"), policy, ("PreemptLowerPriority", "Never"))
