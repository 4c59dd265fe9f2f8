"""What the checks about acceptance share: the facts about one object come in, findings go out.

An acceptance check tells what the API server, or kubectl before it, would make of an object as it is written.
The server's words are kept; what it does not say (where a misplaced field belongs) is added after them.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import msgspec

from ...findings import Finding, Route, Severity, format_route
from ...kube.feature_gates import FeatureGates
from ...kube.review import Review
from ...kube.versions import Minor
from ...kube.workload import Fragment
from ...manifest.route import value_at as route_value
from .check import Check

__all__ = [
    "DROPPED",
    "DUPLICATES",
    "ERRORS",
    "LIMIT",
    "NO_REVIEW",
    "PROBLEMS",
    "WARNINGS",
    "AcceptanceCheck",
    "ReviewedObject",
    "facts_of_review",
    "fault",
    "is_authors_fault",
    "value_at",
]


def _same(route: Route) -> Route:
    return route


class ReviewedObject(msgspec.Struct, frozen=True):
    """One object as it is written, and what the server would say about it.

    `value` is the object (for an item of a List: the item); routes of findings are counted from it. `review`
    None: it is not a workload. `to_value` translates a route of what was reviewed. `custom`: the pod is in a
    custom resource. `gates` are those of the version that is asked about. `duplicates` are the
    routes of keys that are written more than once. `after_dots`: the line before the object is `...`, which
    ended another document. `limit` says which limit it met, and where.
    """

    value: Any
    api_version: str | None
    kind: str | None
    gates: FeatureGates
    review: Review | None = None
    to_value: Callable[[Route], Route] = _same
    custom: bool = False
    fragment: Fragment | None = None
    duplicates: tuple[Route, ...] = ()
    after_dots: bool = False
    limit: tuple[str, Route] | None = None

    @property
    def minor(self) -> Minor:
        """The N of Kubernetes 1.N that is asked about."""
        return self.gates.minor


NO_REVIEW = 1 << 0
"""It is not a workload."""
PROBLEMS = 1 << 1
ERRORS = 1 << 2
WARNINGS = 1 << 3
DROPPED = 1 << 4
DUPLICATES = 1 << 5
LIMIT = 1 << 6


def facts_of_review(reviewed: ReviewedObject) -> int:
    """Say what there is to tell of an object at all, as bits; of most there is nothing."""
    review = reviewed.review
    facts = 0
    if review is None:
        facts = NO_REVIEW
    else:
        if review.problems:
            facts |= PROBLEMS
        if review.errors:
            facts |= ERRORS
        if review.warnings:
            facts |= WARNINGS
        if review.dropped:
            facts |= DROPPED
    if reviewed.duplicates:
        facts |= DUPLICATES
    if reviewed.limit is not None:
        facts |= LIMIT
    return facts


def _find_nothing(_: ReviewedObject) -> Iterator[Finding]:
    return iter(())


class AcceptanceCheck(Check, frozen=True, kw_only=True):
    """A check about acceptance: `find` yields its findings in the object it is given.

    A check without one only describes findings that the session makes, where it judges a kind as a whole.
    `when` are facts without any of which it finds nothing, so that it need not be asked; 0: it always is.
    """

    kind: ClassVar[str] = "acceptance"

    find: Callable[[ReviewedObject], Iterator[Finding]] = _find_nothing
    when: int = 0


def value_at(reviewed: ReviewedObject, route: Route) -> Any:
    """Return what is written at a route of what was reviewed; None when nothing is."""
    return route_value(reviewed.value, reviewed.to_value(route))


def is_authors_fault(reviewed: ReviewedObject, route: Route) -> bool:
    """Tell whether a fault is the author's: a custom resource's controller fills in what is absent."""
    return not reviewed.custom or value_at(reviewed, route) not in (None, "")


def fault(
    reviewed: ReviewedObject,
    check: str,
    route: Route,
    message: str,
    *,
    label: str = "",
    remedy: str = "",
    at_key: bool = False,
    certain: bool = False,
) -> Finding:
    """Make the finding of something the server refuses; in a custom resource it is a warning.

    `certain`: no pod can be made of it, so it is an error in a custom resource too.

    `route` is counted from what was reviewed; `remedy` follows the server's words after a semicolon.
    """
    place = reviewed.to_value(route)
    if reviewed.custom:
        # The pod was reviewed by itself; people know the path in their resource.
        message = message.replace(format_route(route), format_route(place))
        remedy = remedy.replace(format_route(route[:2]), format_route(reviewed.to_value(route[:2])))
    if remedy:
        message = f"{message}; {remedy}"
    helps: tuple[str, ...] = ()
    if reviewed.custom:
        helps = (f"a pod refuses this; whether {reviewed.kind} takes it, its own schema decides",)
    return Finding(
        check=check,
        severity=Severity.WARNING if reviewed.custom and not certain else Severity.ERROR,
        message=message,
        route=place,
        label=label,
        help=helps,
        at_key=at_key,
    )
