"""allowedFlexVolumes: which drivers FlexVolumes may use; an empty list allows any.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, validatePodVolumes.
"""

from collections.abc import Mapping
from typing import Any

from ...kube.field_error import Errors, invalid
from ...manifest.route import Route, format_route
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy


def judge_volume(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every source is judged alike
    volume: Mapping[str, Any],
    route: Route,
) -> None:
    """Judge a FlexVolume's driver; the finding's path lacks `flexVolume`, as upstream's."""
    allowed = policy.spec.allowed_flex_volumes
    driver = volume["flexVolume"].get("driver") or ""
    if allowed and not any(driver == known.driver for known in allowed):
        invalid(
            errors,
            (*route, "flexVolume", "driver"),
            driver,
            "Flexvolume driver is not allowed to be used",
            field=format_route((*route, "driver")),
        )
