"""Whatever comes in, and whatever fails inside: the answer is a refusal or a denial."""

import asyncio
import io
import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podproof import Cluster
from podproof.errors import InputError
from podproof.session.serve.cluster_source import Freshness, Snapshot
from podproof.session.serve.folder_source import FolderSource
from podproof.webhook.decision_log import DecisionLog
from podproof.webhook.limits import DEFAULT
from podproof.webhook.metrics import Metrics
from podproof.webhook.reviewer import Reviewer

from .conftest import LEVEL, review
from .in_process import FixedSource, Webhook

NAMESPACES = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": {LEVEL: level}}}
    for level in ("privileged", "baseline", "restricted")
]
CLUSTER = Cluster.from_objects(NAMESPACES)


@pytest.mark.parametrize(
    ("path", "options", "status", "words"),
    [
        ("/", {}, 404, "no such path: reviews go to /validate, /mutate or /advise"),
        ("/validate/", {}, 404, "no such path"),
        ("/metrics", {"method": "GET"}, 404, "no such path"),
        ("/validate", {"method": "GET"}, 405, "send reviews with POST"),
        ("/readyz", {}, 405, "ask for health with GET"),
        ("/validate", {"headers": {}}, 415, "send reviews as application/json"),
        ("/mutate", {"headers": {"content-type": "text/plain"}}, 415, "send reviews as application/json"),
        (
            "/validate",
            {"headers": {"content-type": "application/json", "content-encoding": "gzip"}},
            415,
            "send reviews without content-encoding",
        ),
        (
            "/validate",
            {"headers": {"content-type": "application/json", "content-length": str(DEFAULT.body + 1)}},
            413,
            "a review must not have more than 8388608 bytes",
        ),
        (
            "/validate",
            {"headers": {"content-type": "application/json", "content-length": "7"}},
            400,
            "the body has 2 bytes, content-length says 7",
        ),
    ],
)
def test_what_is_no_review_is_refused(path: str, options: dict[str, Any], status: int, words: str) -> None:
    webhook = Webhook(CLUSTER)
    answer = webhook.send(path, [b"{}"], **options)
    assert (answer.status, answer.headers["connection"]) == (status, "close")
    assert answer.body.decode().startswith(words)
    assert answer.headers.get("allow") == (
        {"/readyz": "GET, HEAD"}.get(path, "POST") if status == 405 else None
    )
    assert f'podproof_http_refusals_total{{status="{status}"}} 1.0' in webhook.metrics.write().decode()
    assert webhook.lines == []


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_content_type_is_read_as_http_has_it(content_type: str) -> None:
    headers = {"content-type": content_type}
    assert Webhook(CLUSTER).send("/validate", [review("baseline")], headers=headers).review["allowed"]


def test_a_body_in_pieces_is_put_together() -> None:
    body = review("restricted")
    answer = Webhook(CLUSTER).send("/validate", [body[:10], body[10:99], b"", body[99:]])
    assert answer.review["status"]["code"] == 403


def test_a_client_that_goes_away_gets_nothing() -> None:
    webhook = Webhook(CLUSTER)
    assert webhook.send("/validate", [review("baseline"), b""], cut=True).status == 0
    assert webhook.lines == []
    assert "podproof_admission_reviews_in_flight 0.0" in webhook.metrics.write().decode()


def test_bodies_are_bounded_one_by_one_and_together() -> None:
    body = review("baseline")
    limits = msgspec.structs.replace(DEFAULT, body=len(body) - 1)
    assert Webhook(CLUSTER, limits).send("/validate", [body]).status == 413
    limits = msgspec.structs.replace(DEFAULT, bodies_together=len(body))
    webhook = Webhook(CLUSTER, limits)
    for _ in range(3):  # what was held is given back
        assert webhook.send("/validate", [body]).status == 200
    limits = msgspec.structs.replace(DEFAULT, bodies_together=len(body) - 1)
    assert Webhook(CLUSTER, limits).send("/validate", [body]).status == 503


def test_a_slow_body_is_refused() -> None:
    limits = msgspec.structs.replace(DEFAULT, seconds_for_body=0.05)
    answer = Webhook(CLUSTER, limits).send("/validate", [b"{", 60.0, b"}"])
    assert (answer.status, answer.body) == (408, b"the body was not whole after 0.05 s\n")
    answer = Webhook(CLUSTER).send("/validate?timeout=1s", [b"{", 60.0, b"}"])
    assert (answer.status, answer.body) == (408, b"the body was not whole after 1 s\n")


