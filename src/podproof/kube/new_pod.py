"""What a server does to a new pod after its features are known and before it is validated.

A decoded and defaulted pod comes in and is completed in place: values of the pod's own labels go into the
selectors that ask for them, and the pod's own resources are filled in from its containers'.
Source: kubernetes 1.37.2 pkg/registry/core/pod/strategy.go PrepareForCreate, pkg/api/pod/util.go
DefaultPodLevelResources; 1.34.4 pkg/apis/core/v1/defaults.go.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .feature_gates import FeatureGates
from .visit import visit_mappings

if TYPE_CHECKING:
    from .quantity import Quantity

__all__ = ["complete_new_pod", "completed_pod", "default_pod_resources"]

_COMPLETED = ("affinity", "topologySpreadConstraints", "resources")
"""Where there may be something to do; nearly every pod has none of these."""

_HUGE_PAGES = "hugepages-"
_OVERCOMMITTED = ("cpu", "memory")


def completed_pod(pod: dict[str, Any], gates: FeatureGates) -> dict[str, Any]:
    """Give a pod as it is to be created; what is completed in it is a copy, everything else is shared."""
    spec = pod.get("spec") or {}
    completed = {key: copy.deepcopy(spec[key]) for key in _COMPLETED if spec.get(key)}
    if not completed:
        return pod
    pod = {**pod, "spec": {**spec, **completed}}
    complete_new_pod(pod, gates)
    return pod


def complete_new_pod(pod: dict[str, Any], gates: FeatureGates) -> None:
    """Complete a pod that is to be created as a server with these feature gates does."""
    spec = pod.get("spec") or {}
    if not any(spec.get(key) for key in _COMPLETED):
        return
    labels = (pod.get("metadata") or {}).get("labels") or {}
    for term in _terms(spec, gates):
        selector = term.get("labelSelector")
        if selector is not None:
            _add_keys(selector, term.get("matchLabelKeys") or (), "In", labels)
            _add_keys(selector, term.get("mismatchLabelKeys") or (), "NotIn", labels)
    default_pod_resources(spec, gates)


def default_pod_resources(spec: dict[str, Any], gates: FeatureGates) -> None:
    """Fill in what a pod that has resources of its own does not say of them."""
    resources = spec.get("resources") or {}
    if gates.enabled("PodLevelResources") and (resources.get("limits") or resources.get("requests")):
        _default_resources(spec, resources, whole=gates.enabled("PodLevelResourcesFixDefaulting"))


def _terms(spec: Mapping[str, Any], gates: FeatureGates) -> Iterator[dict[str, Any]]:
    """Give what has a selector that is completed."""
    for kind in ("podAffinity", "podAntiAffinity") if gates.enabled("MatchLabelKeysInPodAffinity") else ():
        affinity = (spec.get("affinity") or {}).get(kind) or {}
        for weighted in affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
            yield weighted.get("podAffinityTerm") or {}
        yield from affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
    spread = "MatchLabelKeysInPodTopologySpread"
    if gates.enabled(spread) and gates.enabled(f"{spread}SelectorMerge"):
        yield from spec.get("topologySpreadConstraints") or ()


def _add_keys(
    selector: dict[str, Any], keys: Sequence[str], operator: str, labels: Mapping[str, str]
) -> None:
    for key in keys:
        if key in labels:
            expression = {"key": key, "operator": operator, "values": [labels[key]]}
            selector["matchExpressions"] = [*(selector.get("matchExpressions") or ()), expression]


def _default_resources(spec: dict[str, Any], resources: dict[str, Any], *, whole: bool) -> None:
    """Fill in requests, and with `whole` limits, which servers before 1.37 did not."""
    from .resource_sums import read_quantities, sum_resources  # drags in fractions and decimal: late

    limits, requests = dict(resources.get("limits") or {}), dict(resources.get("requests") or {})
    of_containers = sum_resources(spec, "limits")
    for name, quantity in of_containers.items():
        if name.startswith(_HUGE_PAGES) and name not in requests:
            limits.setdefault(name, str(quantity))
    if whole or limits:
        for name, quantity in sum_resources(spec, "requests").items():
            if name in _OVERCOMMITTED:
                requests.setdefault(name, str(quantity))
        for name, limit in limits.items():
            if name in _OVERCOMMITTED or name.startswith(_HUGE_PAGES):
                requests.setdefault(name, limit)
    if whole:
        _default_limits(spec, limits, read_quantities(requests), of_containers)
    for side, values in (("limits", limits), ("requests", requests)):
        if values:
            resources[side] = values


def _default_limits(
    spec: Mapping[str, Any],
    limits: dict[str, Any],
    requests: "Mapping[str, Quantity]",
    of_containers: "Mapping[str, Quantity]",
) -> None:
    """Fill in the limits that every container has, at least as much as is requested."""
    for name, request in requests.items():
        own = of_containers.get(name)
        if own is None or name in limits or not (name in _OVERCOMMITTED or name.startswith(_HUGE_PAGES)):
            continue
        if all(
            name in ((container.get("resources") or {}).get("limits") or ())
            for _, container, _ in visit_mappings(spec)
        ):
            limits[name] = str(max(own, request, key=lambda quantity: quantity.value))
