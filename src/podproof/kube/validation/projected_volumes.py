"""Volumes made of files that the kubelet writes: secret and configMap items, downwardAPI, projected.

A source comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateKeyToPath, validateDownwardAPIVolumeFile,
validateProjectionSources.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, forbidden, invalid, not_supported, required
from ..go_format import internal_json
from .downward_api import VOLUME_FIELDS, validate_field_selector, validate_resource_selector
from .formats import dns_subdomain
from .metadata import show_selector, validate_selector, validate_user_annotations
from .paths import validate_non_reserved

_MAX_EXPIRATION = 1 << 32  # seconds
_KEY_TYPES = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_ML_DSA = ("MLDSA44", "MLDSA65", "MLDSA87")
_MAX_CERTIFICATE = 7862400  # seconds: 91 days
_MAX_KUBERNETES_CERTIFICATE = 86400  # seconds: a day, for signers of kubernetes.io


def validate_mode(errors: Errors, mode: int | None, route: Route) -> None:
    """Judge a file mode given as a number."""
    if mode is not None and not 0 <= mode <= 0o777:
        invalid(errors, route, mode, "must be a number between 0 and 0777 (octal), both inclusive")


def validate_items(errors: Errors, items: Sequence[Mapping[str, Any]] | None, route: Route) -> None:
    """Judge the items of a secret or configMap."""
    for index, item in enumerate(items or ()):
        _validate_item(errors, item, (*route, index))


def _validate_item(errors: Errors, item: Mapping[str, Any], route: Route) -> None:
    for key in ("key", "path"):
        if not item.get(key):
            required(errors, (*route, key))
    validate_non_reserved(errors, item.get("path") or "", (*route, "path"))
    validate_mode(errors, item.get("mode"), (*route, "mode"))


def _validate_downward_file(errors: Errors, item: Mapping[str, Any], route: Route) -> None:
    # paths of these messages lack `items[i]`
    if not item.get("path"):
        required(errors, (*route, "path"))
    validate_non_reserved(errors, item.get("path") or "", (*route, "path"))
    if item.get("fieldRef") is not None:
        validate_field_selector(errors, item["fieldRef"], VOLUME_FIELDS, (*route, "fieldRef"))
        if item.get("resourceFieldRef") is not None:
            invalid(
                errors, route, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"
            )
    elif item.get("resourceFieldRef") is not None:
        validate_resource_selector(
            errors, item["resourceFieldRef"], (*route, "resourceFieldRef"), in_volume=True
        )
    else:
        required(errors, route, "one of fieldRef and resourceFieldRef is required")
    validate_mode(errors, item.get("mode"), (*route, "mode"))


def validate_downward_api_volume(errors: Errors, source: Mapping[str, Any], route: Route) -> None:
    """Judge a downwardAPI volume."""
    validate_mode(errors, source.get("defaultMode"), (*route, "defaultMode"))
    for item in source.get("items") or ():
        _validate_downward_file(errors, item, route)


def validate_projected_volume(errors: Errors, source: Mapping[str, Any], route: Route) -> None:
    """Judge a projected volume: each of its sources, and that no two write the same path."""
    validate_mode(errors, source.get("defaultMode"), (*route, "defaultMode"))
    taken: set[str] = set()
    for index, item in enumerate(source.get("sources") or ()):
        _validate_projection(errors, item, (*route, "sources", index), route, taken)


def _take(errors: Errors, path: str, taken: set[str], route: Route, shown: str) -> None:
    if path in taken:
        invalid(errors, route, shown, "conflicting duplicate paths")
    taken.add(path)


def _validate_projection(
    errors: Errors, item: Mapping[str, Any], at: Route, volume: Route, taken: set[str]
) -> None:
    count = 0
    for key in ("secret", "configMap"):
        source = item.get(key)
        if source is None:
            continue
        count += 1
        if not source.get("name"):
            required(errors, (*at, key, "name"))
        for index, entry in enumerate(source.get("items") or ()):
            _validate_item(errors, entry, (*at, key, "items", index))
            if entry.get("path"):
                _take(errors, entry["path"], taken, volume, source.get("name") or "")
    source = item.get("downwardAPI")
    if source is not None:
        count += 1
        for entry in source.get("items") or ():
            _validate_downward_file(errors, entry, (*at, "downwardAPI"))
            if entry.get("path"):
                _take(errors, entry["path"], taken, volume, entry["path"])
    source = item.get("serviceAccountToken")
    if source is not None:
        count += 1
        _validate_token(errors, source, (*at, "serviceAccountToken"), format_route(volume))
    source = item.get("clusterTrustBundle")
    if source is not None:
        count += 1
        _validate_trust_bundle(errors, source, (*at, "clusterTrustBundle"))
        _take(errors, source.get("path") or "", taken, volume, source.get("path") or "")
    source = item.get("podCertificate")
    if source is not None:
        count += 1
        _validate_certificate(errors, source, (*at, "podCertificate"), volume, taken)
    if count > 1:
        forbidden(errors, at, "may not specify more than 1 volume type per source")


def _validate_token(errors: Errors, source: Mapping[str, Any], route: Route, volume_path: str) -> None:
    seconds, path = source.get("expirationSeconds"), source.get("path") or ""
    at = (*route, "expirationSeconds")
    if seconds is None:
        required(errors, at)
    elif seconds < 600:
        invalid(errors, at, seconds, "may not specify a duration less than 10 minutes")
    elif seconds > _MAX_EXPIRATION:
        invalid(errors, at, seconds, "may not specify a duration larger than 2^32 seconds")
    # the path is reported as if it stood in the volume itself
    faults = Errors(errors.gates)
    if not path:
        required(faults, (*route, "path"), field=f"{volume_path}.path")
        errors.extend(faults)
        return
    validate_non_reserved(faults, path, (*route, "path"))
    for error in faults:
        invalid(errors, error.route, path, error.detail, field=f"{volume_path}.path")


def _signer_faults(errors: Errors, name: str, route: Route) -> None:
    """Judge a signer's name. Source: pkg/apis/core/validation ValidateSignerName."""
    from .signer_names import validate_signer_name

    validate_signer_name(errors, name, route)


