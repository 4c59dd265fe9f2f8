"""Defaults of what takes its value from the pod or a container: environment variables, files of a volume.

A variable's source or a file of a downward API volume comes in, decoded, and is completed in place.
Source: kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_ObjectFieldSelector; zz_generated.conversion.go.
"""

from typing import Any

__all__ = ["default_selectors"]


def default_selectors(source: dict[str, Any]) -> None:
    """Complete `fieldRef` with its version, `resourceFieldRef` with a divisor: `0` when it is not set."""
    field, resource = source.get("fieldRef"), source.get("resourceFieldRef")
    if field is not None and not field.get("apiVersion"):
        field["apiVersion"] = "v1"
    if resource is not None:
        from ..quantity import parse_quantity  # drags in fractions and decimal: late

        quantity = parse_quantity(resource.get("divisor"))
        resource["divisor"] = "0" if quantity is None else str(quantity)
