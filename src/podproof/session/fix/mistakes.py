"""Finds what mends the mistakes of one object: its value and its findings come in, changes go out."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from ...findings import MOST_LISTED, Finding
from ...fixes.annotations import FIRST_UNREAD, SECCOMP, plan_annotations
from ...fixes.change import PlannedChange, PodToFix
from ...fixes.mistakes import UNKNOWN_FIELD, Unmended, mend_unknown_field, without_contradictions
from ...fixes.plan import place_of
from ...fixes.policy_mistakes import mend_policy_field
from ...fixes.windows import EXEMPT_SINCE, OF_LINUX, plan_windows
from ...fixes.wrong_types import WRONG_TYPE, mend_wrong_type
from ...kube.feature_gates import FeatureGates
from ...kube.workload import Learned, Workload, find_workload
from ...manifest.route import Route
from ...policies.levels import minor_of
from ..judging.judge import Judge
from ..judging.pods import reviews_of

__all__ = ["Mended", "mend_mistakes"]

Mended = Mapping[Route, PlannedChange | Unmended]
"""By the route of a mistake: what mends it, or why nothing does."""


def mend_mistakes(
    value: Any,
    findings: Sequence[Finding],
    pods: Sequence[PodToFix],
    judge: Judge,
    learned: Learned | None,
) -> Mended:
    """Say what mends the mistakes in an object, and what stands in the way of other changes."""
    found = {finding.route: finding for finding in findings if finding.check == UNKNOWN_FIELD}
    unknown = _unknown_fields(value, found, pods, judge.gates, learned) if found else {}
    mended = without_contradictions(unknown)
    for finding in findings:
        if finding.check == WRONG_TYPE:
            place = place_of(finding.container, finding.route, pods)
            change = mend_wrong_type(value, finding, place)
            if change is not None:
                mended[finding.route] = change
    checks = {finding.check for finding in findings}
    for pod in pods:
        if not pod.holds(value):
            continue
        if checks.intersection(OF_LINUX) and (minor_of(judge.evaluated_version) or 0) >= EXEMPT_SINCE:
            change = plan_windows(value, pod)
            if change is not None:
                mended[change.edits[-1].route] = change
        if checks.intersection(SECCOMP) and judge.minor >= FIRST_UNREAD:
            for change in plan_annotations(value, pod):
                mended[change.edits[0].route] = change
    return mended


def _unknown_fields(
    value: Any,
    found: Mapping[Route, Finding],
    pods: Sequence[PodToFix],
    gates: FeatureGates,
    learned: Learned | None,
) -> dict[Route, PlannedChange | Unmended]:
    if value.get("kind") == "PodSecurityPolicy":
        return {route: mend_policy_field(value, route) for route in islice(found, MOST_LISTED)}
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
            if len(mended) == MOST_LISTED:  # comparing a name with all others is dear
                return mended
            container = found[route].container
            place = place_of(container, route, pods)
            one = mend_unknown_field(value, problem, reviewed.to_value, place, by_shape=by_shape)
            if isinstance(one, PlannedChange):
                one = msgspec.structs.replace(one, container=container)
            mended[route] = one
    return mended
