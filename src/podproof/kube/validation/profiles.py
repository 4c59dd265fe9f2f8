"""seccomp and AppArmor profiles: the fields, the old annotations, and whether both agree.

A profile or a pod's annotations come in, what is wrong is added. Which profile a container gets is the
effective context's business.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateSeccompProfileField, ValidateAppArmorProfileField,
ValidateSeccompPodAnnotations, ValidateAppArmorPodAnnotations and the two ...AnnotationsAndFields functions.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, forbidden, invalid, keyed, not_supported, required, too_long
from ..go_format import internal_json, json_value, quote
from ..visit import visit_mappings
from .formats import byte_length
from .paths import validate_descending

SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APPARMOR_CONTAINER = "container.apparmor.security.beta.kubernetes.io/"
_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
_MAX_APPARMOR_NAME = 4095  # PATH_MAX - 1
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def strip_space(text: str) -> str:
    """Strip what Go's strings.TrimSpace strips (Python's strip takes four control characters more)."""
    return text.strip(_SPACE)


def validate_seccomp_profile(errors: Errors, profile: Mapping[str, Any] | None, route: Route) -> None:
    """Judge a seccompProfile. An empty localhostProfile passes here; the kubelet refuses it."""
    if profile is None:
        return
    kind, name = profile.get("type") or "", profile.get("localhostProfile")
    if not kind:
        required(errors, (*route, "type"), "type is required when seccompProfile is set")
    elif kind not in _TYPES:
        known = (*_TYPES, "OCI") if errors.gates.enabled("SecurityProfileOCI") else _TYPES
        if kind not in known:
            not_supported(errors, (*route, "type"), kind, known)
    at = (*route, "localhostProfile")
    if kind == "Localhost":
        if name is None:
            required(errors, at, "must be set when seccomp type is Localhost")
        else:
            validate_descending(errors, name, at)
    elif name is not None:
        # the message prints the whole profile, not the name
        invalid(
            errors,
            at,
            internal_json(dict(profile), "SeccompProfile", errors.gates.minor),
            "can only be set when seccomp type is Localhost",
        )


def validate_apparmor_profile(errors: Errors, profile: Mapping[str, Any] | None, route: Route) -> None:
    """Judge an appArmorProfile. Absolute names and `..` pass: the name is the kernel's, not a path."""
    if profile is None:
        return
    kind, name = profile.get("type") or "", profile.get("localhostProfile")
    at = (*route, "localhostProfile")
    if kind == "Localhost":
        if name is None:
            required(errors, at, "must be set when AppArmor type is Localhost")
            return
        if strip_space(name) != name:
            invalid(errors, at, name, "must not be padded with whitespace")
        elif not name:
            required(errors, at, "must be set when AppArmor type is Localhost")
        if byte_length(name) > _MAX_APPARMOR_NAME:
            too_long(errors, at, _MAX_APPARMOR_NAME)
    elif kind in _TYPES:
        if name is not None:
            invalid(errors, at, json_value(name), "can only be set when AppArmor type is Localhost")
    elif not kind:
        required(errors, (*route, "type"), "type is required when appArmorProfile is set")
    else:
        not_supported(errors, (*route, "type"), kind, _TYPES)


def validate_profile_annotations(
    errors: Errors, annotations: Mapping[str, str], spec: Mapping[str, Any], route: Route
) -> None:
    """Judge the old annotations: seccomp's first, then AppArmor's."""
    if SECCOMP_POD in annotations:
        _validate_seccomp_annotation(errors, SECCOMP_POD, annotations[SECCOMP_POD] or "", route)
    keys = sorted(annotations)
    for key in keys:
        if key.startswith(SECCOMP_CONTAINER):
            _validate_seccomp_annotation(errors, key, annotations[key] or "", route)
    for key in keys:
        if not key.startswith(APPARMOR_CONTAINER):
            continue
        name, value, field = key.removeprefix(APPARMOR_CONTAINER), annotations[key] or "", keyed(route, key)
        at = (*route, key)
        if not any((container.get("name") or "") == name for _, container, _ in visit_mappings(spec)):
            invalid(errors, at, name, "container not found", field=field)
        if value not in ("", "runtime/default", "unconfined") and not value.startswith("localhost/"):
            invalid(errors, at, value, f"invalid AppArmor profile name: {quote(value)}", field=field)


def _validate_seccomp_annotation(errors: Errors, key: str, value: str, route: Route) -> None:
    # the key is appended to the path as if it were a field, without brackets
    field = f"{format_route(route)}.{key}"
    if value in ("runtime/default", "docker/default", "unconfined"):
        return
    if value.startswith("localhost/"):
        validate_descending(errors, value.removeprefix("localhost/"), (*route, key), field=field)
    else:
        invalid(errors, (*route, key), value, "must be a valid seccomp profile", field=field)


def validate_seccomp_agreement(
    errors: Errors, annotations: Mapping[str, str], spec: Mapping[str, Any], route: Route
) -> None:
    """Refuse annotation and field of seccomp that differ; `route` is the pod spec's."""
    context = spec.get("securityContext") or {}
    if context.get("seccompProfile") is not None and SECCOMP_POD in annotations:
        at = (*route, "securityContext", "seccompProfile")
        _compare_seccomp(errors, annotations[SECCOMP_POD] or "", context["seccompProfile"], at)
    for _, container, where in visit_mappings(spec, route):
        profile = (container.get("securityContext") or {}).get("seccompProfile")
        key = SECCOMP_CONTAINER + (container.get("name") or "")
        if profile is not None and key in annotations:
            at = (*where, "securityContext", "seccompProfile")
            _compare_seccomp(errors, annotations[key] or "", profile, at)


def _compare_seccomp(errors: Errors, annotation: str, profile: Mapping[str, Any], route: Route) -> None:
    accepted = {"Unconfined": ("unconfined",), "RuntimeDefault": ("runtime/default", "docker/default")}
    _compare(errors, annotation, profile, route, accepted, "seccomp")


def validate_apparmor_agreement(
    errors: Errors, annotations: Mapping[str, str], spec: Mapping[str, Any], route: Route
) -> None:
    """Refuse annotation and field of AppArmor that differ; Windows pods are left alone."""
    if (spec.get("os") or {}).get("name") == "windows":
        return
    pod_profile = (spec.get("securityContext") or {}).get("appArmorProfile")
    accepted = {"Unconfined": ("unconfined",), "RuntimeDefault": ("runtime/default",)}
    for _, container, where in visit_mappings(spec, route):
        profile = (container.get("securityContext") or {}).get("appArmorProfile")
        if profile is None:
            profile = pod_profile
        key = APPARMOR_CONTAINER + (container.get("name") or "")
        if profile is not None and key in annotations:
            at = (*where, "securityContext", "appArmorProfile")
            _compare(errors, annotations[key] or "", profile, at, accepted, "apparmor")


def _compare(
    errors: Errors,
    annotation: str,
    profile: Mapping[str, Any],
    route: Route,
    accepted: Mapping[str, tuple[str, ...]],
    word: str,
) -> None:
    kind = profile.get("type") or ""
    if kind in accepted:
        if annotation not in accepted[kind]:
            forbidden(errors, (*route, "type"), f"{word} type in annotation and field must match")
    elif kind == "Localhost":
        if not annotation.startswith("localhost/"):
            forbidden(errors, (*route, "type"), f"{word} type in annotation and field must match")
        elif annotation.removeprefix("localhost/") != profile.get("localhostProfile"):
            forbidden(
                errors, (*route, "localhostProfile"), f"{word} profile in annotation and field must match"
            )
