"""The cluster that answers a run of `admit`: the objects of a folder, and what manifests have changed so far.

Objects come in; the Cluster as it is now goes out, with a line for everything that is wrong with it. Which
request changes what is decided elsewhere.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ...admission.cluster import Cluster
from ...admission.decision import Decision
from ...admission.labels import policy_of
from ...admission.request import Request
from ...kube.versions import LAST_WITH_POD_SECURITY_POLICY
from .cluster_folder import ClusterObjects, Held

__all__ = ["PlayedCluster"]


class PlayedCluster:
    """Objects, and the cluster that they make; made anew when something was added.

    `given` says that there is a folder: without one every namespace exists. `assumed` are service accounts
    that were taken to exist.
    """

    def __init__(
        self,
        given: ClusterObjects | None,
        folder: str,
        minor: int,
        labels: Mapping[str, str] | None,
        configuration: Mapping[str, Any] | None,
    ) -> None:
        self.folder, self.minor, self.labels = folder, minor, labels
        self.given = given is not None
        self.objects = ClusterObjects() if given is None else ClusterObjects(given.held, given.problems)
        self.configuration = [] if configuration is None else [configuration]
        # what a folder does not hold is absent; without a folder, or with one that has no namespaces in the
        # days before their labels meant anything, every namespace exists
        self.all_namespaces = given is None or (
            minor <= LAST_WITH_POD_SECURITY_POLICY
            and not given.problems
            and not self.objects.has("Namespace")
        )
        self.has_accounts = self.objects.has("ServiceAccount")
        self.assumed: set[str] = set()
        self._named: set[str] = set()
        self._refused: set[str] = set()
        self._made: Cluster | None = None

    @property
    def cluster(self) -> Cluster:
        """The cluster as it is now."""
        if self._made is None:
            self._made = self._make()
        return self._made

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, each with its place."""
        placed = (self.objects.placed(text, self.folder or "manifests") for text in self.cluster.unread)
        return (*self.objects.problems, *placed)

    def name(self, namespaces: Iterable[str]) -> None:
        """Say which namespaces requests are about."""
        self._named |= {name for name in namespaces if name}
        self._made = None

    def add(self, held: Held) -> None:
        """Add an object that was let in."""
        self.objects.add(held)
        self._made = None

    def refuse(self, namespace: str) -> None:
        """Note that a namespace was not let in, so that it does not exist."""
        self._refused.add(namespace)
        self._made = None

    def _make(self) -> Cluster:
        """Make the cluster, with the namespaces that are assumed or relabelled."""
        extra = []
        for name in sorted(self._named):
            known = ("Namespace", "", name) in self.objects.by_name
            assumed = self.all_namespaces and not known and name not in self._refused
            if assumed or (known and self.labels is not None):
                metadata: dict[str, Any] = {"name": name, "labels": dict(self.labels or {})}
                extra.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        objects = [held.object for held in self.objects.held]
        version = f"v1.{self.minor}"
        return Cluster.from_objects([*objects, *extra, *self.configuration], kubernetes_version=version)

    def old_object(self, request: Request) -> Mapping[str, Any] | None:
        """Give the object that an update changes: the request's own, else the cluster's; None for neither."""
        if request.old_object is not None:
            return request.old_object
        namespace = "" if request.kind == "Namespace" else request.namespace
        return self.objects.find(request.kind, namespace, request.name)

    def missing_namespace(self, kind: str, name: str) -> Decision | None:
        """Refuse what is asked of a namespace that does not exist. Source: the NamespaceLifecycle plugin."""
        if kind == "Namespace" or not name or name in self.cluster.namespaces:
            return None
        if self.all_namespaces and name not in self._refused:
            return None
        return Decision(False, 404, f'namespaces "{name}" not found', reason="NotFound")

    def notes(self) -> list[str]:
        """Say what was read and does nothing, and what is wrong with namespaces' labels."""
        notes = [self.objects.placed(text, self.folder or "cluster") for text in self.cluster.notes]
        for name, labels in self.cluster.namespaces.items():
            _, errors = policy_of(labels, self.cluster.configuration.defaults)
            held = self.objects.by_name.get(("Namespace", "", name))
            at = "--namespace-labels" if self.labels is not None or held is None else held.at
            notes += [f"{at}: namespace {name!r}: {error.text}" for error in errors]
        for name in sorted(self.assumed):
            notes.append(f"{self.folder}: no ServiceAccounts there: {name!r} is taken to exist")
        return list(dict.fromkeys(notes))
