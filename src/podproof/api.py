"""The public Python API: what the commands use, for programs.

Thin: it names functions of the deciding rooms, and changes nothing about them.
"""

from collections.abc import Mapping
from typing import Any

from .admission.cluster import Cluster
from .effective.runtime import DEFAULT_RUNTIME
from .kube.accept import accept
from .policies.pod_security import evaluate
from .results.plain import to_plain
from .session.explain import explain_pod

__all__ = ["Cluster", "accept", "evaluate", "explain"]


def explain(
    pod: Mapping[str, Any] | str | bytes,
    images: Mapping[str, Any] | str | None = None,
    runtime: str = DEFAULT_RUNTIME,
    node: Mapping[str, Any] | None = None,
    *,
    kubernetes_version: str = "latest",
) -> dict[str, Any]:
    """Explain a pod or a workload, given as a mapping or as YAML text; the JSON document as plain data.

    `images` maps references to facts (`user`, `passwd`, `group`, `command`, ...) or names a lock file;
    `node` has the keys of a node file. What is not given is unknown, and the document says so.
    Raises UsageError: an argument has a wrong type, the runtime or a key of the node is unknown, or
    `kubernetes_version` is not a version (`v1.37`). InputError: the pod or an image's facts cannot be read.
    """
    explained = explain_pod(pod, images, runtime, node, kubernetes_version=kubernetes_version)
    document: dict[str, Any] = to_plain(explained)
    return document
