"""Reviews that are read the fast way are answered as the exact way answers them, byte for byte."""

import contextlib
import copy
import json
import re
from collections import Counter
from typing import Any
from unittest import mock

import pytest
from conformance.stories import Story, recorded
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from podproof import Cluster
from podproof.admission import review
from podproof.admission.phases import Phase
from podproof.admission.plain_review import read_plain, read_typed
from podproof.admission.review import REVIEW_VERSIONS, ReviewError, answer_review
from podproof.kube.versions import NEWEST

from .damage import CONFIGURATION, OBJECTS, ODD, damage, routes
from .requests import GOOD, namespace, pod, request

_TWICE = "\x00stands twice"
_RICH = pod(
    GOOD,
    volumes=[{"name": "tmp", "emptyDir": {}}, {"name": "v", "configMap": {"name": "c", "defaultMode": 420}}],
    securityContext={"runAsUser": 1000, "sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]},
    initContainers=[
        {
            "name": "i",
            "image": "i:1",
            "args": ["a", "b<c>&"],
            "env": [{"name": "A", "value": "1"}],
            "resources": {"limits": {"cpu": "1", "memory": "64Mi"}},
            "ports": [{"containerPort": 80, "hostPort": 8080}],
            "livenessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 10},
        }
    ],
    nodeSelector={"a": "b"},
    hostNetwork=True,
    terminationGracePeriodSeconds=30,
)
_RICH["metadata"] |= {
    "labels": {"app": "é😀"},
    "annotations": {"container.apparmor.security.beta.kubernetes.io/c": "runtime/default"},
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u"}],
    "managedFields": [{"manager": "m", "fieldsV1": {"f:spec": {"f:containers": {}}}}],
}
_KIND = {"group": "", "version": "v1", "kind": "Pod"}
_STATED = {
    "kind": _KIND,
    "requestKind": _KIND,
    "requestResource": {"group": "", "version": "v1", "resource": "pods"},
    "name": "p",
    "dryRun": False,
    "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
}
_REQUESTS = (
    request(_RICH, **_STATED),
    request(_RICH, pod(GOOD, containers=[{"name": "c", "image": "old"}]), subResource="resize", name="p"),
    request(_RICH, pod(GOOD)),
)
_CLUSTERS = {
    f"{level} {version}": Cluster.from_objects(
        [namespace(enforce=level, warn="restricted"), CONFIGURATION], kubernetes_version=version
    )
    for level, version in (
        ("privileged", "v1.37"),
        ("baseline", "v1.37"),
        ("baseline", "v1.36"),
        ("restricted", "v1.30"),
        ("restricted", "v1.25"),
    )
} | {"privileged": Cluster.from_objects([namespace(), {"kind": "Node", "metadata": {"name": "o"}}])}
_OLD = Cluster.from_objects(OBJECTS, kubernetes_version="v1.24")
_tally: Counter[bool] = Counter()
_PHASES: tuple[Phase, ...] = ("validating", "mutating", "advising")


def _body(asked: Any, **form: Any) -> bytes:
    wrapped = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": asked}
    return json.dumps(wrapped, **({"separators": (",", ":"), "ensure_ascii": False} | form)).encode(
        "utf-8", "surrogatepass"
    )


def _compare(body: bytes, cluster: Cluster) -> None:
    with contextlib.suppress(ReviewError):
        _tally[read_plain(body, REVIEW_VERSIONS) is not None] += 1
    fast = [answer_review(body, cluster, phase=phase) for phase in _PHASES]
    with mock.patch.object(review, "read_plain", return_value=None):
        assert fast == [answer_review(body, cluster, phase=phase) for phase in _PHASES]


@pytest.mark.parametrize("story", recorded("admission"), ids=lambda story: str(story["id"]))
def test_recorded_reviews(story: dict[str, Any]) -> None:
    played = Story(story)
    labels = {} if any(step["op"] == "label" for step in story["steps"]) else story["labels"]
    if not played.create_namespace(labels).allowed:
        played.create_namespace({})
    for step in story["steps"]:
        asked = played.request_of(step) | {"uid": "u"}
        body = _body(asked)
        _compare(body, played.cluster())
        if asked["resource"]["resource"] == "pods":
            assert read_plain(body, REVIEW_VERSIONS) is not None
        played.play(step)


@seed(21)
@given(
    st.sampled_from(_REQUESTS),
    st.data(),
    st.sampled_from(ODD),
    st.sampled_from(sorted(_CLUSTERS)),
    st.booleans(),
)
@settings(max_examples=1500)
def test_anything_anywhere(asked: Any, data: st.DataObject, wrong: Any, cluster: str, spaced: bool) -> None:
    place = data.draw(st.sampled_from([route for route in routes(asked) if route]))
    form = {"separators": (", ", ": ")} if spaced else {}
    _compare(_body(damage(asked, place, wrong), **form), _CLUSTERS[cluster])


@seed(22)
@given(st.sampled_from(_REQUESTS), st.data(), st.sampled_from(sorted(_CLUSTERS)))
@settings(max_examples=800)
def test_a_key_twice_anywhere(asked: Any, data: st.DataObject, cluster: str) -> None:
    route = data.draw(st.sampled_from([r for r in routes(asked) if r and isinstance(r[-1], str)]))
    holder = asked
    for step in route[:-1]:
        holder = holder[step]
    second = data.draw(st.sampled_from([holder[route[-1]], *ODD]))
    keys = {_TWICE: second, **holder} if data.draw(st.booleans()) else {**holder, _TWICE: second}
    body = _body(damage(asked, route[:-1], keys))
    name = (
        json.dumps(route[-1]) if data.draw(st.booleans()) else f'"\\u{ord(route[-1][0]):04x}{route[-1][1:]}"'
    )
    body = body.replace(json.dumps(_TWICE).encode(), name.encode())
    _compare(body, _CLUSTERS[cluster])
    answer = json.loads(answer_review(body, _CLUSTERS[cluster], phase="validating"))["response"]
    assert not answer["allowed"]
    assert answer["status"]["code"] == 400


@pytest.mark.parametrize("holder", ["userInfo", "options", "object"])
@pytest.mark.parametrize("number", ["1e15", "1e7,1e7"])
def test_a_number_that_is_longer_written_again_hides_no_key(holder: str, number: str) -> None:
    asked = request(_RICH, **_STATED)
    asked[holder] = {**asked[holder], "extra": {"a": ["NUMBERS"]}}
    body = _body(asked).replace(b'"NUMBERS"', number.encode())
    # as many bytes more as the numbers become longer
    body = body.replace(b'"runAsUser":1000', b'"runAsUser":0,"runAsUser":1000')
    _compare(body, _CLUSTERS["restricted v1.30"])
    assert b"set twice" in answer_review(body, _CLUSTERS["restricted v1.30"], phase="validating")


@seed(23)
@given(
    st.sampled_from(_REQUESTS),
    st.sampled_from(["indented", "ASCII", "newline", "cut", "byte", "escape", "unknown", "case", "colon"]),
    st.data(),
)
@settings(max_examples=800)
def test_other_texts(asked: Any, how: str, data: st.DataObject) -> None:
    body = _body(asked, **({"indent": 1} if how == "indented" else {"ensure_ascii": how == "ASCII"}))
    at = data.draw(st.integers(0, len(body) - 1))
    key = data.draw(st.sampled_from([b'"spec"', b'"metadata"', b'"uid"', b'"object"', b'"kind"', b'"name"']))
    if how == "newline":
        body += b"\n" * (at % 3)
    elif how == "cut":
        body = body[:at]
    elif how == "byte":
        body = body[:at] + bytes([data.draw(st.integers(0, 255))]) + body[at + 1 :]
    elif how == "escape":
        body = body.replace(b"<", rb"\u003c").replace(
            b"&", data.draw(st.sampled_from([rb"\ud83d", rb"\u003a"]))
        )
    elif how == "unknown":
        body = body.replace(b":{" + key, b':{"unknown":[{}],' + key)
    elif how == "case":
        body = body.replace(key, key.upper())
    elif how == "colon":
        body = body.replace(b"i:1", rb"i\u003a1")
    _compare(body, _CLUSTERS[data.draw(st.sampled_from(sorted(_CLUSTERS)))])


_SINCE = (
    ({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}, 30),
    ({"containers": [{"name": "c", "securityContext": {"appArmorProfile": {"type": "Unconfined"}}}]}, 30),
    ({"hostUsers": False}, 25),
    ({"securityContext": {"seLinuxChangePolicy": "Recursive"}}, 32),
    ({"volumes": [{"name": "v", "image": {"reference": "i"}}]}, 31),
    ({"volumes": [{"name": "v", "emptyDir": {"mode": 7}}]}, 37),
    ({"resources": {"limits": {"cpu": "1"}}}, 32),
    ({"containers": [{"name": "c", "resources": {"claims": [{"name": "x"}]}}]}, 26),
    ({"containers": [{"name": "c", "env": [{"name": "e", "valueFrom": {"fileKeyRef": {"path": "p"}}}]}]}, 34),
    ({"ephemeralContainers": [{"name": "e", "resizePolicy": [None], "args": [None]}]}, 27),
    ({"resourceClaims": [{"name": "r", "source": {"resourceClaimName": 7}}]}, None),
)
"""Fields of a pod, and the version since which they are known, None: until some version."""


@pytest.mark.parametrize(("fields", "since"), _SINCE, ids=lambda value: repr(value)[:50])
@pytest.mark.parametrize("annotated", [False, True])
def test_fields_that_not_every_version_has(fields: Any, since: int | None, annotated: bool) -> None:
    sent = pod(GOOD)
    sent["spec"] = {**sent["spec"], **fields}
    if annotated:
        profiles = (
            "container.apparmor.security.beta.kubernetes.io/c",
            "seccomp.security.alpha.kubernetes.io/pod",
        )
        sent["metadata"] = {**sent["metadata"], "annotations": dict.fromkeys(profiles, "unconfined")}
    for minor in (10, 17, 20, 24, 25, 29, 30, 31, 32, 34, 36, 37, 38):
        objects = [namespace(enforce="restricted", warn="baseline"), *(OBJECTS[2:] if minor < 25 else ())]
        cluster = Cluster.from_objects(objects, kubernetes_version=f"v1.{minor}")
        for old in (None, pod(GOOD, containers=[{"name": "c", "image": "old"}])):
            _compare(_body(request(sent, old)), cluster)


@pytest.mark.parametrize("minor", [25, 30, NEWEST - 1, NEWEST])
@pytest.mark.parametrize("phase", _PHASES)
def test_nothing_is_decoded_exactly_without_need(minor: int, phase: Phase) -> None:
    bodies = [_body(asked) for asked in _REQUESTS]
    bodies.append(_body(request(pod(GOOD, initContainers=[{"name": "i", "args": [None]}]))))
    cluster = Cluster.from_objects([namespace(enforce="restricted")], kubernetes_version=f"v1.{minor}")
    with (
        mock.patch.object(review, "read_body", side_effect=AssertionError),
        mock.patch("podproof.admission.decoded_object.decode_type", side_effect=AssertionError),
    ):
        for body in bodies:
            answer_review(body, cluster, phase=phase)


@pytest.mark.parametrize("asked", _REQUESTS, ids=["all", "resize", "update"])
@pytest.mark.parametrize("user", ["system:serviceaccount:n:s", "dev", "nobody"])
def test_what_policies_fill_in(asked: Any, user: str) -> None:
    _compare(
        _body({**asked, "userInfo": {"username": user, "groups": ["dev"] if user == "dev" else []}}), _OLD
    )


@pytest.mark.parametrize(
    ("old", "new", "route"),
    [
        (b'"uid":"1"', b'"uid":"1","uid":"1"', "request.uid"),
        (
            b'"image":"i:1"',
            rb'"image":"i:1","\u0069mage":"\ud800"',
            "request.object.spec.containers[0].image",
        ),
        (b'"nodeSelector":{', b'"nodeSelector":{"a":"c",', "request.object.spec.nodeSelector.a"),
    ],
)
def test_a_key_twice_is_found_at_once(old: bytes, new: bytes, route: str) -> None:
    body = _body(_REQUESTS[0]).replace(old, new, 1)
    with (
        mock.patch.object(review, "read_body", side_effect=AssertionError),
        pytest.raises(ReviewError, match=f"^{re.escape(route)} is set twice"),
    ):
        read_plain(body, REVIEW_VERSIONS)


def test_both_ways_were_taken() -> None:
    """Print how often (`-s`); the fast way is for the usual, and not for most of what is odd."""
    print(dict(_tally))
    assert _tally.total() < 1000 or _tally[True] > 100 < _tally[False]  # workers share the tests


def test_nulls_in_lists_are_read_typed_with_all_parts_of_containers() -> None:
    rich = copy.deepcopy(_RICH)
    rich["spec"]["initContainers"][0]["args"].append(None)
    body = _body(request(rich, **_STATED))
    assert read_plain(body, REVIEW_VERSIONS) is not None


@pytest.mark.parametrize("part", ["env", "resources"])
def test_what_is_too_deep_for_the_exact_way_is_so_in_each_part(part: str) -> None:
    """An unknown field has no type that would bound it."""
    read = []
    for depth in (20, 195):
        rich = copy.deepcopy(_RICH)
        deep = {"unknown": json.loads("[" * depth + "]" * depth)}
        rich["spec"]["initContainers"][0][part] = deep if part == "resources" else [deep]
        read.append(read_typed(_body(request(rich, **_STATED)), REVIEW_VERSIONS))
    assert read[0] is not None
    assert read[1] is None


def test_nothing_is_read_twice_without_need() -> None:
    body = _body(_REQUESTS[0])
    read = read_plain(body, REVIEW_VERSIONS)
    assert read is not None
    cluster = Cluster.from_objects([namespace(enforce="restricted")])
    assert not review.decide(read.request, cluster, phase="validating").allowed
    sent = read.request.object
    assert sent is not None
    assert sent._plain is None  # type: ignore[attr-defined] # a SentPod
    assert dict(sent) == json.loads(body)["request"]["object"]
    assert len(sent) == 4
