"""The admission plugins in the server's order, and their two phases.

The cluster's state and the attributes of a request come in; what mutating plugins made of its object, or the
Decision of validating ones, goes out. Between the phases the API server validates the object itself
(`resources/`).
Source: kubernetes 1.37.2 and 1.24.17 pkg/kubeapiserver/options/plugins.go, AllOrderedPlugins; apiserver
pkg/admission/chain.go.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..edits.json_patch import json_patch
from ..policies.psp.pod_mutator import PolicyEdit
from .attributes import Attributes
from .decision import Decision, PolicyReport
from .lifecycle import NAMESPACE_LIFECYCLE
from .node_declared_features import NODE_DECLARED_FEATURES
from .own_policies import OWN_POLICIES
from .plugin import Plugin
from .pod_security import POD_SECURITY
from .pod_security_policy import POD_SECURITY_POLICY
from .service_account import SERVICE_ACCOUNT
from .state import ClusterState

__all__ = ["CHAIN", "Mutated", "mutate", "validate"]

CHAIN: tuple[Plugin, ...] = (
    NAMESPACE_LIFECYCLE,
    SERVICE_ACCOUNT,
    POD_SECURITY,
    POD_SECURITY_POLICY,
    OWN_POLICIES,
    NODE_DECLARED_FEATURES,
)
"""Every plugin that pod security depends on; each looks itself whether it exists in the cluster's version."""

_ALLOWED = Decision(True)


class Mutated(msgspec.Struct, frozen=True):
    """A request behind the mutating plugins.

    `refusal` is that of the first plugin that refuses, None when none does. `filled` are the edits of the
    ServiceAccount plugin, `policy_edits` those of PodSecurityPolicies. `steps` are the object before each
    plugin that changed it, and its edits.
    """

    attributes: Attributes
    refusal: Decision | None = None
    filled: tuple[Edit, ...] = ()
    policy_edits: tuple[PolicyEdit, ...] = ()
    policies: tuple[PolicyReport, ...] = ()
    audit_annotations: dict[str, str] = {}
    assumed_accounts: tuple[str, ...] = ()
    steps: tuple[tuple[Mapping[str, Any], tuple[Edit, ...]], ...] = ()

    def decide(self, decision: Decision) -> Decision:
        """Return a decision with what the mutating plugins did, the patch included when it is allowed."""
        patch: tuple[dict[str, Any], ...] = ()
        if decision.allowed:
            for before, edits in self.steps:
                patch += json_patch(before, edits)
        return msgspec.structs.replace(
            decision,
            audit_annotations=self.audit_annotations | decision.audit_annotations,
            filled=self.filled,
            assumed_accounts=self.assumed_accounts,
            edits=self.policy_edits if decision.allowed else (),
            policies=self.policies if decision.allowed and self.policies else decision.policies,
            patch=patch,
        )


def mutate(state: ClusterState, attributes: Attributes) -> Mutated:
    """Run the mutating phase, up to the first plugin that refuses.

    Raises UndecodableObject: the server refuses such an object before any plugin sees it.
    """
    filled: tuple[Edit, ...] = ()
    policy_edits: tuple[PolicyEdit, ...] = ()
    policies: tuple[PolicyReport, ...] = ()
    assumed: tuple[str, ...] = ()
    audit: dict[str, str] = {}
    steps: tuple[tuple[Mapping[str, Any], tuple[Edit, ...]], ...] = ()
    refusal = None
    for plugin in CHAIN:
        if plugin.mutate is None:
            continue
        mutation = plugin.mutate(state, attributes)
        if mutation.refusal is not None:
            _ = attributes.decoded  # what cannot be decoded is refused for that
            refusal = msgspec.structs.replace(mutation.refusal, plugin=plugin.name)
            break
        audit |= mutation.audit_annotations
        assumed += mutation.assumed_accounts
        policies = mutation.policies or policies
        if mutation.edits:
            steps += ((attributes.sent or {}, mutation.edits),)
            attributes = attributes.with_edits(mutation.edits)
            policy_edits += mutation.policy_edits
            if plugin is SERVICE_ACCOUNT:
                filled = mutation.edits
    return Mutated(attributes, refusal, filled, policy_edits, policies, audit, assumed, steps)


def validate(state: ClusterState, attributes: Attributes) -> Decision:
    """Run the validating phase: the first refusal as it is, or what all plugins say of what they allow."""
    allowed = _ALLOWED
    for plugin in CHAIN:
        if plugin.validate is None:
            continue
        decision = plugin.validate(state, attributes)
        if not decision.allowed:
            return msgspec.structs.replace(decision, plugin=plugin.name)
        if not (decision.warnings or decision.audit_annotations or decision.policies):
            continue
        allowed = Decision(
            True,
            warnings=allowed.warnings + decision.warnings,
            audit_annotations=allowed.audit_annotations | decision.audit_annotations,
            policies=decision.policies or allowed.policies,
        )
    return allowed
