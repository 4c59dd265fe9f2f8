"""The fast reading of a pod and the exact one lead to the same verdict, and refuse the same pods."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from podproof.errors import ManifestError
from podproof.kube.default_pod import default_pod
from podproof.policies.pod_security import _exactly, evaluate, evaluator, read_pod

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


@settings(max_examples=400, deadline=None)
@given(pod=POD, level=st.sampled_from(["baseline", "restricted"]))
def test_both_ways_of_reading_give_one_verdict(pod: Any, level: str) -> None:
    text = json.dumps(pod).encode()
    exact = _answer(lambda: _exactly(text), level)
    assert _answer(text, level) == exact


UNREAD: dict[str, Any] = {
    "metadata": {
        "name": "p",
        "labels": {"a": "b"},
        "annotations": {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"},
    },
    "spec": {
        "nodeName": "n",
        "nodeSelector": {"kubernetes.io/os": "windows"},
        "restartPolicy": "Never",
        "serviceAccountName": "s",
        "shareProcessNamespace": True,
    },
    "container": {"image": "i", "args": ["a"], "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
}
"""What surrounds a pod's settings in a cluster, and no level reads, but for the annotation."""


@settings(max_examples=400, deadline=None)
@given(pod=POD, level=st.sampled_from(["baseline", "restricted"]), minor=st.sampled_from([0, 8, 19, 25, 37]))
def test_what_is_passed_over_changes_no_verdict(pod: Any, level: str, minor: int) -> None:
    """A level that came to read another field would find it set here, and not where only it is decoded."""
    spec = pod.get("spec")
    if isinstance(spec, dict):
        pod = {**pod, "metadata": UNREAD["metadata"], "spec": {**spec, **UNREAD["spec"]}}
        for held in ("initContainers", "containers"):
            if isinstance(spec.get(held), list):
                pod["spec"][held] = [
                    {**one, **UNREAD["container"]} if isinstance(one, dict) else one for one in spec[held]
                ]
    for asked in (json.dumps(pod).encode(), pod):
        try:
            whole = evaluator(level, f"v1.{minor}").judge(default_pod(read_pod(asked)))
        except ManifestError:
            whole = None
        try:
            verdict = evaluate(asked, level, f"v1.{minor}")
        except ManifestError:
            assert whole is None
            continue
        assert whole is not None
        assert (verdict.reason, verdict.detail) == (whole.reason, whole.detail)
        assert verdict.findings == whole.findings
