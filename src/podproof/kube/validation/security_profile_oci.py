"""Seccomp profiles of a registry: what 1.38 declares with the type, and where they cannot be used.

A pod spec comes in, what is wrong is added.
Source: kubernetes 1.38.0-beta.0 pkg/apis/core/v1 zz_generated.validations.go and validation.go;
pkg/apis/core/validation validatePrivilegedContainersSeccompOCI.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, FieldError, forbidden, invalid, not_supported, required
from ..image_name import ImageNameError, parse_image_name
from ..visit import visit_mappings

_FORM = "<registry>/<repository>@<algorithm>:<digest>"
_NOT_CANONICAL = f"must be a digest-pinned reference in canonical form ({_FORM})"
_MAX_REFERENCE = 1024
_MAX_PATH = 4096


def validate_privileged_profiles(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Refuse such a profile for privileged containers, their own or the pod's."""
    if not errors.gates.enabled("SecurityProfileOCI"):
        return
    of_pod = (spec.get("securityContext") or {}).get("seccompProfile")
    for _, container, where in visit_mappings(spec, route):
        context = container.get("securityContext") or {}
        profile = of_pod if context.get("seccompProfile") is None else context["seccompProfile"]
        if context.get("privileged") and profile is not None and profile.get("type") == "OCI":
            detail = (
                "privileged containers cannot use a seccomp profile of type OCI; "
                "set a seccompProfile of another type on the container"
            )
            forbidden(errors, (*where, "securityContext", "privileged"), detail)


def validate_declared_profiles(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge `oci` of every profile; rules that are declared with a type come after all others."""
    holders = [(spec, route), *((container, where) for _, container, where in visit_mappings(spec, route))]
    for holder, where in holders:
        profile = (holder.get("securityContext") or {}).get("seccompProfile")
        if profile is not None:
            _validate_profile(errors, profile, (*where, "securityContext", "seccompProfile"))


def _validate_profile(errors: Errors, profile: Mapping[str, Any], route: Route) -> None:
    oci = profile.get("oci")
    _validate_member(errors, profile, "oci", "OCI", route)
    if oci is None:
        return
    at = (*route, "oci")
    _validate_reference(errors, oci.get("ref") or "", (*at, "ref"))
    base = oci.get("baseProfile")
    if base is not None:
        _validate_base(errors, base, (*at, "baseProfile"))


def _validate_member(errors: Errors, union: Mapping[str, Any], name: str, kind: str, route: Route) -> None:
    """Demand a member of a union where its type is chosen, and only there."""
    there, chosen = union.get(name) is not None, union.get("type") == kind
    if there != chosen:
        verb = "may only be specified" if there else "must be specified"
        invalid(errors, (*route, name), "", f'{verb} when `type` is "{kind}"')


def _validate_reference(errors: Errors, reference: str, route: Route) -> None:
    if not reference:
        required(errors, route)
    elif len(reference) > _MAX_REFERENCE:
        _too_long(errors, route, _MAX_REFERENCE)
    else:
        fault = _reference_fault(reference)
        if fault:
            invalid(errors, route, reference, fault)


def _reference_fault(reference: str) -> str:
    """Say why a text is not an image name in full with a digest and without a tag; "" when it is."""
    try:
        parsed = parse_image_name(reference)
    except ImageNameError as error:
        return f"{_NOT_CANONICAL}: {error}"
    tag = f":{parsed.tag}" if parsed.tagged else ""
    digest = f"@{parsed.digest}" if parsed.digest else ""
    if f"{parsed.name}{tag}{digest}" != reference:
        return f"{_NOT_CANONICAL}: repository name must be canonical"
    if parsed.tagged:
        return "must not contain a tag"
    return "" if digest else f"must be pinned by digest ({_FORM})"


def _validate_base(errors: Errors, base: Mapping[str, Any], route: Route) -> None:
    _validate_member(errors, base, "localhostProfile", "Localhost", route)
    kind, path = base.get("type"), base.get("localhostProfile")
    if not kind:
        required(errors, (*route, "type"))
    elif kind not in ("Localhost", "RuntimeDefault"):
        not_supported(errors, (*route, "type"), kind, ("Localhost", "RuntimeDefault"))
    at = (*route, "localhostProfile")
    if path is None:
        return
    if len(path) > _MAX_PATH:
        _too_long(errors, at, _MAX_PATH)
    elif not path:
        required(errors, at, "must not be empty")
    else:
        if path.startswith("/"):
            invalid(errors, at, path, "must be a relative path")
        if ".." in path.split("/"):
            invalid(errors, at, path, "must not contain '..'")


def _too_long(errors: Errors, route: Route, limit: int) -> None:
    errors.append(FieldError("Too long", route, None, f"may not be more than {limit} characters"))
