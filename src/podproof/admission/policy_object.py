"""Requests about PodSecurityPolicies themselves: what the API server of that time answers.

A policy as a plain mapping comes in; accepted or not, with the server's message and the completed object,
goes out.
Source: kubernetes 1.24.17; recorded answers.
"""

import copy
from collections.abc import Mapping
from typing import Any

from ..kube.decode import decode
from ..kube.encode import encode
from ..kube.go_format import quote
from ..kube.status import Acceptance, bad_request, created, invalid
from ..kube.types import resolve
from ..kube.validation.pod_security_policy import DEPRECATED, default_policy, validate_policy

__all__ = ["POLICY_VERSIONS", "judge_policy"]

POLICY_VERSIONS = {"policy/v1beta1": 24, "extensions/v1beta1": 15}
"""The API versions that policies have had, and the last minor version of Kubernetes that serves each."""
_DEPRECATED_SINCE = 21


def judge_policy(object_: Mapping[str, Any], minor: int) -> Acceptance:
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
    held = decoded.object
    held["kind"], held["apiVersion"] = "PodSecurityPolicy", version
    default_policy(held)
    errors = validate_policy(held)
    if errors:
        name = (held.get("metadata") or {}).get("name") or ""
        group = version.rpartition("/")[0]
        return invalid(f"PodSecurityPolicy.{group}", name, errors, warnings)
    type_ = resolve("policy/v1beta1.PodSecurityPolicy", minor)
    return created({"kind": "PodSecurityPolicy", "apiVersion": version} | encode(held, type_), warnings)
