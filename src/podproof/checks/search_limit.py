"""An object is too large to be judged to its end: it is undecided.

Pods of a kind that Podproof does not know are searched for in the whole object. The search ends after 1,000
pod templates and does not go deeper than 40 levels. What lies beyond may hold a pod that nobody has judged.

All containers of a pod count for the verdict of a level. What each of its settings does, and the places of
findings, are worked out for the first 500 containers of each list. The others may hold something that nobody
is told of.

The exit code is therefore 4, as for a file that cannot be read. Split the object, or leave it out with
--exclude.

**Source:** none, a limit of Podproof.
"""

from collections.abc import Iterator

from ..findings import Finding, Severity
from .model.acceptance import LIMIT, AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.limit is not None:
        words, route = reviewed.limit
        message = f"not all of the {reviewed.kind or 'object'} was judged: {words}"
        yield Finding(
            check=CHECK.id, severity=Severity.ERROR, message=message, route=route, label="from here on"
        )


CHECK = AcceptanceCheck(
    id="search-limit",
    summary="an object that is not judged to its end",
    find=_find,
    when=LIMIT,
)
