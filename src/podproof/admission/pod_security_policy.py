"""The PodSecurityPolicy plugin: which policy a pod is admitted by, and what that policy changes.

A decoded and defaulted pod, who asks, the policies and the grants come in; a Choice goes out: the policy that
admits, with its edits, or what all usable policies have against the pod.
Source: kubernetes 1.24.17 plugin/pkg/admission/security/podsecuritypolicy/admission.go.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..kube.decode import type_of
from ..kube.equal import semantically_equal
from ..kube.rbac import Grants, UserInfo, service_account_user
from ..policies.psp.pod_mutator import PolicyEdit
from ..policies.psp.policy import PodSecurityPolicy
from ..policies.psp.provider import OF_THEIR_TIME, ProviderResult, Strategies, try_policy
from .attributes import Attributes
from .decision import Decision, PolicyReport, forbidden
from .plugin import Mutation, Plugin
from .state import ClusterState

__all__ = [
    "ANNOTATION",
    "POD_SECURITY_POLICY",
    "PREFIX",
    "Choice",
    "choose",
    "is_only_collected",
    "name_of_pod",
    "refusal",
]

ANNOTATION = "kubernetes.io/psp"
PREFIX = "podsecuritypolicy.policy.k8s.io/"
PREFIXED_SINCE = 20
"""The first version whose messages begin with the plugin's name and say the phase."""
_GARBAGE_COLLECTION = ("ownerReferences", "finalizers", "selfLink", "managedFields")
_ALLOWED = Decision(True)
_NOTHING = Mutation()


class Choice(msgspec.Struct, frozen=True):
    """The trial that admits, None when none does, and how every policy fared, by name."""

    trial: ProviderResult | None
    reports: tuple[PolicyReport, ...]
    no_policies: bool = False


def choose(
    pod: Mapping[str, Any],
    *,
    user: UserInfo,
    namespace: str,
    policies: Sequence[PodSecurityPolicy],
    grants: Grants,
    mutate: bool,
    hint: str = "",
    strategies: Strategies = OF_THEIR_TIME,
    may_change: Callable[[PolicyEdit], bool] | None = None,
) -> Choice:
    """Find the policy that admits a pod: the first that changes nothing, else the first that may change it.

    `policies` are sorted by name. Where `mutate` is False nothing may be changed, and `hint` names the policy
    that is tried first; `may_change` says of an edit whether it can be made at all. A policy that neither the
    user nor the service account may use is not tried.
    """
    usable = [policy for policy in policies if not policy.broken]
    reports = [
        PolicyReport(policy.name, "broken", "; ".join(policy.broken)) for policy in policies if policy.broken
    ]
    if not usable:
        return Choice(None, tuple(reports), no_policies=True)
    if not mutate:
        usable.sort(key=lambda policy: policy.name != hint)
    account = (pod.get("spec") or {}).get("serviceAccountName") or ""
    askers = [service_account_user(namespace, account), user] if account else [user]
    first_change: ProviderResult | None = None
    for position, policy in enumerate(usable):
        if not any(grants.allow(asker, namespace, policy.name) for asker in askers):
            reports.append(PolicyReport(policy.name, "not authorized"))
            continue
        trial = try_policy(policy, pod, strategies)
        if trial.errors:
            reports.append(PolicyReport(policy.name, "violated", errors=trial.errors))
        elif not trial.mutates:
            reports.append(PolicyReport(policy.name, "chosen"))
            if first_change is not None:
                _demote(reports, first_change)
            for rest in usable[position + 1 :]:
                if any(grants.allow(asker, namespace, rest.name) for asker in askers):
                    reports.append(PolicyReport(rest.name, "not chosen", f"{policy.name} comes before it"))
                else:
                    reports.append(PolicyReport(rest.name, "not authorized"))
            return Choice(trial, _by_name(reports))
        elif not mutate or (may_change is not None and not all(map(may_change, trial.edits))):
            reports.append(PolicyReport(policy.name, "would change the pod"))
        elif first_change is None:
            first_change = trial
            reports.append(PolicyReport(policy.name, "chosen"))
        else:
            reports.append(PolicyReport(policy.name, "not chosen", "it changes the pod as well"))
    return Choice(first_change, _by_name(reports))


def _demote(reports: list[PolicyReport], trial: ProviderResult) -> None:
    for index, report in enumerate(reports):
        if report.name == trial.policy.name:
            why = "it changes the pod, the chosen one does not"
            reports[index] = PolicyReport(report.name, "not chosen", why)


