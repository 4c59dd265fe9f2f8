"""seccompProfile, which holds today what the annotations held that policies were written for.

The policy still says in annotations which profiles there may be. What a pod's annotations ask for is written
into its fields, since today's servers and nodes read nothing else, and the fields alone are judged.
"""

from ...kube.field_error import Errors, forbidden
from ...manifest.route import Route, format_route
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy
from .profile_words import profile_of, word_of
from .seccomp import ALLOWED, CONTAINER, DEFAULT, POD

_KEY = "seccompProfile"
_SAME = ("runtime/default", "docker/default")


def default_pod(policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Write the pod's field where it is unset: what its annotation says, else the policy's default."""
    if mutator.own(_KEY) is not None:
        return
    for word, origin in (
        (mutator.annotation(POD), f"seccomp (the pod's annotation {POD})"),
        (policy.annotations.get(DEFAULT, ""), f"annotations[{DEFAULT}]"),
    ):
        profile = profile_of(word)
        if profile is not None:
            mutator.set(_KEY, profile, origin)
            return


def default_container(_policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write a container's field where only its annotation says something; containers inherit the pod's."""
    profile = profile_of(mutator.annotation(CONTAINER + container.name))
    if profile is not None and container.own(_KEY) is None:
        mutator.set_on(container, _KEY, profile, "seccomp (the container's annotation)")


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge the pod's field."""
    _judge(errors, policy, word_of(mutator.own(_KEY)), ("spec", "securityContext", _KEY))


def validate_container(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator
) -> None:
    """Judge the container's field, else the pod's."""
    route: Route = (*container.route, "securityContext", _KEY)
    _judge(errors, policy, word_of(mutator.effective(container, _KEY)), route)


def _judge(errors: Errors, policy: PodSecurityPolicy, profile: str, route: Route) -> None:
    text = policy.annotations.get(ALLOWED)
    names = set() if text is None else set(text.split(","))
    if "*" in names:
        return
    if names.intersection(_SAME):
        names.update(_SAME)
    if not names:
        if profile:
            forbidden(errors, route, "seccomp may not be set", field=format_route(route))
    elif profile not in names:
        detail = f"{profile} is not an allowed seccomp profile. Valid values are {text}"
        forbidden(errors, route, detail, field=format_route(route))
