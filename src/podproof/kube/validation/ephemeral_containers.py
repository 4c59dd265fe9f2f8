"""Ephemeral containers: what they may not have, and where they may not be.

A pod spec comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateEphemeralContainers, ValidatePodCreate.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, duplicate, forbidden, not_found
from ..visit import WITHOUT_EPHEMERAL, visit_mappings
from .containers import Surroundings, validate_common, validate_padding

_NOT_ALLOWED = "cannot be set for an Ephemeral Container"
_FORBIDDEN = (  # in the order of the Go type's fields
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
)


def validate_ephemeral_containers(
    errors: Errors, spec: Mapping[str, Any], pod: Surroundings, route: Route
) -> None:
    """Judge ephemeral containers; `route` is the list's."""
    containers = spec.get("ephemeralContainers")
    if not containers:
        return
    others = {
        container.get("name") or "" for _, container, _ in visit_mappings(spec, route, WITHOUT_EPHEMERAL)
    }
    names = set(others)
    for index, container in enumerate(containers):
        at = (*route, index)
        validate_common(errors, container, pod, at)
        validate_padding(errors, container, at)
        name, target = container.get("name") or "", container.get("targetContainerName") or ""
        if name in names:
            duplicate(errors, (*at, "name"), name)
        names.add(name)
        if target and target not in others:
            not_found(errors, (*at, "targetContainerName"), target)
        for key in _FORBIDDEN:
            value = container.get(key)
            # an empty list is not nil in Go and counts as set; an empty `resources` does not
            if value is not None and not (key == "resources" and not value):
                forbidden(errors, (*at, key), _NOT_ALLOWED)
        for position, mount in enumerate(container.get("volumeMounts") or ()):
            for key in ("subPath", "subPathExpr"):
                if mount.get(key):
                    forbidden(errors, (*at, "volumeMounts", position, key), _NOT_ALLOWED)
