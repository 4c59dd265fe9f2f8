"""A cluster as it stands in a folder, for a webhook without an API server behind it.

The folder, a configuration and a version come in, read as `admit` reads them; a source whose snapshot never
changes goes out. Nothing is judged here.
"""

from ...admission.cluster import Cluster
from ..admit.prepared_cluster import PreparedCluster, prepare
from .cluster_source import Snapshot

__all__ = ["FolderSource", "open_folder"]


class FolderSource:
    """Knows what stood in a folder when it was read: that is all there is of the cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._snapshot = Snapshot(cluster, "synced")

    def snapshot(self) -> Snapshot:
        """Return what was read."""
        return self._snapshot

    async def look_up(self, namespace: str) -> None:
        """Know of no namespace that is not in the folder."""


def open_folder(
    folder: str,
    *,
    config: str | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...] = (),
) -> tuple[FolderSource, PreparedCluster]:
    """Read the folder and the configuration; the second value says what of them could not be read.

    Raises UsageError: the folder is not a folder, or the configuration, the version or a gate is wrong.
    """
    prepared = prepare(
        cluster=folder,
        config=config,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
        option="--config",
    )
    return FolderSource(prepared.cluster), prepared
