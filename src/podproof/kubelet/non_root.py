"""runAsNonRoot: the kubelet's check before a container is created, in its words."""

from typing import Literal

import msgspec

from ..effective.container_in_pod import ContainerInPod
from ..effective.users import MAX_ID, requested_user, resolve_run_as_non_root, written_user
from ..effective.value import Unknown
from ..kube.go_format import quote
from ..kube.pod import Pod

__all__ = ["NonRootViolation", "pod_name", "verify_run_as_non_root"]


def pod_name(pod: Pod) -> str:
    """Write a pod as the kubelet does in messages: name_namespace(uid); `<uid>` while there is none."""
    metadata = pod.metadata
    name = (metadata.name if metadata else None) or ""
    namespace = (metadata.namespace if metadata else None) or "default"
    uid = (metadata.uid if metadata else None) or "<uid>"
    return f"{name}_{namespace}({uid})"


class NonRootViolation(msgspec.Struct, frozen=True, gc=False):
    """Why runAsNonRoot stops a container; `field` of its security context is what the message is about."""

    message: str
    field: Literal["runAsNonRoot", "runAsUser"]


def verify_run_as_non_root(placed: ContainerInPod) -> NonRootViolation | Unknown | None:
    """Give what stops the container; None when it may run; Unknown when the image decides.

    A runAsUser other than 0 passes without a look at the image. An image without USER is uid 0; a name is
    refused, since its uid is not known before the container exists.
    Source: kubernetes pkg/kubelet/kuberuntime/security_context_others.go, verifyRunAsNonRoot.
    """
    if resolve_run_as_non_root(placed).value is not True:
        return None
    if written_user(placed):
        return None
    requested = requested_user(placed)
    if requested.origin.kind != "image":
        if requested.uid != 0:
            return None
        return NonRootViolation(f"container's runAsUser breaks non-root policy {_where(placed)}", "runAsUser")
    if isinstance(requested.uid, Unknown):
        return requested.uid
    problem = _image_problem(requested.uid, requested.name, placed.setting.version)
    if problem is None:
        return None
    return NonRootViolation(
        f"container has runAsNonRoot and image {problem} {_where(placed)}", "runAsNonRoot"
    )


def _where(placed: ContainerInPod) -> str:
    return f"(pod: {quote(pod_name(placed.pod))}, container: {placed.container.name or ''})"


def _image_problem(uid: int | None, name: str, version: int) -> str | None:
    if uid is None:
        return f"has non-numeric user ({name}), cannot verify user is non-root"
    if (uid < 0 or uid > MAX_ID) and version >= 34:
        limits = f"(Must be 1-({MAX_ID})): must be between 0 and {MAX_ID}, inclusive"
        return f"has an invalid user id ({uid}). {limits}"
    return "will run as root" if uid == 0 else None
