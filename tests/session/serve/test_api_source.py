"""What a source makes of an API server's answers: lists, watches, and all that goes wrong with them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from scripted_api import HELD, LEVEL, NAMESPACES, HeardReports, Reply, ScriptedApi, event, listed, namespace

from podproof import Cluster
from podproof.kube.rbac import UserInfo
from podproof.session.serve import api_lists, api_watch, existing_pods
from podproof.session.serve.api_errors import ApiServerError
from podproof.session.serve.api_source import ApiSource
from podproof.session.serve.api_watch import WatchTimes
from podproof.session.serve.watched_kinds import watched_by

SOON = WatchTimes(window=30, grace=5, first_wait=0.001, longest_wait=0.01, look_again=0.01)


def one(object_: dict[str, Any]) -> bytes:
    return json.dumps(object_).encode()


GONE = event("ERROR", {"kind": "Status", "code": 410, "message": "too old resource version"})
TEST = Callable[["Scene"], Coroutine[Any, Any, None]]


class Scene:
    """A source that is kept up by a scripted server."""

    def __init__(self, api: ScriptedApi, source: ApiSource, reports: HeardReports) -> None:
        self.api, self.source, self.reports = api, source, reports

    @property
    def levels(self) -> dict[str, str | None]:
        """The namespaces of the snapshot with their levels."""
        cluster = self.source.snapshot().cluster
        assert cluster is not None
        return {name: labels.get(LEVEL) for name, labels in cluster.namespaces.items()}

    async def wait_for_levels(self, **levels: str | None) -> None:
        await self.reports.wait_until(
            lambda: self.source.snapshot().cluster is not None and self.levels == levels
        )


@contextlib.asynccontextmanager
async def scene(
    api: ScriptedApi, version: str = "latest", configuration: Any = None, **options: Any
) -> AsyncIterator[Scene]:
    """Keep a source up by a server until the block ends."""
    async with api.serving():
        configured = Cluster.from_objects(
            [] if configuration is None else [configuration], kubernetes_version=version
        )
        source = ApiSource(api.client, configured, **{"times": SOON, **options})
        reports = HeardReports()
        task = asyncio.create_task(source.keep_up(reports))
        task.add_done_callback(reports.end)
        try:
            yield Scene(api, source, reports)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_a_list_of_pages_and_a_watch_make_a_cluster() -> None:
    async def test() -> None:
        api = ScriptedApi()
        first = listed(namespace("a"), namespace("b", level="baseline"), further="more")
        api.say(NAMESPACES, first, listed(namespace("c"), version=7))
        changes = [
            event("ADDED", namespace("d", 8, "restricted")),
            event("MODIFIED", namespace("a", 9, "baseline")),
            event("DELETED", namespace("b", 10)),
            event("BOOKMARK", {"kind": "Namespace", "metadata": {"resourceVersion": "20"}}),
        ]
        api.say(NAMESPACES, Reply([b"".join(changes)]), HELD, watch=True)
        async with scene(api) as it:
            assert it.source.snapshot().freshness == "unknown"
            await it.wait_for_levels(a="baseline", c=None, d="restricted")
            assert it.source.snapshot().freshness == "synced"
            await api.wait_for_requests(2, NAMESPACES, "watch")
            assert [asked.get("continue") for asked in api.requests(NAMESPACES)] == [None, "more"]
            versions = [asked["resourceVersion"] for asked in api.requests(NAMESPACES, "watch")]
            assert versions == ["7", "20"]
            assert it.reports.found("failed") == []

    run(test)


def test_only_what_is_needed_is_watched_and_kept() -> None:
    async def test() -> None:
        api = ScriptedApi()
        noisy = namespace("a", level="baseline", annotations={"x": "y" * 1000}, managedFields=[{}])
        api.say(NAMESPACES, listed(noisy))
        async with scene(api) as it:
            await it.wait_for_levels(a="baseline")
            cluster = it.source.snapshot().cluster
            assert cluster is not None
            kept = {"name": "a", "labels": {LEVEL: "baseline"}}
            assert cluster.find("Namespace", "", "a") == {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": kept,
            }
            assert {path for path, _, _ in api.asked} == {NAMESPACES}

    run(test)


def test_a_version_that_is_gone_is_listed_again_at_once() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(
            NAMESPACES,
            listed(namespace("a"), namespace("b"), version=1),
            listed(namespace("b", 5, "baseline")),
        )
        api.say(NAMESPACES, Reply([GONE]), HELD, watch=True)
        async with scene(api) as it:
            await it.wait_for_levels(b="baseline")
            ((_, _, failing, _),) = it.reports.found("failed")
            assert failing == "gone"

    run(test)


def test_a_watch_refused_as_gone_is_listed_again() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")), listed(namespace("a", 5, "baseline")))
        api.say(NAMESPACES, Reply([b'{"code":410}'], 410), HELD, watch=True)
        async with scene(api) as it:
            await it.wait_for_levels(a="baseline")

    run(test)


def test_a_line_that_was_cut_off_costs_nothing() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(version=1))
        whole, torn = event("ADDED", namespace("a", 2)), event("ADDED", namespace("b", 3, "baseline"))
        api.say(NAMESPACES, Reply([whole, torn[:40]], then="cut"), Reply([torn], then="hold"), watch=True)
        async with scene(api) as it:
            await it.wait_for_levels(a=None, b="baseline")
            assert len(api.requests(NAMESPACES)) == 1
            assert [asked["resourceVersion"] for asked in api.requests(NAMESPACES, "watch")] == ["1", "2"]

    run(test)


def test_a_line_comes_in_pieces() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed())
        line = event("ADDED", namespace("a", 2, "baseline")) + event("ADDED", namespace("b", 3))
        api.say(NAMESPACES, Reply([line[i : i + 7] for i in range(0, len(line), 7)], then="hold"), watch=True)
        async with scene(api) as it:
            await it.wait_for_levels(a="baseline", b=None)

    run(test)


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON\n",
        b"\xff\n",
        b"[]\n",
        b'{"type":"ADDED"}\n',
        b'{"type":"EXPLODED","object":{}}\n',
        event("ADDED", {"metadata": {"name": "a"}}),
        event("ADDED", {"metadata": {"name": ["a"], "resourceVersion": "2"}}),
        event("ADDED", {"metadata": {"name": "a", "resourceVersion": "2", "labels": {"x": 1}}}),
        event("MODIFIED", {"metadata": None}),
        b'{"type":"ADDED","object":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    ],
)
def test_an_event_that_cannot_be_read_is_a_reason_to_list_again(line: bytes) -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")), listed(namespace("a", 9, "restricted")))
        api.say(NAMESPACES, Reply([line]), HELD, watch=True)
        async with scene(api) as it:
            await it.wait_for_levels(a="restricted")
            ((_, _, failing, message),) = it.reports.found("failed")
            assert (failing, "cannot be read" in message) == ("unreadable", True)

    run(test)


def test_an_event_that_never_ends_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_watch, "MAX_LINE", 1000)

    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")), listed(namespace("a", 9, "restricted")))
        api.say(NAMESPACES, Reply([b"x" * 600, b"x" * 600], then="hold"), HELD, watch=True)
        async with scene(api) as it:
            await it.wait_for_levels(a="restricted")
            ((_, _, failing, message),) = it.reports.found("failed")
            assert (failing, message) == ("unreadable", "an event has more than 1000 bytes")

    run(test)


def test_a_page_that_is_too_large_is_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_lists, "MAX_PAGE_BYTES", 1000)

    async def test() -> None:
        api = ScriptedApi()
        large = listed(namespace("a", annotations={"x": "y" * 1000}), namespace("b"))
        api.say(NAMESPACES, large, listed(namespace("a"), further="b"), listed(namespace("b")))
        async with scene(api) as it:
            await it.wait_for_levels(a=None, b=None)
            asked = [(one["limit"], one.get("continue")) for one in api.requests(NAMESPACES)]
            assert asked == [("500", None), ("62", None), ("62", "b")]

    run(test)


def test_an_object_that_is_too_large_alone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_lists, "MAX_PAGE_BYTES", 1000)

    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a", annotations={"x": "y" * 1000})))
        async with scene(api) as it:
            await it.reports.wait_for(
                "failed", "namespaces", "unreadable", "an object is too large to list namespaces"
            )
            assert it.source.snapshot().freshness == "unknown"

    run(test)


def test_what_fails_is_tried_again_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        api = ScriptedApi()
        denied = Reply([b'{"message":"no"}'], 403)
        api.say(NAMESPACES, denied, Reply([], 500), Reply([b"{"]), listed(namespace("a")))
        async with scene(api) as it:
            await it.wait_for_levels(a=None)
            assert [one[2] for one in it.reports.found("failed")] == ["forbidden", "refused", "unreadable"]
            assert "list namespaces" in it.reports.found("failed")[0][3]
            assert it.reports.found("freshness") == [("freshness", "synced", "")]

    run(test)


def test_a_watch_that_ends_as_soon_as_it_begins_is_a_failure() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")))
        api.say(NAMESPACES, Reply(), watch=True)
        async with scene(api) as it:
            await it.reports.wait_for("failed", "namespaces", "refused", number=5)
            # the version is not relied on for ever
            await api.wait_for_requests(2, NAMESPACES)

    run(test)


def test_a_watch_whose_server_is_silent_is_opened_anew() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a", 3)))
        async with scene(api, times=WatchTimes(window=0.05, grace=0.05, first_wait=0.001)) as it:
            await it.reports.wait_for("failed", "namespaces", "unreachable")
            await api.wait_for_requests(2, NAMESPACES, "watch")
            assert "did not answer in time to watch namespaces" in it.reports.found("failed")[0][3]

    run(test)


def test_everything_is_listed_again_after_a_while() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a", 3)), listed(namespace("a", 4, "baseline")))
        changed = Reply([event("MODIFIED", namespace("a", 4))])
        api.say(NAMESPACES, changed, changed, HELD, watch=True)
        async with scene(api, times=WatchTimes(resync=0.0)) as it:
            await it.wait_for_levels(a="baseline")
            assert it.reports.found("failed") == []

    run(test)


class _Ticks:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_what_was_not_heard_of_for_too_long_is_stale() -> None:
    async def test() -> None:
        api, now = ScriptedApi(), _Ticks()
        api.say(NAMESPACES, listed(namespace("a")))
        async with scene(api, max_staleness=60.0, now=now) as it:
            await it.wait_for_levels(a=None)
            now.seconds += 60.0
            assert it.source.snapshot().freshness == "synced"
            now.seconds += 0.5
            snapshot = it.source.snapshot()
            assert snapshot.freshness == "stale"
            assert snapshot.reason == "namespaces was not heard of for more than 60 s"
            assert snapshot.cluster is not None
            last = ("freshness", "stale", "namespaces was not heard of for more than 60 s")
            assert it.reports.found("freshness")[-1] == last
            api.say(f"{NAMESPACES}/a", one(namespace("a", level="restricted")))
            found = await it.source.look_up("a")
            assert found is not None
            assert found.labels_of("a") == {LEVEL: "restricted"}

    run(test)


POLICY_KINDS = {
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "/apis/rbac.authorization.k8s.io/v1/roles",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
}
POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"


def _of_policies(**lists: bytes) -> ScriptedApi:
    """A server for a cluster with policies; each list is empty unless it is given by the kind's plural."""
    api = ScriptedApi()
    for path in (NAMESPACES, POLICIES, *POLICY_KINDS):
        api.say(path, lists.get(path.rpartition("/")[2], listed()))
        api.say(path, HELD, watch=True)
    return api


