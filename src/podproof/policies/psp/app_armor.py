"""AppArmor: which profiles containers may have; policy and pod say it in annotations.

A policy without `allowedProfileNames` allows any. The default profile is written for each container that has
none.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/apparmor/strategy.go.
"""

from ...kube.field_error import Errors, forbidden
from ...kube.go_format import quote
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy

ALLOWED = "apparmor.security.beta.kubernetes.io/allowedProfileNames"
DEFAULT = "apparmor.security.beta.kubernetes.io/defaultProfileName"
CONTAINER = "container.apparmor.security.beta.kubernetes.io/"


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write the container's annotation where it is absent or empty."""
    key, profile = CONTAINER + container.name, policy.annotations.get(DEFAULT, "")
    if profile and not mutator.annotation(key):
        mutator.annotate(key, profile, f"annotations[{DEFAULT}]")


def validate_container(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator
) -> None:
    """Judge the container's annotation."""
    text = policy.annotations.get(ALLOWED)
    if text is None:
        return
    key = CONTAINER + container.name
    profile, route, field = (
        mutator.annotation(key),
        ("metadata", "annotations", key),
        f"pod.metadata.annotations[{key}]",
    )
    if not profile:
        forbidden(errors, route, "AppArmor profile must be set", field=field)
    elif profile not in text.split(","):
        detail = f"{profile} is not an allowed profile. Allowed values: {quote(text)}"
        forbidden(errors, route, detail, field=field)
