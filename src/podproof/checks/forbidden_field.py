"""A field is set that may not be set here: the object cannot be created.

A security context field that the pod's `spec.os.name` rules out, ephemeral containers in a new pod, a
readiness probe of an init container. The words are the API server's.

**Source:** kubernetes pkg/apis/core/validation; recorded answers of 1.37.2.
"""

from collections.abc import Iterator

from ..findings import Finding
from .model.acceptance import ERRORS, AcceptanceCheck, ReviewedObject, fault, is_authors_fault


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.review is None:
        return
    for error in reviewed.review.errors:
        if error.type == "Forbidden" and is_authors_fault(reviewed, error.route):
            yield fault(reviewed, CHECK.id, error.route, error.text)


CHECK = AcceptanceCheck(
    id="forbidden-field",
    summary="a field that may not be set here",
    find=_find,
    when=ERRORS,
)
