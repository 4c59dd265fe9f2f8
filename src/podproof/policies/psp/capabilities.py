"""Capabilities: which ones containers may add, must drop, and get without asking.

The policy's additions (but what the container drops) and required drops join the container's lists, both then
sorted. `*` among the allowed ones skips every check, required drops included.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/capabilities/capabilities.go.
"""

from ...kube.field_error import Errors, invalid
from ...kube.go_format import Printed, quote
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Join the policy's lists with the container's; nothing is touched when nothing is new."""
    spec = policy.spec
    own = container.own("capabilities") or {}
    add, drop = set(own.get("add") or ()), set(own.get("drop") or ())
    all_add = add | (set(spec.default_add_capabilities) - drop)
    all_drop = drop | set(spec.required_drop_capabilities)
    if len(all_add) == len(add) and len(all_drop) == len(drop):
        return
    fields = [
        name
        for name, wider in (
            ("defaultAddCapabilities", len(all_add) > len(add)),
            ("requiredDropCapabilities", len(all_drop) > len(drop)),
        )
        if wider
    ]
    value = {"add": sorted(all_add), "drop": sorted(all_drop)}
    mutator.set_on(
        container, "capabilities", {key: names for key, names in value.items() if names}, " and ".join(fields)
    )


def validate_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge the container's lists."""
    spec = policy.spec
    route = (*container.route, "securityContext", "capabilities")
    own = container.own("capabilities")
    if own is None:
        if spec.default_add_capabilities or spec.required_drop_capabilities:
            invalid(errors, route, "null", "required capabilities are not set on the securityContext")
        return
    if "*" in spec.allowed_capabilities:
        return
    for name in own.get("add") or ():
        if name not in spec.default_add_capabilities and name not in spec.allowed_capabilities:
            invalid(errors, (*route, "add"), name, "capability may not be added")
    drops = own.get("drop")
    for name in spec.required_drop_capabilities:
        if name not in (drops or ()):
            names = ", ".join(map(quote, drops or ()))
            shown = Printed("[]core.Capability(nil)" if drops is None else f"[]core.Capability{{{names}}}")
            invalid(errors, (*route, "drop"), shown, f"{name} is required to be dropped but was not found")
