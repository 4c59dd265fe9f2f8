"""Odd pods are read natively as by the exact decoder: unknown fields, keys twice, odd text."""

import json
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest

from podproof.errors import ManifestError
from podproof.kube import read_pod as module
from podproof.kube.decode import decode
from podproof.kube.go_json import parse
from podproof.kube.outlined_pod import (
    ANYTHING,
    LeftToExactDecoder,
    OddPod,
    ServerPodReader,
    server_pod_reader,
)
from podproof.kube.pod import Pod, raw_pod
from podproof.kube.read_pod import read_exactly, read_pod
from podproof.kube.versions import NEWEST
from podproof.manifest.native import native_module

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)

TEXTS = 2_500


@cache
def _reader() -> ServerPodReader:
    reader = server_pod_reader({})
    assert reader is not None
    return reader


def _values(pod: Pod) -> Any:
    return msgspec.to_builtins(msgspec.convert(pod, Pod, from_attributes=True))


def _is_read(text: bytes) -> bool:
    """See that a pod is read as by the exact decoder; tell whether it is read natively."""
    try:
        read = _reader()(text)
    except LeftToExactDecoder:
        return False
    if isinstance(read, OddPod):
        read = read.read
    if read is None:
        return False
    pod, facts = read
    assert facts == ANYTHING
    decoded = decode(parse(text), "Pod", version=NEWEST)
    assert decoded.fatal is None, text
    assert _values(pod) == _values(raw_pod(decoded.object)), text
    return True


_POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "p",
        "labels": {"a": "b", "c": "d"},
        "creationTimestamp": "2026-01-20T10:00:00Z",
        "managedFields": [{"manager": "m", "fieldsV1": {"f:a": {}}}],
    },
    "spec": {
        "hostPID": True,
        "hostUsers": False,
        "priority": 7,
        "securityContext": {"runAsUser": 0, "runAsNonRoot": True, "supplementalGroups": [1, 2]},
        "volumes": [
            {"name": "v", "emptyDir": {"sizeLimit": "1Gi"}},
            {"name": "h", "hostPath": {"path": "/"}},
        ],
        "containers": [
            {
                "name": "c",
                "args": ["a", "b"],
                "ports": [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 81}],
                "livenessProbe": {"httpGet": {"port": "web", "host": "h"}, "periodSeconds": 10},
                "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                "securityContext": {"privileged": True, "capabilities": {"add": ["X", "Y"], "drop": ["ALL"]}},
            },
            {"name": "d", "image": "i"},
        ],
    },
    "status": {"phase": "Running"},
}
_COMPACT = json.dumps(_POD, separators=(",", ":"))


def _with(old: str, new: str) -> str:
    assert old in _COMPACT
    return _COMPACT.replace(old, new, 1)


