"""Defaults of quantities: their canonical notation, which defaulting rounds to thousandths.

A map of resources comes in and is completed in place.
Source: kubernetes 1.37.2 pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList.
"""

from functools import cache
from types import ModuleType
from typing import Any

__all__ = ["default_quantities"]


@cache
def _notation() -> ModuleType:
    from .. import quantity  # drags in fractions and decimal: late

    return quantity


def default_quantities(quantities: dict[str, Any] | None) -> None:
    """Write quantities as the server does; what is none stays as it is."""
    if not quantities:
        return
    notation = _notation()
    for name, value in quantities.items():
        if value.__class__ is str:
            text = notation.canonical_text(value)
        else:
            text = notation.canonical("0" if value is None else value)
        if text is not None and text != value:
            quantities[name] = text
