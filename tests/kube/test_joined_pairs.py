"""A pod in which a key stands twice is read by joining the values as the exact decoder reads it."""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from podproof.errors import ManifestError
from podproof.kube import read_pod as module
from podproof.kube.pod import Pod
from podproof.kube.read_pod import read_exactly, read_pod

_CONTAINER: dict[str, Any] = {
    "name": "c",
    "image": "i:1",
    "args": ["a", "b"],
    "ports": [{"containerPort": 80, "hostPort": 8080}],
    "env": [{"name": "A", "value": "1"}],
    "resources": {"limits": {"cpu": "1"}},
    "livenessProbe": {"httpGet": {"path": "/", "port": 80, "host": "h"}, "periodSeconds": 10},
    "securityContext": {
        "privileged": True,
        "runAsUser": 1000,
        "capabilities": {"add": ["X"], "drop": ["ALL"]},
    },
}
_POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "labels": {"a": "b"}, "annotations": {"x/y": "1"}},
    "spec": {
        "hostPID": True,
        "nodeSelector": {"a": "b"},
        "volumes": [{"name": "v", "hostPath": {"path": "/"}}, {"name": "e", "emptyDir": {}}],
        "containers": [_CONTAINER, {"name": "d", "image": "i:1"}],
        "securityContext": {"sysctls": [{"name": "s", "value": "1"}], "runAsNonRoot": False, "fsGroup": 7},
        "terminationGracePeriodSeconds": 30,
        "unknown": {"a": 1},
    },
    "status": {"phase": "Running"},
}


