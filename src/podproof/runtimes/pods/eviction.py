"""Finds an emptyDir on disk that holds more than its sizeLimit: the kubelet evicts such a pod.

Source: kubernetes pkg/kubelet/eviction/eviction_manager.go, emptyDirLimitEviction.
"""

import time
from collections import deque
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
        self._turns = deque(self._sources)

    def exceeded(self, volumes: Volumes) -> str | None:
        """Count on for a moment; gives the message of the eviction, None while no volume is over its limit.

        One volume is counted after the other, so that a pod holds few files open, however many volumes it
        has. One with more files than are counted is over its limit. Raises OSError: a volume is gone.
        """
        end = time.monotonic() + _SECONDS
        for _ in range(len(self._sources)):
            name = self._turns[0]
            if (mounted := volumes.find(name)) is not None:
                count = self._counts.setdefault(name, UsageCount(mounted.path))
                limit = str(self._sources[name]["sizeLimit"])
                try:
                    within = count.advance(end - time.monotonic()) <= (bytes_of(limit) or 0)
                except BudgetSpent:
                    within = False
                if not within:
                    return f'Usage of EmptyDir volume "{name}" exceeds the limit "{limit}". '
                if count.counting:
                    break  # its turn goes on at the next look
            self._turns.rotate(-1)
            if time.monotonic() > end:
                break
        return None

    def close(self) -> None:
        """Let go of what a count holds open, before the volumes are removed."""
        for count in self._counts.values():
            count.close()
