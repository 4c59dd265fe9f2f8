"""Cluster objects and requests with anything anywhere: always an answer, never a traceback, and no pod is
allowed because something could not be read."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from podproof import Cluster
from podproof.errors import PodproofError

from .requests import GOOD, namespace, pod, request

_ANY = {"rule": "RunAsAny"}
_CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "defaults": {"enforce": "restricted", "enforce-version": "v1.30"},
    "exemptions": {"usernames": ["root"], "namespaces": ["free"], "runtimeClasses": ["vm"]},
}
_OBJECTS: list[dict[str, Any]] = [
    namespace(enforce="restricted", audit="baseline", warn_version="v1.20"),
    {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{**pod(GOOD), "metadata": {"name": "q", "namespace": "n"}}],
    },
    {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "tight", "annotations": {"a": "b"}},
        "spec": {
            "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}},
            "runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 5}]},
            "supplementalGroups": {"rule": "MayRunAs", "ranges": [{"min": 1, "max": 5}]},
            "fsGroup": _ANY,
            "volumes": ["emptyDir"],
            "requiredDropCapabilities": ["KILL"],
            "hostPorts": [{"min": 1, "max": 2}],
            "allowedHostPaths": [{"pathPrefix": "/a", "readOnly": True}],
            "runtimeClass": {"allowedRuntimeClassNames": ["a"]},
            "allowPrivilegeEscalation": False,
        },
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "use", "labels": {"x": "y"}},
        "rules": [
            {
                "apiGroups": ["policy"],
                "resources": ["podsecuritypolicies"],
                "resourceNames": ["tight"],
                "verbs": ["use"],
            }
        ],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "all"},
        "aggregationRule": {
            "clusterRoleSelectors": [
                {"matchLabels": {"x": "y"}},
                {"matchExpressions": [{"key": "x", "operator": "In", "values": ["z"]}]},
            ]
        },
    },
    *(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": "b", "namespace": "n"},
            "roleRef": {"kind": "ClusterRole", "name": role, "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": [{"kind": "Group", "name": "dev"}, {"kind": "ServiceAccount", "name": "s"}],
        }
        for kind, role in (("ClusterRoleBinding", "use"), ("RoleBinding", "all"))
    ),
    _CONFIGURATION,
]
_DEEP: Any = []
for _ in range(300):
    _DEEP = [_DEEP]
_WRONG = [7, -1, 1.5, 1 << 70, True, "\x00", "\ud800", "no such", [7], [[]], [{}], {"": 7}, {"a": []}, _DEEP]
_ODD = [None, [], {}, "", *_WRONG]


def _routes(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield route
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _routes(item, (*route, key))


def _damage(value: Any, route: tuple[Any, ...], wrong: Any) -> Any:
    """Return a copy with something else in one place."""
    if not route:
        return copy.deepcopy(wrong)
    changed = copy.copy(value)
    changed[route[0]] = _damage(value[route[0]], route[1:], wrong)
    return changed


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
    return [route for route in _routes(value) if kinds or not route or route[-1] not in ("kind", "items")]


@seed(7)
@given(st.sampled_from(_places(_OBJECTS, kinds=True)), st.sampled_from(_ODD), st.sampled_from(_VERSIONS))
@settings(max_examples=600, deadline=None)
def test_a_damaged_cluster_answers(place: tuple[Any, ...], wrong: Any, version: str) -> None:
    objects = _damage(_OBJECTS, place, wrong)
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
@given(st.sampled_from(_places(_OBJECTS, kinds=False)), st.sampled_from(_WRONG), st.sampled_from(_VERSIONS))
@settings(max_examples=600, deadline=None)
def test_damage_to_a_cluster_allows_nothing(place: tuple[Any, ...], wrong: Any, version: str) -> None:
    if not place:
        return
    asked = {**request(_BAD), "userInfo": {"username": "ann", "groups": ["dev"]}}
    if not place[1:] and _OBJECTS[place[0]] is _CONFIGURATION:
        return  # nothing is left that says what it was
    try:
        cluster = Cluster.from_objects(_damage(_OBJECTS, place, wrong), kubernetes_version=version)
    except PodproofError:
        return
    assert not cluster.admit(asked).allowed


@seed(9)
@given(
    st.sampled_from([request(_BAD), _UPDATE, request(namespace(enforce="baseline"), resource="namespaces")]),
    st.data(),
    st.sampled_from(_ODD),
    st.sampled_from(_VERSIONS),
)
@settings(max_examples=600, deadline=None)
def test_a_damaged_request_is_answered(asked: Any, data: st.DataObject, wrong: Any, version: str) -> None:
    place = data.draw(st.sampled_from([route for route in _routes(asked) if route]))
    cluster = _CLUSTERS[version]
    decision = cluster.admit(_damage(asked, place, wrong))
    assert decision.allowed or (decision.message and decision.code)


_CLUSTERS = {version: Cluster.from_objects(_OBJECTS, kubernetes_version=version) for version in _VERSIONS}