def test_a_large_body_is_answered_as_a_small_one_is() -> None:
    limits = msgspec.structs.replace(DEFAULT, large=1)
    for namespace, allowed in (("baseline", True), ("restricted", False)):
        small = Webhook(CLUSTER).send("/validate", [review(namespace)])
        large = Webhook(CLUSTER, limits).send("/validate", [review(namespace)])
        assert small.review == large.review
        assert large.review["allowed"] is allowed


_DEEP = b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":' + b'{"a":' * 200_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is not one JSON object"),
        (b"\x00\xff", "the body"),
        (b"[" * 1_000_000, "nested deeper than 200"),
        (_DEEP, "nested deeper than 200"),
        (b"7", "an AdmissionReview must be a mapping, is a number"),
        (b"{}", "the body is not an AdmissionReview: its kind is another"),
        (b'{"kind":"AdmissionReview"}', 'apiVersion "None" of the AdmissionReview is unknown'),
        (
            b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}',
            "the AdmissionReview has no request",
        ),
        (
            b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7}}',
            "request.uid of the AdmissionReview must be a string that is not empty, is a number",
        ),
        (review("privileged").replace(b'"uid": "u"', b'"uid": "u", "uid": "v"'), "request.uid is set twice"),
    ],
)
def test_a_body_that_is_no_review_is_denied(body: bytes, words: str) -> None:
    webhook = Webhook(CLUSTER)
    answer = webhook.send("/validate", [body])
    assert answer.status == 400
    assert (answer.review["uid"], answer.review["allowed"]) == ("", False)
    assert words in answer.review["status"]["message"]
    assert [(line["event"], line["allowed"]) for line in webhook.lines] == [("decision", False)]
    labels = 'decision="error",operation="unknown",phase="validating",resource="unknown"'
    assert f"podproof_admission_reviews_total{{{labels}}} 1.0" in webhook.metrics.write().decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"operation": "PATCH"}, 'operation "PATCH" is unknown'),
        ({"operation": 1}, "operation of the request must be a string, is a number"),
        ({"resource": "pods"}, "request.resource must be a mapping, is a string"),
        ({"userInfo": []}, "request.userInfo must be a mapping, is a list"),
        ({"userInfo": {"groups": [1]}}, "userInfo.groups of the request must be a list of strings"),
        ({"object": []}, "request.object must be a mapping, is a list"),
        ({"object": None}, "failed to decode object"),
        ({"object": {"kind": "Deployment"}}, "the object is a Deployment, the review is about pods"),
        ({"namespace": "privileged"}, "the namespace of the provided object does not match"),
        ({"name": "q"}, "the name of the object (p) does not match the name on the URL (q)"),
        ({"object": {"kind": "Pod", "spec": []}}, "cannot be handled as a Pod"),
        ({"object": {"kind": "Pod", "spec": {"containers": {}}}}, "cannot be handled as a Pod"),
        ({"operation": "UPDATE"}, "failed to decode old object"),
    ],
)
def test_a_review_that_cannot_be_judged_is_denied(changed: dict[str, Any], words: str) -> None:
    request = {**json.loads(review("baseline"))["request"], **changed}
    answer = Webhook(CLUSTER).ask("/validate", request)
    assert (answer.status, answer.review["uid"], answer.review["allowed"]) == (200, "u", False)
    assert words in answer.review["status"]["message"]
    assert answer.review["status"]["code"] == 400


@pytest.mark.parametrize("path", ["/validate", "/mutate"])
def test_an_unknown_namespace_is_denied_for_everything(path: str) -> None:
    for resource, kind in (("pods", "Pod"), ("deployments", "Deployment"), ("configmaps", "ConfigMap")):
        request = {
            "operation": "CREATE",
            "resource": {"group": "apps" if kind == "Deployment" else "", "resource": resource},
            "kind": {"kind": kind},
            "namespace": "none",
            "object": {"kind": kind, "metadata": {"name": "x"}},
        }
        response = Webhook(CLUSTER).ask(path, request).review
        assert response["allowed"] is False
        assert response["status"]["message"] == 'namespaces "none" not found'


