"""Leaves out what validation refuses only while a feature gate is off, where a cluster has it on.

The errors of the newest rules come in, as with the gates that the newest version has by default; those that
remain go out. What would be refused only with a gate off is not added.
Source: kubernetes 1.38.0-beta.0 pkg/api/pod/util.go, GetValidationOptionsFromPodSpecAndMeta.
"""

from collections.abc import Callable, Sequence

from .feature_gates import FeatureGates
from .field_error import FieldError

__all__ = ["leave_out_gated_rules"]

Rule = Callable[[FieldError], bool]


def _host_network(error: FieldError) -> bool:
    return error.route[-1:] == ("hostNetwork",) and error.detail == "when `hostUsers` is false"


def _profile_of_registry(error: FieldError) -> bool:
    return error.route[-2:] == ("seccompProfile", "type") and 'Unsupported value: "OCI"' in error.text


def _ml_dsa(error: FieldError) -> bool:
    if error.route[-1:] != ("keyType",):
        return False
    return any(f'Unsupported value: "{kind}"' in error.text for kind in ("MLDSA44", "MLDSA65", "MLDSA87"))


_RULES: dict[str, Rule] = {
    "UserNamespacesHostNetworkSupport": _host_network,
    "SecurityProfileOCI": _profile_of_registry,
    "PodCertificateMLDSA": _ml_dsa,
}


def leave_out_gated_rules(errors: Sequence[FieldError], gates: FeatureGates) -> list[FieldError]:
    """Return the errors of a server with these gates."""
    lifted = [rule for gate, rule in _RULES.items() if gates.has(gate) and gates.enabled(gate)]
    return [error for error in errors if not any(rule(error) for rule in lifted)]
