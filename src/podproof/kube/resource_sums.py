"""What the containers of a pod ask for together.

A decoded pod spec comes in, quantities by the names of resources go out, in the order of the names.
Source: component-helpers v0.37.2 resource/helpers.go, AggregateContainerRequests and the like of limits.
"""

from collections.abc import Mapping
from typing import Any

from .quantity import Quantity, parse_quantity
from .visit import INIT_CONTAINERS, visit_mappings

__all__ = ["read_quantities", "sum_resources"]


def read_quantities(values: Mapping[str, Any] | None) -> dict[str, Quantity]:
    """Read the quantities of a map of resources; what is none is left out."""
    out = {}
    for name in sorted(values or ()):
        quantity = parse_quantity((values or {})[name] or "0")
        if quantity is not None:
            out[name] = quantity
    return out


def sum_resources(spec: Mapping[str, Any], side: str) -> dict[str, Quantity]:
    """Add up `requests` or `limits`: sidecars count with all, other init containers only at their peak."""
    totals: dict[str, Quantity] = {}
    for container in spec.get("containers") or ():
        _add(totals, read_quantities((container.get("resources") or {}).get(side)))
    peaks: dict[str, Quantity] = {}
    sidecars: dict[str, Quantity] = {}
    for kind, container, _ in visit_mappings(spec, fields=INIT_CONTAINERS):
        own = read_quantities((container.get("resources") or {}).get(side))
        if kind == "sidecar":
            _add(totals, own)
            _add(sidecars, own)
            own = dict(sidecars)
        else:
            own = dict(own)
            _add(own, sidecars)
        for name, quantity in own.items():
            if name not in peaks or quantity.value > peaks[name].value:
                peaks[name] = quantity
    for name, quantity in peaks.items():
        if name not in totals or quantity.value > totals[name].value:
            totals[name] = quantity
    return {name: totals[name] for name in sorted(totals)}


def _add(totals: dict[str, Quantity], more: Mapping[str, Quantity]) -> None:
    for name, quantity in more.items():
        old = totals.get(name)
        if old is None:
            totals[name] = quantity
        else:
            notation = old.format if old.value else quantity.format
            totals[name] = Quantity(old.value + quantity.value, notation)
