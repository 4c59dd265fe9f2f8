"""A key is set twice in one mapping: the last value counts, and a reader may believe the first.

kubectl converts a manifest before it sends it, which silently keeps the last value. Sent as it is, the object
is refused by strict validation. A server that does not ask for it keeps the last value of YAML, but decodes
JSON over what the first value left: `"hostPID": true, "hostPID": null` is a pod with hostPID. Such JSON is
judged as that server stores it. Both places are shown.

**Source:** sigs.k8s.io/yaml; recorded answers of 1.37.2.
"""

from collections.abc import Iterator
from typing import Any

from ..findings import Finding, Severity, format_route
from ..kube.workload import is_list
from ..manifest.doubled import Doubled
from ..manifest.route import Route
from .model.acceptance import DUPLICATES, AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    for route in dict.fromkeys(reviewed.duplicates):  # each time that a key is written again
        yield Finding(
            check=CHECK.id,
            severity=Severity.WARNING,
            message=f'key "{route[-1]}" is set more than once: {_what_counts(reviewed.value, route)}',
            route=route,
            label="this one counts",
            help=(f"strict validation refuses it: duplicate field {format_route(route)}",),
            at_key=True,
        )


def _what_counts(whole: Any, route: Route) -> str:
    """Say which value counts; of JSON, whose objects keep all their pairs, the server merges them.

    A List never reaches the server: kubectl sends its items.
    """
    value = whole
    for step in route[:-1]:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return "the last counts"
    if value.__class__ is Doubled and is_list(whole):
        return "kubectl keeps the last, and applies none of the others"
    if value.__class__ is Doubled:
        return "kubectl keeps the last, the API server decodes it over the first"
    return "the last counts"


CHECK = AcceptanceCheck(
    id="duplicate-key",
    summary="a key that is set more than once",
    severity=Severity.WARNING,
    find=_find,
    when=DUPLICATES,
)
