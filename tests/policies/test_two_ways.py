"""The fast reading of a pod and the exact one lead to the same verdict, and refuse the same pods."""

import enum
import json
import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podproof.errors import ManifestError
from podproof.kube.accept import accept
from podproof.kube.pod import Pod, integer
from podproof.kube.read_pod import read_exactly, read_pod, require_containers
from podproof.manifest.limits import MAX_BODY
from podproof.policies.pod_security import evaluate

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, 1, -1, 1.0, 1e3, 0.5, 1 << 63, "", "0", "true", "Unmasked", [], [None], {}]
)
USERS = st.sampled_from([0, 1000, 65534])
FLAGS = st.booleans()
NAMES = st.lists(st.sampled_from(["ALL", "all", "CHOWN", "SYS_ADMIN", "NET_BIND_SERVICE", None]), max_size=3)
PROFILES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["RuntimeDefault", "Localhost", "Unconfined", ""]),
        "localhostProfile": st.just("a.json"),
    },
)


def _mapping(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any part of the fields, most of them as they should be."""
    return st.fixed_dictionaries({}, optional={name: _mostly(held) for name, held in fields.items()})


def _mostly(held: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 29).flatmap(lambda number: ODD if number == 17 else held)


POD_CONTEXT = _mapping(
    runAsNonRoot=FLAGS,
    runAsUser=USERS,
    seccompProfile=PROFILES,
    appArmorProfile=PROFILES,
    sysctls=st.just([{"name": "kernel.msgmax", "value": "1"}]),
    unknown=FLAGS,
)
CONTEXT = _mapping(
    runAsNonRoot=FLAGS,
    runAsUser=USERS,
    privileged=FLAGS,
    allowPrivilegeEscalation=FLAGS,
    procMount=st.sampled_from(["Default", "Unmasked"]),
    capabilities=_mapping(add=NAMES, drop=NAMES),
    seccompProfile=PROFILES,
    seLinuxOptions=_mapping(type=st.sampled_from(["container_t", "spc_t"])),
)
CONTAINER = _mapping(
    name=st.just("c"),
    securityContext=CONTEXT,
    ports=st.lists(_mapping(containerPort=st.just(80), hostPort=st.just(80)), max_size=2),
    livenessProbe=st.just({"httpGet": {"host": "node", "port": 80}}),
)
SPEC = _mapping(
    hostPID=FLAGS,
    hostNetwork=FLAGS,
    hostUsers=FLAGS,
    os=st.just({"name": "windows"}),
    securityContext=POD_CONTEXT,
    volumes=st.lists(_mapping(name=st.just("v"), hostPath=st.just({"path": "/"})), max_size=2),
    containers=st.lists(CONTAINER, max_size=2),
    initContainers=st.lists(CONTAINER, max_size=1),
)
ANNOTATIONS = _mapping(
    **{
        "container.apparmor.security.beta.kubernetes.io/c": st.sampled_from(
            ["unconfined", "runtime/default", "localhost/a.json"]
        )
    }
)
POD = _mapping(
    kind=st.just("Pod"), apiVersion=st.just("v1"), metadata=_mapping(annotations=ANNOTATIONS), spec=SPEC
)


def _answer(read: Callable[[], Any], level: str) -> tuple[bool, str, str] | None:
    try:
        verdict = evaluate(read(), level)
    except ManifestError:
        return None
    return verdict.allowed, verdict.reason, verdict.detail


def _exactly(pod: Any) -> Pod:
    typed = read_exactly(pod)
    require_containers(typed, pod)
    return typed


@settings(max_examples=400)
@given(pod=POD, level=st.sampled_from(["baseline", "restricted"]))
def test_both_ways_of_reading_give_one_verdict(pod: Any, level: str) -> None:
    text = json.dumps(pod).encode()
    assert _answer(lambda: text, level) == _answer(lambda: _exactly(text), level)
    assert _answer(lambda: pod, level) == _answer(lambda: _exactly(text), level)


class _Text(str):
    """A text of a type of its own, as some readers of YAML make them."""


class _Word(enum.StrEnum):
    WORD = "RuntimeDefault"


_ODD_VALUES: tuple[Callable[[], Any], ...] = (
    *(lambda: None, lambda: True, lambda: 0, lambda: 1 << 63, lambda: 10**30, lambda: -1),
    *(lambda: 1.0, lambda: 1000.0, lambda: 0.5, lambda: 1e300, lambda: math.nan),
    *(lambda: "", lambda: "x", lambda: "\ud800", lambda: _Text("x"), lambda: _Word.WORD),
    *(list, dict, tuple, lambda: [None], lambda: ("ALL",), lambda: {"ALL"}, lambda: b"x", object),
    *(lambda: {1: "a"}, lambda: {None: 1.5}, lambda: {(1,): 1}, lambda: {_Text("privileged"): True}),
    *(lambda: MappingProxyType({"privileged": True}), lambda: date(2026, 1, 31), lambda: Decimal(7)),
)


def _odd_mapping(value: Any, random: Random, odd: float) -> Any:
    """Copy plain data with a part `odd` of it replaced by what Python code may put there, itself included."""
    if random.random() < odd / 4:
        return random.choice(_ODD_VALUES)()
    if isinstance(value, list):
        return [_odd_mapping(item, random, odd) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _odd_mapping(item, random, odd) for key, item in value.items()}
    if random.random() < odd:
        copy[random.choice(("unknown", "Spec", "securityContext"))] = random.choice(_ODD_VALUES)()
    if random.random() < odd / 6:
        copy["unknown"] = copy
    return copy


@pytest.mark.parametrize("odd", [0.02, 0.1])
def test_a_mapping_is_judged_as_the_json_that_a_client_would_send(odd: float) -> None:
    """Never is allowed what the server could not decode, or what no client could send."""
    random = Random(f"mappings {odd}")
    answers = set()
    for _ in range(1500):
        pod = _odd_mapping(KEPT, random, odd)
        answer = _answer(lambda pod=pod: pod, "privileged")
        try:
            text = json.dumps(pod, default=dict).encode()
        except (TypeError, ValueError, RecursionError):
            assert answer is None, pod
            answers.add("not JSON")
            continue
        assert answer == _answer(lambda text=text: _exactly(text), "privileged"), pod
        accepted = accept(pod, kind="Pod", field_validation="Ignore")
        if accepted.code == 400:
            assert answer is None, pod
        answers.add("refused" if answer is None else "judged")
    assert answers == {"not JSON", "refused", "judged"}


def test_a_mapping_that_holds_the_same_a_million_times_is_not_written() -> None:
    terms = [{"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"] * 2000}] * 2000}] * 2000
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    pod = {"spec": {"affinity": {"nodeAffinity": required}, "containers": [{"name": "c", "image": "i"}]}}
    with pytest.raises(ManifestError, match="larger than the 3145728 bytes of JSON that a server reads"):
        evaluate(pod)
    assert accept(pod, kind="Pod").code == 413


def test_a_text_that_no_server_reads_to_its_end_is_refused() -> None:
    text = json.dumps(PLAIN)
    assert evaluate(text + " " * (MAX_BODY - len(text))).allowed
    with pytest.raises(ManifestError, match="larger than the 3145728 bytes that an API server reads"):
        evaluate(text + " " * (MAX_BODY - len(text) + 1))


def test_an_annotation_that_repeats_the_pods_profile_is_not_copied() -> None:
    """Source: kubernetes 1.37.2 pkg/registry/core/pod/strategy.go, applyAppArmorVersionSkew."""
    profile = {"appArmorProfile": {"type": "Unconfined"}}
    spec = {"securityContext": profile, "containers": [{"name": "c", "image": "i"}]}
    annotations = {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}
    pod = {"metadata": {"annotations": annotations}, "spec": spec}
    for read in (pod, json.dumps(pod), _exactly(pod)):
        assert "pod and annotation must not set AppArmor" in evaluate(read, "baseline").detail


KEPT = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a", "labels": {"a:b": 'c":d'}, "creationTimestamp": "2026-01-20T10:00:00Z"},
    "spec": {
        "hostPID": False,
        "hostNetwork": True,
        "priority": 7,
        "securityContext": {"runAsNonRoot": True, "sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        "volumes": [
            {"name": "v", "hostPath": {"path": "/"}},
            {"name": "w", "emptyDir": {"sizeLimit": "1Gi"}},
        ],
        "containers": [
            {
                "name": "c",
                "image": "i",
                "env": [{"name": "A", "value": "b"}],
                "resources": {"limits": {"cpu": "100m", "memory": 5}},
                "ports": [{"containerPort": 80, "hostPort": 0}],
                "livenessProbe": {"httpGet": {"host": "h", "port": "web"}, "periodSeconds": 3},
                "securityContext": {
                    "privileged": True,
                    "capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]},
                    "seccompProfile": {"type": "Unconfined"},
                },
            },
            {"name": "d", "image": "i", "securityContext": {"procMount": "Unmasked"}},
        ],
    },
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True", "lastProbeTime": None}],
    },
}
STRANGE = st.sampled_from(
    [
        *("null", "true", "false", "0", "7", "1.0", "1e2", "-0", '""', '"x"', r'"a\u003ab"', r'"\ud800"'),
        *("[]", "{}", "[null]", "[{}]", '[{"name":"z"}]', '{"add":null}', '{"type":"RuntimeDefault"}'),
        *('{"privileged":null}', '{"limits":{"cpu":"x"}}', '"2026-02-30T10:00:00Z"', '"\xff"'),
    ]
)


def _write(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """Write JSON in which keys stand twice, or hold what they should not, here and there."""
    if isinstance(value, list):
        return "[" + ",".join(_write(item, draw) for item in value) + "]"
    if not isinstance(value, dict):
        return json.dumps(value)
    pairs: list[str] = []
    for key, item in value.items():
        written = f"{json.dumps(key)}: {_write(item, draw)}"
        chance = draw(st.integers(0, 24))
        if chance == 0:
            pairs += [f'"{key}":{draw(STRANGE)}', written]
        elif chance == 1:
            pairs += [written, f'"{key}":{draw(STRANGE)}']
        elif chance == 2:
            pairs.append(f'"{key}":{draw(STRANGE)}')
        elif chance == 3:
            pairs += [written, f'"{key.upper()}" :{draw(STRANGE)}']
        elif chance != 4:
            pairs.append(written)
    return "{" + ",".join(pairs) + "}"


@settings(max_examples=600)
@given(data=st.data(), level=st.sampled_from(["privileged", "baseline", "restricted"]))
def test_odd_text_is_read_alike(data: st.DataObject, level: str) -> None:
    text = _write(KEPT, data.draw).encode("latin-1")
    assert _answer(lambda: text, level) == _answer(lambda: _exactly(text), level)


ODD_TEXT = (
    *(b"null", b"true", b"false", b"0", b"7", b"-0", b"1.0", b"1e2", b'""', b'"x"', b"[]", b"{}", b"[null]"),
    *(
        rb'"\ud800"',
        rb'"\udc00\ud800x"',
        rb'"\ud83d\ude00"',
        rb'"\\ud800"',
        b'"\xff"',
        b'"\xe2\x82"',
        b"[{}]",
    ),
    *(
        b'{"privileged":null}',
        b'{"add":["SYS_ADMIN"]}',
        b'{"type":"RuntimeDefault"}',
        b'{"limits":{"cpu":"x"}}',
    ),
)


def _mutant(value: Any, random: Random, odd: float) -> bytes:
    """Write JSON in which a part `odd` of the members is repeated, replaced, misspelt or left out."""
    if random.random() < odd / 4:
        return random.choice(ODD_TEXT)
    if isinstance(value, list):
        items = [_mutant(item, random, odd) for item in value]
        if random.random() < odd:
            items.insert(random.randrange(len(items) + 1), random.choice(ODD_TEXT))
        return b"[" + b",".join(items) + b"]"
    if not isinstance(value, dict):
        return json.dumps(value).encode()
    pairs: list[bytes] = []
    for key, item in value.items():
        name = json.dumps(key).encode()
        pairs.append(name + b":" + _mutant(item, random, odd))
        if random.random() >= odd:
            continue
        other = random.choice(ODD_TEXT) if random.random() < 0.6 else _mutant(item, random, 4 * odd)
        if random.random() < 0.4:
            name = random.choice((name.upper(), rb'"\u00%02x' % ord(key[0]) + name[2:]))
        pairs.insert(random.choice((len(pairs) - 1, len(pairs), 0)), name + b":" + other)
        if random.random() < 0.3:
            del pairs[random.randrange(len(pairs))]
    return b"{" + random.choice((b",", b", ", b"\n,")).join(pairs) + b"}"


_read_fields = msgspec.json.Decoder(Pod, dec_hook=integer).decode


def _pod(read: Callable[[bytes], Pod], text: bytes) -> Pod | str:
    """Read a pod with the fields that checks read, or what is wrong with it."""
    try:
        return _read_fields(msgspec.json.encode(read(text)))
    except ManifestError as error:
        return str(error)


@pytest.mark.parametrize("odd", [0.004, 0.02, 0.1])
def test_no_mutant_is_read_otherwise_than_by_the_exact_decoder(odd: float) -> None:
    random = Random(f"two ways {odd}")
    answers = set()
    for _ in range(1200):
        text = _mutant(KEPT, random, odd)
        fast = _pod(read_pod, text)
        assert fast == _pod(read_exactly, text), text
        answers.add(isinstance(fast, Pod))
    assert answers == {True, False}


def test_only_what_is_read_otherwise_goes_the_exact_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Any) -> Pod:
        raise AssertionError

    monkeypatch.setattr("podproof.kube.read_pod.read_exactly", refuse)
    for before, after in (
        (b'"drop": ["ALL"]', b'"drop": [null, "ALL"]'),
        (b'"args": ["a"]', b'"args": ["a", null]'),
        (b'"name": "v"', rb'"name": "v\ud800"'),
        (b'"name": "v"', b'"name": "\xff"'),
        (b'"name": "v"', b'"name": "v", "unknown": {"name": null}'),
    ):
        text = json.dumps(PLAIN, indent=1).encode().replace(b"\n", b"").replace(b"[  ", b"[")
        text = json.dumps(PLAIN).encode()
        assert before in text
        verdict = evaluate(text.replace(before, after), "restricted")
        assert verdict.allowed, after


PLAIN = {
    "kind": "Pod",
    "spec": {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "volumes": [{"name": "v", "emptyDir": {}}],
        "containers": [
            {
                "args": ["a"],
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ],
    },
}


@pytest.mark.parametrize("text", [b'[null,{"name":"b"},null]', b"[null,null]"])
def test_null_containers_are_containers_of_their_own(text: bytes) -> None:
    text = b'{"spec":{"containers":' + text + b"}}"
    fast, exact = evaluate(text, "restricted"), evaluate(_exactly(text), "restricted")
    assert (fast.detail, fast.findings) == (exact.detail, exact.findings)
    routes = {finding.route[:3] for finding in fast.findings if finding.check == "run-as-non-root"}
    assert len(routes) == text.count(b"null") + text.count(b"name")
