"""Cluster objects and requests with anything anywhere: always an answer, never a traceback, and no pod is
allowed because something could not be read."""

from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from podproof import Cluster
from podproof.errors import PodproofError

from .damage import CONFIGURATION, OBJECTS, ODD, WRONG, damage, routes
from .requests import GOOD, namespace, pod, request

_BAD = pod({"privileged": True}, hostPID=True, volumes=[{"name": "v", "hostPath": {"path": "/"}}])
_VERSIONS = ["v1.19", "v1.24", "v1.37"]
_UPDATE = request(
    {**_BAD, "metadata": {"name": "p", "namespace": "n", "labels": {"a": "b"}}},
    _BAD,
    groups=["dev"],
    dryRun=True,
)


def _places(value: Any, *, kinds: bool) -> list[tuple[Any, ...]]:
    """List the places that may be damaged; what says the kind of an object only where `kinds`."""
    return [route for route in routes(value) if kinds or not route or route[-1] not in ("kind", "items")]


@seed(7)
@given(st.sampled_from(_places(OBJECTS, kinds=True)), st.sampled_from(ODD), st.sampled_from(_VERSIONS))
@settings(max_examples=600)
def test_a_damaged_cluster_answers(place: tuple[Any, ...], wrong: Any, version: str) -> None:
    objects = damage(OBJECTS, place, wrong)
    try:
        cluster = Cluster.from_objects(
            objects if isinstance(objects, list) else [objects], kubernetes_version=version
        )
    except PodproofError:
        return  # a configuration that stops a server
    for asked in (request(_BAD), request(pod(GOOD)), _UPDATE):
        decision = cluster.admit({**asked, "userInfo": {"username": "ann", "groups": ["dev"]}})
        assert decision.allowed or decision.message
    cluster.admit(request(namespace(enforce="baseline"), namespace(), resource="namespaces", name="n"))


@seed(8)
@given(st.sampled_from(_places(OBJECTS, kinds=False)), st.sampled_from(WRONG), st.sampled_from(_VERSIONS))
@settings(max_examples=600)
def test_damage_to_a_cluster_allows_nothing(place: tuple[Any, ...], wrong: Any, version: str) -> None:
    if not place:
        return
    asked = {**request(_BAD), "userInfo": {"username": "ann", "groups": ["dev"]}}
    if not place[1:] and OBJECTS[place[0]] is CONFIGURATION:
        return  # nothing is left that says what it was
    try:
        cluster = Cluster.from_objects(damage(OBJECTS, place, wrong), kubernetes_version=version)
    except PodproofError:
        return
    assert not cluster.admit(asked).allowed


@seed(9)
@given(
    st.sampled_from([request(_BAD), _UPDATE, request(namespace(enforce="baseline"), resource="namespaces")]),
    st.data(),
    st.sampled_from(ODD),
    st.sampled_from(_VERSIONS),
)
@settings(max_examples=600)
def test_a_damaged_request_is_answered(asked: Any, data: st.DataObject, wrong: Any, version: str) -> None:
    place = data.draw(st.sampled_from([route for route in routes(asked) if route]))
    cluster = _CLUSTERS[version]
    decision = cluster.admit(damage(asked, place, wrong))
    assert decision.allowed or (decision.message and decision.code)


_CLUSTERS = {version: Cluster.from_objects(OBJECTS, kubernetes_version=version) for version in _VERSIONS}
