"""A role still grants the use of PodSecurityPolicies, which Kubernetes has not had since 1.25.

The rule grants nothing, and whoever reads it believes that a policy guards the pods of those who have the
role. What guards them is Pod Security, by the labels of their namespace, if anything does.

**Fields:** `rules[*].resources` with `podsecuritypolicies` in a Role or ClusterRole. Those of the group
`podproof.dev` are something else: Podproof's webhook judges by them. **Since:** v1.25.

**Source:** kubernetes.io, Deprecated API Migration Guide; kubernetes 1.24 plugin
podsecuritypolicy/admission.go, which asks for the verb `use`.
"""

from collections.abc import Iterator
from typing import Any

from ..findings import Finding, Route, Severity
from ..kube.versions import LAST_WITH_POD_SECURITY_POLICY
from .model.acceptance import NO_REVIEW, AcceptanceCheck, ReviewedObject

_RESOURCE = "podsecuritypolicies"
_GROUP = "rbac.authorization.k8s.io/"
_ELSEWHERE = "podproof.dev"
"""The group of policies of the same name, which guard clusters of today by a webhook."""


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.minor <= LAST_WITH_POD_SECURITY_POLICY or reviewed.kind not in ("Role", "ClusterRole"):
        return
    if not (reviewed.api_version or "").startswith(_GROUP):
        return
    for number, rule in enumerate(_listed(reviewed.value, "rules")):
        if _listed(rule, "apiGroups") == [_ELSEWHERE]:
            continue
        for index, resource in enumerate(_listed(rule, "resources")):
            if resource == _RESOURCE:
                verbs = ", ".join(verb for verb in _listed(rule, "verbs") if isinstance(verb, str))
                yield _leftover(
                    f"{reviewed.kind} grants {verbs or 'nothing'}", ("rules", number, "resources", index)
                )


def _leftover(grants: str, route: Route) -> Finding:
    return Finding(
        check=CHECK.id,
        severity=Severity.WARNING,
        message=f"{grants} on {_RESOURCE}, which Kubernetes has not had since "
        f"1.{LAST_WITH_POD_SECURITY_POLICY + 1}, so that it guards nothing: remove the rule, and label "
        "namespaces with pod-security.kubernetes.io/enforce",
        route=route,
        label="a leftover",
    )


def _listed(value: Any, key: str) -> list[Any]:
    entry = value.get(key) if isinstance(value, dict) else None
    return entry if isinstance(entry, list) else []


CHECK = AcceptanceCheck(
    id="pod-security-policy-grant",
    summary="roles that still grant the use of PodSecurityPolicies",
    severity=Severity.WARNING,
    find=_find,
    when=NO_REVIEW,
)