def _validate_trust_bundle(errors: Errors, source: Mapping[str, Any], route: Route) -> None:
    name, signer = source.get("name"), source.get("signerName")
    if name is not None and signer is not None:
        selector = source.get("labelSelector")
        printed = source if selector is None else {**source, "labelSelector": show_selector(selector)}
        shown = internal_json(printed, "ClusterTrustBundleProjection", errors.gates.minor)
        invalid(errors, route, shown, "only one of name and signerName may be used")
    elif name is not None:
        if not name:
            required(errors, (*route, "name"), "must be a valid object name")
        for fault in dns_subdomain(name.rpartition(":")[2]):
            invalid(errors, (*route, "name"), name, f"not a valid clustertrustbundlename: {fault}")
        if source.get("labelSelector") is not None:
            detail = "labelSelector must be unset if name is specified"
            invalid(errors, (*route, "labelSelector"), show_selector(source["labelSelector"]), detail)
    elif signer is not None:
        if not signer:
            required(errors, (*route, "signerName"), "must be a valid signer name")
        _signer_faults(errors, signer, (*route, "signerName"))
        validate_selector(errors, source.get("labelSelector"), (*route, "labelSelector"))
    else:
        required(errors, route, "either name or signerName must be specified")
    if not source.get("path"):
        required(errors, (*route, "path"))
    validate_non_reserved(errors, source.get("path") or "", (*route, "path"))


def _validate_certificate(
    errors: Errors, source: Mapping[str, Any], route: Route, volume: Route, taken: set[str]
) -> None:
    signer, kind = source.get("signerName") or "", source.get("keyType") or ""
    _signer_faults(errors, signer, (*route, "signerName"))
    validate_user_annotations(errors, source.get("userAnnotations") or {}, (*route, "userAnnotations"))
    known = _KEY_TYPES + _ML_DSA if errors.gates.enabled("PodCertificateMLDSA") else _KEY_TYPES
    if kind not in known:
        not_supported(errors, (*route, "keyType"), kind, known)
    seconds = source.get("maxExpirationSeconds")
    if seconds is not None:
        at = (*route, "maxExpirationSeconds")
        host = signer.partition("/")[0]
        limit = _MAX_KUBERNETES_CERTIFICATE if host.endswith("kubernetes.io") else _MAX_CERTIFICATE
        if seconds < 3600:
            invalid(errors, at, seconds, "if provided, maxExpirationSeconds must be >= 3600")
        if seconds > limit:
            invalid(errors, at, seconds, f"if provided, maxExpirationSeconds must be <= {limit}")
    paths = 0
    for key in ("credentialBundlePath", "keyPath", "certificateChainPath"):
        path = source.get(key)
        if path:
            paths += 1
            validate_non_reserved(errors, path, (*route, key))
            _take(errors, path, taken, volume, path)
    if not paths:
        required(
            errors, route, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"
        )
