"""Finds what mends the mistakes of one object: its value and its findings come in, changes go out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ...findings import Finding
from ...fixes.change import PlannedChange, PodToFix
from ...fixes.mistakes import UNKNOWN_FIELD, Unmended, mend_unknown_field
from ...fixes.plan import place_of
from ...fixes.policy_mistakes import mend_policy_field
from ...kube.feature_gates import FeatureGates
from ...kube.workload import Learned, Workload, find_workload
from ...manifest.route import Route
from ..judging.pods import reviews_of

__all__ = ["Mended", "mend_mistakes"]

Mended = Mapping[Route, PlannedChange | Unmended]
"""By the route of an unknown field: what mends it, or why nothing does."""


def mend_mistakes(
    value: Any,
    findings: Iterable[Finding],
    pods: Sequence[PodToFix],
    gates: FeatureGates,
    learned: Learned | None,
) -> Mended:
    """Say of the unknown fields that were found in an object what mends them."""
    found = {finding.route: finding for finding in findings if finding.check == UNKNOWN_FIELD}
    if not found:
        return {}
    if value.get("kind") == "PodSecurityPolicy":
        return {route: mend_policy_field(value, route) for route in found}
    workload = find_workload(value, learned)
    mended: dict[Route, PlannedChange | Unmended] = {}
    if workload is None:
        return mended
    by_shape = isinstance(workload, Workload) and workload.custom
    for reviewed in reviews_of(value, workload, gates, judged=False):
        for problem in reviewed.review.problems:
            route = reviewed.to_value(problem.route)
            if problem.kind != "unknown" or route not in found or route in mended:
                continue
            container = found[route].container
            place = place_of(container, route, pods)
            one = mend_unknown_field(value, problem, reviewed.to_value, place, by_shape=by_shape)
            if isinstance(one, PlannedChange):
                one = msgspec.structs.replace(one, container=container)
            mended[route] = one
    return mended
