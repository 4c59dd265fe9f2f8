"""Where a webhook learns what it has to know of its cluster: a port with one snapshot at a time.

A webhook asks a source for each review; an immutable Cluster goes out, and how far it can be relied on. A
source may keep itself up to date behind the snapshot. Nothing is judged here.
"""

from typing import Literal, Protocol

import msgspec

from ...admission.cluster import Cluster

__all__ = ["ClusterSource", "Freshness", "Snapshot"]

Freshness = Literal["unknown", "synced", "stale"]
"""Nothing is known yet; all is known; or all was known, and what changed since may not be."""


class Snapshot(msgspec.Struct, frozen=True):
    """What is known of the cluster at one moment.

    `cluster` is None exactly when `freshness` is "unknown": nothing can be decided then, and nothing is
    allowed. `reason` says in words why it is not "synced", "" when it is.
    """

    cluster: Cluster | None
    freshness: Freshness
    reason: str = ""


class ClusterSource(Protocol):
    """Knows a cluster; a call of `snapshot` costs nothing, since each review makes one."""

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        ...

    async def look_up(self, namespace: str) -> Cluster | None:
        """Ask the cluster itself for a namespace that the snapshot lacks, and return the cluster with it.

        None: there is no such namespace, or nobody can be asked; what is asked of it is then refused.
        """
        ...
