"""Finds an emptyDir on disk that holds more than its sizeLimit: the kubelet evicts such a pod.

Source: kubernetes pkg/kubelet/eviction/eviction_manager.go, emptyDirLimitEviction.
"""

from collections.abc import Mapping
from typing import Any

from ...kubelet.resources import bytes_of
from ..safe_files import BudgetSpent, UsageCount
from .volumes import Volumes

__all__ = ["VolumeLimits"]

_SECONDS = 0.2
"""How long one look counts at most: a container may make as many files as it likes."""


class VolumeLimits:
    """The sizeLimits of one pod's volumes, and how far the counts of what is in them have come."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._sources: dict[str, Mapping[str, Any]] = {
            str(volume.get("name")): volume["emptyDir"]
            for volume in spec.get("volumes") or ()
            if bytes_of((volume.get("emptyDir") or {}).get("sizeLimit"))
            and volume["emptyDir"].get("medium") != "Memory"
        }
        self._counts: dict[str, UsageCount] = {}

    def exceeded(self, volumes: Volumes) -> str | None:
        """Count on for a moment; gives the message of the eviction, None while no volume is over its limit.

        A volume with more files than are counted is over it. Raises OSError: a volume is not there any more.
        """
        for name, source in self._sources.items():
            mounted = volumes.find(name)
            if mounted is None:
                continue
            count = self._counts.setdefault(name, UsageCount(mounted.path))
            try:
                within = count.advance(_SECONDS) <= (bytes_of(source["sizeLimit"]) or 0)
            except BudgetSpent:
                within = False
            if not within:
                return f'Usage of EmptyDir volume "{name}" exceeds the limit "{source["sizeLimit"]}". '
        return None

    def close(self) -> None:
        """Let go of what a count holds open, before the volumes are removed."""
        for count in self._counts.values():
            count.close()
