"""PodSecurityExemptions as objects: what their definition refuses, before it is asked what they exempt.

A decoded exemption comes in, what is wrong is added. Which names controls and fields have is the caller's to
say.
"""

from collections.abc import Collection, Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, FieldError, duplicate, invalid, not_supported, required
from ..instants import parse_rfc3339
from .formats import dns_label
from .metadata import Faults, selector_is_empty, validate_metadata, validate_selector

__all__ = ["validate_exemption"]

_TIME = "must be a time as RFC 3339 writes it, e.g. 2027-03-31T00:00:00Z"
_NO_NAMESPACE = "must name namespaces or have a namespaceSelector: labels of pods alone can be set by anyone"


def validate_exemption(
    exemption: Mapping[str, Any], *, checks: Collection[str], fields: Collection[str]
) -> list[FieldError]:
    """Judge a decoded exemption; `checks` and `fields` are all names that there are."""
    errors = Errors()
    spec: Mapping[str, Any] = exemption.get("spec") or {}
    validate_metadata(errors, exemption.get("metadata") or {})
    for key in ("owner", "reason"):
        if not (spec.get(key) or "").strip():
            required(errors, ("spec", key), "must not be empty")
    if any(character < " " or character == "\x7f" for character in spec.get("owner") or ""):
        invalid(errors, ("spec", "owner"), spec["owner"], "must be one line, without control characters")
    _validate_expiry(errors, spec.get("expires") or "")
    _validate_names(errors, spec, "namespaces", dns_label)
    _validate_selectors(errors, spec)
    _validate_names(errors, spec, "containers", dns_label)
    for key, known in (("checks", checks), ("fields", fields)):
        _validate_choices(errors, spec, key, known)
    if not spec.get("checks") and not spec.get("fields"):
        required(errors, ("spec", "checks"), "must name checks or fields")
    return errors


def _validate_expiry(errors: Errors, expires: str) -> None:
    route: Route = ("spec", "expires")
    if not expires:
        required(errors, route, _TIME)
    elif (parse_rfc3339(expires) or 0) <= 0:
        invalid(errors, route, expires, _TIME)


def _validate_selectors(errors: Errors, spec: Mapping[str, Any]) -> None:
    for key in ("namespaceSelector", "objectSelector"):
        selector = spec.get(key)
        if selector is None:
            continue
        validate_selector(errors, selector, ("spec", key))
        if selector_is_empty(selector):
            required(errors, ("spec", key), "must have at least one requirement")
    if not spec.get("namespaces") and spec.get("namespaceSelector") is None:
        required(errors, ("spec", "namespaces"), _NO_NAMESPACE)


def _validate_names(errors: Errors, spec: Mapping[str, Any], key: str, faults_of: Faults) -> None:
    names = spec.get(key)
    if names is not None and not names:
        required(errors, ("spec", key), "must not be empty")
    seen: set[str] = set()
    for index, name in enumerate(names or ()):
        at: Route = ("spec", key, index)
        for fault in faults_of(name):
            invalid(errors, at, name, fault)
        if name in seen:
            duplicate(errors, at, name)
        seen.add(name)


def _validate_choices(errors: Errors, spec: Mapping[str, Any], key: str, known: Collection[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(spec.get(key) or ()):
        at: Route = ("spec", key, index)
        if name not in known:
            not_supported(errors, at, name, sorted(known))
        if name in seen:
            duplicate(errors, at, name)
        seen.add(name)
