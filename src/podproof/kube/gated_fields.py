"""Drops the fields of a pod whose feature gate is off, as the API server does before it validates.

A decoded and defaulted object comes in and is changed in place; what was dropped goes out, with its gate.
What the old object of an update has already is kept. Nothing is judged.
Source: kubernetes 1.19.16 to 1.38.0-beta.0 pkg/api/pod/util.go, dropDisabledFields.
"""

import copy
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from ..manifest.route import Route
from .feature_gates import FeatureGates, since_default
from .versions import Minor
from .visit import CONTAINER_FIELDS

__all__ = ["GATED_FIELDS", "DroppedField", "GatedField", "drop_gated", "drop_gated_fields", "without_gated"]

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


class DroppedField(msgspec.Struct, frozen=True):
    """A field that the server of Kubernetes 1.`minor` dropped: its gate, its route and what it was.

    `instead` is what stands there now; None: nothing does.
    """

    gate: str
    minor: Minor
    route: Route
    value: Any
    instead: str | None = None

    @property
    def reason(self) -> str:
        """Say why, and since when it is not dropped any more."""
        since = since_default(self.gate)
        later = "" if since is None or since <= self.minor else f", on by default from v1.{since}"
        return f"feature gate {self.gate} is off in v1.{self.minor}{later}"


class GatedField(msgspec.Struct, frozen=True):
    """The fields that a gate guards, as paths below the pod spec: `[]` stands for every element of a list.

    `{}` at the beginning of a path stands for every container, init and ephemeral ones included. `instead` is
    what the server puts where the gate is off, None: nothing. `with_parent` also drops what holds the field
    when nothing else is in it. `element` drops the whole element of the list that has the field. `kept` is a
    value that the gate does not guard.
    """

    gate: str
    paths: tuple[str, ...]
    instead: str | None = None
    kept: str | None = None
    with_parent: bool = False
    element: bool = False


def _affinity_terms(*names: str) -> tuple[str, ...]:
    return tuple(
        f"affinity.{kind}.{term}.{name}"
        for kind in ("podAffinity", "podAntiAffinity")
        for term in (
            "requiredDuringSchedulingIgnoredDuringExecution.[]",
            "preferredDuringSchedulingIgnoredDuringExecution.[].podAffinityTerm",
        )
        for name in names
    )


_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("lifecycle.postStart", "lifecycle.preStop")

