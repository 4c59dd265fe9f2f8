"""Windows options of pods and containers, and the rules of HostProcess pods.

Options or a pod spec come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateWindowsSecurityContextOptions and
validateWindowsHostProcessPod.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, invalid
from ..go_format import json_value
from ..visit import visit_mappings
from .formats import byte_length, dns_subdomain, matcher

_MAX_SPEC_KIB = 64
_MAX_DOMAIN = 256  # bytes, exclusive
_MAX_USER = 104  # bytes, inclusive
_CONTROL = r"[\x00-\x1f\x7f]"
_NETBIOS = r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}'
_DNS_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DNS = rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*"


def validate_windows_options(errors: Errors, options: Mapping[str, Any] | None, route: Route) -> None:
    """Judge the names in windowsOptions; values are pointers in Go and therefore printed as JSON."""
    if options is None:
        return
    spec_name = options.get("gmsaCredentialSpecName")
    if spec_name is not None:
        for fault in dns_subdomain(spec_name):
            invalid(errors, (*route, "gmsaCredentialSpecName"), json_value(spec_name), fault)
    spec = options.get("gmsaCredentialSpec")
    if spec is not None:
        size = byte_length(spec)
        if size == 0:
            detail = "gmsaCredentialSpec cannot be an empty string"
            invalid(errors, (*route, "gmsaCredentialSpec"), json_value(spec), detail)
        elif size > _MAX_SPEC_KIB * 1024:
            detail = f"gmsaCredentialSpec size must be under {_MAX_SPEC_KIB} KiB"
            invalid(errors, (*route, "gmsaCredentialSpec"), json_value(spec), detail)
    user_name = options.get("runAsUserName")
    if user_name is not None:
        for fault in _user_name_faults(user_name):
            invalid(errors, (*route, "runAsUserName"), json_value(user_name), f"runAsUserName{fault}")


def _user_name_faults(name: str) -> list[str]:
    """Say what is wrong with DOMAIN\\USER."""
    if not name:
        return [" cannot be an empty string"]
    if matcher(_CONTROL).search(name):
        return [" cannot contain control characters"]
    parts = name.split("\\")
    if len(parts) > 2:
        return [" cannot contain more than one backslash"]
    user, faults = parts[-1], []
    if len(parts) == 2:
        domain = parts[0]
        if byte_length(domain) >= _MAX_DOMAIN:
            faults.append(f"'s Domain length must be under {_MAX_DOMAIN} characters")
        if not (matcher(_NETBIOS).fullmatch(domain) or matcher(_DNS).fullmatch(domain)):
            faults.append("'s Domain doesn't match the NetBios nor the DNS format")
    size = byte_length(user)
    if size == 0:
        faults.append("'s User cannot be empty")
    elif size > _MAX_USER:
        faults.append(f"'s User length must not be longer than {_MAX_USER} characters")
    if user and not user.strip(". "):
        faults.append("'s User cannot contain only periods or spaces")
    if matcher(r'["/\\:;|=,+*?<>@\[\]]').search(user):
        faults.append("""'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]""")
    return faults


def validate_host_process(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Demand that a pod with HostProcess containers has only such, and the host's network."""
    pod_value = ((spec.get("securityContext") or {}).get("windowsOptions") or {}).get("hostProcess")
    total = host_process = 0
    for _, container, where in visit_mappings(spec, route):
        total += 1
        options = (container.get("securityContext") or {}).get("windowsOptions")
        value = options.get("hostProcess") if options else None
        if pod_value is not None and value is not None and pod_value != value:
            shown = "true" if pod_value else "false"
            invalid(
                errors,
                (*where, "securityContext", "windowsOptions", "hostProcess"),
                value,
                f"pod hostProcess value must be identical if both are specified, was {shown}",
            )
        if value or (value is None and pod_value):
            host_process += 1
    if not host_process:
        return
    if host_process != total:
        detail = (
            "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        )
        invalid(errors, route, "", detail)
    if not spec.get("hostNetwork"):
        detail = "hostNetwork must be true if pod contains any hostProcess containers"
        invalid(errors, (*route, "hostNetwork"), False, detail)
