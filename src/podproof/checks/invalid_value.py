"""A value that API validation refuses: the object cannot be created.

Names with capital letters, a port above 65535, `runAsUser: -1`, an unknown `procMount`, two containers of one
name, a mount without its volume. The words, and their order, are the API server's.

**Source:** kubernetes pkg/apis/core/validation; recorded answers of 1.37.2.
"""

from collections.abc import Iterator

from ..findings import Finding
from .model.acceptance import ERRORS, AcceptanceCheck, ReviewedObject, fault, is_authors_fault


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.review is None:
        return
    for error in reviewed.review.errors:
        if error.type not in ("Required value", "Forbidden") and is_authors_fault(reviewed, error.route):
            yield fault(reviewed, CHECK.id, error.route, error.text)


CHECK = AcceptanceCheck(
    id="invalid-value",
    summary="a value that API validation refuses",
    find=_find,
    when=ERRORS,
)
