"""What a pod tells its containers about itself: fieldRef and resourceFieldRef, for variables and volumes.

A pod's mapping and the values of its node go in, text comes out.
"""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from ..kube.go_format import quote
from ..kube.quantity import parse_quantity
from ..kube.visit import WITHOUT_EPHEMERAL, visit_mappings

__all__ = ["DownwardValues", "FieldProblem", "field_value", "resource_value"]


class FieldProblem(Exception):
    """Says in the kubelet's words why a reference has no value."""


class DownwardValues(msgspec.Struct, frozen=True):
    """What is known when a container starts. Memory and storage in bytes, cpu in cores; "" for no address."""

    pod_ip: str = ""
    host_ip: str = ""
    node_name: str = ""
    cpu: int = 1
    memory: int = 0
    storage: int = 0


def field_value(path: str, pod: Mapping[str, Any], downward: DownwardValues) -> str:
    """Give the value of a fieldPath. Raises FieldProblem: no such field.

    Source: kubernetes pkg/kubelet/kubelet_pods.go, podFieldSelectorRuntimeValue; pkg/fieldpath.
    """
    spec, metadata = pod.get("spec") or {}, pod.get("metadata") or {}
    known = {
        "spec.nodeName": downward.node_name,
        "spec.serviceAccountName": spec.get("serviceAccountName") or "",
        "status.hostIP": downward.host_ip,
        "status.hostIPs": downward.host_ip,
        "status.podIP": downward.pod_ip,
        "status.podIPs": downward.pod_ip,
        "metadata.name": metadata.get("name") or "",
        "metadata.namespace": metadata.get("namespace") or "default",
        "metadata.uid": metadata.get("uid") or "",
    }
    if path in known:
        return str(known[path])
    for name in ("labels", "annotations"):
        entries = metadata.get(name) or {}
        if path == f"metadata.{name}":
            return "\n".join(f"{key}={quote(entries[key] or '')}" for key in sorted(entries))
        if path.startswith(f"metadata.{name}['") and path.endswith("']"):
            return str(entries.get(path[len(name) + 11 : -2]) or "")
    raise FieldProblem(f"unsupported fieldPath: {path}")


def resource_value(
    reference: Mapping[str, Any],
    container: Mapping[str, Any],
    pod: Mapping[str, Any],
    downward: DownwardValues,
) -> str:
    """Give the value of a resourceFieldRef, rounded up to its divisor; a limit that is not set is the node's.

    Raises FieldProblem: no such resource or container. Source: kubernetes pkg/api/v1/resource/helpers.go.
    """
    name = reference.get("containerName") or ""
    if name:
        container = _container_of(pod, name)
    resource = str(reference.get("resource") or "")
    kind, _, what = resource.partition(".")
    if kind not in ("limits", "requests") or not (
        what in ("cpu", "memory", "ephemeral-storage") or what.startswith("hugepages-")
    ):
        raise FieldProblem(f"unsupported container resource : {resource}")
    quantity = ((container.get("resources") or {}).get(kind) or {}).get(what)
    value = _number(quantity)
    if kind == "limits" and value == 0:
        value = Fraction(
            {"cpu": downward.cpu, "memory": downward.memory, "ephemeral-storage": downward.storage}.get(
                what, 0
            )
        )
    divisor = _number(reference.get("divisor")) or Fraction(1)
    unit = Fraction(1, 1000) if what == "cpu" else Fraction(1)
    divisor = Fraction(math.ceil(divisor / unit)) * unit
    return str(math.ceil(Fraction(math.ceil(value / unit)) * unit / divisor))


def _number(text: object) -> Fraction:
    quantity = parse_quantity(text)
    return Fraction(0) if quantity is None else Fraction(quantity.value)


def _container_of(pod: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    spec = pod.get("spec") or {}
    for _, container, _ in visit_mappings(spec, fields=WITHOUT_EPHEMERAL):
        if container.get("name") == name:
            return container
    raise FieldProblem(f"container {name} not found")
