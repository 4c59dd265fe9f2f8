"""A pod's security context.

A pod spec comes in, what is wrong with its securityContext is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validatePodSpecSecurityContext.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, invalid, not_supported
from .formats import user_or_group_id
from .profiles import validate_apparmor_profile, validate_seccomp_profile
from .sysctls import validate_sysctls
from .windows import validate_windows_options


def validate_pod_security_context(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Judge the context; `route` is its own route."""
    context = spec.get("securityContext")
    if not context:
        return
    for key in ("fsGroup", "runAsUser", "runAsGroup"):
        if key in context and context[key] is not None:
            for fault in user_or_group_id(context[key]):
                invalid(errors, (*route, key), context[key], fault)
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        for fault in user_or_group_id(group):
            invalid(errors, (*route, "supplementalGroups", index), group, fault)
    if context.get("sysctls"):
        validate_sysctls(errors, context["sysctls"], spec, (*route, "sysctls"))
    if "fsGroupChangePolicy" in context:
        _validate_choice(errors, context, route, "fsGroupChangePolicy", ("Always", "OnRootMismatch"))
    if "seccompProfile" in context:
        validate_seccomp_profile(errors, context["seccompProfile"], (*route, "seccompProfile"))
    if "windowsOptions" in context:
        validate_windows_options(errors, context["windowsOptions"], (*route, "windowsOptions"))
    if "appArmorProfile" in context:
        validate_apparmor_profile(errors, context["appArmorProfile"], (*route, "appArmorProfile"))
    if "supplementalGroupsPolicy" in context:
        _validate_choice(errors, context, route, "supplementalGroupsPolicy", ("Merge", "Strict"))
    if "seLinuxChangePolicy" not in context:
        return
    change_policies = ("MountOption", "Recursive") if errors.gates.enabled("SELinuxMount") else ("Recursive",)
    _validate_choice(errors, context, route, "seLinuxChangePolicy", change_policies)


def _validate_choice(
    errors: Errors, context: Mapping[str, Any], route: Route, key: str, choices: tuple[str, ...]
) -> None:
    value = context.get(key)
    if value is not None and value not in choices:
        not_supported(errors, (*route, key), value, choices)
