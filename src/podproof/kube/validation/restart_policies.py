"""Restart policies of pods and containers, and the rules of restarting by exit code.

A container or pod comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateRestartPolicy, validateContainerRestartPolicy,
validateInitContainerRestartPolicy.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, forbidden, not_supported, required, too_many

RESTART_POLICIES = ("Always", "OnFailure", "Never")
_MAX_RULES = 20
_MAX_EXIT_CODES = 255


def validate_pod_restart_policy(errors: Errors, policy: str, route: Route) -> None:
    """Judge a pod's policy; what a controller allows of it comes later."""
    if not policy:
        required(errors, route)
    elif policy not in RESTART_POLICIES:
        not_supported(errors, route, policy, RESTART_POLICIES)


def validate_container_restart_policy(
    errors: Errors, container: Mapping[str, Any], route: Route, *, init: bool
) -> None:
    """Judge a container's policy and rules; an init container without a policy is asked for that alone."""
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    if policy is None and not rules:
        return
    if not errors.gates.enabled("ContainerRestartRules"):
        _refuse_own_policy(errors, policy, route, init=init)
        return
    restart_all = errors.gates.enabled("RestartAllContainersOnContainerExits")
    if init and policy == "Always" and not restart_all:
        if rules:
            detail = "restartPolicyRules are not allowed for init containers with restart policy Always"
            forbidden(errors, (*route, "restartPolicyRules"), detail)
        return
    actions = ("Restart", "RestartAllContainers") if restart_all else ("Restart",)
    if policy is None:
        detail = "must specify restartPolicy when restart rules are used"
        required(errors, (*route, "restartPolicy"), detail)
        if init:
            return
    elif policy not in ("Always", "Never", "OnFailure"):
        not_supported(errors, (*route, "restartPolicy"), policy, ("Always", "Never", "OnFailure"))
    if len(rules) > _MAX_RULES:
        too_many(errors, (*route, "restartPolicyRules"), len(rules), _MAX_RULES)
    for index, rule in enumerate(rules):
        at = (*route, "restartPolicyRules", index)
        action, codes = rule.get("action") or "", rule.get("exitCodes")
        if action not in actions:
            not_supported(errors, (*at, "action"), action, actions)
        if codes is None:
            required(errors, (*at, "exitCodes"), "must be specified")
            continue
        operator, values = codes.get("operator") or "", codes.get("values") or ()
        if operator not in ("In", "NotIn"):
            not_supported(errors, (*at, "exitCodes", "operator"), operator, ("In", "NotIn"))
        if len(values) > _MAX_EXIT_CODES:
            too_many(errors, (*at, "exitCodes", "values"), len(values), _MAX_EXIT_CODES)


def _refuse_own_policy(errors: Errors, policy: str | None, route: Route, *, init: bool) -> None:
    """Refuse what servers refuse that know no policy of a container but that of sidecars."""
    if policy is not None and not init:
        forbidden(errors, (*route, "restartPolicy"), "may not be set for non-init containers")
    elif policy not in (None, "Always"):
        not_supported(errors, (*route, "restartPolicy"), policy, ("Always",))
