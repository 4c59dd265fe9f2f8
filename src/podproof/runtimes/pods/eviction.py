"""Finds an emptyDir on disk that holds more than its sizeLimit: the kubelet evicts such a pod.

Source: kubernetes pkg/kubelet/eviction/eviction_manager.go, emptyDirLimitEviction.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...kubelet.resources import bytes_of
from .volumes import Volumes

__all__ = ["over_limit"]

_MAX_ENTRIES = 1_000_000
"""How many files are counted at most: a container may make as many as it likes."""


def over_limit(spec: Mapping[str, Any], volumes: Volumes) -> str | None:
    """Give the message of the eviction; None while every volume is within its limit."""
    for volume in spec.get("volumes") or ():
        source = volume.get("emptyDir") or {}
        limit = bytes_of(source.get("sizeLimit"))
        mounted = volumes.find(str(volume.get("name")))
        if not limit or source.get("medium") == "Memory" or mounted is None:
            continue
        if _used(mounted.path) > limit:
            return (
                f'Usage of EmptyDir volume "{volume.get("name")}" exceeds the limit "{source["sizeLimit"]}". '
            )
    return None


def _used(folder: Path) -> int:
    total = entries = 0
    for parent, folders, files in os.walk(folder, followlinks=False):
        for name in (*folders, *files):
            entries += 1
            if entries > _MAX_ENTRIES:
                return total
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                continue
    return total