def test_policies_and_who_may_use_them_are_watched_where_they_are_in_force() -> None:
    async def test() -> None:
        named = {"metadata": {"name": "psp", "resourceVersion": "1"}}
        rules = [{"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}]
        role = {
            "roleRef": {"kind": "ClusterRole", "name": "psp"},
            "subjects": [{"kind": "Group", "name": "g"}],
        }
        api = _of_policies(
            namespaces=listed(namespace("shop")),
            clusterroles=listed({**named, "rules": rules}),
            clusterrolebindings=listed({**named, **role}),
        )
        async with scene(api, "v1.24") as it:
            await it.reports.wait_for("freshness", "synced")
            cluster = it.source.snapshot().cluster
            assert cluster is not None
            user = UserInfo("ann", ("g",))
            assert cluster.grants.allow(user, "shop", "psp")
            assert not cluster.grants.allow(UserInfo("bob"), "shop", "psp")

    run(test)


def test_a_kind_that_is_not_installed_is_known_to_have_no_objects_and_looked_for_again() -> None:
    async def test() -> None:
        api = _of_policies(namespaces=listed(namespace("shop")))
        policy = {"metadata": {"name": "p", "resourceVersion": "3"}, "spec": {}}
        api.say(POLICIES, Reply([b'{"code":404}'], 404), Reply([b'{"code":404}'], 404), listed(policy))
        api.say(POLICIES, HELD, watch=True)
        async with scene(api, "v1.24") as it:
            await it.reports.wait_for("freshness", "synced")
            await it.reports.wait_until(lambda: it.source.snapshot().cluster.has("PodSecurityPolicy"))  # type: ignore[union-attr]
            assert it.reports.found("failed") == []
            assert it.reports.found("synced", "podsecuritypolicies.policy", "0") != []

    run(test)


OWN = {
    "apiVersion": "podproof.dev/v1alpha1",
    "kind": "PodproofConfiguration",
    "podSecurityPolicy": {"enabled": True},
    "podSecurityExemption": {"enabled": True},
}


def test_own_kinds_are_watched_where_the_configuration_enables_them() -> None:
    async def test() -> None:
        api = _of_policies(namespaces=listed(namespace("shop")))
        own = "/apis/podproof.dev/v1alpha1"
        policy = {"metadata": {"name": "p", "resourceVersion": "3"}, "spec": {}}
        for plural in ("podsecuritypolicies", "podsecurityexemptions"):
            api.say(f"{own}/{plural}", listed(policy))
            api.say(f"{own}/{plural}", Reply([event("DELETED", policy)], then="hold"), watch=True)
        async with scene(api, configuration=OWN) as it:
            await it.reports.wait_for("synced", "podsecuritypolicies.podproof.dev", "1")
            await it.reports.wait_for("synced", "podsecurityexemptions.podproof.dev", "1")
            # what is deleted is gone, although one of the kinds has a namesake
            await it.reports.wait_until(lambda: _kinds_of(it) == {"Namespace"})
            assert POLICIES not in {path for path, _, _ in api.asked}

    run(test)


def _kinds_of(it: Scene) -> set[str]:
    cluster = it.source.snapshot().cluster
    kinds = ("Namespace", "PodSecurityPolicy.podproof.dev", "PodSecurityExemption.podproof.dev")
    return set() if cluster is None else {kind for kind in kinds if cluster.has(kind)}


def test_nothing_is_decided_when_roles_are_stale() -> None:
    async def test() -> None:
        api, now = _of_policies(namespaces=listed(namespace("shop"))), _Ticks()
        async with scene(api, "v1.24", now=now) as it:
            await it.reports.wait_for("freshness", "synced")
            now.seconds += 61.0
            snapshot = it.source.snapshot()
            assert (snapshot.cluster, snapshot.freshness) == (None, "stale")
            assert snapshot.reason.startswith("namespaces, clusterroles.rbac.authorization.k8s.io, ")

    run(test)


def test_roles_may_grow_too_old_after_namespaces() -> None:
    async def test() -> None:
        api, now = _of_policies(namespaces=listed(namespace("shop"))), _Ticks()
        async with scene(api, "v1.24", now=now) as it:
            await it.reports.wait_for("freshness", "synced")
            now.seconds += 30.0
            for kind in watched_by(Cluster.from_objects([], kubernetes_version="v1.24")):
                if kind.kind != "Namespace":
                    it.source.contact(kind)
            now.seconds += 31.0
            stale = it.source.snapshot()
            assert (stale.freshness, stale.cluster is not None) == ("stale", True)
            now.seconds += 31.0
            assert it.source.snapshot().cluster is None

    run(test)


def test_a_kind_that_must_be_there_is_missed() -> None:
    async def test() -> None:
        api = ScriptedApi()
        async with scene(api) as it:
            await it.reports.wait_for("failed", "namespaces", "missing", number=2)
            snapshot = it.source.snapshot()
            assert (snapshot.cluster, snapshot.freshness) == (None, "unknown")
            assert snapshot.reason.startswith(
                "namespaces was not listed yet: the API server http://127.0.0.1:"
            )

    run(test)


def test_a_namespace_that_is_not_known_is_looked_up_once_for_all_who_ask() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed())
        api.say(f"{NAMESPACES}/new", one(namespace("new", level="baseline")))
        async with scene(api) as it:
            await it.reports.wait_for("freshness", "synced")
            found = await asyncio.gather(*(it.source.look_up("new") for _ in range(20)))
            assert [cluster and cluster.labels_of("new") for cluster in found] == [{LEVEL: "baseline"}] * 20
            assert await it.source.look_up("none") is None
            assert await it.source.look_up("none") is None
            assert await it.source.look_up("../secrets") is None
            asked = [path for path, verb, _ in api.asked if verb == "get" and path != NAMESPACES]
            assert asked == [f"{NAMESPACES}/new", f"{NAMESPACES}/none"]
            assert [one[1] for one in it.reports.found("looked up")] == ["found", "missing"]

    run(test)


def test_a_flood_of_made_up_names_does_not_reach_the_server() -> None:
    async def test() -> None:
        api, now = ScriptedApi(), _Ticks()
        api.say(NAMESPACES, listed())
        async with scene(api, now=now) as it:
            await it.reports.wait_for("freshness", "synced")
            names = [f"n{number}" for number in range(500)]
            found = await asyncio.gather(*map(it.source.look_up, names), return_exceptions=True)
            refused = [one for one in found if isinstance(one, ApiServerError)]
            assert len(refused) == 450
            assert {one.failing for one in refused} == {"refused"}
            now.seconds += 0.5
            assert await it.source.look_up("later") is None
            assert len(it.reports.found("looked up", "missing")) == 51

    run(test)


def test_a_server_that_is_slow_is_not_waited_for_by_ever_more() -> None:
    async def test() -> None:
        api, now = ScriptedApi(), _Ticks()
        api.say(NAMESPACES, listed())
        for number in range(60):
            api.say(f"{NAMESPACES}/n{number}", HELD)
        async with scene(api, now=now) as it:
            await it.reports.wait_for("freshness", "synced")
            waiting = [asyncio.create_task(it.source.look_up(f"n{number}")) for number in range(50)]
            await asyncio.sleep(0)
            now.seconds += 60.0
            with pytest.raises(ApiServerError, match="too many others"):
                await it.source.look_up("n50")
            for task in waiting:
                task.cancel()

    run(test)


def test_what_was_found_is_forgotten_when_a_watch_knows_more() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(version=1))
        api.say(f"{NAMESPACES}/a", one(namespace("a", 2)), one(namespace("a", 4, "restricted")))
        gone = event("ADDED", namespace("a", 2)) + event("DELETED", namespace("a", 3))
        async with scene(api, now=_Ticks()) as it:
            await it.reports.wait_for("freshness", "synced")
            await api.wait_for_requests(1, NAMESPACES, "watch")
            first = await it.source.look_up("a")
            assert first is not None
            assert first.labels_of("a") == {}
            api.say(NAMESPACES, Reply([gone]), HELD, watch=True)
            api.let_go()
            await it.reports.wait_for("contact", "namespaces", number=4)
            again = await it.source.look_up("a")
            assert again is not None
            assert again.labels_of("a") == {LEVEL: "restricted"}

    run(test)


