"""A cluster as it stands in a folder, for a webhook without an API server behind it.

The cluster, read as `admit` reads it, comes in; a source whose snapshot never changes goes out. Nothing is
judged here.
"""

import asyncio

from ...admission.cluster import Cluster
from .cluster_source import Snapshot, SourceReports

__all__ = ["FolderSource"]


class FolderSource:
    """Knows what stood in a folder when it was read: that is all there is of the cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._snapshot = Snapshot(cluster, "synced")

    def snapshot(self) -> Snapshot:
        """Return what was read."""
        return self._snapshot

    async def keep_up(self, reports: SourceReports) -> None:  # noqa: ARG002 - nothing happens to a folder
        """Wait to be cancelled."""
        await asyncio.Event().wait()

    async def look_up(self, namespace: str) -> None:
        """Know of no namespace that is not in the folder."""

    async def with_pods(self, cluster: Cluster, namespace: str, seconds: float) -> Cluster:  # noqa: ARG002 - all is known
        """Return the cluster, which has the pods of the folder."""
        return cluster
