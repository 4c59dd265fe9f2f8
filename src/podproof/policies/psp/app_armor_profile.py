"""appArmorProfile, which Kubernetes has since 1.30 in place of the annotations that policies know.

The policy still says in annotations which profiles there may be. Field and annotation of a container are both
judged, and what the pod sets for all its containers where neither is there, as the kubelet reads them.
"""

from ...kube.field_error import Errors, forbidden
from ...kube.go_format import quote
from ...manifest.route import Route, format_route
from .app_armor import ALLOWED, CONTAINER, DEFAULT
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy
from .profile_words import profile_of, word_of

_KEY = "appArmorProfile"


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write the container's field where neither it, nor an annotation, nor the pod says anything."""
    profile = profile_of(policy.annotations.get(DEFAULT, ""))
    if profile is None or any(_profiles(mutator, container)):
        return
    mutator.set_on(container, _KEY, profile, f"annotations[{DEFAULT}]")


def validate_container(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator
) -> None:
    """Judge every profile that is set for the container."""
    text = policy.annotations.get(ALLOWED)
    if text is None:
        return
    route: Route = (*container.route, "securityContext", _KEY)
    field = format_route(route)
    profiles = [profile for profile in _profiles(mutator, container) if profile]
    if not profiles:
        forbidden(errors, route, "AppArmor profile must be set", field=field)
    for profile in profiles:
        if profile not in text.split(","):
            detail = f"{profile} is not an allowed profile. Allowed values: {quote(text)}"
            forbidden(errors, route, detail, field=field)


def _profiles(mutator: PodMutator, container: ContainerMutator) -> tuple[str, ...]:
    """Return the profiles that a container has by its field and its annotation, else by the pod's field."""
    own = word_of(container.own(_KEY))
    annotated = mutator.annotation(CONTAINER + container.name)
    if own and annotated and own != annotated:
        return own, annotated
    return (own or annotated or word_of(mutator.own(_KEY)),)