def test_a_namespace_that_is_not_known_is_asked_for() -> None:
    source = FixedSource(Snapshot(Cluster.from_objects([]), "stale", "the watch is lost"), CLUSTER)
    webhook = Webhook(source)
    assert webhook.send("/validate", [review("restricted")]).review["status"]["code"] == 403
    assert webhook.send("/validate", [review("baseline")]).review["allowed"] is True
    assert source.asked == ["restricted", "baseline"]
    source = FixedSource(Snapshot(CLUSTER, "synced"))
    assert Webhook(source).send("/validate", [review("none")]).review["status"]["code"] == 404
    assert Webhook(source).send("/validate", [review("baseline")]).review["allowed"] is True
    assert source.asked == ["none"]


def test_a_namespace_that_was_known_is_asked_for_again_where_that_is_old() -> None:
    tightened = CLUSTER.with_object(
        {"kind": "Namespace", "metadata": {"name": "privileged", "labels": {LEVEL: "restricted"}}}
    )
    source = FixedSource(Snapshot(CLUSTER, "stale", "the watch is lost"), tightened)
    assert Webhook(source).send("/validate", [review("privileged")]).review["status"]["code"] == 403
    gone = FixedSource(Snapshot(CLUSTER, "stale", "the watch is lost"))
    assert Webhook(gone).send("/validate", [review("privileged")]).review["status"]["code"] == 404
    assert source.asked == gone.asked == ["privileged"]


def test_nothing_is_decided_by_what_is_old_and_cannot_be_asked_for() -> None:
    source = FixedSource(Snapshot(None, "stale", "roles was not heard of"), CLUSTER)
    response = Webhook(source).send("/validate", [review("privileged")]).review
    assert (response["allowed"], response["status"]["code"]) == (False, 500)
    assert response["status"]["message"].endswith("is too old: roles was not heard of")
    assert source.asked == []


class _UnreachableSource(FixedSource):
    async def look_up(self, namespace: str) -> Cluster | None:
        raise InputError("the API server cannot be reached")


@pytest.mark.parametrize("freshness", ["synced", "stale"])
def test_a_namespace_that_cannot_be_asked_for_is_denied(freshness: Freshness) -> None:
    source = _UnreachableSource(Snapshot(CLUSTER, freshness))
    response = Webhook(source).send("/validate", [review("none")]).review
    assert (response["allowed"], response["status"]["code"]) == (False, 500)
    why = "namespace none could not be looked up: the API server cannot be reached"
    assert response["status"]["message"].endswith(why)


class _SilentSource(FixedSource):
    async def look_up(self, namespace: str) -> Cluster | None:
        await asyncio.sleep(60)
        raise AssertionError(namespace)


def test_a_cluster_that_does_not_answer_in_time_is_no_reason_to_allow() -> None:
    webhook = Webhook(_SilentSource(Snapshot(CLUSTER, "stale", "the watch is lost")))
    response = webhook.send("/validate?timeout=1s", [review("none")]).review
    assert (response["allowed"], response["status"]["code"]) == (False, 500)
    assert "did not say in time whether it has namespace none" in response["status"]["message"]


@pytest.mark.parametrize(("seconds", "looked_at"), [(10.0, 8), (1.0, 4), (0.0, 1)])
def test_existing_pods_are_looked_at_for_half_of_the_time_that_is_left(
    seconds: float, looked_at: int
) -> None:
    pods = [json.loads(review("baseline"))["request"]["object"] for _ in range(20)]
    for number, pod in enumerate(pods):
        pod["metadata"]["name"] = f"p{number:02}"
    cluster = Cluster.from_objects([*NAMESPACES, *pods])
    ticks = itertools.count(0, 0.125)  # exact in binary
    log = DecisionLog(Metrics(), io.BytesIO())
    reviewer = Reviewer(FolderSource(cluster), log, now=lambda: next(ticks))
    old = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "baseline", "labels": {}}}
    new = {**old, "metadata": {"name": "baseline", "labels": {LEVEL: "restricted"}}}
    request = {
        "uid": "u",
        "operation": "UPDATE",
        "resource": {"group": "", "resource": "namespaces"},
        "name": "baseline",
        "namespace": "baseline",
        "object": new,
        "oldObject": old,
    }
    body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    answered = asyncio.run(reviewer.answer(json.dumps(body).encode(), "validating", seconds))
    first, *_ = answered.decision.warnings
    assert first.endswith(f"only checked against the first {looked_at} of 20 existing pods")


