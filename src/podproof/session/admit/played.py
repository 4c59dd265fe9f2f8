"""The cluster that answers a run of `admit`: the objects of a folder, and what manifests have changed so far.

Objects come in; the Cluster as it is now goes out, with a line for everything that is wrong with it. Which
request changes what is decided elsewhere.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ...admission.cluster_object import object_key
from ...admission.labels import MODES, Policy, policy_of
from ...admission.request import AdmissionRequest
from ...kube.feature_gates import FeatureGates
from ...kube.versions import LAST_WITH_POD_SECURITY_POLICY, NEWEST
from ...policies.levels import level_note
from .cluster_folder import PlacedObject
from .prepared_cluster import PreparedCluster

__all__ = ["PlayedCluster", "newer_levels"]

_NAMED_BY_KIND = re.compile(r"an? (?P<bare>[A-Z]\w+) has no name|(?P<kind>[A-Z]\w+) '(?P<name>[^']*)'")


def newer_levels(policy: Policy) -> Iterator[str]:
    """Say as which version the levels of a policy are judged that are newer than every known one."""
    modes: dict[str, list[str]] = {}
    for mode in MODES:
        note = level_note(getattr(policy, mode), NEWEST)
        if note:
            modes.setdefault(note, []).append(mode)
    for note, named in modes.items():
        yield f"{' and '.join(named)}: {note}"


class PlayedCluster:
    """A prepared cluster, and what manifests change in it.

    `applied` is the cluster with all manifests that were let in; `cluster`, which answers, has the labels
    that were asked for in place of those of the requests' namespaces. Without a folder every namespace
    exists.
    """

    def __init__(self, prepared: PreparedCluster, labels: Mapping[str, str] | None) -> None:
        self.folder, self.minor, self.labels = prepared.folder, prepared.minor, labels
        self.gates = FeatureGates(prepared.minor, prepared.changed_gates)
        self.given = prepared.objects is not None
        self.applied = prepared.cluster
        # what a folder does not hold is absent; without a folder, or with one that has no namespaces in the
        # days before their labels meant anything, every namespace exists
        self._assumes_namespaces = not self.given or (
            self.minor <= LAST_WITH_POD_SECURITY_POLICY
            and not prepared.problems
            and not self.applied.has("Namespace")
        )
        if self._assumes_namespaces:
            self.applied = msgspec.structs.replace(self.applied, assumed_labels=dict(labels or {}))
        if not self.given:
            # accounts among manifests are not all that there are
            self.applied = msgspec.structs.replace(self.applied, assumes_accounts=True)
        self.cluster = self.applied
        self.objects = prepared.folder_objects
        self._read_problems = prepared.problems
        self._places = prepared.places
        self._added: dict[tuple[str, str, str], str] = {}
        self._named: set[str] = set()

    def name(self, namespaces: Iterable[str]) -> None:
        """Say which namespaces requests are about."""
        self._named |= {name for name in namespaces if name}
        if self.labels is not None:
            for name in self._named:
                self._label(name)

    def add(self, placed: PlacedObject) -> None:
        """Add an object that was let in."""
        key = object_key(placed.object)
        self.applied = self.applied.with_object(placed.object)
        self.cluster = self.cluster.with_object(placed.object)
        self._added[key] = placed.at
        if key[0] == "Namespace" and self.labels is not None and key[2] in self._named:
            self._label(key[2])

    def refuse(self, namespace: str) -> None:
        """Note that a namespace was not let in, so that it does not exist."""
        self.applied = self.applied.without("Namespace", namespace)
        self.cluster = self.cluster.without("Namespace", namespace)

    def _label(self, name: str) -> None:
        """Put the labels that were asked for in place of those of a namespace that there is."""
        if name in self.applied.namespaces:
            metadata = {"name": name, "labels": dict(self.labels or {})}
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
            self.cluster = self.cluster.with_object(namespace)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, each with its place."""
        placed = (self._placed(text, self.folder or "manifests") for text in self.cluster.unread)
        return (*self._read_problems, *placed)

    def old_object(self, request: AdmissionRequest) -> Mapping[str, Any] | None:
        """Give the object that an update changes: the request's own, else the cluster's; None for neither."""
        if request.old_object is not None:
            return request.old_object
        namespace = "" if request.kind == "Namespace" else request.namespace
        return self.applied.find(request.kind, namespace, request.name)

    def place_of(self, kind: str, namespace: str, name: str) -> str | None:
        """Return where an object stands, as `file:line`; None: there is none."""
        key = (kind, namespace, name)
        return self._added.get(key) or self._places.get(key)

    def notes(self) -> list[str]:
        """Say what was read and does nothing, and what is wrong with namespaces' labels."""
        notes = [self._placed(text, self.folder or "cluster") for text in self.cluster.notes]
        namespaces = self.cluster.namespaces_in_turn
        if self._assumes_namespaces:
            assumed = sorted(self._named - set(self.cluster.namespaces))
            of_assumed = [(name, self.cluster.labels_of(name)) for name in assumed]
            namespaces += [(name, labels) for name, labels in of_assumed if labels is not None]
        defaults = self.cluster.configuration.defaults
        notes += [f"PodSecurityConfiguration: {note}" for note in newer_levels(defaults)]
        for name, labels in namespaces:
            policy, errors = policy_of(labels, defaults)
            place = self.place_of("Namespace", "", name)
            at = "--namespace-labels" if self.labels is not None or place is None else place
            wrong = (
                *(error.text for error in errors),
                *(newer_levels(policy) if policy != defaults else ()),
            )
            notes += [f"{at}: namespace {name!r}: {text}" for text in wrong]
        return list(dict.fromkeys(notes))

    def _placed(self, problem: str, folder: str) -> str:
        """Write a problem of the cluster behind the place of the object that it begins with."""
        match = _NAMED_BY_KIND.match(problem)
        if match is not None:
            kind, name = match["bare"] or match["kind"], match["name"] or ""
            for places in (self._places, self._added):
                for known, at in places.items():
                    if (known[0], known[2]) == (kind, name):
                        return f"{self._added.get(known, at)}: {problem}"
        return f"{folder}: {problem}"
