"""What was decided about one review is said of others only where the exact way says the same of them."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from podproof import Cluster
from podproof.admission import known_reviews
from podproof.admission.attributes import Moment
from podproof.admission.consistency import read_consistent
from podproof.admission.decision import Decision
from podproof.admission.known_reviews import DecidedReview, KnownReviews
from podproof.admission.review import decide, read_body
from podproof.admission.review_parts import PlainReview
from podproof.admission.review_text import REVIEW_VERSIONS, ReviewError
from podproof.manifest.native import native_module

from . import exempted
from .requests import namespace, pod, request

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)
CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "exemptions": {"usernames": ["root"]},
}
OBJECTS = [
    namespace("n", enforce="restricted", warn="restricted"),
    namespace("warned", enforce="baseline", warn="restricted", audit="restricted"),
    namespace("open"),
    namespace("misspelt", enforce="restrictd"),
]
CLUSTER = Cluster.from_objects([*OBJECTS, CONFIGURATION])
MOMENT = Moment(exempted.NOW)
PODS = {
    "good": pod(),
    "bare": pod({}),
    "privileged": pod({"privileged": True}),
    "named volume": pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]),
    "runtime class": pod({}, runtimeClassName="vm"),
    "generated name": {**pod(), "metadata": {"generateName": "p-"}},
    "annotated": {**pod(), "metadata": {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "x"}}},
    "no metadata": {key: value for key, value in pod({}).items() if key != "metadata"},
    "no spec": {"apiVersion": "v1", "kind": "Pod"},
    "another kind": {**pod(), "kind": "Node"},
    "no object": None,
    "odd": {**pod(), "apiversion": "v1"},
}


def _body(object_: Any, old: Any = None, *, number: int = 1, name: str = "", **members: Any) -> bytes:
    """Write a review of a pod, which has a name of its own where it has metadata."""
    if isinstance(object_, dict) and "metadata" in object_:
        metadata = {**object_["metadata"], "namespace": members.get("namespace", "n")}
        if "generateName" not in metadata:
            metadata["name"] = f'p"-{number}'
        object_ = {**object_, "metadata": metadata}
    asked = {**request(object_, old, **members), "uid": str(number), "name": name}
    asked["kind"] = {"group": "", "version": "v1", "kind": "Pod"}
    review = {"kind": "AdmissionReview", "apiVersion": REVIEW_VERSIONS[0], "request": asked}
    return json.dumps(review, separators=(",", ":")).encode()  # as API servers write it


def _exactly(body: bytes, cluster: Cluster) -> tuple[str, str, Decision]:
    review = read_body(body)
    asked = read_consistent(review.request)
    return review.uid, asked.name, decide(asked, cluster, phase="validating", moment=MOMENT)


def _answer(known: KnownReviews, body: bytes, cluster: Cluster) -> DecidedReview | PlainReview | None:
    """Answer as the webhook does, and see that a decision is that of the exact way."""
    found = known.answer(body, cluster)
    if isinstance(found, DecidedReview):
        assert (found.uid, found.name, found.decision) == _exactly(body, cluster)
        assert found.known.version == read_body(body).version
        asked = read_consistent(read_body(body).request)
        nameless = msgspec.structs.replace(asked, name="", object=None, old_object=None)
        assert found.known.request == msgspec.structs.replace(nameless, user=found.known.request.user)
        assert found.known.request.user.name == asked.user.name
    elif found is not None:
        known.keep(found, decide(found.request, cluster, phase="validating", moment=MOMENT), cluster)
    return found


def _reviews() -> Iterator[tuple[str, dict[str, Any]]]:
    for place in ("n", "warned", "open", "misspelt", "missing"):
        for user in ("ann", "root"):
            for name in PODS:
                yield name, {"namespace": place, "user": user}


def test_each_is_decided_as_in_the_exact_way() -> None:
    known, decided = KnownReviews(REVIEW_VERSIONS), set()
    for number in range(3):
        for name, members in _reviews():
            body = _body(PODS[name], number=number, **members)
            if isinstance(_answer(known, body, CLUSTER), DecidedReview) and number:
                decided.add((name, members["namespace"], members["user"]))
    enforced = {(name, "n", "ann") for name in PODS}
    assert enforced - decided == {
        (name, "n", "ann") for name in ("named volume", "another kind", "no object")
    }
    assert {name for name, place, user in decided if place == "missing"} == set()


@pytest.mark.parametrize("sub_resource", ["", "ephemeralcontainers", "resize", "status"])
def test_updates_are_judged_each(sub_resource: str) -> None:
    """Whether an update counts depends on images, which no shape has."""
    known = KnownReviews(REVIEW_VERSIONS)
    for number in range(2):
        for name in ("good", "bare"):
            body = _body(PODS[name], PODS["good"], number=number, subResource=sub_resource)
            assert isinstance(_answer(known, body, CLUSTER), PlainReview) == (sub_resource != "status")


def test_nothing_is_known_of_another_state() -> None:
    known = KnownReviews(REVIEW_VERSIONS)
    changed = CLUSTER.with_object(namespace("n", enforce="privileged"))
    for cluster in (CLUSTER, changed, CLUSTER):
        for number in range(2):
            _answer(known, _body(PODS["bare"], number=number), cluster)
    allowed = [_answer(known, _body(PODS["bare"], number=9), cluster) for cluster in (changed, CLUSTER)]
    assert isinstance(allowed[0], DecidedReview)
    assert allowed[0].decision.allowed
    assert isinstance(allowed[1], PlainReview)


def test_what_was_decided_in_another_state_is_not_kept() -> None:
    known = KnownReviews(REVIEW_VERSIONS)
    open_ = CLUSTER.with_object(namespace("n", enforce="privileged", warn="baseline"))
    read = known.answer(_body(PODS["bare"]), open_)
    assert isinstance(read, PlainReview)
    assert isinstance(known.answer(_body(PODS["bare"]), CLUSTER), PlainReview)
    known.keep(read, Decision(True), open_)
    assert isinstance(known.answer(_body(PODS["bare"]), CLUSTER), PlainReview)


def test_where_the_pod_is_looked_at_each_is_judged() -> None:
    exemption = exempted.exemption(namespaces=["n"], checks=["capabilities_restricted"])
    by_class = {**CONFIGURATION, "exemptions": {"runtimeClasses": ["vm"]}}
    for cluster in (
        exempted.cluster(exempted.enforcing("restricted", "n"), exemption),
        Cluster.from_objects([*OBJECTS, by_class]),
    ):
        known = KnownReviews(REVIEW_VERSIONS)
        for number in range(2):
            for name in ("good", "bare", "runtime class"):
                assert isinstance(_answer(known, _body(PODS[name], number=number), cluster), PlainReview)


@pytest.mark.parametrize("place", ["n", "open"])
def test_names_that_contradict_each_other_are_for_other_ways(place: str) -> None:
    known = KnownReviews(REVIEW_VERSIONS)
    for number in range(2):
        _answer(known, _body(PODS["bare"], number=number, namespace=place), CLUSTER)
    assert isinstance(_answer(known, _body(PODS["bare"], number=3, namespace=place), CLUSTER), DecidedReview)
    stated = _body(PODS["bare"], number=3, name='p"-3', namespace=place)
    assert isinstance(_answer(known, stated, CLUSTER), DecidedReview)
    for wrong in (
        _body(PODS["bare"], name="another", namespace=place),
        stated.replace(b'"uid":"3"', b'"uid":""'),
        stated.replace(b'"uid":"3"', b'"uid":null'),
        stated.replace(b'"uid":"3",', b""),
        stated.replace(b'"uid":"3"', b'"uid":3'),
    ):
        assert known.answer(wrong, CLUSTER) is None


def test_keys_that_stand_twice_are_refused_though_the_rest_is_known() -> None:
    known, body = KnownReviews(REVIEW_VERSIONS), _body(PODS["bare"])
    for _ in range(2):
        _answer(known, body, CLUSTER)
    with pytest.raises(ReviewError, match=r"request\.uid"):
        known.answer(body.replace(b'"uid"', b'"uid":"0","uid"'), CLUSTER)


def test_the_memory_of_reviews_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_reviews, "_MOST", 3)
    known = KnownReviews(REVIEW_VERSIONS)
    for place in ("n", "open"):
        for number in range(8):
            _answer(known, _body(PODS["bare"], user=f"u{number}", namespace=place), CLUSTER)
    assert len(known._seen) == len(known._unseen) == 2
    for number in range(8):
        _answer(known, _body(PODS["bare"], namespace=f"n{number}"), CLUSTER)
    assert len(known._allows_every_pod) <= 3
    monkeypatch.setattr(known_reviews, "_LARGEST", 100)
    known = KnownReviews(REVIEW_VERSIONS)
    for place in ("n", "open"):
        for _ in range(2):
            _answer(known, _body(PODS["bare"], namespace=place), CLUSTER)
    assert not known._seen
    assert not known._unseen


@pytest.mark.parametrize("place", ["n", "warned"])
def test_long_texts_are_not_remembered(place: str) -> None:
    """A decision may name a container for each check, and so be many times as long as what is asked."""
    known, long = KnownReviews(REVIEW_VERSIONS), pod({})
    long["spec"]["containers"][0]["name"] = "c" * (known_reviews._LARGEST // 4)
    for object_, kept in ((PODS["bare"], True), (long, False)):
        for number in range(2):
            found = _answer(known, _body(object_, number=number, namespace=place), CLUSTER)
            assert isinstance(found, DecidedReview) == (kept and number == 1)


def test_groups_are_asked_for_and_not_remembered() -> None:
    known, groups = KnownReviews(REVIEW_VERSIONS), [str(number) for number in range(99)]
    user = {"username": "ann", "groups": groups}
    for place in ("n", "open"):
        for _ in range(2):
            found = _answer(known, _body(PODS["bare"], namespace=place, userInfo=user), CLUSTER)
        assert isinstance(found, DecidedReview)
        assert found.known.request.user.groups == ()