def _by_name(reports: list[PolicyReport]) -> tuple[PolicyReport, ...]:
    return tuple(sorted(reports, key=lambda report: report.name))


def refusal(choice: Choice, *, validating: bool, version: int) -> str:
    """Say why a pod is refused, policies in the order of their names (the server's is random)."""
    if choice.no_policies:
        text = "no providers available to validate pod request"
        return f"PodSecurityPolicy: {text}" if version >= PREFIXED_SINCE else text
    errors = [
        error.text for report in choice.reports if report.outcome == "violated" for error in report.errors
    ]
    listed = f"[{' '.join(errors)}]"
    if version < PREFIXED_SINCE:
        return f"unable to validate against any pod security policy: {listed}"
    return f"PodSecurityPolicy: unable to {'validate' if validating else 'admit'} pod: {listed}"


def _applies(state: ClusterState, attributes: Attributes) -> bool:
    request = attributes.request
    return state.has_policies and (request.group, request.resource, request.sub_resource) == ("", "pods", "")


def _mutate(state: ClusterState, attributes: Attributes) -> Mutation:
    """Choose the policy that a new pod is admitted by, and fill in what it asks for."""
    if not _applies(state, attributes) or attributes.request.operation != "CREATE":
        return _NOTHING
    pod = attributes.object
    if pod is None:
        return _NOTHING
    choice = _choose(state, attributes, pod, mutate=True)
    if choice.trial is None:
        return Mutation(_refuse(state, attributes, choice, validating=False))
    name = choice.trial.policy.name
    note = Edit(("metadata", "annotations", ANNOTATION), "set", name)
    return Mutation(
        edits=(*(made.edit for made in choice.trial.edits), note),
        policy_edits=tuple(choice.trial.edits),
        policies=choice.reports,
        audit_annotations={f"{PREFIX}admit-policy": name},
    )


def _validate(state: ClusterState, attributes: Attributes) -> Decision:
    """See that a policy admits the pod as it is."""
    if not _applies(state, attributes):
        return _ALLOWED
    pod, old = attributes.object, attributes.old
    if pod is None or is_only_collected(state, pod, old):
        return _ALLOWED
    hint = ((pod.get("metadata") or {}).get("annotations") or {}).get(ANNOTATION) or ""
    choice = _choose(state, attributes, pod, mutate=False, hint=hint)
    if choice.trial is None:
        return _refuse(state, attributes, choice, validating=True)
    audit = {f"{PREFIX}validate-policy": choice.trial.policy.name}
    return Decision(True, audit_annotations=audit, policies=choice.reports)


POD_SECURITY_POLICY = Plugin("PodSecurityPolicy", mutate=_mutate, validate=_validate)


def _choose(
    state: ClusterState, attributes: Attributes, pod: Mapping[str, Any], *, mutate: bool, hint: str = ""
) -> Choice:
    return choose(
        pod,
        user=attributes.request.user,
        namespace=attributes.request.namespace,
        policies=state.policies,
        grants=state.grants,
        mutate=mutate,
        hint=hint,
    )


def _refuse(state: ClusterState, attributes: Attributes, choice: Choice, *, validating: bool) -> Decision:
    """Refuse a pod; one whose name is yet to come is named as the plugin does (admission.NewForbidden)."""
    why = refusal(choice, validating=validating, version=state.minor)
    name = name_of_pod(attributes)
    denied = forbidden(attributes.request.group_resource, name, why)
    return msgspec.structs.replace(denied, policies=choice.reports)


def name_of_pod(attributes: Attributes) -> str:
    """Return a pod's name as a refusal has it; one that is yet to come is that of the prefix."""
    request = attributes.request
    metadata = (request.object or {}).get("metadata") or {}
    return request.name or metadata.get("generateName") or "Unknown"


def is_only_collected(state: ClusterState, pod: Mapping[str, Any], old: Mapping[str, Any] | None) -> bool:
    """Say whether an update changes nothing but what the garbage collector changes."""
    if old is None:
        return False
    metadata = dict(pod.get("metadata") or {})
    before = old.get("metadata") or {}
    for key in _GARBAGE_COLLECTION:
        metadata.pop(key, None)
        if before.get(key) is not None:
            metadata[key] = before[key]
    return semantically_equal(
        {**pod, "metadata": metadata, "kind": "", "apiVersion": ""},
        {**old, "kind": "", "apiVersion": ""},
        type_of("Pod", state.minor),
    )
