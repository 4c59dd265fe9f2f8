"""A cluster as its API server has it, for a webhook: watched as far as the configuration needs it.

A client and a configured cluster without objects come in; a ClusterSource goes out. Each change makes a new
immutable Cluster, at a cost that does not grow with the cluster. What has not been heard of for too long is
not relied on: namespaces are then asked for one by one, and if it is anything else, nothing is decided.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ...admission.attributes import Clock
from ...admission.cluster import Cluster
from ...errors import UsageError
from ...kube.versions import version_note
from .api_client import ApiClient
from .api_errors import ApiServerError
from .api_watch import KindWatch, WatchTimes
from .cluster_source import Freshness, Snapshot, SourceReports
from .existing_pods import list_pods, unlisted
from .namespace_look_up import NamespaceLookUp
from .server_version import keep_version
from .watched_kinds import NAMESPACES, WatchedKind, is_namespace_name, watched_by

__all__ = ["ApiSource"]

PODS_AT_ONCE = 2
"""Namespaces whose pods are listed: each may be large."""
TICK = 1.0
"""Seconds between looks at how old everything is."""

ObjectId = tuple[str, str]
"""Namespace ("" for what has none) and name of an object of one kind."""


class _KindState:
    """What is known of one kind: its objects as they were kept, when it was heard of, and what is wrong."""

    def __init__(self) -> None:
        self.objects: dict[ObjectId, dict[str, Any]] = {}
        self.heard: float | None = None
        self.problem = ""


class ApiSource:
    """Keeps a cluster as its API server has it; `max_staleness` is in seconds.

    Each process that serves has its own, since it is kept up by tasks of one event loop.
    """

    def __init__(
        self,
        client: ApiClient,
        configured: Cluster,
        *,
        at_version: Callable[[str], Cluster] | None = None,
        max_staleness: float = 60.0,
        times: WatchTimes | None = None,
        now: Clock = time.monotonic,
    ) -> None:
        """`at_version` makes the configured cluster of a version, which the server is then asked for."""
        self._client, self._max_staleness, self._now = client, max_staleness, now
        self._at_version, self._version = at_version, ""
        self._unversioned = "" if at_version is None else "the API server's version is not known yet"
        self._times = times or WatchTimes(window=min(30.0, max_staleness / 2))
        # nothing is taken to exist because nothing of its kind is known
        self._cluster = msgspec.structs.replace(configured, incomplete=True)
        self._states = {kind: _KindState() for kind in watched_by(configured)}
        self._reports: SourceReports | None = None
        self._http: Any = None
        self._look_up: NamespaceLookUp | None = None
        self._listing = asyncio.Semaphore(PODS_AT_ONCE)
        self._snapshot = Snapshot(None, "unknown", "nothing was asked for yet")
        self._good_until = float("-inf")
        """When the snapshot has to be made again although nothing was heard."""

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        if self._now() > self._good_until:
            self._refresh()
        return self._snapshot

    @property
    def client(self) -> ApiClient:
        """The client that asks, for whoever else has something to ask or to write."""
        return self._client

    async def keep_up(self, reports: SourceReports) -> None:
        """Watch until cancelled; then all connections are closed."""
        self._reports = reports
        async with self._client.open_http() as http:
            self._http = http
            self._look_up = NamespaceLookUp(self._client, http, reports.looked_up, self._now)
            try:
                async with asyncio.TaskGroup() as tasks:
                    for kind in self._states:
                        reports.watching(kind.resource)
                        watch = KindWatch(kind, self._client, http, self, self._times, self._now)
                        tasks.create_task(watch.run())
                    tasks.create_task(self._tick())
                    if self._at_version is not None:
                        tasks.create_task(keep_version(self._client, http, self, self._times))
            finally:
                await self._look_up.close()

    async def look_up(self, namespace: str) -> Cluster | None:
        """Ask the server for a namespace, and return the cluster with it; None: there is none.

        Raises ApiServerError: the server could not be asked.
        """
        if self._look_up is None:
            raise ApiServerError("the API server is not asked yet", "unreachable")
        found = await self._look_up.find(namespace)
        return None if found is None else self._cluster.with_object(found)

    async def with_pods(self, cluster: Cluster, namespace: str, seconds: float) -> Cluster:
        """Return the cluster with the pods of a namespace, or what stands for pods that cannot be listed."""
        if not is_namespace_name(namespace):
            return cluster
        try:
            if self._http is None:
                raise ApiServerError("the API server is not asked yet", "unreachable")
            pods = await list_pods(self._client, self._http, namespace, seconds, self._listing)
        except ApiServerError as error:
            if self._reports is not None:
                self._reports.pods_unlisted(namespace, str(error))
            pods = [unlisted(namespace)]
        return await asyncio.to_thread(_with_objects, cluster, pods)

    def take_version(self, version: str) -> None:
        """Judge by the rules of a version from now on."""
        if self._at_version is None or version == self._version:
            return
        try:
            cluster = msgspec.structs.replace(self._at_version(version), incomplete=True)
        except UsageError as error:
            raise ApiServerError(f"the API server is {version}: {error}", "refused") from error
        for state in self._states.values():
            for object_ in state.objects.values():
                cluster = cluster.with_object(object_)
        self._cluster, self._version, self._unversioned = cluster, version, ""
        self._refresh()
        if self._reports is not None:
            self._reports.version(version, version_note(version))

    def version_failed(self, error: ApiServerError) -> None:
        """Take note of a failure; what was known of the version goes on to be."""
        if not self._version:
            self._unversioned = f"the API server's version is not known yet: {error}"
            self._refresh()
        if self._reports is not None:
            self._reports.failed("version", error.failing, str(error))

    def replace(self, kind: WatchedKind, objects: Sequence[dict[str, Any]]) -> None:
        """Take these objects, and no others of the kind, to exist."""
        state = self._states[kind]
        listed = {_id_of(object_): object_ for object_ in objects}
        cluster = self._cluster
        for namespace, name in state.objects.keys() - listed.keys():
            cluster = cluster.without(kind.known_as, name, namespace)
        for key, object_ in listed.items():
            if state.objects.get(key) != object_:
                cluster = cluster.with_object(object_)
        state.objects, self._cluster = listed, cluster

    def change(self, kind: WatchedKind, object_: dict[str, Any], *, deleted: bool) -> None:
        """Take one object to be like this, or to be gone."""
        state, key = self._states[kind], _id_of(object_)
        if kind is NAMESPACES and self._look_up is not None:
            self._look_up.forget(key[1])
        if deleted:
            if state.objects.pop(key, None) is not None:
                self._cluster = self._cluster.without(kind.known_as, key[1], key[0])
        elif state.objects.get(key) != object_:
            state.objects[key] = object_
            self._cluster = self._cluster.with_object(object_)

    def contact(self, kind: WatchedKind) -> None:
        """Take note that all that is known of a kind is as the server has it."""
        state = self._states[kind]
        news = state.heard is None or state.problem != ""
        state.heard, state.problem = self._now(), ""
        self._refresh()
        if self._reports is not None:
            self._reports.contact(kind.resource)
            if news:
                self._reports.synced(kind.resource, len(state.objects))

    def failed(self, kind: WatchedKind, error: ApiServerError, wait: float) -> None:  # noqa: ARG002 - no use
        """Take note of a failure."""
        self._states[kind].problem = str(error)
        self._refresh()
        if self._reports is not None:
            self._reports.failed(kind.resource, error.failing, str(error))

    async def _tick(self) -> None:
        """Notice what grows too old, although nothing happens."""
        while True:
            self.snapshot()
            await asyncio.sleep(TICK)

    def _refresh(self) -> None:
        """Make the snapshot of now."""
        now, before = self._now(), self._snapshot.freshness
        if self._unversioned:
            self._good_until = float("inf")
            self._set("unknown", self._unversioned, None, before)
            return
        unheard = [kind for kind, state in self._states.items() if state.heard is None]
        if unheard:
            self._good_until = float("inf")
            self._set("unknown", self._why(unheard, "was not listed yet"), None, before)
            return
        limits = {kind: self._age_limit(state) for kind, state in self._states.items()}
        old = [kind for kind, limit in limits.items() if limit < now]
        self._good_until = min((limit for limit in limits.values() if limit >= now), default=float("inf"))
        if not old:
            self._set("synced", "", self._cluster, before)
            return
        why = self._why(old, f"was not heard of for more than {self._max_staleness:g} s")
        self._set("stale", why, self._cluster if old == [NAMESPACES] else None, before)

    def _age_limit(self, state: _KindState) -> float:
        return (state.heard or 0.0) + self._max_staleness

    def _why(self, kinds: Sequence[WatchedKind], what: str) -> str:
        problem = next((self._states[kind].problem for kind in kinds if self._states[kind].problem), "")
        names = ", ".join(kind.resource for kind in kinds)
        return f"{names} {what}{problem and f': {problem}'}"

    def _set(self, freshness: Freshness, reason: str, cluster: Cluster | None, before: Freshness) -> None:
        self._snapshot = Snapshot(cluster, freshness, reason)
        if freshness != before and self._reports is not None:
            self._reports.freshness(freshness, reason)


def _with_objects(cluster: Cluster, objects: Sequence[dict[str, Any]]) -> Cluster:
    for object_ in objects:
        cluster = cluster.with_object(object_)
    return cluster


def _id_of(object_: dict[str, Any]) -> ObjectId:
    metadata = object_["metadata"]
    return metadata.get("namespace") or "", metadata["name"]
