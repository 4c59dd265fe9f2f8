"""Requests and limits as the kubelet hands them to the runtime, and the pod's quality of service."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any

from ..kube.quantity import parse_quantity
from ..kube.visit import WITHOUT_EPHEMERAL, visit_mappings
from .cri import LinuxContainerResources

__all__ = ["bytes_of", "container_resources", "quality_of_service"]

_PERIOD = 100000  # microseconds. Source: kubernetes pkg/kubelet/cm/helpers_linux.go, QuotaPeriod
_MIN_QUOTA = 1000
_MIN_SHARES, _MAX_SHARES = 2, 262144


def container_resources(
    container: Mapping[str, Any], pod: Mapping[str, Any], *, memory: int
) -> LinuxContainerResources:
    """Compute what a container's cgroup is given; `memory` is the node's, in bytes.

    Source: kubernetes pkg/kubelet/kuberuntime/kuberuntime_container_linux.go, calculateLinuxResources;
    pkg/kubelet/qos/policy.go.
    """
    requests = _of(container, "requests")
    limits = _of(container, "limits")
    requested = requests.get("cpu", limits.get("cpu", Fraction(0)))
    cores = limits.get("cpu")
    return LinuxContainerResources(
        cpu_period=_PERIOD,
        cpu_quota=max(int(cores * 1000) * _PERIOD // 1000, _MIN_QUOTA) if cores else 0,
        cpu_shares=_shares(requested),
        memory_limit_in_bytes=ceil(limits.get("memory", Fraction(0))),
        oom_score_adj=_oom_score(container, pod, memory),
    )


def _shares(cores: Fraction) -> int:
    milli = ceil(cores * 1000)
    return min(max(milli * 1024 // 1000, _MIN_SHARES), _MAX_SHARES)


def _oom_score(container: Mapping[str, Any], pod: Mapping[str, Any], memory: int) -> int:
    quality = quality_of_service(pod)
    if quality == "Guaranteed":
        return -997
    if quality == "BestEffort":
        return 1000
    requested = ceil(_of(container, "requests").get("memory", Fraction(0)))
    score = 1000 - (1000 * requested) // memory if memory else 1000
    # a burstable container is killed before a guaranteed one and after a best-effort one
    return min(max(score, 1000 - 997), 999)


def quality_of_service(pod: Mapping[str, Any]) -> str:
    """Classify the pod: `Guaranteed`, `Burstable` or `BestEffort`, by cpu and memory of all its containers.

    Source: kubernetes pkg/apis/core/v1/helper/qos/qos.go, ComputePodQOS.
    """
    spec = pod.get("spec") or {}
    requests: dict[str, Fraction] = {}
    limits: dict[str, Fraction] = {}
    guaranteed = True
    for _, container, _ in visit_mappings(spec, fields=WITHOUT_EPHEMERAL):
        asked = {k: v for k, v in _of(container, "requests").items() if k in ("cpu", "memory") and v}
        bound = {k: v for k, v in _of(container, "limits").items() if k in ("cpu", "memory") and v}
        for total, quantities in ((requests, asked), (limits, bound)):
            for name, value in quantities.items():
                total[name] = total.get(name, Fraction(0)) + value
        guaranteed = guaranteed and len(bound) == 2
    if not requests and not limits:
        return "BestEffort"
    if guaranteed and all(limits.get(name) == value for name, value in requests.items()):
        return "Guaranteed" if len(requests) == len(limits) else "Burstable"
    return "Burstable"


def bytes_of(quantity: object) -> int | None:
    """Read a quantity of bytes, rounded up; None when it is absent or none."""
    parsed = parse_quantity(quantity)
    return None if parsed is None else ceil(parsed.value)


def _of(container: Mapping[str, Any], kind: str) -> dict[str, Fraction]:
    quantities = (container.get("resources") or {}).get(kind) or {}
    parsed: dict[str, Fraction] = {}
    for name, value in quantities.items():
        quantity = parse_quantity(value)
        if quantity is not None:
            parsed[name] = Fraction(quantity.value)
    return parsed