def test_a_made_up_name_is_part_of_no_path() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed())
        async with scene(api) as it:
            await it.reports.wait_for("freshness", "synced")
            known = it.source.snapshot().cluster
            assert known is not None
            for name in ("../secrets", "a/b", "a?x=y", "", "A", "a" * 64, "a\n"):
                assert await it.source.look_up(name) is None
                assert await it.source.with_pods(known, name, 1.0) is known
            assert {path for path, _, _ in api.asked} == {NAMESPACES}

    run(test)


def test_a_look_up_that_fails_is_an_error_and_is_not_remembered() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed())
        path = f"{NAMESPACES}/a"
        api.say(
            path,
            Reply([b'{"message":"no"}'], 403),
            Reply([b"x"]),
            Reply([b'{"meta'], then="cut"),
            b'{"metadata":{"name":"a"}}',
        )
        async with scene(api) as it:
            await it.reports.wait_for("freshness", "synced")
            for failing in ("forbidden", "unreadable", "unreachable"):
                with pytest.raises(ApiServerError) as raised:
                    await it.source.look_up("a")
                assert raised.value.failing == failing
            assert await it.source.look_up("a") is not None

    run(test)


def test_nobody_is_asked_before_it_is_kept_up() -> None:
    async def test() -> None:
        source = ApiSource(ScriptedApi().client, Cluster.from_objects([]))
        with pytest.raises(ApiServerError, match="is not asked yet"):
            await source.look_up("a")
        cluster = await source.with_pods(Cluster.from_objects([]), "a", 1.0)
        assert len(cluster.pods_in("a")) == 1

    run(test)