GATED_FIELDS: tuple[GatedField, ...] = (
    GatedField("UserNamespacesStatelessPodsSupport", ("hostUsers",)),
    GatedField("UserNamespacesSupport", ("hostUsers",)),
    GatedField("SupplementalGroupsPolicy", ("securityContext.supplementalGroupsPolicy",)),
    GatedField("PodLevelResources", ("resources",)),
    # The field was forced to be there once, so that an absent one would count as a change.
    GatedField("ProcMountType", ("{}.securityContext.procMount",), instead="Default", kept="Default"),
    GatedField(
        "NodeInclusionPolicyInPodTopologySpread",
        ("topologySpreadConstraints.[].nodeTaintsPolicy", "topologySpreadConstraints.[].nodeAffinityPolicy"),
    ),
    GatedField("MatchLabelKeysInPodTopologySpread", ("topologySpreadConstraints.[].matchLabelKeys",)),
    GatedField("MinDomainsInPodTopologySpread", ("topologySpreadConstraints.[].minDomains",)),
    GatedField("MatchLabelKeysInPodAffinity", _affinity_terms("matchLabelKeys", "mismatchLabelKeys")),
    GatedField("PodAffinityNamespaceSelector", _affinity_terms("namespaceSelector")),
    GatedField("DynamicResourceAllocation", ("resourceClaims", "{}.resources.claims")),
    GatedField("ClusterTrustBundleProjection", ("volumes.[].projected.sources.[].clusterTrustBundle",)),
    GatedField("PodCertificateRequest", ("volumes.[].projected.sources.[].podCertificate",)),
    GatedField(
        "AtomicWriteVolumeUserFields",
        (
            *(
                f"volumes.[].{kind}.defaultUser"
                for kind in ("secret", "configMap", "downwardAPI", "projected")
            ),
            *(f"volumes.[].{kind}.items.[].user" for kind in ("secret", "configMap", "downwardAPI")),
            *(
                f"volumes.[].projected.sources.[].{source}.user"
                for source in (
                    "secret.items.[]",
                    "downwardAPI.items.[]",
                    "configMap.items.[]",
                    "serviceAccountToken",
                    "clusterTrustBundle",
                    "podCertificate",
                )
            ),
        ),
    ),
    GatedField("GenericWorkload", ("schedulingGroup",)),
    GatedField("GRPCContainerProbeTLS", tuple(f"{{}}.{probe}.grpc.mode" for probe in _PROBES)),
    GatedField("EvictionRequestAPI", ("evictionResponders",)),
    GatedField("InPlacePodVerticalScaling", ("{}.resizePolicy",)),
    GatedField("SidecarContainers", ("initContainers.[].restartPolicy",)),
    GatedField(
        "ContainerRestartRules",
        (
            "containers.[].restartPolicy",
            "ephemeralContainers.[].restartPolicy",
            "{}.restartPolicyRules",
        ),
    ),
    GatedField("ContainerRestartRules", ("initContainers.[].restartPolicy",), kept="Always"),
    GatedField("RecursiveReadOnlyMounts", ("{}.volumeMounts.[].recursiveReadOnly",)),
    GatedField("EmptyDirVolumeMode", ("volumes.[].emptyDir.mode",)),
    GatedField("VolumeBindMountOptions", ("{}.volumeMounts.[].bindMountOptions",)),
    GatedField("HostnameOverride", ("hostnameOverride",)),
    GatedField("EnvFiles", ("{}.env.[].valueFrom.fileKeyRef",)),
    GatedField("ImageVolume", ("volumes.[].image",), element=True),
    GatedField("SELinuxChangePolicy", ("securityContext.seLinuxChangePolicy",)),
    GatedField("ContainerStopSignals", ("{}.lifecycle.stopSignal",), with_parent=True),
    GatedField(
        "H2CContainerProbe", tuple(f"{{}}.{handler}.httpGet.protocol" for handler in (*_PROBES, *_HANDLERS))
    ),
    GatedField("PodLifecycleSleepAction", tuple(f"{{}}.{handler}.sleep" for handler in _HANDLERS)),
    GatedField("PodSchedulingReadiness", ("schedulingGates",)),
    GatedField("AppArmorFields", ("securityContext.appArmorProfile", "{}.securityContext.appArmorProfile")),
    GatedField("EphemeralContainers", ("ephemeralContainers",)),
    GatedField("LocalStorageCapacityIsolation", ("volumes.[].emptyDir.sizeLimit",)),
    GatedField(
        "ProbeTerminationGracePeriod",
        tuple(f"{{}}.{probe}.terminationGracePeriodSeconds" for probe in ("livenessProbe", "startupProbe")),
    ),
    GatedField("IdentifyPodOS", ("os",)),
    GatedField("SetHostnameAsFQDN", ("setHostnameAsFQDN",)),
    GatedField("NonPreemptingPriority", ("preemptionPolicy",)),
    GatedField("PodOverhead", ("overhead",)),
    GatedField("CSIInlineVolume", ("volumes.[].csi",)),
    GatedField("GenericEphemeralVolume", ("volumes.[].ephemeral",)),
    GatedField("ConfigurableFSGroupPolicy", ("securityContext.fsGroupChangePolicy",)),
    GatedField("VolumeSubpath", ("{}.volumeMounts.[].subPath", "{}.volumeMounts.[].subPathExpr"), kept=""),
    GatedField("RunAsGroup", ("securityContext.runAsGroup", "{}.securityContext.runAsGroup")),
    GatedField("Sysctls", ("securityContext.sysctls",)),
    GatedField("StartupProbe", ("{}.startupProbe",)),
    GatedField("RuntimeClass", ("runtimeClassName",)),
    GatedField("TokenRequestProjection", ("volumes.[].projected.sources.[].serviceAccountToken",)),
)
"""Every field of a pod spec that some server since 1.19 drops when a gate is off."""


class _GuardedRoute:
    """One step of the paths to look for: what is below it, and the gate of the field that it is."""

    __slots__ = ("below", "gated", "names", "steps")

    def __init__(self) -> None:
        self.below: dict[str, _GuardedRoute] = {}
        self.gated: GatedField | None = None
        self.names: frozenset[str] = frozenset()
        self.steps: tuple[tuple[str, _GuardedRoute, _GuardedRoute | None], ...] = ()
        """Key, what is below it, and what is below each element of the list that stands there."""

    def finish(self) -> None:
        """Fill in `steps`, when all paths are in the tree."""
        self.names = frozenset(self.below)
        self.steps = tuple((key, below, below.below.get("[]")) for key, below in self.below.items())
        for below in self.below.values():
            below.finish()


@lru_cache(maxsize=128)
def _paths(gates: FeatureGates) -> _GuardedRoute:
    """Make one tree of the paths whose gate exists and is off."""
    root = _GuardedRoute()
    for field in GATED_FIELDS:
        if not gates.has(field.gate) or gates.enabled(field.gate):
            continue
        for path in field.paths:
            head, _, rest = path.partition(".")
            starts = CONTAINER_FIELDS if head == "{}" else (head,)
            for start in starts:
                steps = [start, *(["[]"] if head == "{}" else []), *(rest.split(".") if rest else [])]
                node = root
                for step in steps:
                    node = node.below.setdefault(step, _GuardedRoute())
                node.gated = field
    root.finish()
    return root


