"""A required field is not set: the object cannot be created.

A container without `name`, a pod without containers, `type: Localhost` without `localhostProfile`. The words
are the API server's. Custom resources fill in fields of the pods they make, so theirs are not asked for.

Source: kubernetes pkg/apis/core/validation; recorded answers of 1.37.2.
"""

from collections.abc import Iterator

from ._acceptance import AcceptanceCheck, Finding, Severity, Subject, fault


def _find(subject: Subject) -> Iterator[Finding]:
    if subject.review is None:
        return
    for error in subject.review.errors:
        if error.type == "Required value" and not subject.custom:
            yield fault(subject, CHECK.id, error.route, error.text)


CHECK = AcceptanceCheck(
    id="missing-value",
    summary="a required field that is not set",
    severity=Severity.ERROR,
    find=_find,
)