def _relabelled(cluster: Cluster) -> tuple[str, ...]:
    """Give the warnings when namespace a is restricted."""
    old: dict[str, Any] = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "a"}}
    new = {**old, "metadata": {"name": "a", "labels": {LEVEL: "restricted"}}}
    request = {
        "uid": "u",
        "operation": "UPDATE",
        "kind": {"group": "", "version": "v1", "kind": "Namespace"},
        "resource": {"group": "", "version": "v1", "resource": "namespaces"},
        "name": "a",
        "namespace": "a",
        "object": new,
        "oldObject": old,
    }
    decision = cluster.admit(request)
    assert decision.allowed
    return decision.warnings


def test_existing_pods_are_listed_page_by_page_when_they_are_asked_for() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")))
        spec = {"hostPID": True, "containers": [{"name": "c", "image": "i"}]}
        pods = [
            {"metadata": {"name": f"p{number}", "namespace": "a"}, "spec": spec, "status": {"x": 1}}
            for number in range(2)
        ]
        api.say(f"{NAMESPACES}/a/pods", listed(pods[0], further="1"), listed(pods[1]))
        async with scene(api) as it:
            await it.wait_for_levels(a=None)
            known = it.source.snapshot().cluster
            assert known is not None
            cluster = await it.source.with_pods(known, "a", 60.0)
            first, second = _relabelled(cluster)
            assert first.startswith(
                'existing pods in namespace "a" violate the new PodSecurity enforce level'
            )
            assert second.startswith("p0 (and 1 other pod): host namespaces")
            assert "status" not in cluster.pods_in("a")[0]

    run(test)


