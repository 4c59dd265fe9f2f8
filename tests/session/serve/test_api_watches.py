"""What a source makes of an API server's lists and watches, and of all that goes wrong with them."""

import pytest
from kept_source import run, scene
from scripted_api import HELD, LEVEL, NAMESPACES, Reply, ScriptedApi, event, listed, namespace

from podproof.session.serve import api_lists, api_watch
from podproof.session.serve.api_watch import WatchTimes

GONE = event("ERROR", {"kind": "Status", "code": 410, "message": "too old resource version"})


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
