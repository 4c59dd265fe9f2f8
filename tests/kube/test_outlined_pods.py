"""Pods that are read by way of their outlines are those of the exact decoder, at every version."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
import pytest

from podproof.kube.decode import decode
from podproof.kube.outlined_pod import outlined_pod_reader
from podproof.kube.pod import ApiValue, ObjectMeta, Pod, PodSpec, raw_pod
from podproof.kube.versions import NEWEST
from podproof.kube.whole_pod import UnreadField
from podproof.manifest.document import Document
from podproof.manifest.native import native_module
from podproof.manifest.reader import read
from tools.compare_readers import small_examples

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)

OLDEST = 20
MINORS = range(OLDEST, NEWEST + 1)
MUTANTS = 400
"""Of each version."""


@cache
def _reader(minor: int) -> Callable[[bytes], Pod | None]:
    """Make a reader of all that checks read."""
    reader = outlined_pod_reader({}, minor)
    assert reader is not None
    return reader


def _values(value: Any) -> Any:
    """Write what a typed value holds, whatever class it has."""
    if isinstance(value, ApiValue):
        base = next(type_ for type_ in type(value).__mro__ if type_.__module__ == Pod.__module__)
        assert issubclass(base, ApiValue)
        held = {field.name: _values(getattr(value, field.name)) for field in msgspec.structs.fields(base)}
        return {name: one for name, one in held.items() if one is not None}
    if isinstance(value, tuple):
        return [_values(item) for item in value]
    if isinstance(value, dict):
        return {key: _values(item) for key, item in value.items()}
    return value


def _exact(text: str, minor: int) -> Any:
    """Read a pod by the exact decoder of a version; None: it cannot."""
    (document,) = read("pod.json", text.encode())
    assert isinstance(document, Document)
    decoded = decode(document.value, "Pod", version=minor)
    if decoded.fatal is not None:
        return None
    return _values(raw_pod(decoded.object))


def _is_same(text: str, minor: int) -> bool:
    """See that a pod is read alike or not at all; tell whether it is read."""
    found = _reader(minor)(text.encode())
    if found is None:
        return False
    assert isinstance(found, Pod), text
    assert _values(found) == _exact(text, minor), (minor, text)
    return True


POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "p",
        "labels": {"a:b": "c"},
        "annotations": {"x": "é\n😀"},
        "creationTimestamp": "2026-01-20T10:00:00Z",
        "ownerReferences": [{"kind": "ReplicaSet", "name": "r", "uid": "u", "controller": True}],
    },
    "spec": {
        "hostPID": True,
        "priority": 7,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "securityContext": {"runAsUser": 7, "fsGroup": 1 << 40, "sysctls": [{"name": "a", "value": "b"}]},
        "tolerations": [{"key": "k", "tolerationSeconds": 9}],
        "volumes": [
            {"name": "v", "hostPath": {"path": "/", "type": ""}},
            {"name": "w", "emptyDir": {"sizeLimit": "1Gi"}},
            {"name": "x", "projected": {"sources": [{"secret": {"items": [{"key": "k", "path": "p"}]}}]}},
        ],
        "initContainers": [{"name": "i", "image": "i", "env": [{"name": "A", "value": "b"}]}],
        "containers": [
            {
                "name": "c",
                "image": "i:1",
                "command": ["a", ""],
                "ports": [{"containerPort": 80, "hostPort": 8080}],
                "resources": {"limits": {"cpu": "100m", "memory": 5}},
                "livenessProbe": {"httpGet": {"port": "web", "host": "h"}, "periodSeconds": 3},
                "lifecycle": {"preStop": {"tcpSocket": {"port": 7}}},
                "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": True}],
                "securityContext": {"privileged": False, "capabilities": {"add": ["X"], "drop": []}},
            }
        ],
    },
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}  # fmt: skip
NEWER = {"hostUsers": True, "resourceClaims": [], "os": {"name": "linux"}, "schedulingGates": [{"name": "g"}]}


def _example_pods() -> list[dict[str, Any]]:
    """Make pods of the small examples: those, and the pods of templates."""
    found = []
    for text in small_examples():
        for document in read("example.yaml", text.encode()):
            value = document.value if isinstance(document, Document) else None
            spec = value.get("spec") if isinstance(value, dict) else None
            if not isinstance(value, dict) or not isinstance(spec, dict):
                continue
            template = value if value.get("kind") == "Pod" else spec.get("template")
            if isinstance(template, dict):
                found.append({**template, "apiVersion": "v1", "kind": "Pod"})
    return found


@cache
def _pods() -> tuple[str, ...]:
    newest = {**POD, "spec": {**POD["spec"], **NEWER}}
    return tuple(json.dumps(pod) for pod in (POD, newest, *_example_pods()))


@pytest.mark.parametrize("minor", MINORS)
def test_examples_are_read_alike(minor: int) -> None:
    read_so = [_is_same(text, minor) for text in _pods()]
    assert read_so[0]
    assert read_so[1]
    assert sum(read_so) > 0.8 * len(read_so)
    assert len(read_so) > 20


_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 7, -1, 1.5, 1 << 31, 1 << 63, "", "x", "5", "1Gi", "2026-02-30T10:00:00Z"),
    *([], {}, [None], [7], ["x"], [{}], [[]], {"a": None}, {"a": "b"}, {"name": "x"}, {"name": 7}),
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give each collection with a key of it."""
    pending = [value]
    while pending:
        holder = pending.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                pending.append(holder[key])


