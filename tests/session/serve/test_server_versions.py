"""Which version a source judges by: the API server's, which is asked for and may change."""

import json
from typing import Any

import msgspec
import pytest
from kept_source import SOON, run, scene
from scripted_api import NAMESPACES, Reply, ScriptedApi, listed, namespace

from podproof import Cluster
from podproof.errors import UsageError

VERSION = "/version"


def said(version: str) -> bytes:
    return json.dumps({"major": "1", "minor": "0+", "gitVersion": version}).encode()


def at(version: str) -> Cluster:
    return Cluster.from_objects([], kubernetes_version=version)


def api_with(*replies: Reply | bytes) -> ScriptedApi:
    api = ScriptedApi()
    api.say(NAMESPACES, listed(namespace("a", level="baseline")))
    api.say(VERSION, *replies)
    return api


def minor(source: Any) -> int:
    cluster = source.snapshot().cluster
    assert cluster is not None
    return int(cluster.minor)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("v1.30.4", 30), ("v1.31.2-eks-a1b2c3", 31), ("v1.29.9+k3s1", 29), ("v1.99.0", 37)],
)
def test_the_servers_rules_are_judged_by(version: str, expected: int) -> None:
    async def test() -> None:
        async with scene(api_with(said(version)), at_version=at) as it:
            await it.wait_for_levels(a="baseline")
            assert minor(it.source) == expected
            ((_, named, note),) = it.reports.found("version")
            assert version.startswith(named)
            assert bool(note) == (named == "v1.99")

    run(test)


def test_nothing_is_asked_for_where_the_version_is_given() -> None:
    async def test() -> None:
        api = api_with()
        async with scene(api, "v1.30") as it:
            await it.wait_for_levels(a="baseline")
            assert minor(it.source) == 30
            assert api.requests(VERSION) == []

    run(test)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply([b'{"message":"no"}'], 403), "may not get /version, which the ClusterRole system:public-info"),
        (Reply([b'{"message":"no"}'], 500), "answered 500 to get /version"),
        (Reply([b"<html>"]), "cannot be read"),
        (said("v2.0.0"), "has a version that is not Kubernetes 1: 'v2.0.0'"),
        (said(""), "has a version that is not Kubernetes 1: ''"),
        (Reply(then="cut"), "cannot be reached"),
    ],
)
def test_nothing_is_decided_before_the_version_is_known(reply: Reply | bytes, words: str) -> None:
    async def test() -> None:
        api = api_with(reply, reply, said("v1.30.0"))
        async with scene(api, at_version=at) as it:
            assert it.source.snapshot().freshness == "unknown"
            await it.reports.wait_for("failed", "version")
            (*_, message), *_ = it.reports.found("failed", "version")
            assert words in message
            await it.wait_for_levels(a="baseline")
            assert it.source.snapshot().freshness == "synced"
            assert minor(it.source) == 30
            assert it.reports.found("version") == [("version", "v1.30", "")]

    run(test)


def test_the_reason_is_told_while_the_version_is_not_known() -> None:
    async def test() -> None:
        async with scene(api_with(Reply([b"{}"], 503)), at_version=at) as it:
            await it.reports.wait_for("synced", "namespaces")
            await it.reports.wait_for("failed", "version")
            snapshot = it.source.snapshot()
            assert (snapshot.cluster, snapshot.freshness) == (None, "unknown")
            assert snapshot.reason.startswith(
                "the API server's version is not known yet: the API server http"
            )

    run(test)


def test_an_upgraded_server_is_judged_by_its_new_rules_with_all_that_is_known() -> None:
    async def test() -> None:
        times = msgspec.structs.replace(SOON, ask_version=0.01)
        failed = Reply([b"{}"], 500)
        api = api_with(said("v1.30.0"), said("v1.30.1"), failed, said("v1.31.0"))
        async with scene(api, at_version=at, times=times) as it:
            await it.reports.wait_for("version", "v1.31")
            await it.wait_for_levels(a="baseline")
            assert minor(it.source) == 31
            assert it.reports.found("version") == [("version", "v1.30", ""), ("version", "v1.31", "")]
            # what was known of the version went on to be while it could not be asked for
            unknown = it.reports.found("freshness", "unknown")
            assert [report for report in unknown if "version" in report[2]][1:] == []

    run(test)


def test_options_that_the_version_refuses_are_told() -> None:
    def refusing(version: str) -> Cluster:
        raise UsageError("--feature-gates X=true: there is no such gate")

    async def test() -> None:
        async with scene(api_with(said("v1.30.0")), at_version=refusing) as it:
            await it.reports.wait_for("failed", "version", "refused")
            (*_, message), *_ = it.reports.found("failed", "version")
            assert message == "the API server is v1.30: --feature-gates X=true: there is no such gate"
            assert it.source.snapshot().cluster is None

    run(test)
