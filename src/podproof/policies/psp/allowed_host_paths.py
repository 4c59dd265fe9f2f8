"""allowedHostPaths: below which paths of the node hostPath volumes may lie; an empty list allows every path.

Prefixes end at path segments. A prefix that is read-only allows the volume only if every mount of it is.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/util/util.go, provider.go.
"""

from collections.abc import Mapping
from typing import Any

from ...kube.field_error import Errors, invalid
from ...manifest.route import Route
from .pod_mutator import PodMutator
from .policy import AllowedHostPath, PodSecurityPolicy


def judge_volume(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, volume: Mapping[str, Any], route: Route
) -> None:
    """Judge a hostPath volume, and its mounts in all containers where they must be read-only."""
    path = volume["hostPath"].get("path") or ""
    if not policy.spec.allowed_host_paths:
        return
    matching = [allowed for allowed in policy.spec.allowed_host_paths if _covers(allowed, path)]
    if not matching:
        invalid(errors, (*route, "hostPath", "pathPrefix"), path, "is not allowed to be used")
        return
    if not all(allowed.read_only for allowed in matching):
        return
    for container in mutator.containers:
        for index, mount in enumerate(container.container.get("volumeMounts") or ()):
            if mount.get("name") == volume.get("name") and not mount.get("readOnly"):
                at = (*container.route, "volumeMounts", index, "readOnly")
                invalid(errors, at, False, "must be read-only")


def _covers(allowed: AllowedHostPath, path: str) -> bool:
    path, prefix = path.removesuffix("/"), allowed.path_prefix.removesuffix("/")
    return path.startswith(prefix) and (len(path) == len(prefix) or path[len(prefix)] == "/")
