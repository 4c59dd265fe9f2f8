"""What every kind of volume is given. Data only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ....kubelet.fields import DownwardValues
from ....kubelet.objects import Objects
from .host_path import HostPaths

__all__ = ["VolumeContext"]


class VolumeContext(msgspec.Struct, frozen=True):
    """The pod, the objects beside it, its node's values for the downward API, and the folders.

    `host_paths` are the paths that hostPath may name; `claims` is the folder of claims' volumes.
    """

    pod: Mapping[str, Any]
    objects: Objects
    downward: DownwardValues
    host_paths: HostPaths
    claims: Path

    @property
    def fs_group(self) -> int | None:
        """The pod's fsGroup; None when it sets none."""
        context = (self.pod.get("spec") or {}).get("securityContext") or {}
        group = context.get("fsGroup")
        return group if isinstance(group, int) else None

    @property
    def change_policy(self) -> str:
        """The pod's fsGroupChangePolicy; Always when it sets none."""
        context = (self.pod.get("spec") or {}).get("securityContext") or {}
        return str(context.get("fsGroupChangePolicy") or "Always")
