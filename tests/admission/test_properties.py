"""What must hold for all pods and policies: mutation is idempotent, more policies never deny more, order of
fields and files does not matter, and `evaluate` and `admit` agree."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from podproof import Cluster, evaluate
from podproof.policies.psp.policy import read_policy
from podproof.policies.psp.provider import try_policy

from .requests import namespace, request

_IDS = st.sampled_from([0, 1, 5, 1000])
_FLAG = st.none() | st.booleans()
_CAPS = st.lists(st.sampled_from(["ALL", "KILL", "NET_RAW", "CHOWN"]), max_size=3)
_SELINUX = st.sampled_from([{"level": "s0:c1,c2"}, {"level": "s0:c2,c1"}, {"type": "t"}, {}])
_SECCOMP = st.sampled_from(
    [{"type": "RuntimeDefault"}, {"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "x"}]
)


def _some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Make objects with some of the members, in any order."""
    optional = st.fixed_dictionaries({}, optional=members)
    return st.builds(
        lambda found, order: {key: found[key] for key in sorted(found, key=lambda k: hash((k, order)))},
        optional,
        st.integers(0, 3),
    )


_CONTEXTS = _some(
    runAsUser=_IDS,
    runAsGroup=_IDS,
    runAsNonRoot=st.booleans(),
    privileged=st.booleans(),
    readOnlyRootFilesystem=st.booleans(),
    allowPrivilegeEscalation=st.just(True),
    procMount=st.just("Default"),
    seLinuxOptions=_SELINUX,
    seccompProfile=_SECCOMP,
    capabilities=_some(add=_CAPS, drop=_CAPS),
)
_CONTAINERS = st.lists(
    _some(
        securityContext=_CONTEXTS,
        ports=st.just([{"containerPort": 80, "hostPort": 8080}]),
    ),
    min_size=1,
    max_size=2,
)
_VOLUMES = st.lists(
    st.sampled_from(
        [
            {"emptyDir": {}},
            {"hostPath": {"path": "/foo"}},
            {"secret": {"secretName": "s"}},
            {"secret": {"secretName": "s"}, "hostPath": {"path": "/bar"}},  # invalid, which comes later
        ]
    ),
    max_size=2,
)


def _make_pod(
    containers: list[Any], context: dict[str, Any], volumes: list[Any], rest: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {
            "containers": [
                {"name": f"c{index}", "image": "i", **_with_own_port(copy.deepcopy(container), index)}
                for index, container in enumerate(containers)
            ],
            "securityContext": context,
            "volumes": [{"name": f"v{index}", **volume} for index, volume in enumerate(volumes)],
            **rest,
        },
    }


def _with_own_port(container: dict[str, Any], index: int) -> dict[str, Any]:
    for port in container.get("ports", ()):
        port["hostPort"] += index
    return container


PODS = st.builds(
    _make_pod,
    _CONTAINERS,
    _some(
        runAsUser=_IDS,
        runAsNonRoot=st.booleans(),
        fsGroup=_IDS,
        supplementalGroups=st.lists(_IDS, max_size=2),
        seLinuxOptions=_SELINUX,
        seccompProfile=_SECCOMP,
    ),
    _VOLUMES,
    _some(hostPID=st.booleans(), hostIPC=st.booleans(), runtimeClassName=st.sampled_from(["a", "b"])),
)

_RANGES = st.lists(
    st.sampled_from([{"min": 1, "max": 5}, {"min": 1000, "max": 1000}, {"min": 0, "max": 0}]),
    min_size=1,
    max_size=2,
)
_ANY = st.just({"rule": "RunAsAny"})
_MUST = st.builds(lambda ranges: {"rule": "MustRunAs", "ranges": ranges}, _RANGES)
_MAY = st.builds(lambda ranges: {"rule": "MayRunAs", "ranges": ranges}, _RANGES)
_NON_ROOT = st.just({"rule": "MustRunAsNonRoot"})


def _make_policy(required: dict[str, Any], optional: dict[str, Any], annotations: dict[str, str]) -> Any:
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"annotations": annotations},
        "spec": {**required, **optional},
    }


POLICIES = st.builds(
    _make_policy,
    st.fixed_dictionaries(
        {
            "seLinux": _ANY
            | st.builds(lambda options: {"rule": "MustRunAs", "seLinuxOptions": options}, _SELINUX),
            "runAsUser": _ANY | _MUST | _NON_ROOT,
            "supplementalGroups": _ANY | _MUST | _MAY,
            "fsGroup": _ANY | _MUST | _MAY,
            "volumes": st.sampled_from([["*"], ["emptyDir"], ["secret", "hostPath"]]),
        }
    ),
    _some(
        runAsGroup=_ANY | _MUST | _MAY,
        privileged=st.booleans(),
        hostPID=st.booleans(),
        hostPorts=st.just([{"min": 8080, "max": 8090}]),
        readOnlyRootFilesystem=st.booleans(),
        allowPrivilegeEscalation=st.booleans(),
        requiredDropCapabilities=st.sampled_from([["NET_RAW"], ["MKNOD"]]),
        defaultAddCapabilities=st.sampled_from([["KILL"], ["CHOWN"]]),
        allowedCapabilities=st.sampled_from([["SYS_TIME"], ["ALL", "KILL", "CHOWN"]]),
        allowedHostPaths=st.just([{"pathPrefix": "/foo"}]),
        runtimeClass=st.just({"allowedRuntimeClassNames": ["a"], "defaultRuntimeClassName": "a"}),
    ),
    _some(
        **{
            "seccomp.security.alpha.kubernetes.io/allowedProfileNames": st.sampled_from(
                ["*", "runtime/default"]
            ),
            "seccomp.security.alpha.kubernetes.io/defaultProfileName": st.sampled_from(["runtime/default"]),
            "apparmor.security.beta.kubernetes.io/defaultProfileName": st.sampled_from(["runtime/default"]),
        }
    ),
)
_GRANT = {"username": "root", "groups": ["system:masters"]}


