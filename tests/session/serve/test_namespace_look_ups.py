"""Single namespaces and their pods, asked for when they are needed, in bounded number and time."""

import asyncio
from typing import Any

import pytest
from kept_source import Ticks, one, run, scene
from scripted_api import HELD, LEVEL, NAMESPACES, HeardReports, Reply, ScriptedApi, event, listed, namespace

from podproof import Cluster
from podproof.session.serve import existing_pods
from podproof.session.serve.api_errors import ApiServerError
from podproof.session.serve.api_source import ApiSource


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
        api, now = ScriptedApi(), Ticks()
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
        api, now = ScriptedApi(), Ticks()
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
        async with scene(api, now=Ticks()) as it:
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
