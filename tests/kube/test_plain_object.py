"""What decodes to itself is taken without the exact decoder, and only that."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from podproof.kube import plain_object
from podproof.kube.decode import Decoded, decode_type
from podproof.kube.go_json import parse
from podproof.kube.plain_object import expect_many, take_plain
from podproof.kube.types import Type, workload_type
from podproof.kube.versions import NEWEST

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a", "labels": {"b": "c"}, "creationTimestamp": "2026-01-20T10:00:00Z"},
    "spec": {
        "hostPID": False,
        "priority": 7,
        "securityContext": {"runAsUser": 1 << 40, "sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        "volumes": [
            {"name": "v", "emptyDir": {"sizeLimit": "1Gi"}},
            {"name": "w", "secret": {"items": [{"key": "k", "path": "p", "mode": 256}]}},
        ],
        "containers": [
            {
                "name": "c",
                "image": "i",
                "env": [{"name": "A", "value": "b"}],
                "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}},
                "ports": [{"containerPort": 80}],
                "livenessProbe": {"httpGet": {"port": "web"}, "periodSeconds": 3},
                "securityContext": {"capabilities": {"drop": ["ALL"]}},
            }
        ],
    },
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}
KINDS = {
    "Pod": ("v1", POD),
    "Deployment": (
        "apps/v1",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "d"},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": {"b": "c"}},
                "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}},
                "template": {"metadata": POD["metadata"], "spec": POD["spec"]},
            },
        },
    ),
}
ODD = (
    *(None, True, False, 0, -1, 1.0, 0.5, 1 << 31, 1 << 63, "", "0", "x", "1e3", ".5", "1Gi "),
    *("2026-02-30T10:00:00Z", "2026-01-31T10:00:00+01:00", [], [None], [1], ["a"], {}, {"a": None}, {"a": 1}),
)


@pytest.fixture(autouse=True)
def _from_the_first_object_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_object, "_WORTHWHILE", 0)
    monkeypatch.setattr(plain_object, "_PATIENCE", 1 << 30)
    monkeypatch.setattr(plain_object, "_failed", {})


def _exactly(value: Any, type_: Type, monkeypatch: pytest.MonkeyPatch) -> Decoded:
    with monkeypatch.context() as patch:
        patch.setattr("podproof.kube.decode.take_plain", lambda *_: "")
        return decode_type(value, type_)


def _type(kind: str, minor: int = NEWEST) -> Type:
    type_ = workload_type(KINDS[kind][0], kind, minor)
    assert type_ is not None
    return type_


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("minor", [20, NEWEST])
def test_plain_objects_are_copied_in_their_order(
    kind: str, minor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, type_ = KINDS[kind][1], _type(kind, minor)
    taken = take_plain(value, type_)
    assert json.dumps(taken) == json.dumps(value)
    assert json.dumps(taken) == json.dumps(_exactly(value, type_, monkeypatch).object)
    assert isinstance(taken, dict)
    assert taken["spec"] is not value["spec"]


def test_types_are_made_only_for_many_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_object, "_WORTHWHILE", 3)
    monkeypatch.setattr(plain_object, "_asked", Counter())
    monkeypatch.setattr(plain_object, "_made", {})
    type_ = _type("Pod", 31)
    assert [take_plain(POD, type_) == POD for _ in range(4)] == [False, False, True, True]
    # workloads of all kinds count together, since they share most types; those of another version do not
    deployment = KINDS["Deployment"][1]
    assert take_plain(deployment, _type("Deployment", 31)) == deployment
    assert take_plain(POD, _type("Pod", 30)) == ""
    expect_many(30)
    assert take_plain(POD, _type("Pod", 30)) == POD
    assert take_plain(POD, _type("Pod", 29)) == ""


def test_only_some_are_tried_while_none_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_object, "_PATIENCE", 3)
    type_, odd = _type("Pod"), {"spec": {"priority": None}}
    assert [take_plain(odd, type_) for _ in range(8)] == [".spec.priority"] * 4 + [
        "",
        "",
        ".spec.priority",
        "",
    ]
    assert [take_plain(POD, type_) == POD for _ in range(4)] == [False, True, True, True]
    assert decode_type(odd, type_).object == {"spec": {}}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"spec": {"hostPID": true, "hostPID": false}}', ""),
        ('{"spec": {"containers": [{"securityContext": {"privileged": true}, "securityContext": {}}]}}', ""),
        ('{"metadata": {"labels": {"a": "b", "a": "c"}}}', ""),
        ('{"spec": {"hostPid": true}}', ""),
        ('{"spec": {"priority": 1.0}}', ".spec.priority"),
        ('{"spec": {"priority": null}}', ".spec.priority"),
        (
            '{"spec": {"containers": [{}, {"resources": {"limits": {"cpu": 1}}}]}}',
            ".spec.containers[1].resources.limits[...]",
        ),
        ('{"metadata": {"managedFields": [{"fieldsV1": null}]}}', ".metadata.managedFields[0].fieldsV1"),
    ],
)
def test_what_is_not_plain_is_left_to_the_exact_decoder(text: str, place: str) -> None:
    assert take_plain(parse(text.encode()), _type("Pod")) == place


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


def _mutant(value: Any, random: Random) -> Any:
    """Change one to three places of an object: an odd value, a misspelt key, another item, nothing."""
    changed = copy.deepcopy(value)
    for _ in range(random.randint(1, 3)):
        holder, key = random.choice(list(_places(changed)))
        if isinstance(holder, dict) and random.random() < 0.15:
            holder[random.choice([f"{key}s", str(key).upper(), "unknown"])] = holder.pop(key)
        elif random.random() < 0.1:
            del holder[key]
        elif isinstance(holder, list) and random.random() < 0.3:
            holder.append(random.choice(ODD))
        else:
            holder[key] = copy.deepcopy(random.choice(ODD))
    return changed


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_taken_is_what_the_exact_decoder_makes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random, type_ = Random(f"plain {kind}"), _type(kind)
    taken = 0
    for _ in range(3000):
        value = _mutant(KINDS[kind][1], random)
        plain, exact = take_plain(value, type_), _exactly(value, type_, monkeypatch)
        decoded = decode_type(value, type_)
        assert (decoded.problems, decoded.fatal) == (exact.problems, exact.fatal), value
        assert json.dumps(decoded.object) == json.dumps(exact.object), value
        if isinstance(plain, str):
            continue
        taken += 1
        assert (exact.problems, exact.fatal) == ((), None), value
        assert json.dumps(plain) == json.dumps(exact.object), value
    assert 200 < taken < 2800


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Collect the types of what is tried, and whether it was taken."""
    asked: list[tuple[str, bool]] = []

    def take(value: Any, type_: Type) -> Any:
        taken = take_plain(value, type_)
        asked.append((type_.short, not isinstance(taken, str)))
        return taken

    monkeypatch.setattr("podproof.kube.decode.take_plain", take)
    return asked