READ = {
    "unknown in the outermost object": _with('"kind"', '"unknown":1,"kind"'),
    "unknown": _with('"hostPID"', '"unknown":{"a":[1e999,{"b":{},"b":null},"",-0.0,true,false]},"hostPID"'),
    "unknown and last": _with('"priority":7', '"hostPID2":false'),
    "unknown twice": _with('"priority":7', '"x":1,"x":[]'),
    "the case of another field": _with('"hostPID"', '"HostPID":7,"hostPID"'),
    "half a surrogate": _with('"name":"p"', '"name":"\\ud800p\\udc00\\\\ud800"'),
    "halves as keys": _with('"a":"b"', '"\\ud800":"a","\\udfff":"b"'),
    "a pair": _with('"name":"p"', '"name":"\\ud83d\\ude00\\uD83D"'),
    "the same": _with('"args"', '"args":["a","b"],"args"'),
    "texts": _with('"name":"c"', '"name":"c","name":"\\u0063c"'),
    "an escaped key": _with('"name":"c"', '"name":"b","\\u006eame":"c"'),
    "blanks": _with('"name":"c"', '"name" : "c" , "name" : "cc" '),
    "a null over a scalar": _with('"hostPID":true', '"hostPID":true,"hostPID":null'),
    "a null over a struct": _with('"status":', '"spec":null,"status":'),
    "a null over a pointer": _with('"hostUsers":false', '"hostUsers":false,"hostUsers":null'),
    "a null over a list": _with('"args":["a","b"]', '"args":["a","b"],"args":null'),
    "after a null": _with('"args"', '"args":null,"args"'),
    "structs": _with('"status":', '"spec":{"hostPID":false,"containers":[{"name":"e"}]},"status":'),
    "an empty struct": _with('"status":', '"spec":{},"status":'),
    "maps": _with('"labels"', '"labels":{"x":"y","c":"e"},"labels"'),
    "members of a map": _with('"a":"b"', '"a":"x","a":null,"a":"b"'),
    "a longer list": _with('"ports"', '"ports":[{"name":"p"}],"ports"'),
    "a shorter list": _with('"ports"', '"ports":[{"name":"p"},{"hostIP":"i"},{"name":"q"}],"ports"'),
    "nulls in a list": _with('"args"', '"args":["x",null,"y"],"args":[null,"z",null],"args"'),
    "what is hidden": _with('"args":["a","b"]', '"args":["a","b","c"],"args":["x"],"args":[null,null]'),
    "what is forgotten": _with('"args":["a","b"]', '"args":["a","b"],"args":[],"args":[null,null]'),
    "times": _with('"creationTimestamp"', '"creationTimestamp":"2026-01-21T10:00:00Z","creationTimestamp"'),
    "what nobody asks for": _with('"fieldsV1"', '"fieldsV1":{"f:b":{}},"fieldsV1"'),
    "inside of what nobody asks for": _with('"f:a"', '"f:a":{},"f:a"'),
    "everything": _COMPACT[:-1] + "," + _COMPACT[1:],
    "a kind in another case": _with('"kind"', '"Kind"'),
    "a kind in two cases": _with('"kind":"Pod"', '"kind":"Node","Kind":"Pod"'),
    "a kind in two cases, twice": _with(
        '"kind":"Pod"', '"Kind":"Node","kind":"Pod","KIND":"Pod","kind":"Pod"'
    ),
    "Kelvin's sign": _with('"kind"', '"\u212aind":"Pod","kind"'),
    "a long s and no dot": _with('"apiVersion"', '"apıverſion":"v1","apiVersion"'),
    "another name in another case": _with('"kind"', '"Metadata":1,"kind"'),
    "deep": _with('"hostPID"', '"unknown":' + "[" * 9_000 + "]" * 9_000 + ',"hostPID"'),
    "deep, of any type": _with('"fieldsV1":', '"fieldsV1":{"a":' + "[" * 9_000 + "]" * 9_000 + '},"x":'),
    "a port twice": _with('"port":"web"', '"port":"web","port":null'),
    "a time with a zone": _with('"2026-01-20T10:00:00Z"', '"2026-01-20T10:00:00.5+01:00"'),
    "an odd quantity": _with('"1Gi"', '" 1.e+3"'),
    "more than a few": _with('"priority":7', ",".join(['"priority":7,"hostIPC":true'] * 40)),
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_what_is_read(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _values(read_exactly(text))
    assert _is_read(text.encode())
    monkeypatch.setattr(module, "read_exactly", None)
    monkeypatch.setattr(module, "_proven", None)
    assert _values(read_pod(text)) == expected


@pytest.mark.parametrize(
    "bytes_", [b"\xff", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\x80", b"\xf4\x90\x80\x80"]
)
def test_each_byte_that_is_not_utf8_is_replaced(bytes_: bytes) -> None:
    text = _COMPACT.replace('"name":"p"', '"name":"a@b\\ud800"').encode().replace(b"@", bytes_)
    assert _is_read(text)
    read = _reader()(text)
    assert isinstance(read, tuple)
    metadata = read[0].metadata
    assert metadata is not None
    assert metadata.name == "a" + "\ufffd" * len(bytes_) + "b\ufffd"


_NO_JSON = ["", "nul", "1.", "-", "01", "1e", "1e+", "[1,]", "[1 2]", "{]", '{"a":1,}', '{"a" 1}', "{1:2}"]
_NO_JSON += ['"\\x"', '"\t"', '"']


@pytest.mark.parametrize(
    "text",
    [
        _with('"hostPID"', '"unknown":' + "[" * 10_000 + "]" * 10_000 + ',"hostPID"'),
        _with('"hostPID":true', '"hostPID":"x","hostPID":true'),
        _with('"hostPID":true', '"hostPID":true,"hostPID":"x"'),
        _with('"args"', '"args":[7],"args"'),
        _with('"args":["a","b"]', '"args":["a","b"],"args":{}'),
        *[_with('"hostPID"', f'"unknown":{value},"hostPID"') for value in _NO_JSON],
        *[_with('"priority":7', f'"priority":7,"priority":{value}') for value in ("", "tru", "[}", "7 1")],
        *[_with('"args"', f'"args":[""],"args":{value},"args"') for value in ("[{]", '["",]', '["" ""]')],
        *[_with('"spec"', f'"spec":{{}},"spec":{value},"spec"') for value in ('{"hostPID":}', "{,}", "{ ]")],
    ],
)  # fmt: skip
def test_what_is_left_to_others(text: str) -> None:
    assert not _is_read(text.encode())


class _Written(str):
    """A value as it is written."""


_VALUES = ["null", "null", "true", "0", "7", '"a"', "[]", "{}", "[null]", "[{}]", '["a",null,"c"]', "1e3"]
_VALUES += ['{"a":null}', '{"a":"c","a":"d"}', '"\\ud800"', '{"\\ud800":"a","\\udfff":"b"}']
_VALUES += ['[{"name":"z"},{},{"name":"y"}]', '{"privileged":false,"runAsUser":null}']
_VALUES += [
    '{"name":"q","name":null}',
    '{"type":"Unconfined"}',
    "1.0",
    "1e400",
    "-0",
    "9" * 20,
    '"1Gi"',
    '" 1Gx"',
]
_VALUES += ['"Pod"', '"Node"', '"2026-01-20T10:00:00+01:00"', '"2026-02-30T10:00:00Z"', "[" * 300 + "]" * 300]
_NAMES = ["x", "Kind", "kind", "apiversion", "k\u0131nd", "securitycontext", "c:d", "", "hostPID"]
_Pairs = list[tuple[str, Any]]


class _Object:
    """An object that may have keys twice."""

    def __init__(self, pairs: _Pairs) -> None:
        self.pairs = pairs


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return _Object([(key, _opened(part)) for key, part in value.items()])
    return [_opened(part) for part in value] if isinstance(value, list) else value


def _collections(value: Any) -> list[Any]:
    parts = [part for _, part in value.pairs] if isinstance(value, _Object) else value
    if not isinstance(parts, list):
        return []
    return [value, *[found for part in parts for found in _collections(part)]]


def _write(value: Any, chance: random.Random, blanks: list[str]) -> str:
    def blank() -> str:
        return chance.choice(blanks)

    if isinstance(value, _Object):
        pairs = [
            f"{blank()}{json.dumps(key)}{blank()}:{blank()}{_write(part, chance, blanks)}{blank()}"
            for key, part in value.pairs
        ]
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(blank() + _write(part, chance, blanks) + blank() for part in value) + "]"
    return value if isinstance(value, _Written) else json.dumps(value)


def _changed(chance: random.Random) -> bytes:
    """Write the pod with keys twice, unknown fields and other values at random places."""
    pod = _opened(_POD)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9))):
        holder = chance.choice(_collections(pod))
        value = _Written(chance.choice(_VALUES))
        if isinstance(holder, list):
            holder.insert(chance.randint(0, len(holder)), value)
            continue
        kind = chance.random()
        place = chance.randint(0, len(holder.pairs))
        if kind < 0.2 or not holder.pairs:
            holder.pairs.insert(place, (chance.choice(_NAMES), value))
            continue
        key, part = chance.choice(holder.pairs)
        if kind < 0.4:
            holder.pairs.insert(place, (key, value))
            continue
        copy = (
            _Object(part.pairs[:])
            if isinstance(part, _Object)
            else part[:]
            if isinstance(part, list)
            else part
        )
        if isinstance(copy, _Object) and copy.pairs:
            copy.pairs[chance.randrange(len(copy.pairs))] = (chance.choice(copy.pairs)[0], value)
        elif isinstance(copy, list) and copy:
            del copy[chance.randrange(len(copy))]
        holder.pairs.insert(place, (key, copy))
    text = _write(pod, chance, chance.choice(([""], [""], ["", " ", "\n\t"]))).encode()
    for _ in range(chance.choice((0, 0, 0, 1))):
        place = chance.randrange(len(text))
        text = text[:place] + bytes([chance.randrange(256)]) + text[place + chance.randint(0, 1) :]
    return text


