"""Features that a node declares of itself: which of them a pod needs, and which the node lacks.

A pod and a setting come in; what the kubelet's admission misses goes out, or that it is not known. Features
that matter only when a pod is changed are left out. The scheduler, for a pod that asks it, leaves such a node
out by the same rules.
Source: k8s.io/component-helpers v0.35.4 to v0.38.0-beta.0 nodedeclaredfeatures, InferForScheduling;
kubernetes 1.37.2 pkg/kubelet/lifecycle/handlers.go and kubelet_node_declared_features.go.
"""

from collections.abc import Callable, Iterable

import msgspec

from ..effective.container_in_pod import POD_CONTEXT
from ..effective.setting import Setting
from ..effective.value import Unknown
from ..kube.pod import Pod, PodSecurityContext, PodSpec, SecurityContext
from ..kube.versions import Minor
from ..kube.visit import list_containers, visit_containers
from ..manifest.route import Route
from .start_prediction import WarningEvent

__all__ = ["find_unknown_feature", "refuse_undeclared"]

_GATE = "NodeDeclaredFeatures"
_ML_DSA = ("MLDSA44", "MLDSA65", "MLDSA87")


class _Feature(msgspec.Struct, frozen=True):
    """A feature with the gate of its name; `find` gives the route of what needs it, None where nothing does.

    `by_runtime`: the node declares it only where its runtime has it. `never`: no kubelet declares it yet.
    """

    name: str
    since: Minor
    find: Callable[[PodSpec], Route | None]
    by_runtime: bool = False
    never: bool = False


def _ml_dsa(spec: PodSpec) -> Route | None:
    for index, volume in enumerate(spec.volumes or ()):
        sources = volume.projected.sources if volume.projected is not None else None
        for position, source in enumerate(sources or ()):
            certificate = source.pod_certificate
            if certificate is not None and certificate.key_type in _ML_DSA:
                at = ("spec", "volumes", index, "projected", "sources", position)
                return (*at, "podCertificate", "keyType")
    return None


def _restart_all(spec: PodSpec) -> Route | None:
    for _, container, route in visit_containers(spec):
        for index, rule in enumerate(container.restart_policy_rules or ()):
            if rule.action == "RestartAllContainers":
                return (*route, "restartPolicyRules", index, "action")
    return None


def _is_of_registry(context: PodSecurityContext | SecurityContext | None) -> bool:
    profile = None if context is None else context.seccomp_profile
    return profile is not None and profile.type == "OCI"


def _profile_of_registry(spec: PodSpec) -> Route | None:
    if _is_of_registry(spec.security_context):
        return (*POD_CONTEXT, "seccompProfile")
    for _, container, route in visit_containers(spec):
        if _is_of_registry(container.security_context):
            return (*route, "securityContext", "seccompProfile")
    return None


def _host_network(spec: PodSpec) -> Route | None:
    return ("spec", "hostUsers") if spec.host_network and spec.host_users is False else None


def _bind_options(spec: PodSpec) -> Route | None:
    for _, container, route in visit_containers(spec):
        for index, mount in enumerate(container.volume_mounts or ()):
            if mount.bind_mount_options:
                return (*route, "volumeMounts", index, "bindMountOptions")
    return None


_FEATURES = (
    _Feature("PodCertificateMLDSA", 38, _ml_dsa),
    _Feature("RestartAllContainersOnContainerExits", 35, _restart_all),
    # 1.38.0-beta.0 asks whether the runtime has it, but never fills that in
    _Feature("SecurityProfileOCI", 38, _profile_of_registry, never=True),
    _Feature("UserNamespacesHostNetworkSupport", 36, _host_network, by_runtime=True),
    _Feature("VolumeBindMountOptions", 37, _bind_options, by_runtime=True),
)
"""Sorted by name, as the kubelet's message has them."""


def _is_plain(spec: PodSpec) -> bool:
    """Tell quickly, as of nearly every pod, that it needs no feature."""
    if spec.host_network and spec.host_users is False:
        return False
    if spec.security_context is not None and _is_of_registry(spec.security_context):
        return False
    for container in list_containers(spec):
        context = container.security_context
        if container.restart_policy_rules or (context is not None and _is_of_registry(context)):
            return False
        for mount in container.volume_mounts or ():
            if mount.bind_mount_options:
                return False
    return not spec.volumes or all(volume.projected is None for volume in spec.volumes)


def _needed(pod: Pod, setting: Setting) -> Iterable[tuple[_Feature, Route]]:
    spec = pod.spec
    if spec is None or _is_plain(spec) or not setting.gates.enabled(_GATE):
        return ()
    asked = ((feature, feature.find(spec)) for feature in _FEATURES if setting.version >= feature.since)
    return [(feature, route) for feature, route in asked if route is not None]


def _is_declared(feature: _Feature, setting: Setting) -> bool | None:
    """Say whether the node declares a feature; None: it is not known."""
    declared = setting.node.declared_features
    if declared is not None:
        return feature.name in declared
    if feature.never or not setting.gates.enabled(feature.name):
        return False
    return None if feature.by_runtime else True


def refuse_undeclared(pod: Pod, setting: Setting) -> WarningEvent | None:
    """Give the event with which the kubelet refuses a pod that needs what its node does not declare."""
    needed = _needed(pod, setting)
    if not needed:
        return None
    missing = [one for one in needed if _is_declared(one[0], setting) is False]
    if not missing:
        return None
    names = ", ".join(feature.name for feature, _ in missing)
    message = f"Pod requires node features that are not available: {names}"
    return WarningEvent("PodFeatureUnsupported", message, missing[0][1])


def find_unknown_feature(pod: Pod, setting: Setting) -> tuple[Unknown, Route] | None:
    """Name a feature that the pod needs of a node of which nothing is told, and the field that needs it."""
    for feature, route in _needed(pod, setting):
        if _is_declared(feature, setting) is None:
            return Unknown(f"not known whether the node declares the feature {feature.name}"), route
    return None
