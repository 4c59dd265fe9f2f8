"""Defaults of quantities: their canonical notation, which defaulting rounds to thousandths.

A map of resources comes in and is completed in place.
Source: kubernetes 1.37.2 pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["default_quantities"]


@cache
def _notation() -> Callable[[str | int | float], str | None]:
    from ..quantity import canonical  # drags in fractions and decimal: late

    return canonical


def default_quantities(quantities: dict[str, Any] | None) -> None:
    """Write quantities as the server does; what is none stays as it is."""
    if not quantities:
        return
    canonical = _notation()
    for name, value in quantities.items():
        text = canonical("0" if value is None else value)
        if text is not None and text != value:
            quantities[name] = text
