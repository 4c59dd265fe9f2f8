"""What a server cannot turn into its internal types although it could decode it: two annotations.

A decoded object comes in, the problem goes out. What conversion changes is among the defaults.
Source: kubernetes 1.37.2 pkg/apis/apps/v1/conversion.go.
"""

from collections.abc import Mapping
from typing import Any

from .decode import Problem
from .go_integers import find_int64_problem

__all__ = ["ROLLBACK_TO", "TEMPLATE_GENERATION", "find_conversion_problem"]

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
"""An annotation of DaemonSets that was a field: a number."""

ROLLBACK_TO = "deprecated.deployment.rollback.to"
"""An annotation of Deployments that was a field: a number, or empty for none."""


def find_conversion_problem(kind: str, object_: Mapping[str, Any]) -> Problem | None:
    """Find why a decoded object cannot be converted, None when it can."""
    if kind not in ("DaemonSet", "Deployment"):
        return None
    annotations = (object_.get("metadata") or {}).get("annotations") or {}
    key = TEMPLATE_GENERATION if kind == "DaemonSet" else ROLLBACK_TO
    value = annotations.get(key)
    if value is None or (kind == "Deployment" and not value):
        return None
    message = find_int64_problem(value)
    if not message:
        return None
    if kind == "Deployment":
        message = f"failed to parse annotation[{key}]={value} as int64: {message}"
    return Problem("type", ("metadata", "annotations", key), message)