def test_readiness_is_that_of_the_source() -> None:
    unknown = FixedSource(Snapshot(None, "unknown", "no list has come yet"))
    stale = FixedSource(Snapshot(CLUSTER, "stale", "the watch is lost"))
    for source, body in (
        (unknown, b"the cluster is unknown: no list has come yet\n"),
        (stale, b"the cluster is stale: the watch is lost\n"),
    ):
        webhook = Webhook(source)
        answer = webhook.send("/readyz", method="GET")
        assert (answer.status, answer.body) == (503, body)
        assert "podproof_cluster_synced 0.0" in webhook.metrics.write().decode()
        assert webhook.send("/livez", method="HEAD").status == 200
    response = Webhook(unknown).send("/validate", [review("privileged")]).review
    assert response["status"]["code"] == 500
    assert response["status"]["message"].endswith("nothing is known of the cluster yet: no list has come yet")


class _BrokenSource:
    def snapshot(self) -> Snapshot:
        raise MemoryError("no more")

    async def look_up(self, namespace: str) -> None:
        raise AssertionError


class _BrokenCluster:
    """Fails wherever the engine looks."""

    def labels_of(self, namespace: str) -> dict[str, str]:
        return {}


@pytest.mark.parametrize("path", ["/validate", "/mutate"])
@pytest.mark.parametrize(
    "source", [_BrokenSource(), FixedSource(Snapshot(_BrokenCluster(), "synced"))], ids=["source", "engine"]
)
def test_a_fault_denies_and_is_logged(source: Any, path: str) -> None:
    webhook = Webhook(source)
    answer = webhook.send(path, [review("privileged", uid="mine")])
    assert (answer.status, answer.review["uid"], answer.review["allowed"]) == (200, "mine", False)
    assert answer.review["status"]["code"] == 500
    failed, decision = webhook.lines
    assert (failed["event"], failed["level"]) == ("review failed", "error")
    assert "Traceback" in failed["traceback"]
    assert (decision["allowed"], decision["uid"]) == (False, "mine")
    assert "Traceback" not in answer.body.decode()


class _FullDisk(io.RawIOBase):
    def write(self, data: Any) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_costs_lines_and_no_answers() -> None:
    webhook = Webhook(CLUSTER, stream=_FullDisk())
    assert webhook.send("/validate", [review("baseline")]).review["allowed"] is True
    assert "podproof_log_lines_lost_total 1.0" in webhook.metrics.write().decode()


def test_lines_are_short_and_hold_no_object() -> None:
    audited = {"name": "n", "labels": {LEVEL: "restricted", LEVEL.replace("enforce", "audit"): "restricted"}}
    webhook = Webhook(Cluster.from_objects([{"apiVersion": "v1", "kind": "Namespace", "metadata": audited}]))
    secret = "s3cret" * 10
    containers = [
        {"name": f"c{n}", "image": "i", "env": [{"name": "A", "value": secret}]} for n in range(999)
    ]
    webhook.send("/validate", [review("n", containers=containers)])
    (line,) = webhook.lines
    assert len(line["message"]) == 1001
    assert secret not in webhook.log.getvalue().decode()
    assert max(len(text) for text in line["audit"].values()) == 1001


def test_labels_of_metrics_are_bounded() -> None:
    webhook = Webhook(CLUSTER)
    for number in range(20):
        webhook.ask("/validate", {"resource": {"resource": f"things{number}"}, "operation": "CREATE"})
    text = webhook.metrics.write().decode()
    assert text.count('resource="other"') == 1
    assert "things" not in text


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bytes_are_never_allowed(data: bytes) -> None:
    assert Webhook(CLUSTER).send("/validate", [data]).review["allowed"] is False


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KEYS = (
    "operation",
    "resource",
    "kind",
    "namespace",
    "name",
    "userInfo",
    "object",
    "oldObject",
    "subResource",
)


@given(
    st.dictionaries(st.sampled_from(_KEYS), _JSON, min_size=1, max_size=3),
    st.sampled_from(["/validate", "/mutate"]),
)
def test_wrong_types_are_answered(changed: dict[str, Any], path: str) -> None:
    """Whatever stands in a review, it is answered, and by no fault."""
    webhook = Webhook(CLUSTER)
    request = {**json.loads(review("restricted"))["request"], **changed}
    response = webhook.ask(path, request).review
    assert response["uid"] == "u"
    assert [line["event"] for line in webhook.lines] == ["decision"]
