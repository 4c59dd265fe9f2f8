"""Probes, lifecycle hooks and what they call.

A probe or hook comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateProbe, validateLifecycle, validateHandler.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, forbidden, invalid, not_supported, required
from .formats import http_header_name, port_name, port_number
from .right_parts import RightParts

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_right_probes = RightParts()
_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def validate_probes(errors: Errors, container: Mapping[str, Any], grace: int | None, route: Route) -> None:
    """Judge a container's three probes; `grace` is the pod's terminationGracePeriodSeconds."""
    written = [(key, container[key]) for key in _PROBES if key in container]
    part = _right_probes.key(written) if written else None
    if part is None:
        return
    before = len(errors)
    _validate_probes(errors, written, grace, route)
    if len(errors) == before:
        _right_probes.add(part)


def _validate_probes(
    errors: Errors, probes: list[tuple[str, Mapping[str, Any] | None]], grace: int | None, route: Route
) -> None:
    for key, probe in probes:
        if probe is None:
            continue
        at = (*route, key)
        _validate_probe(errors, probe, grace, at)
        if key == "readinessProbe":
            period = probe.get("terminationGracePeriodSeconds")
            if period is not None:
                invalid(
                    errors,
                    (*at, "terminationGracePeriodSeconds"),
                    period,
                    "must not be set for readinessProbes",
                )
        elif (probe.get("successThreshold") or 0) != 1:
            invalid(errors, (*at, "successThreshold"), probe.get("successThreshold") or 0, "must be 1")


def _validate_probe(errors: Errors, probe: Mapping[str, Any], grace: int | None, route: Route) -> None:
    _validate_handler(errors, probe, grace, route, sleep=False)
    for key in _NUMBERS:
        if key in probe and (probe[key] or 0) < 0:
            invalid(errors, (*route, key), probe[key], "must be greater than or equal to 0")
    period = probe.get("terminationGracePeriodSeconds")
    if period is not None and period <= 0:
        invalid(errors, (*route, "terminationGracePeriodSeconds"), period, "must be greater than 0")


def validate_lifecycle(errors: Errors, container: Mapping[str, Any], grace: int | None, route: Route) -> None:
    """Judge a container's hooks. `stopSignal` is dropped before validation while its feature is off."""
    for key in ("postStart", "preStop"):
        hook = (container.get("lifecycle") or {}).get(key)
        if hook is not None:
            _validate_handler(errors, hook, grace, (*route, "lifecycle", key), sleep=True)


def _validate_handler(
    errors: Errors, handler: Mapping[str, Any], grace: int | None, route: Route, *, sleep: bool
) -> None:
    chosen = False
    for key in _HANDLERS:
        if key not in handler:
            continue
        action = handler[key]
        if action is None or (key == "sleep" and not sleep):
            continue
        if chosen:
            forbidden(errors, (*route, key), "may not specify more than 1 handler type")
            continue
        chosen = True
        _validate_action(errors, key, action, grace, (*route, key))
    if not chosen:
        required(errors, route, "must specify a handler type")


def _validate_action(
    errors: Errors, key: str, action: Mapping[str, Any], grace: int | None, route: Route
) -> None:
    if key == "exec":
        if not action.get("command"):
            required(errors, (*route, "command"))
    elif key == "httpGet":
        _validate_http(errors, action, route)
    elif key == "sleep":
        _validate_sleep(errors, action.get("seconds") or 0, grace, route)
    else:
        _validate_port(errors, action.get("port"), (*route, "port"))


def _validate_sleep(errors: Errors, seconds: int, grace: int | None, route: Route) -> None:
    zero = errors.gates.enabled("PodLifecycleSleepActionAllowZero")
    if grace is None or (0 if zero else 1) <= seconds <= grace:
        return
    least = "non-negative" if zero else "greater than 0"
    detail = f"must be {least} and less than terminationGracePeriodSeconds ({grace})"
    if not zero and errors.gates.has("PodLifecycleSleepActionAllowZero"):
        detail += ". Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."
    invalid(errors, route, seconds, detail)


def _validate_http(errors: Errors, action: Mapping[str, Any], route: Route) -> None:
    if not action.get("path"):
        required(errors, (*route, "path"))
    _validate_port(errors, action.get("port"), (*route, "port"))
    scheme = action.get("scheme") or ""
    if scheme not in ("HTTP", "HTTPS"):
        not_supported(errors, (*route, "scheme"), scheme, ("HTTP", "HTTPS"))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        for fault in http_header_name(name):
            invalid(errors, (*route, "httpHeaders"), name, fault)


def _validate_port(errors: Errors, port: Any, route: Route) -> None:
    if isinstance(port, str):
        for fault in port_name(port):
            invalid(errors, route, port, fault)
    else:
        for fault in port_number(port or 0):
            invalid(errors, route, port or 0, fault)
