"""The API version is not served by the Kubernetes version asked for: the object cannot be created.

Old manifests say `extensions/v1beta1`; servers since 1.16 do not have it. PodSecurityPolicy left with 1.25
and has no successor of its own kind: the Pod Security admission plugin took its place. A workload kind under
an API version that never had it (`apiVersion: v1` for a Deployment) is found here too, in kubectl's words,
and so is a workload kind that is misspelt (`kind: deployment`).

**Source:** kubernetes.io, Deprecated API Migration Guide; CHANGELOG of 1.21 for batch/v2alpha1.
"""

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..kube.workload import is_native, nearest_kind, pod_template_route
from .model.acceptance import AcceptanceCheck, ReviewedObject

_WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")

_SERVED: dict[tuple[str, str], tuple[int, int | None]] = {
    ("v1", "Pod"): (0, None),
    ("v1", "PodTemplate"): (0, None),
    ("v1", "ReplicationController"): (0, None),
    **{("apps/v1", kind): (9, None) for kind in _WORKLOADS},
    **{("apps/v1beta2", kind): (8, 16) for kind in _WORKLOADS},
    ("apps/v1beta1", "Deployment"): (6, 16),
    ("apps/v1beta1", "StatefulSet"): (5, 16),
    ("extensions/v1beta1", "Deployment"): (2, 16),
    ("extensions/v1beta1", "ReplicaSet"): (2, 16),
    ("extensions/v1beta1", "DaemonSet"): (1, 16),
    ("batch/v1", "Job"): (2, None),
    ("batch/v1", "CronJob"): (21, None),
    ("batch/v1beta1", "CronJob"): (8, 25),
    ("batch/v2alpha1", "CronJob"): (5, 21),
    ("batch/v2alpha1", "ScheduledJob"): (4, 8),
    ("policy/v1beta1", "PodSecurityPolicy"): (10, 25),
    ("extensions/v1beta1", "PodSecurityPolicy"): (3, 16),
}
"""(apiVersion, kind) to the minors of 1.x that serve it: first, and first without it; newest first."""


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    version, kind = reviewed.api_version, reviewed.kind
    if version is None or kind is None:
        return
    if reviewed.custom:
        if is_native(version):
            yield _unknown_kind(version, kind)
        return
    served = _SERVED.get((version, kind))
    if served is None:
        if kind in {known for _, known in _SERVED} and (
            pod_template_route(version, kind) is not None or reviewed.review is not None
        ):
            yield _finding(f'no matches for kind "{kind}" in version "{version}"', kind, reviewed.minor)
        return
    since, removed = served
    if removed is not None and reviewed.minor >= removed:
        yield _finding(f"{version} {kind} was removed in Kubernetes 1.{removed}", kind, reviewed.minor)
    elif reviewed.minor < since:
        yield _finding(f"{version} {kind} is not in Kubernetes 1.{reviewed.minor}", kind, reviewed.minor)


def _unknown_kind(version: str, kind: str) -> Finding:
    """Name a kind that makes pods, in a group of the server's own that has no such kind."""
    near = nearest_kind(kind, likeness=0.6)
    remedy = f"did you mean {near}?" if near else "its pods were found by their shape"
    return Finding(
        check=CHECK.id,
        severity=Severity.ERROR,
        message=f'no matches for kind "{kind}" in version "{version}"; {remedy}',
        route=("kind",),
    )


def _finding(message: str, kind: str, minor: int) -> Finding:
    newest = next((v for (v, k), span in _SERVED.items() if k == kind and _serves(span, minor)), None)
    if newest is not None:
        advice = f"write apiVersion: {newest}"
    elif kind == "PodSecurityPolicy":
        advice = (
            "label namespaces with pod-security.kubernetes.io/enforce for the Pod Security admission plugin"
        )
    else:
        advice = f"Kubernetes 1.{minor} has no {kind}"
    return Finding(
        check=CHECK.id,
        severity=Severity.ERROR,
        message=f"{message}; {advice}",
        route=("apiVersion",),
    )


def _serves(span: tuple[int, int | None], minor: int) -> bool:
    return span[0] <= minor and (span[1] is None or minor < span[1])


CHECK = AcceptanceCheck(
    id="removed-api-version",
    summary="an API version that the Kubernetes version does not serve",
    find=_find,
)
