"""Builds what the engine is asked for: a pod's sandbox and its containers, in the port's values.

Source: kubernetes pkg/kubelet/kuberuntime, generatePodSandboxConfig and generateContainerConfig.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...effective.subject import Subject
from ...kube.pod import Pod
from ...kubelet.cri import container_security_context, sandbox_security_context, sandbox_sysctls
from ...kubelet.environment import expand_all
from ...kubelet.objects import namespace_of
from ...kubelet.resources import container_resources
from ..engine import ContainerRequest, Mount, SandboxRequest
from .files import host_name
from .values import RunOptions

__all__ = ["container_request", "pod_labels", "sandbox_request"]

_FIRST_ID = 65536
"""The first user id on the node that a pod with hostUsers false may get. Source: pkg/kubelet/userns."""


def pod_labels(pod: Mapping[str, Any], session: str, *, keep: bool) -> dict[str, str]:
    """Give the labels by which the kubelet and Podproof find a pod's containers again."""
    metadata = pod.get("metadata") or {}
    labels = {
        "io.kubernetes.pod.name": str(metadata.get("name") or ""),
        "io.kubernetes.pod.namespace": namespace_of(pod),
        "io.kubernetes.pod.uid": str(metadata.get("uid") or ""),
        "podproof.dev/session": session,
    }
    if keep:
        labels["podproof.dev/keep"] = "true"
    return labels


def sandbox_request(
    pod: Mapping[str, Any],
    typed: Pod,
    options: RunOptions,
    *,
    attempt: int,
    session: str,
    log_directory: str,
    handler: str,
    user_range: int,
) -> SandboxRequest:
    """Build the sandbox's request. `user_range` counts the pods with user namespaces of this session."""
    metadata = pod.get("metadata") or {}
    uid = str(metadata.get("uid") or "")
    security = sandbox_security_context(typed)
    _map_users(security, user_range)
    host_network = typed.spec is not None and typed.spec.host_network is True
    return SandboxRequest(
        name=str(metadata.get("name") or ""),
        namespace=namespace_of(pod),
        uid=uid,
        attempt=attempt,
        hostname="" if host_network else host_name(pod),
        log_directory=log_directory,
        dns=_dns(pod, options),
        labels={**(metadata.get("labels") or {}), **pod_labels(pod, session, keep=options.keep)},
        annotations={key: value or "" for key, value in (metadata.get("annotations") or {}).items()},
        cgroup_parent=f"{options.cgroup_root}/pod{uid}" if options.cgroup_root else "",
        sysctls=sandbox_sysctls(typed),
        security=security,
        runtime_handler=handler,
    )


def container_request(
    container: Mapping[str, Any],
    subject: Subject,
    pod: Mapping[str, Any],
    options: RunOptions,
    *,
    image: str,
    attempt: int,
    variables: Mapping[str, str],
    mounts: Sequence[Mount],
    session: str,
    user_range: int,
    target: str = "",
) -> ContainerRequest:
    """Build a container's request; `target` is the id of an ephemeral container's target."""
    name = str(container.get("name"))
    security = container_security_context(subject)
    if security["seccomp"].get("profile_type") == "Localhost":
        profile = subject.context.seccomp_profile or subject.pod_context.seccomp_profile
        security["seccomp"]["localhost_ref"] = (
            f"{options.seccomp_root}/{(profile.localhost_profile if profile else None) or ''}"
        )
    if target:
        security["namespace_options"]["target_id"] = target
    _map_users(security, user_range)
    return ContainerRequest(
        name=name,
        image=image,
        written_image=container.get("image") or "",
        attempt=attempt,
        command=expand_all(container.get("command") or (), variables),
        args=expand_all(container.get("args") or (), variables),
        working_directory=container.get("workingDir") or "",
        environment=tuple(variables.items()),
        mounts=tuple(mounts),
        labels={**pod_labels(pod, session, keep=options.keep), "io.kubernetes.container.name": name},
        annotations={
            "io.kubernetes.container.restartCount": str(attempt),
            "io.kubernetes.container.terminationMessagePath": container.get("terminationMessagePath") or "",
            "io.kubernetes.container.terminationMessagePolicy": container.get("terminationMessagePolicy")
            or "",
        },
        log_path=f"{name}/{attempt}.log",
        stdin=container.get("stdin") is True,
        tty=container.get("tty") is True,
        security=security,
        resources=container_resources(container, pod, memory=options.memory),
    )


def _map_users(security: dict[str, Any], user_range: int) -> None:
    """Choose where on the node the pod's user ids lie: each pod has a range of its own."""
    users = security["namespace_options"].get("userns_options")
    if users is not None:
        users["host_id"] = _FIRST_ID + user_range * int(users["length"])


def _dns(
    pod: Mapping[str, Any], options: RunOptions
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Give resolv.conf's parts: without a cluster's name server every policy but None is the node's own."""
    spec = pod.get("spec") or {}
    own = spec.get("dnsConfig") or {}
    servers, searches, settings = ((), (), ()) if spec.get("dnsPolicy") == "None" else options.dns
    named = tuple(
        f"{option.get('name')}:{option['value']}" if option.get("value") is not None else str(option["name"])
        for option in own.get("options") or ()
    )
    return (
        (*servers, *(own.get("nameservers") or ())),
        (*searches, *(own.get("searches") or ())),
        (*settings, *named),
    )
