"""runtimeClass: which runtime classes pods may name; a policy without it allows any, as does naming none.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, MutatePod, validateRuntimeClassName.
"""

from ...kube.field_error import Errors, invalid
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy


def default_pod(policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Write the default class where the pod names none."""
    strategy = policy.spec.runtime_class
    if strategy is None or mutator.runtime_class is not None:
        return
    if strategy.default_runtime_class_name is not None:
        mutator.set_runtime_class(strategy.default_runtime_class_name, "runtimeClass.defaultRuntimeClassName")


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge the pod's class; upstream gives no detail."""
    strategy, name = policy.spec.runtime_class, mutator.runtime_class
    if strategy is None or name is None:
        return
    allowed = strategy.allowed_runtime_class_names
    if "*" not in allowed and name not in allowed:
        invalid(errors, ("spec", "runtimeClassName"), name, "")
