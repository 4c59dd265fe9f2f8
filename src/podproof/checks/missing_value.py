"""A required field is not set: the object cannot be created.

A container without `name`, a pod without containers, `type: Localhost` without `localhostProfile`. The words
are the API server's. Custom resources fill in fields of the pods they make, so theirs are not asked for.

**Source:** kubernetes pkg/apis/core/validation; recorded answers of 1.37.2.
"""

from collections.abc import Iterator

from ..findings import Finding
from .model.acceptance import ERRORS, AcceptanceCheck, ReviewedObject, fault


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.review is None:
        return
    for error in reviewed.review.errors:
        if error.type == "Required value" and not reviewed.custom:
            yield fault(reviewed, CHECK.id, error.route, error.text)


CHECK = AcceptanceCheck(
    id="missing-value",
    summary="a required field that is not set",
    find=_find,
    when=ERRORS,
)
