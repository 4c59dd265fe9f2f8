"""References to a pod's own fields and resources, in variables and volumes.

A selector comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateObjectFieldSelector,
validateContainerResourceFieldSelector; pkg/apis/core/pods ConvertDownwardAPIFieldLabel; pkg/fieldpath.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, FieldError, forbidden, invalid, not_supported, required
from ..go_format import quote
from .formats import qualified_name

ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
VOLUME_FIELDS = (
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
)
_CONVERTIBLE = frozenset(
    (*ENV_FIELDS, *VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase")
)
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_HUGE_PAGES = ("requests.hugepages-", "limits.hugepages-")
_DIVISORS = frozenset(["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"])
_SIZES = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"


def _subscript(path: str) -> tuple[str, str | None]:
    if not path.endswith("']"):
        return path, None
    head, mark, tail = path[:-2].partition("['")
    return (head, tail) if mark and head else (path, None)


def validate_field_selector(
    errors: Errors, selector: Mapping[str, Any], allowed: tuple[str, ...], route: Route
) -> None:
    """Judge a fieldRef; `allowed` are the paths without subscript that may be used here."""
    version, path = selector.get("apiVersion"), selector.get("fieldPath")
    if not version:
        required(errors, (*route, "apiVersion"))
        return
    if not path:
        required(errors, (*route, "fieldPath"))
        return
    at = (*route, "fieldPath")
    head, subscript = _subscript(path)
    conversion = "error converting fieldPath: "
    if version != "v1":
        invalid(errors, at, path, f"{conversion}unsupported pod version: {version}")
    elif subscript is not None:
        if head not in ("metadata.annotations", "metadata.labels"):
            invalid(errors, at, path, f"{conversion}field label does not support subscript: {path}")
            return
        key = subscript.lower() if head == "metadata.annotations" else subscript
        for fault in qualified_name(key):
            invalid(errors, route, key, fault)
    elif path == "spec.host" or path in _CONVERTIBLE:
        internal = "spec.nodeName" if path == "spec.host" else path
        if internal not in allowed:
            detail = "supported values: " + ", ".join(quote(item) for item in allowed)
            errors.append(FieldError("Unsupported value", at, internal, detail))
        elif internal == "status.hostIPs" and not errors.gates.enabled("PodHostIPs"):
            forbidden(errors, route, "may not be set when feature gate 'PodHostIPs' is not enabled")
    else:
        invalid(errors, at, path, f"{conversion}field label not supported: {path}")


def validate_resource_selector(
    errors: Errors, selector: Mapping[str, Any], route: Route, *, in_volume: bool
) -> None:
    """Judge a resourceFieldRef; in a volume it must name the container."""
    resource = selector.get("resource") or ""
    if in_volume and not selector.get("containerName"):
        required(errors, (*route, "containerName"))
    elif not resource:
        required(errors, (*route, "resource"))
    elif resource not in _RESOURCES and not resource.startswith(_HUGE_PAGES):
        not_supported(errors, (*route, "resource"), resource, _RESOURCES)
    divisor = selector.get("divisor")
    if divisor is None:
        return
    from ..quantity import parse_quantity  # drags in fractions and decimal: late

    quantity = parse_quantity(divisor)
    if quantity is None or quantity.value == 0:
        return
    text = str(quantity)
    if resource in ("limits.cpu", "requests.cpu"):
        if text not in ("1", "1m"):
            detail = "only divisor's values 1m and 1 are supported with the cpu resource"
            invalid(errors, (*route, "divisor"), resource, detail)
        return
    word = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}.get(
        resource.partition(".")[2]
    )
    if word is None or resource not in _RESOURCES:
        word = "hugepages" if resource.startswith(_HUGE_PAGES) else None
    if word is not None and text not in _DIVISORS:
        detail = f"only divisor's values {_SIZES} are supported with the {word} resource"
        invalid(errors, (*route, "divisor"), resource, detail)
