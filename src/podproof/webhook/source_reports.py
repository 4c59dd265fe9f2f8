"""What the source of the cluster tells, as lines of the log and as metrics.

Reports come in; a line goes out when a state changes, not for each attempt. Nothing is decided here.
"""

from ..session.serve.cluster_source import Freshness, LookUpResult
from .decision_log import DecisionLog
from .metrics import Metrics

__all__ = ["WrittenReports"]


class WrittenReports:
    """Writes reports of one process."""

    def __init__(self, log: DecisionLog, metrics: Metrics) -> None:
        self._log, self._metrics = log, metrics
        self._failing: dict[str, str] = {}
        """What was written last of each resource that fails."""

    def watching(self, resource: str) -> None:
        """Take note of a resource that is watched from now on."""
        self._metrics.watch_synced.labels(resource).set(0)

    def synced(self, resource: str, objects: int) -> None:
        """Take note that a resource is known."""
        self._metrics.watch_synced.labels(resource).set(1)
        self._failing.pop(resource, None)
        self._log.info("watch synced", resource=resource, objects=objects)

    def contact(self, resource: str) -> None:
        """Take note that the server has said something about a resource."""
        self._metrics.watch_contact.labels(resource).set_to_current_time()

    def failed(self, resource: str, failing: str, message: str) -> None:
        """Take note of a failure; one that goes on is written once."""
        self._metrics.watch_restarts.labels(resource, failing).inc()
        if self._failing.get(resource) != failing:
            self._failing[resource] = failing
            self._metrics.watch_synced.labels(resource).set(0)
            self._log.warning("watch lost", resource=resource, failing=failing, message=message)

    def version(self, version: str, note: str) -> None:
        """Take note of the API server's version."""
        self._failing.pop("version", None)
        self._log.info("cluster version", version=version, **({"note": note} if note else {}))

    def freshness(self, freshness: Freshness, reason: str) -> None:
        """Take note that the snapshot's freshness has changed."""
        self._metrics.synced.set(freshness == "synced")
        if freshness == "synced":
            self._log.info("cluster synced")
        else:
            self._log.warning(f"cluster {freshness}", reason=reason)

    def pods_unlisted(self, namespace: str, message: str) -> None:
        """Take note that a namespace's existing pods could not be listed."""
        self._log.warning("pods not listed", namespace=namespace, message=message)

    def looked_up(self, result: LookUpResult) -> None:
        """Take note of how looking up a namespace ended."""
        self._metrics.look_ups.labels(result).inc()
