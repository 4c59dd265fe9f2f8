"""The pod that an object's controller would send: an object and its template come in, a Pod goes out.

Nothing is decided here.
"""

from collections.abc import Mapping
from typing import Any

from ...admission.controllers import controller_pod
from ...kube.template import Template

__all__ = ["made_pod", "with_names_and_images"]


def made_pod(value: Any, template: Template, namespace: str, minor: int) -> tuple[dict[str, Any], str]:
    """Make the pod of a template and say its namespace: the object's, else the one that is given."""
    workload = value if isinstance(value, Mapping) else {}
    owner = _mapping(workload.get("metadata"))
    namespace = str(owner.get("namespace") or namespace)
    if template.route:
        return controller_pod(workload, template.pod, namespace, minor), namespace
    metadata: dict[str, Any] = {**_mapping(template.pod.get("metadata")), "namespace": namespace}
    if not (metadata.get("name") or metadata.get("generateName")):
        metadata["name"] = str(owner.get("name") or owner.get("generateName") or "pod")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.pod.get("spec")}
    return pod, namespace


def with_names_and_images(pod: Mapping[str, Any]) -> dict[str, Any]:
    """Write names and images where containers have none, for what will write them before it sends the pod."""
    spec = dict(_mapping(pod.get("spec")))
    for field in ("initContainers", "containers"):
        containers = spec.get(field)
        if isinstance(containers, list):
            spec[field] = [
                {"name": f"container-{number}", "image": "image", **written}
                if isinstance(written, dict)
                else written
                for number, written in enumerate(containers, 1)
            ]
    return {**pod, "spec": spec}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
