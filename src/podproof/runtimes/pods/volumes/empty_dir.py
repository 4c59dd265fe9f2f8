"""emptyDir: a folder that everybody may write, on disk or in memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ....kubelet.resources import bytes_of
from .. import kernel
from .context import VolumeContext
from .problem import VolumeProblem

__all__ = ["set_up"]


def set_up(folder: Path, source: Mapping[str, Any], context: VolumeContext, now: float) -> bool:
    """Make it with mode 0777; in memory at most sizeLimit, else the node's memory. Never read-only.

    Source: kubernetes pkg/volume/emptydir/empty_dir.go, perm 0777.
    """
    del now
    medium = source.get("medium") or ""
    if medium == "Memory":
        limit = bytes_of(source.get("sizeLimit")) or 0
        memory = context.downward.memory
        size = min(limit, memory) if limit and memory else limit or memory
        kernel.tmpfs(folder, size or None)
    elif medium:
        raise VolumeProblem(f'medium "{medium}" is not supported here: huge pages are not mounted')
    folder.chmod(0o777)
    return False
