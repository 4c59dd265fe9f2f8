"""The fast reading of a pod and the exact one lead to the same verdict, and refuse the same pods."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from podproof.errors import ManifestError
from podproof.policies.pod_security import _exactly, evaluate

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
POD = _mapping(kind=st.just("Pod"), apiVersion=st.just("v1"), spec=SPEC)


def _answer(pod: Any, level: str) -> tuple[bool, str, str] | None:
    try:
        verdict = evaluate(pod() if callable(pod) else pod, level)
    except ManifestError:
        return None
    return verdict.allowed, verdict.reason, verdict.detail


@settings(max_examples=400)
@given(pod=POD, level=st.sampled_from(["baseline", "restricted"]))
def test_both_ways_of_reading_give_one_verdict(pod: Any, level: str) -> None:
    text = json.dumps(pod).encode()
    exact = _answer(lambda: _exactly(text), level)
    assert _answer(text, level) == exact