@pytest.mark.parametrize(
    ("path", "odd", "parts"),
    [
        (("spec", "priority"), None, [("Container", True)]),
        (("spec", "containers", 0, "livenessProbe", "periodSeconds"), None, []),
        (("metadata", "name"), None, [("PodSpec", True)]),
        (("spec", "volumes", 1, "secret", "items", 0, "mode"), None, [("Container", True)]),
        # where msgspec names no place, each part is tried
        (("unknown",), 1, [("PodSpec", True)]),
        (("spec", "unknown"), 1, [("PodSpec", False), ("Container", True)]),
        (("spec", "containers", 0, "unknown"), 1, [("PodSpec", False), ("Container", False)]),
    ],
)
def test_plain_parts_of_an_odd_object_are_copied(
    path: tuple[str | int, ...], odd: Any, parts: list[Any], tried: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    value = copy.deepcopy(POD)
    holder: Any = value
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = odd
    decoded = decode_type(value, _type("Pod"))
    assert tried == [("Pod", False), *parts]
    assert decoded == _exactly(value, _type("Pod"), monkeypatch)


def test_when_too_many_parts_are_odd_no_more_are_tried(tried: list[Any]) -> None:
    container = {"name": "c", "image": "i", "tty": True, "unknown": 1}
    small = {"name": "c", "image": "i", "unknown": 1}
    pod = {"metadata": {}, "spec": {"containers": [small, *[container] * 12], "initContainers": [small]}}
    assert len(decode_type(pod, _type("Pod")).problems) == 14
    assert tried == [("Pod", False), *[("Container", False)] * 8]
