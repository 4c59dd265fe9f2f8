"""A key is set twice in one mapping: the last value counts, and a reader may believe the first.

kubectl converts YAML before it sends it, which silently keeps the last value. Sent as it is, the object is
refused by strict validation. Both places are shown.

**Source:** sigs.k8s.io/yaml; recorded answers of 1.37.2.
"""

from collections.abc import Iterator

from ..findings import Finding, Severity, format_route
from .model.acceptance import AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    for route in reviewed.duplicates:
        yield Finding(
            check=CHECK.id,
            severity=Severity.WARNING,
            message=f'key "{route[-1]}" is set more than once: the last counts',
            route=route,
            label="this one counts",
            help=(f"strict validation refuses it: duplicate field {format_route(route)}",),
            at_key=True,
        )


CHECK = AcceptanceCheck(
    id="duplicate-key",
    summary="a key that is set more than once",
    severity=Severity.WARNING,
    find=_find,
)
