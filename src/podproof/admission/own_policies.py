"""The plugin for PodSecurityPolicies of Podproof's own kind, on clusters of today.

A decoded and defaulted pod, who asks, the policies and the grants come in; what the policy that admits fills
in, or what all usable policies have against the pod, goes out. It does what the API server's plugin did, with
three differences: ephemeral containers are judged and filled in when they are added, fields that are newer
than the policies are judged, and policies with the modes warn and audit are only told of.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..policies.psp.pod_mutator import PolicyEdit
from ..policies.psp.provider import strategies_today
from .attributes import Attributes
from .decision import Decision, forbidden
from .plugin import Mutation, Plugin
from .pod_security_policy import (
    ANNOTATION,
    PREFIX,
    Choice,
    choose,
    is_only_collected,
    name_of_pod,
    refusal,
)
from .request import AdmissionRequest
from .state import ClusterState

__all__ = ["OWN_POLICIES", "VIOLATIONS"]

VIOLATIONS = "podproof.dev/policy-violations"
_EPHEMERAL = "ephemeralcontainers"
_LIST = "ephemeralContainers"
_MIRROR = "kubernetes.io/config.mirror"
"""On pods that a node made of a file of its own: they cannot be changed. Whoever sets it is judged alike."""
_ALLOWED = Decision(True)
_NOTHING = Mutation()


def _applies(state: ClusterState, attributes: Attributes) -> bool:
    """Say whether policies are asked: no other subresource, resize included, changes what they judge."""
    request, in_force = attributes.request, state.settings.policies
    return (
        in_force is not None
        and (request.group, request.resource) == ("", "pods")
        and request.sub_resource in ("", _EPHEMERAL)
        and request.namespace not in in_force.exempt_namespaces
    )


def _mutate(state: ClusterState, attributes: Attributes) -> Mutation:
    """Choose the policy for a new pod, or for new ephemeral containers, and fill in what it asks for."""
    if not _applies(state, attributes):
        return _NOTHING
    new = attributes.request.operation == "CREATE"
    if not new and attributes.request.sub_resource != _EPHEMERAL:
        return _NOTHING
    pod = attributes.object
    if pod is None or _MIRROR in _annotations(pod):
        return _NOTHING
    choice = _choose(state, attributes, pod, mode="enforce", mutate=True)
    if choice.trial is None:
        return Mutation(_refuse(state, attributes, choice, validating=False))
    name = choice.trial.policy.name
    edits = tuple(made.edit for made in choice.trial.edits)
    if new:
        edits = (*edits, Edit(("metadata", "annotations", ANNOTATION), "set", name))
    return Mutation(
        edits=edits,
        policy_edits=tuple(choice.trial.edits),
        policies=choice.reports,
        audit_annotations={f"{PREFIX}admit-policy": name},
    )


def _validate(state: ClusterState, attributes: Attributes) -> Decision:
    """See that a policy admits the pod as it is, and tell of what others would not admit."""
    if not _applies(state, attributes):
        return _ALLOWED
    pod = attributes.object
    if pod is None:
        return _ALLOWED
    updated = attributes.request.operation == "UPDATE"
    if updated and not attributes.request.sub_resource:
        old = attributes.old
        if is_only_collected(state, pod, old):
            return _ALLOWED
        pod = _without_old_ephemeral(pod, old)
    hint = _annotations(pod).get(ANNOTATION) or ""
    choice = _choose(state, attributes, pod, mode="enforce", mutate=False, hint=hint)
    if choice.trial is None:
        return _refuse(state, attributes, choice, validating=True)
    warned, audit = _told(state, attributes, pod)
    audit[f"{PREFIX}validate-policy"] = choice.trial.policy.name
    return Decision(True, warnings=warned, audit_annotations=audit, policies=choice.reports)


OWN_POLICIES = Plugin("PodSecurityPolicy.podproof.dev", mutate=_mutate, validate=_validate)


def _told(
    state: ClusterState, attributes: Attributes, pod: Mapping[str, Any]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Say what no policy of the modes warn and audit would admit, even if it could fill in what it wants."""
    said = {}
    for mode in ("warn", "audit"):
        if state.own_policies(mode):
            choice = _choose(state, attributes, pod, mode=mode, mutate=True)
            if choice.trial is None:
                said[mode] = f"would violate {refusal(choice, validating=True, version=state.minor)}"
    warnings = (said["warn"],) if "warn" in said else ()
    return warnings, {VIOLATIONS: said["audit"]} if "audit" in said else {}


def _choose(
    state: ClusterState,
    attributes: Attributes,
    pod: Mapping[str, Any],
    *,
    mode: str,
    mutate: bool,
    hint: str = "",
) -> Choice:
    request = attributes.request
    return choose(
        pod,
        user=request.user,
        namespace=request.namespace,
        policies=state.own_policies(mode),
        grants=state.own_grants,
        mutate=mutate,
        hint=hint,
        strategies=strategies_today(state.minor),
        may_change=_only_new_ephemeral(pod, request) if request.sub_resource == _EPHEMERAL else None,
    )


def _only_new_ephemeral(pod: Mapping[str, Any], request: AdmissionRequest) -> Callable[[PolicyEdit], bool]:
    """Return what says whether an edit is about a container that is being added: no other can change."""
    before = [_name(container) for container in _ephemeral(request.old_object)]
    new = {i for i, container in enumerate(_ephemeral(pod)) if _name(container) not in before}

    def may_change(made: PolicyEdit) -> bool:
        route = made.edit.route
        return route[:2] == ("spec", _LIST) and len(route) > 2 and route[2] in new

    return may_change


def _without_old_ephemeral(pod: dict[str, Any], old: Mapping[str, Any] | None) -> dict[str, Any]:
    """Leave out ephemeral containers that were judged when they were added, by who added them."""
    if _ephemeral(pod) != _ephemeral(old):
        return pod
    return {**pod, "spec": {key: value for key, value in pod["spec"].items() if key != _LIST}}


def _ephemeral(pod: Mapping[str, Any] | None) -> list[Any]:
    spec = (pod or {}).get("spec")
    listed = spec.get(_LIST) if isinstance(spec, Mapping) else None
    return listed if isinstance(listed, list) else []


def _name(container: Any) -> Any:
    return container.get("name") if isinstance(container, Mapping) else None


def _annotations(pod: Mapping[str, Any]) -> Mapping[str, str]:
    return (pod.get("metadata") or {}).get("annotations") or {}


def _refuse(state: ClusterState, attributes: Attributes, choice: Choice, *, validating: bool) -> Decision:
    why = refusal(choice, validating=validating, version=state.minor)
    denied = forbidden(attributes.request.group_resource, name_of_pod(attributes), why)
    return msgspec.structs.replace(denied, policies=choice.reports)
