"""A changed cluster equals the cluster made of the changed objects, and shares what is unchanged."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podproof import Cluster
from podproof.admission.cluster_object import object_key
from podproof.admission.configuration import ConfigurationError
from podproof.admission.persistent_map import PersistentMap

from .requests import namespace, pod, request

_ANY = {"rule": "RunAsAny"}
_SPEC = {"seLinux": _ANY, "runAsUser": _ANY, "supplementalGroups": _ANY, "fsGroup": _ANY, "volumes": ["*"]}
_RULE = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}


def _policy(name: str, **spec: Any) -> dict[str, Any]:
    metadata = {"name": name}
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": metadata,
        "spec": {**_SPEC, **spec},
    }


def _role(*names: str) -> dict[str, Any]:
    rules = [{**_RULE, "resourceNames": list(names)}]
    return {"kind": "ClusterRole", "metadata": {"name": "use"}, "rules": rules}


def _binding(user: str) -> dict[str, Any]:
    return {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "bind"},
        "roleRef": {"kind": "ClusterRole", "name": "use"},
        "subjects": [{"kind": "User", "name": user}],
    }


def _account(name: str, **rest: Any) -> dict[str, Any]:
    return {"kind": "ServiceAccount", "metadata": {"name": name, "namespace": "n"}, **rest}


_OBJECTS: list[dict[str, Any]] = [
    namespace(),
    namespace(enforce="restricted"),
    namespace("m", enforce="wrong"),
    {"kind": "Namespace", "metadata": {"name": "n", "labels": {"a": 1}}},
    pod({}, name="a"),
    pod({"privileged": True}, name="a"),
    pod({"privileged": True}, name="b"),
    _policy("z"),
    _policy("z", readOnlyRootFilesystem=True),
    _policy("a", privileged=True),
    _policy("a", fsGroup={"rule": "x"}),
    _policy("a", fsGroup={"rule": "MustRunAs"}),
    _role("a"),
    _role("a", "z"),
    {"kind": "ClusterRole", "metadata": {"name": "use"}, "rules": 7},
    _binding("ann"),
    _binding("bob"),
    _account("robot"),
    _account("default", automountServiceAccountToken=False),
    {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}},
]
_REQUESTS = [
    request(pod({}, name="new")),
    request(pod({"privileged": True}, name="new", serviceAccountName="robot")),
    request(namespace(enforce="baseline"), namespace(), resource="namespaces", name="n"),
]
_CHANGES = st.lists(st.tuples(st.sampled_from(["with", "without"]), st.sampled_from(_OBJECTS)), max_size=12)


def _view(cluster: Cluster) -> tuple[Any, ...]:
    """Return everything that can be asked of a cluster."""
    found = [cluster.find(*object_key(object_)) for object_ in _OBJECTS]
    answers = [
        (d.allowed, d.code, d.message, d.warnings, d.audit_annotations, d.patch, d.object, d.assumed_accounts)
        for d in map(cluster.admit, _REQUESTS)
    ]
    return (
        cluster.problems,
        cluster.unread,
        cluster.notes,
        cluster.namespaces_in_turn,
        cluster.pods_in("n"),
        cluster.policies,
        [cluster.has(kind) for kind in ("Namespace", "ServiceAccount", "ConfigMap", "ClusterRole")],
        cluster.lacks_objects,
        found,
        answers,
    )


@given(_CHANGES, st.sampled_from(["v1.19", "v1.24", "v1.37"]))
@settings(max_examples=150, deadline=None)
def test_any_sequence_of_changes_equals_making_it_anew(changes: list[Any], version: str) -> None:
    _compare_with_one_made_anew(changes, version)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("version", ["v1.19", "v1.24", "v1.37"])
def test_a_long_sequence_of_changes_equals_making_it_anew(seed: int, version: str) -> None:
    random = Random(seed)
    changes = [(random.choice(["with", "with", "without"]), random.choice(_OBJECTS)) for _ in range(24)]
    _compare_with_one_made_anew(changes, version)


def _compare_with_one_made_anew(changes: list[tuple[str, Any]], version: str) -> None:
    changed = Cluster.from_objects([], kubernetes_version=version)
    objects: dict[Any, Any] = {}
    for what, object_ in changes:
        kind, namespace_, name = key = object_key(object_)
        before, view = changed, _view(changed)
        if what == "with":
            changed = changed.with_object(object_)
            objects[key] = object_
        else:
            changed = changed.without(kind, name, namespace_)
            objects.pop(key, None)
        assert _view(before) == view
    assert _view(changed) == _view(Cluster.from_objects(objects.values(), kubernetes_version=version))


def test_what_is_unchanged_is_shared() -> None:
    objects = [_policy("a"), _role("a"), _binding("ann"), *(pod(name=f"p{n}") for n in range(50))]
    cluster = Cluster.from_objects(objects, kubernetes_version="v1.24")
    grants = cluster.grants
    changed = cluster.with_object(pod(name="new")).with_object(namespace()).without("Pod", "p7", "n")
    assert changed.grants is grants
    assert changed.policies is cluster.policies
    assert changed.pods["n"]["p1"] is cluster.pods["n"]["p1"]
    assert changed.with_object(_binding("bob")).grants is not grants


def test_a_list_is_added_item_by_item() -> None:
    cluster = Cluster.from_objects([]).with_object({"kind": "List", "items": [namespace(), namespace("m")]})
    assert set(cluster.namespaces) == {"n", "m"}


def test_what_is_taken_away_is_gone() -> None:
    cluster = Cluster.from_objects([*_OBJECTS[4:7], namespace(), _account("robot"), _account("other")])
    assert (cluster.has("Pod"), cluster.has("ServiceAccount")) == (True, True)
    once = cluster.without("ServiceAccount", "robot", "n")
    assert (once.has("ServiceAccount"), once.find("ServiceAccount", "n", "robot")) == (True, None)
    assert not once.without("ServiceAccount", "other", "n").has("ServiceAccount")
    assert once.without("ServiceAccount", "robot", "n") is once
    assert once.without("Namespace", "gone") is once
    fewer = cluster.without("Pod", "a", "n")
    assert [found["metadata"]["name"] for found in fewer.pods_in("n")] == ["b"]
    none = fewer.without("Pod", "b", "n")
    assert (none.pods_in("n"), none.has("Pod"), dict(none.pods)) == ([], False, {})
    assert none.without("Namespace", "n").labels_of("n") is None
    back = none.with_object(pod(name="z")).with_object(pod(name="y")).with_object(pod(name="x"))
    assert [found["metadata"]["name"] for found in back.pods_in("n")] == ["x", "y", "z"]
    assert back.pods_in("other") == []
    # of the namespace `default` when none is named
    plain = Cluster.from_objects([{"kind": "Pod", "metadata": {"name": "a"}}])
    assert plain.without("Pod", "a").pods_in("default") == []


def test_a_changed_object_keeps_its_turn() -> None:
    cluster = Cluster.from_objects([namespace("z"), namespace("a"), namespace("z", warn="baseline")])
    assert [name for name, _ in cluster.namespaces_in_turn] == ["z", "a"]
    anew = cluster.without("Namespace", "z").with_object(namespace("z"))
    assert [name for name, _ in anew.namespaces_in_turn] == ["a", "z"]


def test_problems_are_told_in_turn_and_those_unread_by_themselves() -> None:
    cluster = Cluster.from_objects(
        [_policy("z", runAsUser={"rule": "MustRunAs"}), {"kind": "Pod"}, 7, {"kind": "Role"}],  # type: ignore[list-item]  # 7 is not an object
        kubernetes_version="v1.24",
    )
    unread = (
        "a Pod has no name: it counts as absent",
        "an object must be a mapping, is a number",
        "a Role has no name: it counts as absent",
    )
    noted = "PodSecurityPolicy 'z' admits nothing: MustRunAs requires at least one range"
    assert cluster.problems == (noted, *unread)
    assert (cluster.unread, cluster.notes) == (unread, (noted,))
    assert cluster.lacks_objects
    assert not Cluster.from_objects([_policy("z")], kubernetes_version="v1.24").lacks_objects
    wrong = Cluster.from_objects([namespace("n"), {"kind": "Namespace", "metadata": {"name": 7}}])
    assert wrong.lacks_objects


def test_there_is_one_configuration() -> None:
    configuration = {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "defaults": {"enforce": "restricted"},
    }
    cluster = Cluster.from_objects([namespace()]).with_object(configuration)
    assert cluster.admit(request(pod({}))).code == 403
    with pytest.raises(ConfigurationError, match="there are two configurations"):
        cluster.with_object(configuration)


def test_an_assumed_namespace_that_was_taken_away_is_gone() -> None:
    cluster = Cluster.from_objects([], assumed_labels={})
    assert cluster.admit(request(pod({}))).allowed
    assert cluster.without("Pod", "n").without("ServiceAccount", "n", "n").admit(request(pod({}))).allowed
    gone = cluster.without("Namespace", "n")
    assert gone.admit(request(pod({}))).message == 'namespaces "n" not found'
    assert gone.with_object(namespace()).admit(request(pod({}))).allowed


class _Same:
    """A key whose hash is that of all its like."""

    def __init__(self, name: int) -> None:
        self.name = name

    def __hash__(self) -> int:
        return 5

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.name == self.name


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=200), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_persistent_map_is_a_dict_that_never_changes(changes: list[tuple[bool, int]], same: bool) -> None:
    _compare_with_a_dict(changes, same)


@pytest.mark.parametrize("same", [False, True])
def test_a_large_persistent_map_is_a_dict(same: bool) -> None:
    random = Random(same)
    _compare_with_a_dict([(random.random() < 0.7, random.randrange(90)) for _ in range(300)], same)


def test_a_large_persistent_map_is_read_by_its_keys() -> None:
    model = {number: str(number) for number in range(5000)}
    mapped = PersistentMap(model)
    assert [mapped[number] for number in model] == list(model.values())
    assert [mapped.get(number) for number in model] == list(model.values())
    assert [mapped.get(number) for number in (-1, 5000)] == [None, None]
    assert mapped.get(5000, "absent") == "absent"
    assert 5000 not in mapped
    with pytest.raises(KeyError):
        mapped[5000]
    made: PersistentMap[int, str] = PersistentMap()
    for number, text in model.items():
        made = made.set(number, text)
    assert made._root == mapped._root
    for number in range(0, 5000, 2):
        made = made.remove(number)
    assert {number: made.get(number) for number in model if number in made} == {
        number: text for number, text in model.items() if number % 2
    }
    assert (len(made), len(mapped)) == (2500, 5000)
    assert repr(PersistentMap({"a": 1})) == "PersistentMap({'a': 1})"


def test_tables_are_small_and_few() -> None:
    sixteen: PersistentMap[int, int] = PersistentMap(dict.fromkeys(range(16), 0))
    assert sixteen._root == dict(sixteen)
    assert [len(table) for table in sixteen.set(16, 0)._root] == [2] + [1] * 15
    assert len(sixteen) == 16
    alike = PersistentMap({_Same(number): number for number in range(20)})
    table, depth = alike._root, 0
    while isinstance(table, tuple):
        assert len(table) == 16
        (table,) = [one for one in table if one]
        depth += 1
    assert (len(table), depth) == (20, 15)


def test_a_change_copies_one_way_down() -> None:
    before = PersistentMap(dict.fromkeys(range(5000), 0))
    for after in (before.set(4999, 1), before.remove(4999)):
        table, changed = before._root, after._root
        while isinstance(table, tuple):
            assert [old is new for old, new in zip(table, changed, strict=True)].count(False) == 1
            ((table, changed),) = [
                (old, new) for old, new in zip(table, changed, strict=True) if old is not new
            ]
        assert 4999 in table
        assert changed == ({**table, 4999: 1} if 4999 in after else {key: 0 for key in table if key != 4999})
    assert before.remove(5000) is before


def _compare_with_a_dict(changes: list[tuple[bool, int]], same: bool) -> None:
    mapped: PersistentMap[Any, int] = PersistentMap()
    model: dict[Any, int] = {}
    for turn, (puts, number) in enumerate(changes):
        key = _Same(number) if same else f"key {number}"
        before, copied = mapped, dict(model)
        if puts:
            mapped, model = mapped.set(key, turn), {**model, key: turn}
        else:
            mapped, model = mapped.remove(key), {k: v for k, v in model.items() if k != key}
        assert before == copied
    assert mapped == model
    assert len(mapped) == len(model) == len(list(mapped))
    assert PersistentMap(model) == mapped
    assert all(mapped.get(key) == value and mapped[key] == value for key, value in model.items())
