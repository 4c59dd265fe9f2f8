"""Turns the runtime's answers into the port's values; nothing is asked here.

What the interface does not define (a process's pid, an image's configuration) stands as JSON in the map
`info` of verbose answers, as containerd and CRI-O write it; what is not there is unknown.
"""

import json
from collections.abc import Mapping
from typing import Any

from ...effective.image import ImageConfig
from ...kubelet.instance import ContainerState
from ..engine import ContainerStatus, Features, ImageRecord, SandboxStatus
from . import cri_pb2 as pb

__all__ = ["container_status", "features", "image_records", "sandbox_item", "sandbox_status"]

_STATES: dict[int, ContainerState] = {
    pb.CONTAINER_CREATED: "created",
    pb.CONTAINER_RUNNING: "running",
    pb.CONTAINER_EXITED: "exited",
}


def features(version: pb.VersionResponse, status: pb.StatusResponse) -> Features:
    """Tell what a runtime can do; one of before these features tells of none, and has none."""
    handlers = [one.features for one in status.runtime_handlers if one.name in ("", "runc", "crun")]
    # A distribution's suffix says nothing about what the runtime does: 1.6.20~ds1, v2.3.7, 1.30.0-dev.
    number = version.runtime_version.removeprefix("v").split("~")[0].split("+")[0]
    network = next((one for one in status.status.conditions if one.type == "NetworkReady"), None)
    return Features(
        name=version.runtime_name,
        version=number,
        user_namespaces=any(one.user_namespaces for one in handlers),
        strict_groups=status.features.supplemental_groups_policy,
        recursive_read_only=any(one.recursive_read_only_mounts for one in handlers),
        network=None if network is None or network.status else f"{network.reason}: {network.message}",
    )


def image_records(response: pb.ImageStatusResponse, reference: str | None = None) -> tuple[ImageRecord, ...]:
    """Give an image once for each of its tags, or once for `reference`; without tags it goes by its id."""
    image = response.image
    specification = _mapping(_info(response.info).get("imageSpec"))
    config = _mapping(specification.get("config"))
    digest = image.repo_digests[0].partition("@")[2] if image.repo_digests else None
    names = [reference] if reference else list(image.repo_tags) or list(image.repo_digests) or [image.id]
    recorded = ImageConfig(
        user=str(config.get("User") or "") if specification else None,
        entrypoint=tuple(config.get("Entrypoint") or ()) if specification else None,
        command=tuple(config.get("Cmd") or ()) if specification else None,
        working_directory=str(config.get("WorkingDir") or "") if specification else None,
        digest=digest,
    )
    architecture = specification.get("architecture")
    return tuple(
        ImageRecord(
            reference=name,
            id=image.id,
            digest=digest,
            config=recorded,
            size=image.size,
            architecture=str(architecture) if architecture else None,
        )
        for name in names
    )


def sandbox_status(response: pb.PodSandboxStatusResponse) -> SandboxStatus:
    """Read the status of one sandbox, with its address and the pid of its pause process."""
    status = response.status
    return SandboxStatus(
        id=status.id,
        ready=status.state == pb.SANDBOX_READY,
        ip=status.network.ip,
        pid=_pid(response.info),
        labels=dict(status.labels),
    )


def sandbox_item(item: pb.PodSandbox) -> SandboxStatus:
    """Read an entry of a list, which has neither address nor pid."""
    return SandboxStatus(id=item.id, ready=item.state == pb.SANDBOX_READY, labels=dict(item.labels))


def container_status(response: pb.ContainerStatusResponse) -> ContainerStatus:
    """Read the status of one container; times are nanoseconds since the epoch, 0 for none."""
    status = response.status
    state = _STATES.get(status.state, "unknown")
    return ContainerStatus(
        id=status.id,
        name=status.metadata.name,
        state=state,
        attempt=status.metadata.attempt,
        created_at=status.created_at,
        started_at=status.started_at,
        finished_at=status.finished_at,
        exit_code=status.exit_code,
        reason=status.reason,
        message=status.message,
        image=status.image.image,
        image_reference=status.image_ref,
        pid=_pid(response.info) if state in ("created", "running") else None,
        sandbox_id=str(_info(response.info).get("sandboxID") or ""),
        labels=dict(status.labels),
    )


def _pid(info: Mapping[str, str]) -> int | None:
    pid = _info(info).get("pid")
    return pid if isinstance(pid, int) and pid > 0 else None


def _info(info: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(info.get("info") or "{}"))
    except ValueError:
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
