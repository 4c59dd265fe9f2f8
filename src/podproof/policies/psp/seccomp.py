"""seccomp: which profiles pods and containers may have; the policy says it in annotations.

Without `allowedProfileNames` none may be set. Pods get the default profile as an annotation, or their own
field's value translated, so that a pod that sets the field is changed under every policy.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/seccomp/strategy.go, pkg/api/pod/util.go.
"""

from ...kube.field_error import Errors, forbidden
from ...kube.version_skew import seccomp_annotation
from ...manifest.route import Route
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy

ALLOWED = "seccomp.security.alpha.kubernetes.io/allowedProfileNames"
DEFAULT = "seccomp.security.alpha.kubernetes.io/defaultProfileName"
POD = "seccomp.security.alpha.kubernetes.io/pod"
CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_SAME = ("runtime/default", "docker/default")


def default_pod(policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Write the pod's annotation; containers inherit it."""
    if mutator.annotation(POD):
        return
    profile = mutator.own("seccompProfile")
    if profile is not None:
        value, origin = seccomp_annotation(profile), "seccomp (the pod's seccompProfile)"
    else:
        value, origin = policy.annotations.get(DEFAULT, ""), f"annotations[{DEFAULT}]"
    if value:
        mutator.annotate(POD, value, origin)


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge the pod's annotation, else its field."""
    value, field = mutator.annotation(POD), mutator.own("seccompProfile")
    if not value and field is not None:
        value = seccomp_annotation(field)
    _judge(errors, policy, value, POD)


def validate_container(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator
) -> None:
    """Judge the first of the container's field, its annotation, the pod's field, the pod's annotation."""
    key = CONTAINER + container.name
    field, pod_field = container.own("seccompProfile"), mutator.own("seccompProfile")
    if field is not None:
        value = seccomp_annotation(field)
    elif key in mutator.annotations:
        value = mutator.annotation(key)
    elif pod_field is not None:
        value = seccomp_annotation(pod_field)
    else:
        value = mutator.annotation(POD)
    _judge(errors, policy, value, key)


def _judge(errors: Errors, policy: PodSecurityPolicy, profile: str, key: str) -> None:
    text = policy.annotations.get(ALLOWED)
    names = set() if text is None else set(text.split(","))
    if "*" in names:
        return
    if names.intersection(_SAME):
        names.update(_SAME)
    route: Route = ("metadata", "annotations", key)
    field = f"pod.metadata.annotations[{key}]"
    if not names:
        if profile:
            forbidden(errors, route, "seccomp may not be set", field=field)
    elif profile not in names:
        detail = f"{profile} is not an allowed seccomp profile. Valid values are {text}"
        forbidden(errors, route, detail, field=field)
