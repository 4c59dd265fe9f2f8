"""What the API server goes on taking of a pod that is stored already, though new pods are refused for it.

The errors about a new state and those about the old one come in, what the server still refuses goes out. It
tolerates what breaks a rule that is younger than the pod may be; a rule that the old state breaks is not held
against the new one. Rules that a feature gate lifts are `feature_gates.lenient`'s.
Source: kubernetes 1.37.2 pkg/api/pod/util.go, GetValidationOptionsFromPodSpecAndMeta.
"""

from collections.abc import Callable, Iterable

from .field_error import FieldError

__all__ = ["leave_out_tolerated"]


def _in_selector(error: FieldError, *holders: str) -> bool:
    """Tell a wrong label value in an expression of a selector below one of the holders."""
    if error.type != "Invalid value" or "values" not in error.route[-2:]:
        return False
    return any(holder in error.route for holder in holders)


def _of_topology(error: FieldError, field: str) -> bool:
    return "topologySpreadConstraints" in error.route and field in error.route


_RULES: tuple[Callable[[FieldError], bool], ...] = (
    lambda error: "is not positive integer multiple of hugepages-" in error.detail,
    lambda error: _in_selector(error, "podAffinity", "podAntiAffinity"),
    lambda error: _in_selector(error, "nodeSelectorTerms"),
    lambda error: _of_topology(error, "labelSelector"),
    lambda error: _of_topology(error, "matchLabelKeys"),
    lambda error: error.path.endswith(".projected.path") and error.type == "Invalid value",
    lambda error: error.detail.startswith("may not be specified when 'host"),
    lambda error: error.route[-1:] == ("volumeDevices",) and error.type == "Forbidden",
    lambda error: error.route[-2:] == ("image", "reference") and error.type == "Required value",
    lambda error: error.detail.endswith("`capabilities.Add` CAP_SYS_ADMIN"),
    lambda error: error.detail == "must not be set to 'RestartContainer' for non-sidecar initContainers",
)


def leave_out_tolerated(errors: Iterable[FieldError], old: Iterable[FieldError]) -> list[FieldError]:
    """Leave out errors of the rules that the old state breaks, too; what is stored is its own old state."""
    errors, old = list(errors), list(old)
    broken = [rule for rule in _RULES if any(map(rule, old))]
    return [error for error in errors if not any(rule(error) for rule in broken)]
