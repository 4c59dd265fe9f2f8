"""Claims for storage, as they stand in `ephemeral` volumes and in a StatefulSet's `volumeClaimTemplates`.

A claim's spec, or a template of one, comes in; what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidatePersistentVolumeClaimSpec,
ValidatePersistentVolumeClaimTemplate and what they call.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, forbidden, invalid, keyed, not_supported, required
from ..go_format import Printed
from .formats import dns_label, dns_subdomain
from .metadata import validate_annotations, validate_labels, validate_selector
from .scheduling import validate_subdomain_name

_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")
_CLAIM = "PersistentVolumeClaim"
_PATH = Printed("{}")  # upstream prints a field path as JSON, which has no public members

# the members of metadata in the order of the Go type
_METADATA = (
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "finalizers",
    "managedFields",
)


def validate_claim_template(errors: Errors, template: Mapping[str, Any], route: Route) -> None:
    """Judge the template of a claim, whose metadata may have nothing but labels and annotations."""
    metadata, at = template.get("metadata") or {}, (*route, "metadata")
    validate_annotations(errors, metadata.get("annotations"), (*at, "annotations"))
    validate_labels(errors, metadata.get("labels"), (*at, "labels"))
    for key in _METADATA:
        value = metadata.get(key)
        # nil is what counts: an empty list is set, and so is a pointer to 0
        if value or (value is not None and (isinstance(value, list) or key.startswith("deletion"))):
            # the path is Go's name of the member with a small first letter
            field = f"{format_route(at)}.uID" if key == "uid" else None
            forbidden(errors, (*at, key), "cannot be set", field=field)
    validate_claim_spec(errors, template.get("spec") or {}, (*route, "spec"))


def validate_claim_spec(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge the spec of a claim."""
    modes = spec.get("accessModes") or ()
    if not modes:
        required(errors, (*route, "accessModes"), "at least 1 access mode is required")
    validate_selector(errors, spec.get("selector"), (*route, "selector"))
    for mode in modes:
        if mode not in _ACCESS_MODES:
            not_supported(errors, (*route, "accessModes"), mode, _ACCESS_MODES)
    others = any(mode in _ACCESS_MODES and mode != "ReadWriteOncePod" for mode in modes)
    if others and "ReadWriteOncePod" in modes:
        forbidden(errors, (*route, "accessModes"), "may not use ReadWriteOncePod with other access modes")
    _validate_size(errors, spec, route)
    validate_subdomain_name(errors, spec, "storageClassName", route)
    volume_mode = spec.get("volumeMode")
    if volume_mode is not None and volume_mode not in _VOLUME_MODES:
        not_supported(errors, (*route, "volumeMode"), volume_mode, _VOLUME_MODES)
    for key in ("dataSource", "dataSourceRef"):
        if spec.get(key) is not None:
            _validate_source(errors, spec[key], (*route, key))
    _compare_sources(errors, spec, route)
    validate_subdomain_name(errors, spec, "volumeAttributesClassName", route)


def _validate_size(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    requests = (spec.get("resources") or {}).get("requests") or {}
    at, field = (*route, "resources", "requests", "storage"), keyed((*route, "resources"), "storage")
    if "storage" not in requests:
        required(errors, at, field=field)
        return
    from ..quantity import parse_quantity  # drags in fractions and decimal: late

    size = parse_quantity("0" if requests["storage"] is None else requests["storage"])
    if size is not None and size.value <= 0:
        invalid(errors, at, str(size), "must be greater than zero", field=field)


def _validate_source(errors: Errors, source: Mapping[str, Any], route: Route) -> None:
    group, kind = source.get("apiGroup") or "", source.get("kind") or ""
    for key in ("name", "kind"):
        if not source.get(key):
            required(errors, (*route, key))
    if not group and kind != _CLAIM:
        detail = f"must be '{_CLAIM}' when referencing the default apiGroup"
        invalid(errors, route, kind, detail)
    for fault in dns_subdomain(group) if group else ():
        invalid(errors, (*route, "apiGroup"), group, fault)
    namespace = source.get("namespace")  # of a dataSourceRef only
    for fault in dns_label(namespace) if namespace else ():
        invalid(errors, (*route, "namespace"), namespace, fault)


def _compare_sources(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is None or reference is None:
        return
    if reference.get("namespace"):
        invalid(errors, route, _PATH, "may not be specified when dataSourceRef.namespace is specified")
    elif source.get("apiGroup") != reference.get("apiGroup") or any(
        (source.get(key) or "") != (reference.get(key) or "") for key in ("kind", "name")
    ):
        invalid(errors, route, _PATH, "must match dataSourceRef")
