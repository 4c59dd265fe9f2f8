"""The typed pod as the Pod Security levels look at it: what no level reads is passed over while decoding.

A JudgedPod is a Pod whose other fields are always None, "not set", whatever is written; decoding one takes a
quarter less time. Who needs more of a pod, or to know whether a server could read it, decodes a Pod.
"""

from typing import Any

import msgspec

from .pod import (
    Affinity,
    Container,
    ObjectMeta,
    OwnerReference,
    Pod,
    PodSpec,
    VolumeDevice,
    VolumeMount,
)

__all__ = ["JudgedPod"]


def _unread(name: str) -> Any:
    """Look for a field where no pod has one: a struct cannot do without what its base has."""
    return msgspec.field(default=None, name=f"-{name}")


class _Metadata(ObjectMeta, frozen=True):
    name: str | None = _unread("name")
    generate_name: str | None = _unread("generateName")
    namespace: str | None = _unread("namespace")
    uid: str | None = _unread("uid")
    labels: dict[str, str | None] | None = _unread("labels")
    owner_references: tuple[OwnerReference, ...] | None = _unread("ownerReferences")


class _Container(Container, frozen=True):
    image: str | None = _unread("image")
    command: tuple[str, ...] | None = _unread("command")
    args: tuple[str, ...] | None = _unread("args")
    working_dir: str | None = _unread("workingDir")
    volume_mounts: tuple[VolumeMount, ...] | None = _unread("volumeMounts")
    volume_devices: tuple[VolumeDevice, ...] | None = _unread("volumeDevices")
    image_pull_policy: str | None = _unread("imagePullPolicy")
    target_container_name: str | None = _unread("targetContainerName")


class _Spec(PodSpec, frozen=True):
    init_containers: tuple[_Container, ...] | None = None
    containers: tuple[_Container, ...] | None = None
    ephemeral_containers: tuple[_Container, ...] | None = None
    restart_policy: str | None = _unread("restartPolicy")
    service_account_name: str | None = _unread("serviceAccountName")
    automount_service_account_token: bool | None = _unread("automountServiceAccountToken")
    node_name: str | None = _unread("nodeName")
    share_process_namespace: bool | None = _unread("shareProcessNamespace")
    runtime_class_name: str | None = _unread("runtimeClassName")
    node_selector: dict[str, str | None] | None = _unread("nodeSelector")
    affinity: Affinity | None = _unread("affinity")


class JudgedPod(Pod, frozen=True, kw_only=True):
    """A pod to be judged at a level, and for nothing else."""

    metadata: _Metadata | None = None
    spec: _Spec | None = None
