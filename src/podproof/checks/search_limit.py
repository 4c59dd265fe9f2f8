"""A custom resource is too large or nested too deeply to find all its pods: it is undecided.

Pods of a kind that Podproof does not know are searched for in the whole object. The search ends after 1,000
pod templates and does not go deeper than 40 levels. What lies beyond may hold a pod that nobody has judged,
so the exit code is 4, as for a file that cannot be read. Split the object, or leave it out with --exclude.

**Source:** none, a limit of Podproof.
"""

from collections.abc import Iterator

from ..findings import Finding, Severity
from .model.acceptance import AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.limit is not None:
        words, route = reviewed.limit
        message = f"not all pods of the {reviewed.kind} were judged: {words}"
        yield Finding(
            check=CHECK.id, severity=Severity.ERROR, message=message, route=route, label="from here on"
        )


CHECK = AcceptanceCheck(
    id="search-limit",
    summary="a custom resource that is not searched for pods to its end",
    find=_find,
)
