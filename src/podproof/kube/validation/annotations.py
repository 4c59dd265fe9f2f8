"""Annotations that mean something for pods: mirror pods, deletion cost, and the old profiles.

A pod's annotations and spec come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidatePodSpecificAnnotations;
pkg/apis/core/helper GetDeletionCostFromPodAnnotations.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, invalid, keyed
from .formats import matcher
from .profiles import validate_profile_annotations

_MIRROR = "kubernetes.io/config.mirror"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def validate_pod_annotations(
    errors: Errors, annotations: Mapping[str, str] | None, spec: Mapping[str, Any], route: Route
) -> None:
    """Judge the annotations at `route`."""
    if not annotations:
        return
    if _MIRROR in annotations and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        at = (*route, _MIRROR)
        invalid(errors, at, annotations[_MIRROR] or "", detail, field=keyed(route, _MIRROR))
    if _DELETION_COST in annotations and errors.gates.enabled("PodDeletionCost"):
        cost = annotations[_DELETION_COST] or ""
        # a number that starts with a plus sign or a zero is refused, since it could be written shorter
        if not matcher(r"0|-?[1-9][0-9]*|-0").fullmatch(cost) or not -(2**31) <= int(cost) < 2**31:
            field = keyed(route, _DELETION_COST)
            invalid(errors, (*route, _DELETION_COST), cost, "must be a 32bit integer", field=field)
    validate_profile_annotations(errors, annotations, spec, route)
