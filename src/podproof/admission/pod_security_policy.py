"""The PodSecurityPolicy plugin: which policy a pod is admitted by, and what that policy changes.

A decoded and defaulted pod, who asks, the policies and the grants come in; a Choice goes out: the policy that
admits, with its edits, or what all usable policies have against the pod.
Source: kubernetes 1.24.17 plugin/pkg/admission/security/podsecuritypolicy/admission.go.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ..kube.rbac import Grants, UserInfo, service_account_user
from ..policies.psp.policy import PodSecurityPolicy
from ..policies.psp.provider import Trial, try_policy
from .decision import PolicyReport

__all__ = ["ANNOTATION", "PREFIX", "Choice", "choose", "refusal"]

ANNOTATION = "kubernetes.io/psp"
PREFIX = "podsecuritypolicy.policy.k8s.io/"
_PREFIXED_SINCE = 20
"""The first version whose messages begin with the plugin's name and say the phase."""


class Choice(msgspec.Struct, frozen=True):
    """The trial that admits, None when none does, and how every policy fared, by name."""

    trial: Trial | None
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
) -> Choice:
    """Find the policy that admits a pod: the first that changes nothing, else the first that may change it.

    `policies` are sorted by name. Where `mutate` is False nothing may be changed, and `hint` names the policy
    that is tried first. A policy that neither the user nor the service account may use is not tried.
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
    first_change: Trial | None = None
    for position, policy in enumerate(usable):
        if not any(grants.allow(asker, namespace, policy.name) for asker in askers):
            reports.append(PolicyReport(policy.name, "not authorized"))
            continue
        trial = try_policy(policy, pod)
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
        elif not mutate:
            reports.append(PolicyReport(policy.name, "would change the pod"))
        elif first_change is None:
            first_change = trial
            reports.append(PolicyReport(policy.name, "chosen"))
        else:
            reports.append(PolicyReport(policy.name, "not chosen", "it changes the pod as well"))
    return Choice(first_change, _by_name(reports))


def _demote(reports: list[PolicyReport], trial: Trial) -> None:
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
        return f"PodSecurityPolicy: {text}" if version >= _PREFIXED_SINCE else text
    errors = [
        error.text for report in choice.reports if report.outcome == "violated" for error in report.errors
    ]
    listed = f"[{' '.join(errors)}]"
    if version < _PREFIXED_SINCE:
        return f"unable to validate against any pod security policy: {listed}"
    return f"PodSecurityPolicy: unable to {'validate' if validating else 'admit'} pod: {listed}"