_SPEC: Route = ("spec", "template")
_TEMPLATES: dict[str, Route] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where a kind has its pod or its template, if not at `spec.template`."""


def drop_gated(
    kind: str, object_: dict[str, Any], gates: FeatureGates, old: Mapping[str, Any] | None = None
) -> tuple[DroppedField, ...]:
    """Drop what is gated off in the pod or the template of a workload; `old` is the object before an update.

    Routes are counted from the object.
    """
    at = _TEMPLATES.get(kind, _SPEC)
    pod = _below(object_, at)
    if not isinstance(pod, dict) or not isinstance(pod.get("spec"), dict):
        return ()
    before = None if old is None else _below(old, at) or {}
    old_spec = None if before is None else before.get("spec") or {}
    dropped = drop_gated_fields(pod["spec"], (*at, "spec"), gates, old_spec)
    if not (pod.get("metadata") or {}).get("annotations"):
        return dropped
    old_metadata = None if before is None else before.get("metadata") or {}
    return _drop_annotations(pod.get("metadata") or {}, (*at, "metadata"), gates, old_metadata) + dropped


def without_gated(
    kind: str, object_: dict[str, Any], gates: FeatureGates, old: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], tuple[DroppedField, ...]]:
    """Do what `drop_gated` does on a copy; where there is nothing to drop, return the object itself."""
    pod = _below(object_, _TEMPLATES.get(kind, _SPEC))
    spec = pod.get("spec") if isinstance(pod, dict) else None
    gated_annotations = gates.has("AppArmor") and not gates.enabled("AppArmor")
    if not gated_annotations and not (isinstance(spec, dict) and _is_there(spec, _paths(gates))):
        return object_, ()
    copied = copy.deepcopy(object_)
    return copied, drop_gated(kind, copied, gates, old)


def _below(object_: Mapping[str, Any], route: Route) -> Any:
    value: Any = object_
    for step in route:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def drop_gated_fields(
    spec: dict[str, Any], route: Route, gates: FeatureGates, old: Mapping[str, Any] | None = None
) -> tuple[DroppedField, ...]:
    """Drop the fields of a pod spec, whose own route is `route`, if their gate is off.

    A gate whose fields the spec of the `old` object uses drops nothing.
    """
    root = _paths(gates)
    if not _is_there(spec, root):
        return ()
    found = list(_find(spec, root, route, ()))
    if old is not None:
        in_use = {field.gate for field, *_ in _find(old, root, (), ())}
        found = [one for one in found if one[0].gate not in in_use]
    for field, _, parents in found:
        _drop(spec, field, parents)
    return tuple(
        DroppedField(field.gate, gates.minor, where, parents[-1][2], field.instead)
        for field, where, parents in found
    )


def _is_there(value: dict[str, Any], node: _GuardedRoute) -> bool:
    """Tell quickly whether any of the fields may be there, which is rare."""
    for key, below, elements in node.steps:
        if key not in value:
            continue
        held = value[key]
        if held is None:
            continue
        if below.gated is not None:
            return True
        if elements is None:
            if not below.names.isdisjoint(held) and _is_there(held, below):
                return True
            continue
        for element in held:
            if not elements.names.isdisjoint(element) and _is_there(element, elements):
                return True
    return False


_Step = tuple[Any, str | int, Any]
"""What holds a value, its key there, and the value."""


def _find(
    value: Any, node: _GuardedRoute, route: Route, parents: tuple[_Step, ...]
) -> Iterator[tuple[GatedField, Route, tuple[_Step, ...]]]:
    """Give the fields that are there, each with its route and what holds it, from the outside in."""
    for key, below in node.below.items():
        if key == "[]":
            for index, element in enumerate(value) if isinstance(value, list) else ():
                yield from _find(element, below, (*route, index), (*parents, (value, index, element)))
            continue
        held = value.get(key) if isinstance(value, dict) else None
        if held is None:
            continue
        steps = (*parents, (value, key, held))
        if below.gated is not None and held != below.gated.kept:
            yield below.gated, (*route, key), steps
        if below.below:
            yield from _find(held, below, (*route, key), steps)


def _drop(spec: dict[str, Any], field: GatedField, parents: tuple[_Step, ...]) -> None:
    holder, key, _ = parents[-1]
    if field.element:
        elements, _, element = parents[-2]
        elements[:] = [one for one in elements if one is not element]
        _drop_mounts(spec, element.get("name"))
        return
    if field.instead is not None:
        holder[key] = field.instead
        return
    del holder[key]
    if field.with_parent and not holder:
        above, name, _ = parents[-2]
        del above[name]


def _drop_mounts(spec: dict[str, Any], volume: Any) -> None:
    for kind in CONTAINER_FIELDS:
        for container in spec.get(kind) or ():
            mounts = container.get("volumeMounts")
            if mounts:
                mounts[:] = [mount for mount in mounts if mount.get("name") != volume]


def _drop_annotations(
    metadata: dict[str, Any], route: Route, gates: FeatureGates, old: Mapping[str, Any] | None
) -> tuple[DroppedField, ...]:
    """Drop the annotations for AppArmor where its gate is off; `route` is the metadata's."""
    annotations = metadata.get("annotations")
    if not annotations or not gates.has("AppArmor") or gates.enabled("AppArmor"):
        return ()
    if old is not None and any(key.startswith(_APPARMOR) for key in old.get("annotations") or ()):
        return ()
    keys = [key for key in annotations if key.startswith(_APPARMOR)]
    return tuple(
        DroppedField("AppArmor", gates.minor, (*route, "annotations", key), annotations.pop(key))
        for key in keys
    )