def _mutant(chance: random.Random, text: str) -> str:
    """Give a value another type, or a struct a field that it has not, or that another one has."""
    value = json.loads(text)
    for _ in range(chance.choice((1, 1, 2))):
        holder, key = chance.choice(list(_places(value)))
        change = chance.random()
        if change < 0.6:
            holder[key] = copy.deepcopy(chance.choice(_ODD))
        elif isinstance(holder, dict):
            added = chance.choice(
                (*NEWER, "unknown", "Kind", "resizePolicy", "restartPolicy", "procMount", key)
            )
            holder[added] = copy.deepcopy(chance.choice((*NEWER.values(), *_ODD)))
        else:
            holder.insert(key, copy.deepcopy(chance.choice(_ODD)))
    return json.dumps(value)


@pytest.mark.parametrize("minor", MINORS)
def test_mutants_are_read_alike_or_left_to_others(minor: int) -> None:
    chance = random.Random(minor)
    count = sum(_is_same(_mutant(chance, chance.choice(_pods()[:6])), minor) for _ in range(MUTANTS))
    assert MUTANTS / 50 < count < MUTANTS


@pytest.mark.parametrize(
    ("field", "value", "first"),
    [
        ("hostUsers", True, 25),
        ("os", {"name": "linux"}, 23),
        ("hostPID", True, OLDEST),
        ("unknown", 1, NEWEST + 1),
    ],
)
def test_a_field_is_taken_from_the_version_on_that_has_it(field: str, value: Any, first: int) -> None:
    """Before, it is unknown, which does not matter."""
    text = json.dumps({"kind": "Pod", "spec": {field: value}})
    for minor in MINORS:
        assert _is_same(text, minor)
        assert bool(_values(_reader(minor)(text.encode()))["spec"]) == (minor >= first)


@pytest.mark.parametrize(
    "text",
    [
        '{"metadata":{"labels":{"a":"1","b":"2","\\u0061":"3"}},"spec":{}}',
        '{"spec":{"containers":[{},{"name":"a","name":7}]}}',
        '{"spec":{"hostPID":true,"hostPID":true},"other":1}',
    ],
)
def test_a_key_that_stands_twice_is_left_to_others(text: str) -> None:
    assert _reader(NEWEST)(text.encode()) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "{", '{"spec":{}}}', "{}{}", "{'kind':'Pod'}", '{"kind":"\\ud800"}']
)
def test_what_is_no_pod_is_left_to_others(text: str) -> None:
    assert _reader(NEWEST)(text.encode()) is None


def test_only_what_is_read_is_kept_but_all_is_proved() -> None:
    reader = outlined_pod_reader({Pod: frozenset(("spec",)), PodSpec: frozenset(("host_pid",))})
    assert reader is not None
    pod = reader(json.dumps(POD).encode())
    assert isinstance(pod, Pod)
    spec: Any = pod.spec
    assert spec.host_pid is True
    for value, name in ((pod, "metadata"), (pod, "kind"), (spec, "containers")):
        with pytest.raises(UnreadField, match=f"{name} of a .* was not read"):
            getattr(value, name)
    for wrong in ({"metadata": {"labels": 5}}, {"spec": {"priority": "7"}}, {"status": {"phase": 1}}):
        assert reader(json.dumps({**POD, **wrong}).encode()) is None


def test_a_null_is_what_go_makes_of_it() -> None:
    text = b'{"metadata":{"labels":{"a":null},"annotations":null},"spec":{"containers":[null]}}'
    pod = _reader(NEWEST)(text)
    assert _values(pod) == {"metadata": {"labels": {"a": ""}}, "spec": {"containers": [{}]}}
    assert isinstance(pod, Pod)
    assert isinstance(pod.metadata, ObjectMeta)


def test_without_the_package_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    module = native_module()
    assert module is not None
    monkeypatch.setattr(module, "INTERFACE", 0)
    assert outlined_pod_reader({}) is None
