"""What stands in a pod at all, as bits: a running pod comes in, the facts that hold go out.

Most checks of effects are about something that few pods have. Such a check names the facts without which it
has nothing to say, and is not asked about a pod in which none of them holds. A fact may hold too often, never
too seldom.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .effect import Running

__all__ = [
    "ADDED_CAPABILITIES",
    "ANNOTATIONS",
    "DROPPED_CAPABILITIES",
    "FILE_MODES",
    "FS_GROUP",
    "HOST_PATHS",
    "LOCALHOST_PROFILES",
    "LOCKED_IMAGES",
    "LOW_PORTS",
    "OVERRIDDEN",
    "PRIVILEGED",
    "SEVERAL_CONTAINERS",
    "SUPPLEMENTAL_GROUPS_POLICY",
    "UNCERTAIN_START",
    "facts_of",
]

ADDED_CAPABILITIES = 1 << 0
DROPPED_CAPABILITIES = 1 << 1
PRIVILEGED = 1 << 2
HOST_PATHS = 1 << 3
FILE_MODES = 1 << 4
"""Volumes whose files have modes."""
FS_GROUP = 1 << 5
LOCALHOST_PROFILES = 1 << 6
"""Names of profiles, of whatever type."""
ANNOTATIONS = 1 << 7
SEVERAL_CONTAINERS = 1 << 8
SUPPLEMENTAL_GROUPS_POLICY = 1 << 9
LOCKED_IMAGES = 1 << 10
"""Something is known of images."""
UNCERTAIN_START = 1 << 11
"""The pod, or one of its containers, does not start for certain."""
LOW_PORTS = 1 << 12
"""Ports below 1024."""
OVERRIDDEN = 1 << 13
"""Fields of containers that pods have too, and a pod's profile of AppArmor, which annotations override."""

_NO_LONGER_LOW = 1024


def facts_of(running: "Running") -> int:
    """Say what holds for a pod."""
    containers = running.containers
    if not containers:
        return 0
    first = containers[0]
    pod, metadata = first.pod_context, running.pod.metadata
    facts = _of_volumes(running)
    if pod.fs_group is not None:
        facts |= FS_GROUP
    if pod.supplemental_groups_policy is not None:
        facts |= SUPPLEMENTAL_GROUPS_POLICY
    if pod.app_armor_profile is not None:
        facts |= OVERRIDDEN | LOCALHOST_PROFILES
    if pod.seccomp_profile is not None and pod.seccomp_profile.localhost_profile is not None:
        facts |= LOCALHOST_PROFILES
    if metadata is not None and metadata.annotations:
        facts |= ANNOTATIONS
    if len(containers) > 1:
        facts |= SEVERAL_CONTAINERS
    if first.setting.images:
        facts |= LOCKED_IMAGES
    if running.start.event is not None:
        facts |= UNCERTAIN_START
    for prediction in running.start.containers:
        if prediction.starts is not True:
            facts |= UNCERTAIN_START
    for placed in containers:
        own = placed.context
        if placed.privileged:
            facts |= PRIVILEGED
        capabilities = own.capabilities
        if capabilities is not None:
            if capabilities.add:
                facts |= ADDED_CAPABILITIES
            if capabilities.drop:
                facts |= DROPPED_CAPABILITIES
        if own.seccomp_profile is not None or own.app_armor_profile is not None:
            facts |= OVERRIDDEN | LOCALHOST_PROFILES
        if own.run_as_user is not None or own.run_as_non_root is not None:
            facts |= OVERRIDDEN
        for port in placed.container.ports or ():
            if (port.container_port or 0) < _NO_LONGER_LOW:
                facts |= LOW_PORTS
    return facts


def _of_volumes(running: "Running") -> int:
    facts = 0
    spec = running.pod.spec
    for volume in (spec.volumes if spec is not None else None) or ():
        if volume.host_path is not None:
            facts |= HOST_PATHS
        if (
            volume.secret is not None
            or volume.config_map is not None
            or volume.projected is not None
            or volume.downward_api is not None
        ):
            facts |= FILE_MODES
    return facts
