"""allowedCSIDrivers: which drivers inline CSI volumes may use; an empty list allows any.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, validatePodVolumes.
"""

from collections.abc import Mapping
from typing import Any

from ...kube.field_error import Errors, invalid
from ...manifest.route import Route
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy


def judge_volume(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every source is judged alike
    volume: Mapping[str, Any],
    route: Route,
) -> None:
    """Judge an inline CSI volume's driver."""
    allowed = policy.spec.allowed_csi_drivers
    driver = volume["csi"].get("driver") or ""
    if allowed and not any(driver == known.name for known in allowed):
        invalid(errors, (*route, "csi", "driver"), driver, "Inline CSI driver is not allowed to be used")
