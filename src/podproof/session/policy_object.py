"""Judges a PodSecurityPolicy as an object: the value comes in, findings counted from it go out.

The API server's refusals come in its words; of a policy that it takes, what it allows and which Pod Security
level it keeps to. Reads nothing.
"""

import copy
from collections.abc import Iterator
from typing import Any

from ..admission.policy_object import POLICY_VERSIONS
from ..checks.pod_security_policy import CHECK
from ..findings import Finding, Severity
from ..kube.decode import decode
from ..kube.validation.pod_security_policy import default_policy, validate_policy
from ..manifest.route import format_route
from ..policies.psp.describe import describe
from ..policies.psp.level import UNLIMITED, standing_of
from ..policies.psp.policy import read_policy

__all__ = ["judge_policy_object"]

_LAST = 24
"""The last minor version of Kubernetes that has PodSecurityPolicy: a later one is asked about it as that."""
_CHECKS = {"Required value": "missing-value", "Forbidden": "forbidden-field"}


def judge_policy_object(value: Any, minor: int) -> Iterator[Finding]:
    """Yield what there is to say about a PodSecurityPolicy; nothing when the value is something else."""
    if not isinstance(value, dict) or value.get("kind") != "PodSecurityPolicy":
        return
    if value.get("apiVersion") not in POLICY_VERSIONS:
        return
    decoded = decode(copy.deepcopy(value), "policy/v1beta1.PodSecurityPolicy", version=min(minor, _LAST))
    if decoded.fatal is not None:
        yield Finding("wrong-type", Severity.ERROR, decoded.fatal.message, decoded.fatal.route)
        return
    held = decoded.object
    default_policy(held)
    errors = validate_policy(held)
    for error in errors:
        check = _CHECKS.get(error.type, "invalid-value")
        yield Finding(check, Severity.ERROR, error.text, error.route)
    if errors:
        return
    policy = read_policy(held)
    if policy.broken:
        yield Finding(CHECK.id, CHECK.severity, describe(policy)[0], ("spec",), at_key=True)
        return
    standing = standing_of(policy)
    yield Finding(
        CHECK.id,
        CHECK.severity,
        f"keeps to {standing.level}, and allows: {'; '.join(describe(policy))}",
        ("spec",),
        help=(f"no policy limits {' or '.join(UNLIMITED)}",),
        at_key=True,
    )
    for shortfall in standing.shortfalls:
        yield Finding(
            CHECK.id,
            CHECK.severity,
            f"{format_route(shortfall.route)} falls short of {shortfall.level}: {shortfall.words}",
            shortfall.route,
        )
