"""When a Job counts a failed pod, and when it counts as done: `podFailurePolicy` and `successPolicy`.

A Job's spec comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/batch/validation: validatePodFailurePolicy, validateSuccessPolicy and what
they call.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ...manifest.route import Route
from ..field_error import OMITTED, Errors, duplicate, invalid, not_supported, required, too_long, too_many
from ..go_format import internal_json, json_value, quote, quote_list
from ..go_integers import parse_int64
from .formats import byte_length, qualified_name

_MAX_RULES = 20
_MAX_EXIT_CODES = 255
_MAX_CONDITIONS = 20
_MAX_INDEXES = 64 * 1024  # bytes
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")


def validate_pod_failure_policy(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge `podFailurePolicy`; `route` is its own."""
    rules, at = spec["podFailurePolicy"].get("rules") or (), (*route, "rules")
    if len(rules) > _MAX_RULES:
        too_many(errors, at, len(rules), _MAX_RULES)
    pod = (spec.get("template") or {}).get("spec") or {}
    names = {
        container.get("name") or ""
        for key in ("containers", "initContainers")
        for container in pod.get(key) or ()
    }
    for index, rule in enumerate(rules):
        where = (*at, index)
        _validate_action(errors, rule.get("action") or "", spec, (*where, "action"))
        codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or ()
        if codes is not None:
            _validate_exit_codes(errors, codes, names, (*where, "onExitCodes"))
        if len(conditions) > _MAX_CONDITIONS:
            too_many(errors, (*where, "onPodConditions"), len(conditions), _MAX_CONDITIONS)
        for position, pattern in enumerate(conditions):
            _validate_condition(errors, pattern, (*where, "onPodConditions", position))
        if (codes is not None) == bool(conditions):
            both = "specifying both OnExitCodes and OnPodConditions is not supported"
            neither = "specifying one of OnExitCodes and OnPodConditions is required"
            invalid(errors, where, OMITTED, both if conditions else neither)


def _validate_action(errors: Errors, action: str, spec: Mapping[str, Any], route: Route) -> None:
    if not action:
        required(errors, route, f"valid values: {quote_list(_ACTIONS)}")
    elif action == "FailIndex":
        if spec.get("backoffLimitPerIndex") is None:
            invalid(errors, route, json_value(action), "requires the backoffLimitPerIndex to be set")
    elif action not in _ACTIONS:
        not_supported(errors, route, action, _ACTIONS)


def _validate_condition(errors: Errors, pattern: Mapping[str, Any], route: Route) -> None:
    kind, status = pattern.get("type") or "", pattern.get("status") or ""
    for fault in qualified_name(kind):
        invalid(errors, (*route, "type"), kind, fault)
    if not status:
        required(errors, (*route, "status"), f"valid values: {quote_list(_STATUSES)}")
    elif status not in _STATUSES:
        not_supported(errors, (*route, "status"), status, _STATUSES)


def _validate_exit_codes(errors: Errors, codes: Mapping[str, Any], names: set[str], route: Route) -> None:
    operator, name, values = codes.get("operator") or "", codes.get("containerName"), codes.get("values")
    if not operator:
        required(errors, (*route, "operator"), f"valid values: {quote_list(_OPERATORS)}")
    elif operator not in _OPERATORS:
        not_supported(errors, (*route, "operator"), operator, _OPERATORS)
    if name is not None and name not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        invalid(errors, (*route, "containerName"), name, detail)
    at = (*route, "values")
    if not values:
        invalid(errors, at, json_value(values), "at least one value is required")
        return
    if len(values) > _MAX_EXIT_CODES:
        too_many(errors, at, len(values), _MAX_EXIT_CODES)
    seen: set[int] = set()
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            invalid(errors, (*at, index), value, "must not be 0 for the In operator")
        if value in seen:
            duplicate(errors, (*at, index), value)
        seen.add(value)
    if any(later < earlier for earlier, later in pairwise(values)):
        invalid(errors, at, json_value(values), "must be ordered")


def validate_success_policy(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge `successPolicy`; `route` is its own.

    Rules of a Job without `completions`, over which a server crashes, are left out: it is refused for that.
    """
    policy = spec["successPolicy"]
    if spec.get("completionMode") != "Indexed":
        invalid(
            errors,
            route,
            internal_json(policy, "SuccessPolicy", errors.gates.minor),
            "requires indexed completion mode",
        )
        return
    rules, at = policy.get("rules") or (), (*route, "rules")
    if not rules:
        required(errors, at, "at least one rules must be specified when the successPolicy is specified")
    if len(rules) > _MAX_RULES:
        too_many(errors, at, len(rules), _MAX_RULES)
    completions = spec.get("completions")
    if completions is None:
        return
    for index, rule in enumerate(rules):
        _validate_success_rule(errors, rule, completions, (*at, index))


def _validate_success_rule(errors: Errors, rule: Mapping[str, Any], completions: int, route: Route) -> None:
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and indexes is None:
        required(errors, route, "at least one of succeededCount or succeededIndexes must be specified")
    total = 0
    if indexes is not None:
        at = (*route, "succeededIndexes")
        if byte_length(indexes) > _MAX_INDEXES:
            too_long(errors, at, _MAX_INDEXES)
        try:
            total = _count_indexes(indexes, completions)
        except ValueError as fault:
            invalid(errors, at, indexes, f"error parsing succeededIndexes: {fault}")
    if count is None:
        return
    at = (*route, "succeededCount")
    if count < 0:
        invalid(errors, at, count, "must be greater than or equal to 0")
    for most, what in (
        (completions, "specified completions"),
        (total if indexes is not None else count, "indexes in the specified succeededIndexes field"),
    ):
        if count > most:
            invalid(errors, at, count, f"must be less than or equal to {most} (the number of {what})")


def _count_indexes(text: str, completions: int) -> int:
    """Count the indexes that a text such as `1,3-5` names.

    Raises ValueError: a part is not a number or too large, or they do not grow; in the server's words.
    """
    if not text:
        return 0
    total, last = 0, -1
    for interval in text.split(","):
        limits = interval.split("-")
        if len(limits) > 2:
            rule = "an index interval can have at most two parts separated by '-'"
            raise ValueError(f"the fragment {quote(interval)} violates the requirement that {rule}")
        numbers = [_read_index(limit, completions) for limit in limits]
        first, end = numbers[0], numbers[-1]
        for earlier, later in ((first, end) if len(numbers) > 1 else (-1, 0), (last, first)):
            if earlier >= later:
                raise ValueError(f"non-increasing order, previous: {earlier}, current: {later}")
        last = end
        total += end - first + 1
    return total


def _read_index(text: str, completions: int) -> int:
    number = parse_int64(text)
    if number is None:
        raise ValueError(f"cannot convert string to integer for index: {quote(text)}")
    if number >= completions:
        raise ValueError(f"too large index: {quote(text)}")
    return number
