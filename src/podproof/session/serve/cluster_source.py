"""Where a webhook learns what it has to know of its cluster: a port with one snapshot at a time.

A webhook asks a source for each review; an immutable Cluster goes out, and how far it can be relied on. A
source may keep itself up to date behind the snapshot. Nothing is judged here.
"""

from typing import Literal, Protocol

import msgspec

from ...admission.cluster import Cluster
from ...admission.exemption_index import PodSecurityExemption

__all__ = ["ClusterSource", "ExemptionNotices", "Freshness", "LookUpResult", "Snapshot", "SourceReports"]

Freshness = Literal["unknown", "synced", "stale"]
"""Nothing is known yet; all is known; or all was known, and what changed since may not be."""

LookUpResult = Literal["found", "missing", "failed", "refused"]
"""The cluster has the namespace; it does not; it could not be asked; or too many were asked for at once."""


class Snapshot(msgspec.Struct, frozen=True):
    """What is known of the cluster at one moment.

    `cluster` None: nothing can be decided, and nothing is allowed. It is None when `freshness` is "unknown",
    and when what is "stale" cannot be asked for one by one. Of a stale cluster that is there, only namespaces
    may have changed, and each has to be looked up. `reason` says in words why it is not "synced", "" when it
    is.
    """

    cluster: Cluster | None
    freshness: Freshness
    reason: str = ""


class SourceReports(Protocol):
    """Is told how a source fares, for logs and metrics. Resources are named as `kubectl` names them."""

    def watching(self, resource: str) -> None:
        """Take note of a resource that is watched from now on, and not synced yet."""
        ...

    def synced(self, resource: str, objects: int) -> None:
        """Take note that a resource is known, for the first time or again after a failure."""
        ...

    def contact(self, resource: str) -> None:
        """Take note that the server has said something about a resource."""
        ...

    def failed(self, resource: str, failing: str, message: str) -> None:
        """Take note that a watch is to be opened anew because of a failure, whose kind `failing` names."""
        ...

    def version(self, version: str, note: str) -> None:
        """Take note of the API server's version, when it is known and when it has changed.

        `note` says as which version one that is not fully known is judged, "" for any other.
        """
        ...

    def freshness(self, freshness: Freshness, reason: str) -> None:
        """Take note that the snapshot's freshness has changed."""
        ...

    def pods_unlisted(self, namespace: str, message: str) -> None:
        """Take note that a namespace's existing pods could not be listed."""
        ...

    def looked_up(self, result: LookUpResult) -> None:
        """Take note of how looking up a namespace ended."""
        ...


class ExemptionNotices(Protocol):
    """Takes what is told of exemptions beside log and metric."""

    async def tell(self, exemption: PodSecurityExemption, step: str) -> None:
        """Take the step ("expiring" or "expired") that an exemption has come to.

        Raises InputError: it could not be told.
        """
        ...


class ClusterSource(Protocol):
    """Knows a cluster; a call of `snapshot` costs nothing, since each review makes one."""

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        ...

    async def keep_up(self, reports: SourceReports) -> None:
        """Keep the snapshot up to date until it is cancelled; called once, before any look-up."""
        ...

    async def look_up(self, namespace: str) -> Cluster | None:
        """Ask the cluster itself for a namespace, and return the cluster with it as it is now.

        None: there is no such namespace; what is asked of it is then refused. Raises InputError: nobody could
        be asked.
        """
        ...

    async def with_pods(self, cluster: Cluster, namespace: str, seconds: float) -> Cluster:
        """Return the cluster with the existing pods of a namespace, which are asked for if need be.

        Where that takes longer or fails, a pod that cannot be read stands for them all: admission says then
        that they could not be listed.
        """
        ...
