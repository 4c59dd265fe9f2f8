"""Requests about PodSecurityPolicies themselves: what the API server of that time answers.

A policy as a plain mapping comes in; accepted or not, with the server's message and the completed object,
goes out.
Source: kubernetes 1.24.17; recorded answers.
"""

import copy
from collections.abc import Mapping
from typing import Any

from ...kube.decode import decode
from ...kube.encode import encode
from ...kube.go_format import quote
from ...kube.own_kinds import OWN_VERSION, POLICY
from ...kube.status import Acceptance, bad_request, created, invalid
from ...kube.types import resolve
from ...kube.validation.pod_security_policy import DEPRECATED, default_policy, validate_policy
from ...kube.versions import NEWEST
from .. import decision as decisions
from ..request import AdmissionRequest

__all__ = ["POLICY_VERSIONS", "accept_own_policy", "accept_policy", "answer_policy"]

POLICY_VERSIONS = {"policy/v1beta1": 24, "extensions/v1beta1": 15}
"""The API versions that policies have had, and the last minor version of Kubernetes that serves each."""
_DEPRECATED_SINCE = 21


def accept_policy(object_: Mapping[str, Any], minor: int) -> Acceptance:
    """Decode, complete and validate a policy as Kubernetes 1.`minor` would; unknown fields are let be."""
    version = object_.get("apiVersion")
    if version in (None, ""):
        version = "policy/v1beta1"
    if (
        not isinstance(version, str)
        or version not in POLICY_VERSIONS
        or object_.get("kind") not in (None, "", "PodSecurityPolicy")
    ):
        kind = f"no matches for kind {quote(str(object_.get('kind')))} in version {quote(str(version))}"
        return bad_request(kind)
    # an export may be of an older cluster than the one that is played: what was served then counts now
    warnings = [DEPRECATED] if minor >= _DEPRECATED_SINCE else []
    decoded = decode(copy.deepcopy(dict(object_)), "policy/v1beta1.PodSecurityPolicy", version=minor)
    if decoded.fatal is not None:
        short = version.rpartition("/")[2]
        text = f'PodSecurityPolicy in version "{short}" cannot be handled as a PodSecurityPolicy'
        return bad_request(f"{text}: {decoded.fatal.message}", warnings)
    policy = decoded.object
    policy["kind"], policy["apiVersion"] = "PodSecurityPolicy", version
    default_policy(policy)
    errors = validate_policy(policy)
    if errors:
        name = (policy.get("metadata") or {}).get("name") or ""
        group = version.rpartition("/")[0]
        return invalid(f"PodSecurityPolicy.{group}", name, errors, warnings)
    type_ = resolve("policy/v1beta1.PodSecurityPolicy", minor)
    return created({"kind": "PodSecurityPolicy", "apiVersion": version} | encode(policy, type_), warnings)


def accept_own_policy(object_: Mapping[str, Any]) -> Acceptance:
    """Decode, complete and validate a policy of Podproof's own kind; unknown fields are refused.

    An API server does the same by the kind's definition, but for the policy's annotations, which no
    definition can look at.
    """
    if object_.get("apiVersion") != OWN_VERSION:
        version = quote(str(object_.get("apiVersion") or ""))
        return bad_request(f'no matches for kind "PodSecurityPolicy" in version {version}')
    decoded = decode(copy.deepcopy(dict(object_)), "podproof/v1alpha1.PodSecurityPolicy", version=NEWEST)
    faults = [decoded.fatal.message] if decoded.fatal is not None else [one.message for one in decoded.strict]
    if faults:
        return bad_request(f"PodSecurityPolicy cannot be read: {', '.join(faults)}")
    policy = decoded.object
    default_policy(policy, own=True)
    errors = validate_policy(policy, own=True)
    if errors:
        return invalid(POLICY, (policy.get("metadata") or {}).get("name") or "", errors)
    return created({**policy, "kind": "PodSecurityPolicy", "apiVersion": OWN_VERSION}, [])


def answer_policy(request: AdmissionRequest, minor: int) -> decisions.Decision:
    """Answer the creation or update of a policy: no plugin looks at it."""
    if request.object is None:
        return decisions.bad_request("failed to decode object")
    accepted = accept_policy(request.object, minor)
    if accepted.accepted:
        return decisions.Decision(True, warnings=accepted.warnings, completed=accepted.object)
    details = None
    if accepted.reason == "Invalid":
        name = (request.object.get("metadata") or {}).get("name") or ""
        details = decisions.invalid_details(request.qualified_kind, name, accepted.causes)
    return decisions.Decision(
        False,
        accepted.code,
        accepted.message,
        warnings=accepted.warnings,
        reason=accepted.reason,
        details=details,
    )
