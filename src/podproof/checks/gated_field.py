"""The API server knows the field and drops it, since its feature gate is off in that version.

A new field comes with a feature gate, which is off while the feature is alpha, and often while it is beta.
As long as it is off, the server takes the field without a word and stores the pod without it: before
Kubernetes 1.33 `hostUsers: false` gives no user namespace, and `kubectl apply` still says "created". Only an
object that has the field already keeps it.

**Fields:** whatever a feature gate guards, such as `hostUsers`, `procMount`, `supplementalGroupsPolicy`,
image volumes, a pod's `resources`, a hook's `stopSignal`. **Values:** all, where `--kubernetes-version` has
the gate off and `--feature-gates` does not turn it on. **Source:** kubernetes pkg/api/pod/util.go,
dropDisabledFields, and pkg/features, of each release from 1.19 to 1.38.0-beta.0.
"""

from collections.abc import Iterator

from ..findings import Finding, Severity, format_route
from ..kube.feature_gates import since_default
from ..kube.gated_fields import DroppedField
from ..kube.versions import Minor
from .model.acceptance import DROPPED, AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    if reviewed.review is None:
        return
    for field in reviewed.review.dropped:
        route = reviewed.to_value(field.route)
        yield Finding(
            check=CHECK.id,
            severity=Severity.WARNING,
            message=_message(field, format_route(route), reviewed.gates.minor),
            route=route,
            label="does nothing",
        )


def _message(field: DroppedField, path: str, minor: Minor) -> str:
    done = "drops it" if field.instead is None else f"stores {field.instead} in its place"
    return (
        f"{path} does nothing on Kubernetes v1.{minor}: the API server {done}, "
        f"since feature gate {field.gate} is off; {_remedy(field, minor)}"
    )


def _remedy(field: DroppedField, minor: Minor) -> str:
    since = since_default(field.gate)
    if since is None:
        return "no version turns it on by default yet: turn it on in the whole cluster, or remove the field"
    if since <= minor:
        return "it is on by default: leave it on in the whole cluster, or remove the field"
    return f"v1.{since} turns it on by default: upgrade, or turn it on in the whole cluster"


CHECK = AcceptanceCheck(
    id="gated-field",
    summary="a field that this version drops, since its feature gate is off",
    severity=Severity.WARNING,
    find=_find,
    when=DROPPED,
)
