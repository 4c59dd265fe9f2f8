"""A field that Kubernetes does not know is dropped, or the whole object is refused.

kubectl asks for strict validation and refuses the object; a client that does not (older kubectl, Helm 2, most
controllers) silently drops the field, so that `runAsNotRoot: true` protects nothing. The words are the API
server's, followed by the probable spelling or by the place where the field belongs.

**Source:** kubernetes apimachinery, pkg/runtime/serializer/json, strict decoding; recorded answers of 1.37.2.
"""

from collections.abc import Iterator

from ..findings import MOST_LISTED, Finding, Route, format_route
from ..kube.own_kinds import OWN_VERSION
from .model.acceptance import NO_REVIEW, PROBLEMS, AcceptanceCheck, ReviewedObject, fault

POLICY_SPEC = frozenset(
    (
        "privileged",
        "defaultAddCapabilities",
        "requiredDropCapabilities",
        "allowedCapabilities",
        "volumes",
        "hostNetwork",
        "hostPorts",
        "hostPID",
        "hostIPC",
        "seLinux",
        "runAsUser",
        "runAsGroup",
        "supplementalGroups",
        "fsGroup",
        "readOnlyRootFilesystem",
        "defaultAllowPrivilegeEscalation",
        "allowPrivilegeEscalation",
        "allowedHostPaths",
        "allowedFlexVolumes",
        "allowedCSIDrivers",
        "allowedUnsafeSysctls",
        "forbiddenSysctls",
        "allowedProcMountTypes",
        "runtimeClass",
    )
)
"""Fields of policy/v1beta1 PodSecurityPolicySpec. Source: k8s.io/api policy/v1beta1 types, v0.24."""

_OF_POLICY = ("apiVersion", "kind", "metadata", "spec")


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.kind == "PodSecurityPolicy":
        yield from _in_policy(reviewed)
    if reviewed.review is None:
        return
    found = 0
    for problem in reviewed.review.problems:
        if problem.kind == "unknown":
            from ..kube.misplaced import remedy  # costs 1 ms to import: only for a message

            found += 1
            # Comparing with every name is dear, and nobody sees what is said of the next thousand.
            advice = remedy(problem) if found <= MOST_LISTED or reviewed.custom else ""
            if reviewed.custom and len(problem.route) == 3 and not advice.startswith("did you mean"):
                continue  # a resource may extend the pod's spec: containerConcurrency of a Knative Service
            yield fault(reviewed, CHECK.id, problem.route, problem.message, remedy=advice, at_key=True)


def _in_policy(reviewed: ReviewedObject) -> Iterator[Finding]:
    """Judge the fields of a PodSecurityPolicy, which no server of today can: its types are gone."""
    known = (*_OF_POLICY, "modes") if reviewed.api_version == OWN_VERSION else _OF_POLICY
    for key in reviewed.value:
        if key not in known:
            advice = f"{key} belongs under spec" if key in POLICY_SPEC else ""
            yield _unknown_in_policy(reviewed, (key,), advice)
    spec = reviewed.value.get("spec")
    for key in spec if isinstance(spec, dict) else ():
        if key not in POLICY_SPEC:
            from difflib import get_close_matches

            near = get_close_matches(key, POLICY_SPEC)
            yield _unknown_in_policy(reviewed, ("spec", key), f"did you mean {near[0]}?" if near else "")


def _unknown_in_policy(reviewed: ReviewedObject, route: Route, advice: str) -> Finding:
    return fault(
        reviewed, CHECK.id, route, f'unknown field "{format_route(route)}"', remedy=advice, at_key=True
    )


CHECK = AcceptanceCheck(
    id="unknown-field",
    summary="a field that Kubernetes does not know",
    find=_find,
    when=NO_REVIEW | PROBLEMS,
)
