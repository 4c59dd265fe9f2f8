"""Containers: names, images and policies, and the order in which their parts are judged.

The containers of a pod spec come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateContainers, validateInitContainers,
validateContainerCommon, validateContainersOnlyForPod.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from ...manifest.route import Route
from ..field_error import Errors, duplicate, forbidden, invalid, not_supported, required
from ..go_format import Printed, json_value, quote
from ..visit import INIT_CONTAINERS, REGULAR_FIRST, visit_mappings
from .env import validate_env, validate_env_from
from .formats import dns_label
from .mounts import Volumes, validate_devices, validate_mounts
from .ports import validate_host_port_conflicts, validate_ports
from .probes import validate_lifecycle, validate_probes
from .profiles import strip_space
from .restart_policies import validate_container_restart_policy
from .security_context import validate_security_context

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_RESTARTS = frozenset(("restartPolicy", "restartPolicyRules"))
_ONLY_SIDECARS = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")


_INIT_RESIZE_SINCE = 33
"""The first version whose init containers may have a resizePolicy."""
_RESTARTS_REFUSED_SINCE = 36
"""Source: kubernetes 1.32.13, 1.33.13, 1.35.4 and 1.36.3 validateInitContainers; pkg/api/pod/util.go."""


class Surroundings(msgspec.Struct, frozen=True):
    """What containers need to know of their pod: valid volumes by name, claims, and pod-wide settings."""

    volumes: Volumes
    claims: frozenset[str]
    restart_policy: str
    host_users: bool
    grace: int | None


def validate_pull_policy(errors: Errors, policy: str, route: Route) -> None:
    """Judge an image pull policy."""
    if not policy:
        required(errors, route)
    elif policy not in _PULL_POLICIES:
        not_supported(errors, route, policy, _PULL_POLICIES)


@cache
def _resource_rules() -> Callable[..., None]:
    from .resources import validate_resources  # drags in fractions and decimal: late

    return validate_resources


def validate_common(errors: Errors, container: Mapping[str, Any], pod: Surroundings, route: Route) -> None:
    """Judge what every kind of container has."""
    get = container.get
    name = get("name") or ""
    if not name:
        required(errors, (*route, "name"))
    else:
        for fault in dns_label(name):
            invalid(errors, (*route, "name"), name, fault)
    if not get("image"):
        required(errors, (*route, "image"))
    policy = get("terminationMessagePolicy") or ""
    if not policy:
        required(errors, (*route, "terminationMessagePolicy"))
    elif policy not in _MESSAGE_POLICIES:
        not_supported(errors, (*route, "terminationMessagePolicy"), policy, _MESSAGE_POLICIES)
    if get("ports"):
        validate_ports(errors, container["ports"], (*route, "ports"))
    if get("env"):
        validate_env(errors, container["env"], (*route, "env"))
    if "envFrom" in container:
        validate_env_from(errors, container["envFrom"], (*route, "envFrom"))
    if "volumeMounts" in container:
        validate_mounts(errors, container, pod.volumes, (*route, "volumeMounts"))
    if "volumeDevices" in container:
        validate_devices(errors, container, pod.volumes, (*route, "volumeDevices"))
    if get("imagePullPolicy") not in _PULL_POLICIES:
        validate_pull_policy(errors, get("imagePullPolicy") or "", (*route, "imagePullPolicy"))
    if get("resources"):
        _resource_rules()(errors, container["resources"], (*route, "resources"), pod.claims)
    if container.get("resizePolicy"):
        from .resources import validate_resize_policy

        validate_resize_policy(errors, get("resizePolicy"), (*route, "resizePolicy"), pod.restart_policy)
    if get("securityContext"):
        at = (*route, "securityContext")
        validate_security_context(errors, container["securityContext"], at, host_users=pod.host_users)


def validate_containers(errors: Errors, spec: Mapping[str, Any], pod: Surroundings, route: Route) -> None:
    """Judge regular containers; `route` is the list's."""
    containers = spec.get("containers")
    if not containers:
        required(errors, route)
        return
    names: set[str] = set()
    for index, container in enumerate(containers):
        at = (*route, index)
        validate_common(errors, container, pod, at)
        name = container.get("name") or ""
        if name in names:
            duplicate(errors, (*at, "name"), name)
        names.add(name)
        if container.get("lifecycle") is not None:
            validate_lifecycle(errors, container, pod.grace, at)
        validate_probes(errors, container, pod.grace, at)
        if not _RESTARTS.isdisjoint(container):
            validate_container_restart_policy(errors, container, at, init=False)
    validate_host_port_conflicts(errors, containers, route)


def validate_init_containers(
    errors: Errors, spec: Mapping[str, Any], pod: Surroundings, route: Route
) -> None:
    """Judge init containers; only those with restartPolicy Always (sidecars) may have hooks and probes."""
    if not spec.get("initContainers"):
        return
    names = {container.get("name") or "" for container in spec.get("containers") or ()}
    for kind, container, at in visit_mappings(spec, route, INIT_CONTAINERS):
        validate_common(errors, container, pod, at)
        validate_container_restart_policy(errors, container, at, init=True)
        name = container.get("name") or ""
        if name in names:
            duplicate(errors, (*at, "name"), name)
        elif name:
            names.add(name)
        if container.get("resizePolicy") and errors.gates.minor < _INIT_RESIZE_SINCE:
            shown = _print_resize_policy(container["resizePolicy"])
            invalid(errors, (*at, "resizePolicy"), shown, "must not be set for init containers")
        # each init container is judged alone, and always as if it were the first
        validate_host_port_conflicts(errors, [container], (*route, "initContainers"))
        if kind == "sidecar":
            if container.get("lifecycle") is not None:
                validate_lifecycle(errors, container, pod.grace, at)
            validate_probes(errors, container, pod.grace, at)
            continue
        for key in _ONLY_SIDECARS:
            if container.get(key) is not None:
                forbidden(
                    errors, (*at, key), "may not be set for init containers without restartPolicy=Always"
                )
        for position, policy in enumerate(container.get("resizePolicy") or ()):
            restarts = policy.get("restartPolicy") == "RestartContainer"
            if restarts and errors.gates.minor >= _RESTARTS_REFUSED_SINCE:
                where = (*at, "resizePolicy", position, "restartPolicy")
                detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
                invalid(errors, where, json_value("RestartContainer"), detail)


def _print_resize_policy(policies: Sequence[Mapping[str, Any]]) -> Printed:
    """Print the list as messages before 1.34 did, which is Go's %#v."""
    type_ = "core.ContainerResizePolicy"
    items = (
        f"{type_}{{ResourceName:{quote(item.get('resourceName') or '')}, "
        f"RestartPolicy:{quote(item.get('restartPolicy') or '')}}}"
        for item in policies
    )
    return Printed(f"[]{type_}{{{', '.join(items)}}}")


def validate_image_padding(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Refuse blanks around images; only pods are that strict, templates are not."""
    for _, container, where in visit_mappings(spec, route, REGULAR_FIRST):
        validate_padding(errors, container, where)


def validate_padding(errors: Errors, container: Mapping[str, Any], route: Route) -> None:
    """Refuse blanks around one container's image."""
    image = container.get("image") or ""
    if strip_space(image) != image:
        invalid(errors, (*route, "image"), image, "must not have leading or trailing whitespace")
