"""The pod's sandbox: what prevents it, so that every container stays in ContainerCreating."""

from ..effective.container_in_pod import POD_CONTEXT
from ..effective.setting import Setting
from ..kube.pod import Pod, PodSpec
from .host_names import LongHostName, host_names
from .start_prediction import WarningEvent

__all__ = ["MAPPED_IDS", "refuse_sandbox"]

MAPPED_IDS = 65536
"""How many uids a pod with hostUsers false has. Source: kubernetes pkg/kubelet/userns, userNsLength."""

_REASON = "FailedCreatePodSandBox"
_PREFIX = "Failed to create pod sandbox: "
_RPC = f"{_PREFIX}rpc error: code = Unknown desc = "


def refuse_sandbox(pod: Pod, setting: Setting) -> WarningEvent | None:
    """Give the event that repeats while the sandbox cannot be made; None when it can.

    The sandbox has no image to take a user from: runAsGroup of the pod needs runAsUser of the pod, whatever
    the containers set. Recorded on both containerd versions.
    """
    spec = pod.spec
    if spec is None:
        return None
    if spec.set_hostname_as_fqdn and (long := _long_name(pod, spec)):
        return WarningEvent(_REASON, _PREFIX + long, ("spec", "setHostnameAsFQDN"))
    if spec.host_users is False and not setting.user_namespaces:
        text = "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
        return WarningEvent(_REASON, _PREFIX + text, ("spec", "hostUsers"))
    context, runtime = spec.security_context, setting.runtime
    if context is None:
        return None
    if context.run_as_group is not None and context.run_as_user is None:
        message = _RPC + runtime.sandbox_group_error.format(context.run_as_group)
        return WarningEvent(_REASON, message, (*POD_CONTEXT, "runAsGroup"))
    if spec.host_users is False and (context.run_as_user or 0) >= MAPPED_IDS:
        text = f"cannot setuid to unmapped uid {context.run_as_user} in user namespace"
        message = _RPC + runtime.sandbox_uid_error.format(text)
        return WarningEvent(_REASON, message, (*POD_CONTEXT, "runAsUser"))
    return None


def _long_name(pod: Pod, spec: PodSpec) -> str:
    """Say that the kernel cannot have the pod's name, as far as that is known; "" when it can.

    Source: kubernetes pkg/kubelet/kuberuntime/kuberuntime_sandbox.go, generatePodSandboxConfig.
    """
    if spec.host_network:
        return ""
    names = host_names(pod)
    try:
        _ = names.name and names.in_kernel
    except LongHostName as long:
        return str(long)
    return ""