def _objects(value: Any, route: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [found for key, item in items for found in _objects(item, (*route, key))]
    return [route, *inner] if isinstance(value, dict) and value else inner


def _at(route: tuple[Any, ...]) -> Any:
    value: Any = _POD
    for step in route:
        value = value[step]
    return value


def _with_twice(route: tuple[Any, ...], key: str, other: Any, before: bool, form: dict[str, Any]) -> str:
    """Write the pod with a second value of a key of the object at a route."""
    copy = json.loads(json.dumps(_POD))
    holder = copy
    for step in route:
        holder = holder[step]
    items = list(holder.items())
    twice = [("\x00", other), *items] if before else [*items, ("\x00", other)]
    holder.clear()
    holder.update(twice)
    return json.dumps(copy, **form).replace(json.dumps("\x00"), json.dumps(key))


def _outcome(read: Any, text: str) -> Any:
    try:
        pod = read(text)
    except ManifestError as error:
        return str(error)
    return msgspec.to_builtins(msgspec.convert(pod, Pod, from_attributes=True))


_OTHERS = st.sampled_from(
    [None, {}, [], "", "b", 7, -1, 1 << 40, 1.5, True, False, [None], ["a"], [{}], {"a": None}, {"a": "c"}]
)
_FORMS = st.sampled_from([{"separators": (",", ":")}, {}, {"indent": 1}])


@seed(41)
@given(st.data(), st.booleans(), _FORMS)
@settings(max_examples=600)
def test_what_is_joined_is_what_the_exact_decoder_reads(
    data: st.DataObject, before: bool, form: dict[str, Any]
) -> None:
    route = data.draw(st.sampled_from(_objects(_POD)))
    key = data.draw(st.sampled_from(sorted(_at(route))))
    value = _at(route)[key]
    others = [_OTHERS, st.just(value)]
    if isinstance(value, dict) and value:
        part = dict(list(value.items())[: data.draw(st.integers(0, 2))])
        others.append(st.just({**part, "hostIPC": True, "privileged": False, "b": "c"}))
        others.append(st.just({name: data.draw(_OTHERS) for name in part}))
    text = _with_twice(route, key, data.draw(st.one_of(*others)), before, form)
    assert _outcome(read_pod, text) == _outcome(read_exactly, text)


_JOINED = {
    "an empty one last": ('"status":', '"spec":{},"status":'),
    "both with a name": ('"metadata":{', '"metadata":{"name":"q"},"metadata":{'),
    "objects": ('"spec":{', '"spec":{"hostIPC":true},"spec":{'),
    "an empty one first": ('"spec":{', '"spec":{},"spec":{'),
    "objects with the same key": ('"spec":{', '"spec":{"hostPID":false},"spec":{'),
    "texts": ('"image":"i:1","args"', '"image":"j","image":"i:1","args"'),
    "kinds": ('"kind":"Pod"', '"kind":"Po\\u003Ad","kind":"Pod"'),
    "booleans": ('"privileged":true', '"privileged":false,"privileged":true'),
    "numbers": ('"runAsUser":1000', '"runAsUser":0,"runAsUser":1000'),
    "entries of a map": ('"x/y":"1"', '"x/y":"0","x/y":"1"'),
    "the same": ('"args":["a","b"]', '"args":["a","b"],"args":["a","b"]'),
    "unknown": ('"unknown":{"a":1}', '"unknown":[7],"unknown":{"a":1}'),
}


@pytest.mark.parametrize(("old", "new"), _JOINED.values(), ids=_JOINED)
@pytest.mark.parametrize("blanks", [False, True])
@pytest.mark.parametrize("outlines", [False, True])
def test_what_needs_no_exact_decoder(
    old: str, new: str, blanks: bool, outlines: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(_POD, separators=(",", ":")).replace(old, new, 1)
    text = msgspec.json.format(text, indent=2) if blanks else text
    expected = _outcome(read_exactly, text)
    monkeypatch.setattr(module, "read_exactly", None)
    read = read_pod if outlines else lambda text: read_pod(text, without_outlines)
    assert _outcome(read, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"spec":{"containers":[{"name":"c","name":"c","securityContext":{"privileged":true},'
        '"ports":[{"name":"x"}],"securityContext":{"runAsNonRoot":true}}]}}',
        '{"spec":{"restartPolicy":"Always","hostname":"i","restartPolicy":"Always","securityContext":'
        '{"windowsOptions":{"hostProcess":true}},"containers":[{"name":"c","restartPolicy":"Always"}],'
        '"securityContext":{}}}',
        '{"spec":{"dnsPolicy":"a","dnsPolicy":true,"dnsPolicy":"a","containers":[{"name":"c"}]}}',
        '{"metadata":{"labels":{"a":"b","a":7,"a":"c"}},"spec":{"containers":[{"name":"c"}]}}',
    ],
)
def test_what_stands_between_more_than_one_pair_is_not_lost(text: str) -> None:
    """Several keys of one object stand twice, or one three times."""
    expected = _outcome(read_exactly, text)
    assert _outcome(read_pod, text) == expected
    assert _outcome(lambda text: read_pod(text, without_outlines), text) == expected


_FEW = ("name", "image", "workingDir", "securityContext", "ports", "restartPolicy")


@pytest.mark.parametrize("seed", range(20))
def test_random_members_that_stand_twice_are_read_as_by_the_exact_decoder(seed: int) -> None:
    chance = random.Random(seed)
    values = ['"a"', '"c"', "7", "null", "true", "{}", "[]", '{"privileged":true}', '{"runAsUser":1}']
    values += ['{"privileged":false,"runAsUser":2}', '[{"name":"a"}]', '[{"name":"c","containerPort":1}]']
    for _ in range(200):
        names = [chance.choice(_FEW) for _ in range(chance.randint(2, 7))]
        pairs = ",".join(f'"{name}":{chance.choice(values)}' for name in names)
        text = f'{{"spec":{{"restartPolicy":"Always","containers":[{{{pairs}}}],"hostname":"a"}}}}'
        expected = _outcome(read_exactly, text)
        assert _outcome(read_pod, text) == expected, text
        assert _outcome(lambda text: read_pod(text, without_outlines), text) == expected, text


def without_outlines() -> None:
    """Have the readers in Python read alone."""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"ports":[', '"ports":[{}],"ports":['),
        ('"cpu":"1"', '"cpu":[],"cpu":"1"'),
        ('"privileged":true', '"privileged":true,"privileged":null'),
        ('"runAsUser":1000', '"runAsUser":1e0,"runAsUser":1000'),
        ('"hostPID":true', '"hostPID":"true","hostPID":true'),
        ('"image":"i:1"', '"image":"i","image":"i:1"'),  # in both containers
        ('"args":[', '"\\u0061rgs":[],"args":['),
    ],
)
def test_what_is_left_to_the_exact_decoder(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(module, "read_exactly", asked.append)
    text = json.dumps(_POD, separators=(",", ":")).replace(old, new)
    with pytest.raises(AttributeError):
        read_pod(text, without_outlines).kind  # noqa: B018 - None was read
    assert asked == [text]


def test_many_members_are_left_to_the_exact_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would be looked for in the whole text."""
    asked: list[Any] = []
    monkeypatch.setattr(module, "read_exactly", asked.append)
    members = ",".join(f'"k{number}":"v"' for number in range(65))
    text = json.dumps(_POD, separators=(",", ":")).replace('"a":"b"}', f'"k0":"w",{members}}}', 1)
    with pytest.raises(AttributeError):
        read_pod(text, without_outlines).kind  # noqa: B018 - None was read
    assert asked == [text]
