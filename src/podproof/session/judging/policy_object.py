"""Judges a PodSecurityPolicy as an object: the value comes in, findings counted from it go out.

The API server's refusals come in its words; of a policy that it takes, what it allows and which Pod Security
level it keeps to. Reads nothing.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from ...admission.resources.policies import POLICY_VERSIONS
from ...checks.pod_security_policy import CHECK
from ...findings import Finding, Severity
from ...kube.decode import decode
from ...kube.field_error import FieldError
from ...kube.go_format import quote
from ...kube.own_kinds import OWN_VERSION
from ...kube.validation.pod_security_policy import default_policy, validate_policy
from ...kube.versions import LAST_WITH_POD_SECURITY_POLICY, NEWEST
from ...manifest.route import Route, format_route, value_at
from ...policies.psp.describe import describe
from ...policies.psp.level import UNLIMITED, UNLIMITED_TODAY, assess_level
from ...policies.psp.policy import PodSecurityPolicy, read_policy

__all__ = ["judge_policy_object", "refused"]

_BEYOND = "no policy limits"
_CHECKS = {"Required value": "missing-value", "Forbidden": "forbidden-field"}


def judge_policy_object(value: Any, minor: int) -> tuple[Finding, ...] | None:
    """Give what there is to say about a PodSecurityPolicy; None when the value is something else.

    A `wrong-type` among the findings: it could not be read, and so nothing else is said.
    """
    if not isinstance(value, dict) or value.get("kind") != "PodSecurityPolicy":
        return None
    own = value.get("apiVersion") == OWN_VERSION
    if not own and value.get("apiVersion") not in POLICY_VERSIONS:
        return None
    # a later version, which has no such type, is asked about it as the last one that has
    decoded = decode(
        copy.deepcopy(value),
        "podproof/v1alpha1.PodSecurityPolicy" if own else "policy/v1beta1.PodSecurityPolicy",
        version=NEWEST if own else min(minor, LAST_WITH_POD_SECURITY_POLICY),
    )
    if decoded.fatal is not None:
        return (Finding("wrong-type", Severity.ERROR, decoded.fatal.message, decoded.fatal.route),)
    policy = decoded.object
    default_policy(policy, own=own)
    errors = validate_policy(policy, own=own)
    if errors:
        return refused(errors)
    return tuple(_described(value, read_policy(policy), UNLIMITED_TODAY if own else UNLIMITED))


def refused(errors: Iterable[FieldError]) -> tuple[Finding, ...]:
    """Make findings of what the API server refuses, in its words."""
    return tuple(
        Finding(_CHECKS.get(error.type, "invalid-value"), Severity.ERROR, error.text, error.route)
        for error in errors
    )


def _described(
    value: dict[str, Any], policy: PodSecurityPolicy, unlimited: Iterable[str]
) -> Iterator[Finding]:
    """Say of a valid policy what it allows, and of each field the lowest level that it falls short of."""
    who = f"policy {quote(policy.name)}"
    if policy.broken:
        yield _note(f"{who} admits no pod: {', '.join(policy.broken)}", ())
        return
    assessment = assess_level(policy)
    levels = {gap.level for gap in assessment.gaps}
    short = f", falls short of {' and '.join(sorted(levels))}" if levels else ""
    yield _note(
        f"{who} keeps to {assessment.level}{short}, and allows",
        (),
        details=(*describe(policy), (_BEYOND, ", ".join(unlimited))),
    )
    for gap in assessment.gaps:
        field = format_route(gap.route)
        unset = " is not set" if value_at(value, gap.route) is None else ""
        yield _note(
            f"{field}{unset}: {gap.allows} ({gap.reason})",
            gap.route,
            heading=f"{who} falls short of {gap.level}",
        )


def _note(
    message: str, route: Route, *, heading: str = "", details: tuple[tuple[str, str], ...] = ()
) -> Finding:
    return Finding(CHECK.id, CHECK.severity, message, route, advice=True, heading=heading, details=details)