def _cluster(policies: list[Any]) -> Cluster:
    named = [
        {**policy, "metadata": {**policy["metadata"], "name": f"p{index}"}}
        for index, policy in enumerate(policies)
    ]
    return Cluster.from_objects(named, kubernetes_version="v1.24")


def _admit(cluster: Cluster, pod: Any) -> Any:
    return cluster.admit({**request(pod), "userInfo": _GRANT})


@given(POLICIES, PODS)
@settings(max_examples=150)
def test_mutation_is_idempotent(policy: Any, pod: Any) -> None:
    from podproof.edits.apply import apply_edits

    typed = read_policy({**policy, "metadata": {**policy["metadata"], "name": "p"}})
    before = copy.deepcopy(pod)
    edited = apply_edits(pod, [edit.edit for edit in try_policy(typed, pod).edits])
    assert pod == before
    assert try_policy(typed, edited).edits == ()


@given(st.lists(POLICIES, min_size=1, max_size=3), PODS)
@settings(max_examples=150)
def test_what_was_admitted_is_admitted_again_unchanged(policies: Any, pod: Any) -> None:
    cluster = _cluster(policies)
    first = _admit(cluster, pod)
    if first.allowed:
        again = _admit(cluster, first.object)
        assert again.allowed
        assert again.object["spec"] == first.object["spec"]


@given(st.lists(POLICIES, min_size=1, max_size=3), POLICIES, PODS)
@settings(max_examples=150)
def test_another_policy_never_denies(policies: Any, another: Any, pod: Any) -> None:
    if _admit(_cluster(policies), pod).allowed:
        assert _admit(_cluster([*policies, another]), pod).allowed


def _reversed(value: Any) -> Any:
    """Turn the order of all members around."""
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(list(value))}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


@given(st.lists(POLICIES, min_size=1, max_size=3), PODS)
@settings(max_examples=100)
def test_order_of_fields_and_files_does_not_matter(policies: Any, pod: Any) -> None:
    cluster = _cluster(policies)
    named = [
        _reversed({**policy, "metadata": {**policy["metadata"], "name": f"p{index}"}})
        for index, policy in enumerate(policies)
    ]
    other = Cluster.from_objects(named[::-1], kubernetes_version="v1.24")
    one, two = _admit(cluster, pod), _admit(other, _reversed(pod))
    assert (one.allowed, one.message, one.object) == (two.allowed, two.message, two.object)


@given(PODS, st.sampled_from(["baseline", "restricted"]), st.sampled_from(["v1.0", "v1.24", "latest"]))
@settings(max_examples=100)
def test_check_and_admit_agree(pod: Any, level: str, version: str) -> None:
    """`check` finds an error of Pod Security just where `admit` refuses, and one of API validation (422)
    just where the API server does."""
    import json

    from podproof.inputs.input import InputFile
    from podproof.inputs.objects import read_file
    from podproof.session.check import check
    from podproof.session.config import ProjectConfiguration
    from podproof.session.judging.settings import make_judge, make_selection

    data = json.dumps(pod).encode()
    inputs = [(result, data) for result in read_file(InputFile("pod.json", data))]
    judge = make_judge(ProjectConfiguration(), level=f"{level}:{version}")
    result = check(inputs, judge, make_selection(ProjectConfiguration()))
    (judged,) = result.objects
    cluster = Cluster.from_objects([namespace(enforce=level, enforce_version=version)])
    decision = cluster.admit(request(pod))
    invalid = {"invalid-value", "missing-value", "forbidden-field"} & {
        f.finding.check for f in result.findings
    }
    assert bool(invalid) is (decision.code == 422)
    if decision.code != 422:
        assert judged.pod_security is not None
        assert judged.pod_security.allowed is decision.allowed


@given(PODS, st.sampled_from(["baseline", "restricted"]), st.sampled_from(["v1.0", "v1.24", "latest"]))
@settings(max_examples=200)
def test_evaluate_and_admit_agree(pod: Any, level: str, version: str) -> None:
    cluster = Cluster.from_objects([namespace(enforce=level, enforce_version=version)])
    decision = cluster.admit(request(pod))
    if decision.code == 422:
        return  # a pod that the API server would not take
    verdict = evaluate(pod, level, version)
    assert decision.allowed is verdict.allowed
    if not verdict.allowed:
        assert decision.message == (
            f'pods "p" is forbidden: violates PodSecurity "{level}:{version}": {verdict.detail}'
        )
