"""runAsNonRoot: the kubelet's check before a container is created, in its words."""

from ..effective.subject import Subject
from ..effective.users import MAX_ID, requested_user, resolve_run_as_non_root
from ..effective.value import Unknown
from ..kube.go_format import quote
from ..kube.pod import Pod

__all__ = ["pod_name", "verify_run_as_non_root"]


def pod_name(pod: Pod) -> str:
    """Write a pod as the kubelet does in messages: name_namespace(uid); `<uid>` while there is none."""
    metadata = pod.metadata
    name = (metadata.name if metadata else None) or ""
    namespace = (metadata.namespace if metadata else None) or "default"
    uid = (metadata.uid if metadata else None) or "<uid>"
    return f"{name}_{namespace}({uid})"


def verify_run_as_non_root(subject: Subject) -> str | Unknown | None:
    """Give the error that stops the container; None when it may run; Unknown when the image decides.

    A runAsUser other than 0 passes without a look at the image. An image without USER is uid 0; a name is
    refused, since its uid is not known before the container exists.
    Source: kubernetes pkg/kubelet/kuberuntime/security_context_others.go, verifyRunAsNonRoot.
    """
    if resolve_run_as_non_root(subject).value is not True:
        return None
    requested = requested_user(subject)
    where = f"(pod: {quote(pod_name(subject.pod))}, container: {subject.container.name or ''})"
    if requested.origin.kind != "image":
        return f"container's runAsUser breaks non-root policy {where}" if requested.uid == 0 else None
    if isinstance(requested.uid, Unknown):
        return requested.uid
    if requested.uid is None:
        return (
            f"container has runAsNonRoot and image has non-numeric user ({requested.name}), "
            f"cannot verify user is non-root {where}"
        )
    if requested.uid == 0:
        return f"container has runAsNonRoot and image will run as root {where}"
    if not 0 <= requested.uid <= MAX_ID and subject.version >= 34:
        return (
            f"container has runAsNonRoot and image has an invalid user id ({requested.uid}). "
            f"(Must be 1-({MAX_ID})): must be between 0 and {MAX_ID}, inclusive {where}"
        )
    return None