UNLISTED = ("failed to list pods while checking new PodSecurity enforce level",)


@pytest.mark.parametrize("reply", [Reply([], 403), Reply([b"{"]), HELD])
def test_pods_that_cannot_be_listed_lead_to_the_servers_warning(reply: Reply) -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")))
        api.say(f"{NAMESPACES}/a/pods", reply)
        async with scene(api) as it:
            await it.wait_for_levels(a=None)
            known = it.source.snapshot().cluster
            assert known is not None
            assert _relabelled(await it.source.with_pods(known, "a", 0.2)) == UNLISTED
            assert len(it.reports.found("pods", "a")) == 1

    run(test)


def test_more_pods_than_fit_in_memory_lead_to_the_same_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(existing_pods, "MAX_PODS", 1)

    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")))
        api.say(f"{NAMESPACES}/a/pods", listed({"metadata": {"name": "p"}}, {"metadata": {"name": "q"}}))
        async with scene(api) as it:
            await it.wait_for_levels(a=None)
            known = it.source.snapshot().cluster
            assert known is not None
            assert _relabelled(await it.source.with_pods(known, "a", 60.0)) == UNLISTED

    run(test)


def test_being_cancelled_ends_watches_at_once_and_closes_connections() -> None:
    async def test() -> None:
        api = ScriptedApi()
        api.say(NAMESPACES, listed(namespace("a")))
        api.say(f"{NAMESPACES}/slow", HELD)
        async with api.serving():
            source = ApiSource(api.client, Cluster.from_objects([]))
            task = asyncio.create_task(source.keep_up(HeardReports()))
            await api.wait_for_requests(1, NAMESPACES, "watch")
            asking = asyncio.create_task(source.look_up("slow"))
            await api.wait_for_requests(1, f"{NAMESPACES}/slow")
            task.cancel()
            ended = await asyncio.gather(task, asking, return_exceptions=True)
            assert [type(one) for one in ended] == [asyncio.CancelledError, asyncio.CancelledError]

    run(test)