@pytest.mark.parametrize("seed", range(2))
def test_changed_pods_are_read_as_by_the_exact_decoder(seed: int) -> None:
    chance = random.Random(seed)
    count = sum(_is_read(_changed(chance)) for _ in range(TEXTS))
    assert count > TEXTS / 5


def _outcome(read: Callable[[bytes], Pod], text: bytes) -> Any:
    """Read a pod; what is refused is told with its route."""
    try:
        return _values(read(text))
    except ManifestError as error:
        return str(error), error.route


@pytest.mark.parametrize("seed", range(2, 4))
def test_changed_pods_are_refused_as_by_the_exact_decoder(seed: int) -> None:
    chance = random.Random(seed)
    refused = set()
    for _ in range(TEXTS // 2):
        text = _changed(chance)
        outcome = _outcome(read_exactly, text)
        assert _outcome(read_pod, text) == outcome, text
        if isinstance(outcome, tuple):
            refused.add(outcome[0])
    assert len(refused) > TEXTS / 20


REFUSED = {
    "a string for an integer": _with('"runAsUser":0', '"runAsUser":"0"'),
    "a list for a map": _with('"labels":{"a":"b","c":"d"}', '"labels":["a",{"b":1}]'),
    "a map for a list": _with('"args":["a","b"]', '"args":{"a":[]}'),
    "an item": _with('"args":["a","b"]', '"args":["a",7]'),
    "a fraction": _with('"priority":7', '"priority":7.0'),
    "too large": _with('"containerPort":81', '"containerPort":4294967296'),
    "far too large": _with('"priority":7', '"priority":' + "9" * 30),
    "a quantity": _with('"memory":"1Gi"', '"memory":"1Gx"'),
    "a quantity that is a list": _with('"memory":"1Gi"', '"memory":[1]'),
    "a time": _with("2026-01-20T10:00:00Z", "2026-02-30T10:00:00Z"),
    "a port": _with('"port":"web"', '"port":1.5'),
    "what decodes itself after another": _with('"priority":7', '"priority":""').replace('"1Gi"}}', '"1Gx"}}'),
    "the last one of three": _with('"args":["a","b"]', '"args":7').replace('"cpu":"1"', '"cpu":{},"x":true'),
    "what is replaced": _with('"hostPID":true', '"hostPID":true,"unknown":1,"hostPID":"x","hostPID":true'),
    "everything": "[" + _COMPACT + "]",
    "a string": '"' + "x" * 99 + '"',
    "the kind": _with('"kind":"Pod"', '"kind":["Pod"]'),
    "the version": _with('"apiVersion":"v1"', '"apiVersion":7,"kind":{}'),
    "another kind": _with('"kind":"Pod"', '"kind":"Pod","Kind":"Node"').replace(
        '"priority":7', '"priority":""'
    ),
    "another version": _with('"v1"', '"v1","APIversion":"v2"'),
    "syntax": _COMPACT[:-1],
    "syntax behind a wrong type": _with('"priority":7', '"priority":"","x":tru'),
    "depth": _with('"hostPID"', '"unknown":' + "[" * 10_000 + "]" * 10_000 + ',"hostPID"'),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _outcome(read_exactly, text.encode())
    assert isinstance(expected, tuple)
    monkeypatch.setattr(module, "read_exactly", None)
    monkeypatch.setattr(module, "_proven", None)
    assert _outcome(read_pod, text.encode()) == expected
