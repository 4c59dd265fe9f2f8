"""Builds what the engine is asked for: a pod's sandbox and its containers, in the port's values.

Source: kubernetes pkg/kubelet/kuberuntime, generatePodSandboxConfig and generateContainerConfig.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...effective.container_in_pod import ContainerInPod
from ...kube.pod import raw_pod
from ...kubelet.cri import DNSConfig
from ...kubelet.environment import expand_all
from ...kubelet.host_names import CLUSTER_DOMAIN, host_names
from ...kubelet.objects import namespace_of
from ...kubelet.resources import container_resources
from ...kubelet.security_contexts import (
    container_security_context,
    sandbox_security_context,
    sandbox_sysctls,
)
from ..engine import ContainerRequest, Mount, SandboxRequest
from .values import RunOptions

__all__ = ["container_request", "pod_labels", "sandbox_request"]

_OURS = "podproof.dev/"
"""The domain of the labels that sessions are reaped by, and of nothing else that a pod has here."""


def pod_labels(pod: Mapping[str, Any], session: str) -> dict[str, str]:
    """Give the labels by which the kubelet and Podproof find a pod's containers again."""
    metadata = pod.get("metadata") or {}
    return {
        "io.kubernetes.pod.name": str(metadata.get("name") or ""),
        "io.kubernetes.pod.namespace": namespace_of(pod),
        "io.kubernetes.pod.uid": str(metadata.get("uid") or ""),
        "podproof.dev/session": session,
    }


def sandbox_request(
    pod: dict[str, Any],
    options: RunOptions,
    *,
    attempt: int,
    session: str,
    log_directory: str,
    handler: str,
    user_range: int,
) -> SandboxRequest:
    """Build the sandbox's request. `user_range` counts the pods with user namespaces of this session.

    Raises LongHostName: the kernel cannot have the pod's name.
    """
    metadata, typed = pod.get("metadata") or {}, raw_pod(pod)
    uid = str(metadata.get("uid") or "")
    host_network = (pod.get("spec") or {}).get("hostNetwork") is True
    return SandboxRequest(
        name=str(metadata.get("name") or ""),
        namespace=namespace_of(pod),
        uid=uid,
        attempt=attempt,
        hostname="" if host_network else host_names(typed).in_kernel,
        log_directory=log_directory,
        dns=_dns(pod, options),
        labels={**_not_ours(metadata.get("labels")), **pod_labels(pod, session)},
        annotations=_not_ours(metadata.get("annotations")),
        cgroup_parent=f"{options.cgroup_root}/pod{uid}" if options.cgroup_root else "",
        sysctls=sandbox_sysctls(typed),
        security=sandbox_security_context(typed, user_range=user_range),
        runtime_handler=handler,
    )


def _not_ours(written: Mapping[str, str | None] | None) -> dict[str, str]:
    """Leave out of a manifest's labels or annotations those by which Podproof finds pods."""
    return {key: value or "" for key, value in (written or {}).items() if not key.startswith(_OURS)}


def container_request(
    container: Mapping[str, Any],
    placed: ContainerInPod,
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
        labels={**pod_labels(pod, session), "io.kubernetes.container.name": name},
        annotations={
            "io.kubernetes.container.restartCount": str(attempt),
            "io.kubernetes.container.terminationMessagePath": container.get("terminationMessagePath") or "",
            "io.kubernetes.container.terminationMessagePolicy": container.get("terminationMessagePolicy")
            or "",
        },
        log_path=f"{name}/{attempt}.log",
        stdin=container.get("stdin") is True,
        tty=container.get("tty") is True,
        security=container_security_context(
            placed, seccomp_root=options.seccomp_root, target_id=target, user_range=user_range
        ),
        resources=container_resources(container, pod, memory=options.memory),
    )


def _dns(pod: Mapping[str, Any], options: RunOptions) -> DNSConfig:
    """Give resolv.conf's parts: without a cluster's name server every policy but None is the node's own.

    Source: kubernetes pkg/kubelet/network/dns/dns.go, GetPodDNS.
    """
    spec = pod.get("spec") or {}
    own = spec.get("dnsConfig") or {}
    policy = spec.get("dnsPolicy")
    node = DNSConfig() if policy == "None" else options.dns
    asks_cluster = policy == "ClusterFirstWithHostNet" or (
        policy in (None, "ClusterFirst") and spec.get("hostNetwork") is not True
    )
    if options.cluster_dns and asks_cluster:
        services = f"svc.{CLUSTER_DOMAIN}"
        cluster = (f"{namespace_of(pod)}.{services}", services, CLUSTER_DOMAIN)
        searches = dict.fromkeys((*cluster, *node.searches))
        node = DNSConfig((options.cluster_dns,), tuple(searches), ("ndots:5",))
    named = tuple(
        f"{option.get('name')}:{option['value']}" if option.get("value") is not None else str(option["name"])
        for option in own.get("options") or ()
    )
    return DNSConfig(
        (*node.servers, *(own.get("nameservers") or ())),
        (*node.searches, *(own.get("searches") or ())),
        (*node.options, *named),
    )
