"""A container's security context.

The context and whether the pod shares the host's users come in, what is wrong is added. Capability names are
not judged: the API server accepts any.
Source: kubernetes 1.37.2 pkg/apis/core/validation: ValidateSecurityContext (`--allow-privileged` is true).
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, invalid, not_supported
from ..go_format import internal_json, json_value
from .formats import user_or_group_id
from .profiles import validate_apparmor_profile, validate_seccomp_profile
from .windows import validate_windows_options


def validate_security_context(
    errors: Errors, context: Mapping[str, Any] | None, route: Route, *, host_users: bool
) -> None:
    """Judge one container's context; `host_users` is true unless the pod says `hostUsers: false`."""
    if not context:
        return
    for key in ("runAsUser", "runAsGroup"):
        value = context.get(key)
        if value is not None:
            for fault in user_or_group_id(value):
                invalid(errors, (*route, key), value, fault)
    proc_mount = context.get("procMount")
    if proc_mount is not None:
        if proc_mount not in ("Default", "Unmasked"):
            not_supported(errors, (*route, "procMount"), proc_mount, ("Default", "Unmasked"))
        if host_users and proc_mount == "Unmasked":
            detail = "`hostUsers` must be false to use `Unmasked`"
            invalid(errors, (*route, "procMount"), json_value(proc_mount), detail)
    if "seccompProfile" in context:
        validate_seccomp_profile(errors, context["seccompProfile"], (*route, "seccompProfile"))
    if context.get("allowPrivilegeEscalation") is False:
        refused = "cannot set `allowPrivilegeEscalation` to false and "
        if context.get("privileged"):
            shown = internal_json(dict(context), "SecurityContext", errors.gates.minor)
            invalid(errors, route, shown, refused + "`privileged` to true")
        for capability in (context.get("capabilities") or {}).get("add") or ():
            # only this spelling, which no runtime understands, is noticed
            if capability == "CAP_SYS_ADMIN":
                shown = internal_json(dict(context), "SecurityContext", errors.gates.minor)
                invalid(errors, route, shown, refused + "`capabilities.Add` CAP_SYS_ADMIN")
    if "windowsOptions" in context:
        validate_windows_options(errors, context["windowsOptions"], (*route, "windowsOptions"))
    if "appArmorProfile" in context:
        validate_apparmor_profile(errors, context["appArmorProfile"], (*route, "appArmorProfile"))
