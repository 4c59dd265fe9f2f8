"""PodSecurity on pods, controllers and namespaces: verdicts, texts, warnings and audit annotations."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.attributes import Attributes
from podproof.admission.configuration import PodSecurityConfiguration
from podproof.admission.pod_security import POD_SECURITY
from podproof.admission.pods_in_namespace import warn_about_pods
from podproof.admission.request import read_request
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.pod import ObjectMeta, Pod, PodSpec
from podproof.policies.levels import LevelVersion
from podproof.policies.pod_security import evaluator_of

from .requests import GOOD, PREFIX, namespace, pod, request

_BARE = (
    'allowPrivilegeEscalation != false (container "c" must set '
    "securityContext.allowPrivilegeEscalation=false), "
    'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" '
    'or "Localhost")'
)
_CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "exemptions": {"usernames": ["root"], "namespaces": ["free"], "runtimeClasses": ["vm"]},
}


def _cluster(*objects: dict[str, Any], **labels: str) -> Cluster:
    return Cluster.from_objects([namespace(**labels), _CONFIGURATION, *objects])


def _of_plugin(asked: dict[str, Any]) -> Any:
    """Ask the plugin alone, in a cluster without namespaces: NamespaceLifecycle would have refused."""
    assert POD_SECURITY.validate is not None
    return POD_SECURITY.validate(Cluster.from_objects([]), Attributes(read_request(asked)))


def test_denied() -> None:
    decision = _cluster(enforce="restricted").admit(request(pod({})))
    assert (decision.allowed, decision.code, decision.reason) == (False, 403, "Forbidden")
    assert decision.message == f'pods "p" is forbidden: violates PodSecurity "restricted:latest": {_BARE}'
    assert decision.warnings == ()
    assert decision.audit_annotations == {f"{PREFIX}enforce-policy": "restricted:latest"}
    assert decision.object is None


def test_a_name_to_come_is_left_out() -> None:
    body = pod({})
    body["metadata"] = {"generateName": "web-"}
    decision = _cluster(enforce="restricted").admit(request(body), mutated=True)
    assert str(decision.message).startswith('pods is forbidden: violates PodSecurity "restricted:latest": ')


def test_a_name_to_come_is_made_up_before_validation() -> None:
    body = pod({})
    body["metadata"] = {"generateName": "web-"}
    decision = _cluster(enforce="restricted").admit(request(body))
    assert str(decision.message).startswith('pods "web-xxxxx" is forbidden: violates PodSecurity ')


def test_allowed_with_a_warning_and_an_audit_annotation() -> None:
    decision = _cluster(warn="restricted", audit="restricted", audit_version="v1.7").admit(request(pod({})))
    assert (decision.allowed, decision.code, decision.message) == (True, None, None)
    assert decision.warnings == (f'would violate PodSecurity "restricted:latest": {_BARE}',)
    assert decision.audit_annotations == {
        f"{PREFIX}enforce-policy": "privileged:latest",
        f"{PREFIX}audit-violations": 'would violate PodSecurity "restricted:v1.7": runAsNonRoot != true '
        '(pod or container "c" must set securityContext.runAsNonRoot=true)',
    }
    assert decision.object is not None
    assert decision.object["spec"]["restartPolicy"] == "Always"


def test_wholly_privileged_is_audited_as_latest() -> None:
    decision = _cluster(enforce="privileged", enforce_version="v1.5").admit(request(pod({})))
    assert decision.audit_annotations == {f"{PREFIX}enforce-policy": "privileged:latest"}


def test_wrong_labels_never_fail_open() -> None:
    decision = _cluster(enforce="strict").admit(request(pod({})))
    assert decision.code == 403
    assert decision.audit_annotations[f"{PREFIX}error"] == (
        f'Failed to parse policy: metadata.labels[{PREFIX}enforce]: Invalid value: "strict": '
        "must be one of privileged, baseline, restricted"
    )


@pytest.mark.parametrize(
    ("rest", "body", "why"),
    [
        ({"user": "root"}, pod({}), "user"),
        ({"namespace": "free"}, {**pod({}), "metadata": {"name": "p"}}, "namespace"),
        ({}, pod({}, runtimeClassName="vm"), "runtimeClass"),
    ],
)
def test_exemptions(rest: dict[str, Any], body: dict[str, Any], why: str) -> None:
    decision = _cluster(namespace("free", enforce="restricted"), enforce="restricted").admit(
        request(body, **rest)
    )
    assert decision.allowed
    assert decision.audit_annotations == {f"{PREFIX}exempt": why}


def test_an_unknown_namespace_is_an_error() -> None:
    decision = _of_plugin(request(pod()))
    assert decision.code == 500
    assert decision.message == 'Internal error occurred: failed to lookup namespace "n"'
    assert f"{PREFIX}error" in decision.audit_annotations


@pytest.mark.parametrize(
    "sub_resource", ["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"]
)
def test_ignored_subresources(sub_resource: str) -> None:
    decision = _cluster(enforce="restricted").admit(request(pod({}), subResource=sub_resource))
    assert (decision.allowed, decision.audit_annotations) == (True, {})


def test_other_operations_are_allowed() -> None:
    for operation in ("DELETE", "CONNECT"):
        assert _cluster(enforce="restricted").admit(request(None, operation=operation)).allowed


def test_updates_count_only_when_images_change() -> None:
    cluster, old = _cluster(enforce="restricted"), pod({})
    labelled = {**old, "metadata": {**old["metadata"], "labels": {"a": "b"}}}
    assert cluster.admit(request(labelled, old)).allowed
    assert cluster.admit(request(labelled, old)).audit_annotations == {}
    changed = pod({})
    changed["spec"]["containers"][0]["image"] = "i:2"
    assert cluster.admit(request(changed, old)).code == 403


def test_ephemeral_containers_are_judged() -> None:
    cluster, old = _cluster(enforce="baseline"), pod()
    new = pod(ephemeralContainers=[{"name": "e", "image": "i", "securityContext": {"privileged": True}}])
    decision = cluster.admit(request(new, old, subResource="ephemeralcontainers"))
    assert "privileged" in str(decision.message)
    new["spec"]["ephemeralContainers"][0]["securityContext"] = {"capabilities": {"add": ["SYS_ADMIN"]}}
    decision = cluster.admit(request(new, old, subResource="ephemeralcontainers"))
    assert decision.message == (
        'pods "p" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities '
        '(container "e" must not include "SYS_ADMIN" in securityContext.capabilities.add)'
    )


def test_api_validation_comes_first() -> None:
    decision = _cluster(enforce="restricted").admit(request(pod({"runAsUser": -1})))
    assert decision.code == 422
    assert decision.message == (
        'Pod "p" is invalid: spec.containers[0].securityContext.runAsUser: Invalid value: -1: '
        "must be between 0 and 2147483647, inclusive"
    )


_TEMPLATE = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {"containers": [{"name": "c", "image": "i", "securityContext": {}}]},
}
_SELECTOR = {"matchLabels": {"a": "b"}}
_CONTROLLERS = [
    ("", "podtemplates", {"kind": "PodTemplate", "template": _TEMPLATE}),
    (
        "",
        "replicationcontrollers",
        {"kind": "ReplicationController", "spec": {"selector": {"a": "b"}, "template": _TEMPLATE}},
    ),
    ("apps", "deployments", {"kind": "Deployment", "spec": {"selector": _SELECTOR, "template": _TEMPLATE}}),
    ("apps", "replicasets", {"kind": "ReplicaSet", "spec": {"selector": _SELECTOR, "template": _TEMPLATE}}),
    ("apps", "daemonsets", {"kind": "DaemonSet", "spec": {"selector": _SELECTOR, "template": _TEMPLATE}}),
    (
        "apps",
        "statefulsets",
        {"kind": "StatefulSet", "spec": {"serviceName": "s", "selector": _SELECTOR, "template": _TEMPLATE}},
    ),
    (
        "batch",
        "jobs",
        {"kind": "Job", "spec": {"template": {"spec": {**_TEMPLATE["spec"], "restartPolicy": "Never"}}}},
    ),
    (
        "batch",
        "cronjobs",
        {
            "kind": "CronJob",
            "spec": {
                "schedule": "* * * * *",
                "jobTemplate": {
                    "spec": {"template": {"spec": {**_TEMPLATE["spec"], "restartPolicy": "Never"}}}
                },
            },
        },
    ),
]


@pytest.mark.parametrize(("group", "resource", "body"), _CONTROLLERS, ids=[c[1] for c in _CONTROLLERS])
def test_controllers_are_warned_about_and_never_denied(
    group: str, resource: str, body: dict[str, Any]
) -> None:
    body = {"apiVersion": f"{group}/v1" if group else "v1", "metadata": {"name": "w"}, **body}
    decision = _cluster(enforce="restricted").admit(request(body, resource=resource, group=group))
    assert decision.allowed, decision.message
    assert decision.warnings == (f'would violate PodSecurity "restricted:latest": {_BARE}',)
    assert decision.audit_annotations == {}


def test_controllers_in_an_unknown_namespace_are_allowed_and_audited() -> None:
    group, resource, body = _CONTROLLERS[2]
    body = {"apiVersion": "apps/v1", "metadata": {"name": "w"}, **body}
    decision = _of_plugin(request(body, resource=resource, group=group))
    assert decision.allowed
    assert decision.audit_annotations == {
        f"{PREFIX}error": 'failed to lookup namespace "n": namespace "n" not found'
    }


def _relabel(cluster: Cluster, new: dict[str, Any], old: dict[str, Any], **rest: Any) -> Any:
    name = new["metadata"]["name"]
    return cluster.admit(request(new, old, resource="namespaces", namespace=name, name=name), **rest)


def _pods(*named: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**pod({}, **spec), "metadata": {"name": name, "namespace": "n"}} for name, spec in named]


def test_new_labels_are_tried_on_existing_pods() -> None:
    old, new = namespace(), namespace(enforce="baseline")
    cluster = _cluster(
        *_pods(
            ("b", {"hostPID": True}),
            ("a", {"hostPID": True}),
            ("c", {"hostIPC": True, "hostPID": True}),
            ("d", {"hostNetwork": True}),
            ("x", {"hostPID": True, "runtimeClassName": "vm"}),
            ("ok", {}),
            ("e", {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}),
        )
    )
    assert _relabel(cluster, new, old).warnings == (
        'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
        "a (and 3 other pods): host namespaces",
        "e: hostPath volumes",
    )


def test_two_pods_are_one_and_one_other() -> None:
    cluster = _cluster(*_pods(("b", {"hostPID": True}), ("a", {"hostPID": True})))
    assert _relabel(cluster, namespace(enforce="baseline"), namespace()).warnings[1] == (
        "a (and 1 other pod): host namespaces"
    )


@pytest.mark.parametrize(
    ("old", "new", "tried"),
    [
        ({"enforce": "baseline"}, {"enforce": "baseline", "warn": "restricted"}, False),
        ({"enforce": "restricted"}, {"enforce": "privileged"}, False),
        ({"enforce": "restricted"}, {"enforce": "baseline"}, False),
        ({"enforce": "baseline"}, {"enforce": "restricted"}, True),
        ({"enforce": "baseline"}, {"enforce": "baseline", "enforce_version": "v1.20"}, True),
        ({"enforce": "restricted"}, {"enforce": "baseline", "enforce_version": "v1.20"}, True),
    ],
)
def test_when_existing_pods_are_tried(old: dict[str, str], new: dict[str, str], tried: bool) -> None:
    cluster = _cluster(*_pods(("a", {"hostPID": True})))
    assert bool(_relabel(cluster, namespace(**new), namespace(**old)).warnings) is tried


def test_only_so_many_pods_and_so_much_time() -> None:
    body = pod({}, hostPID=True)
    many = [{**body, "metadata": {"name": f"p{index:04}", "namespace": "n"}} for index in range(3001)]
    cluster = _cluster(*many)
    new, old = namespace(enforce="baseline"), namespace()
    warnings = _relabel(cluster, new, old).warnings
    assert (
        warnings[0]
        == "new PodSecurity enforce level only checked against the first 3000 of 3001 existing pods"
    )
    assert warnings[2] == "p0000 (and 2999 other pods): host namespaces"
    ticks = iter([0.0, 0.4, 0.8, 1.2])
    warnings = _relabel(cluster, new, old, clock=lambda: next(ticks)).warnings
    assert (
        warnings[0] == "new PodSecurity enforce level only checked against the first 3 of 3001 existing pods"
    )


@pytest.mark.parametrize(
    ("uids", "looked_at"),
    [
        (["1", "1", "2"], ["a", "c"]),
        (["1", "1", None, None], ["a", "c", "d"]),
        ([None, None, "1", "1"], ["a", "b", "c"]),
        (["1", "2", "1", "2"], ["a", "b"]),
        ([None, None, None], ["a", "b", "c"]),
    ],
)
def test_replicas_come_last(uids: list[str | None], looked_at: list[str]) -> None:
    """In the time that there is, the first pod of each controller is looked at, and each that has none."""

    def existing(name: str, uid: str | None, bad: str) -> dict[str, Any]:
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": uid, "controller": True}
        metadata = {"name": name, "namespace": "n", "ownerReferences": [owner] if uid else []}
        return {**pod({}, hostPID=name == bad), "metadata": metadata}

    names = "abcd"[: len(uids)]
    for bad in names:
        cluster = _cluster(*(existing(name, uid, bad) for name, uid in zip(names, uids, strict=True)))
        ticks = iter([0.0, *[0.1] * (len(looked_at) - 1), 1.0])
        warnings = _relabel(
            cluster, namespace(enforce="baseline"), namespace(), clock=lambda ticks=ticks: next(ticks)
        ).warnings
        assert (f"{bad}: host namespaces" in warnings) is (bad in looked_at)
        told = f"only checked against the first {len(looked_at)} of {len(uids)} existing pods"
        assert any(told in one for one in warnings) is (len(looked_at) < len(uids))


@pytest.mark.parametrize(
    ("existing", "told"),
    [
        (Pod(), []),
        (Pod(metadata=ObjectMeta(name="a")), []),
        (Pod(spec=PodSpec(host_pid=True)), [": host namespaces"]),
        (Pod(metadata=ObjectMeta(), spec=PodSpec(host_pid=True)), [": host namespaces"]),
        (Pod(metadata=ObjectMeta(name="a"), spec=PodSpec(host_pid=True)), ["a: host namespaces"]),
        (Pod(spec=PodSpec(host_pid=True, runtime_class_name="kata")), [": host namespaces"]),
        (Pod(spec=PodSpec(host_pid=True, runtime_class_name="vm")), []),
    ],
)
def test_existing_pods_may_lack_anything(existing: Pod, told: list[str]) -> None:
    exempt = PodSecurityConfiguration(runtime_classes=frozenset({"vm"}))
    level = LevelVersion("baseline")
    evaluate = evaluator_of(level, FeatureGates(37)).evaluate
    warnings = warn_about_pods("n", [existing], level, exempt, evaluate)
    assert warnings[1:] == told
    assert bool(warnings) is bool(told)


def test_pods_that_cannot_be_read_are_not_listed() -> None:
    broken = {**pod({}), "spec": {"containers": "none"}}
    decision = _relabel(
        _cluster(broken, *_pods(("a", {"hostPID": True}))), namespace(enforce="baseline"), namespace()
    )
    assert decision.allowed
    assert decision.warnings == ("failed to list pods while checking new PodSecurity enforce level",)


def test_labels_are_validated() -> None:
    new = namespace(enforce="nope")
    create = request(new, resource="namespaces", namespace="n", name="n")
    levels = "must be one of privileged, baseline, restricted"
    text = f'metadata.labels[{PREFIX}enforce]: Invalid value: "nope": {levels}'
    assert _cluster().admit(create).message == f'Namespace "n" is invalid: {text}'
    assert _relabel(_cluster(), new, namespace()).message == f'Namespace "n" is invalid: {text}'
    # an old fault that stays blocks nothing; another one does
    assert _relabel(_cluster(), namespace(enforce="nope", warn="baseline"), new).allowed
    assert _relabel(_cluster(), namespace(enforce="nah"), new).code == 422


@pytest.mark.parametrize(
    ("labels", "listed"),
    [
        ({"enforce": "restricted"}, "enforce=restricted:latest"),
        (
            {"enforce": "restricted", "enforce_version": "v1.0", "audit": "restricted", "warn": "baseline"},
            "enforce=restricted:v1.0, audit=restricted:latest, warn=baseline:latest",
        ),
        (
            {"enforce": "restricted", "enforce_version": "v1.0", "warn": "baseline"},
            "enforce=restricted:v1.0, warn=baseline:latest",
        ),
        ({"enforce": "privileged"}, None),
        ({}, None),
    ],
)
def test_exempt_namespaces_are_warned(labels: dict[str, str], listed: str | None) -> None:
    body = namespace("free", **labels)
    decision = _cluster().admit(request(body, resource="namespaces", namespace="free", name="free"))
    text = f'namespace "free" is exempt from Pod Security, and the policy ({listed}) will be ignored'
    assert decision.warnings == (() if listed is None else (text,))
    assert _relabel(_cluster(), body, namespace("free")).warnings == decision.warnings


@pytest.mark.parametrize(
    ("labels", "listed"),
    [
        ({}, None),
        # warn becomes what enforce is, and so another than by default
        ({"enforce": "baseline"}, "enforce=baseline:latest"),
        ({"enforce": "baseline", "warn": "privileged", "warn_version": "v1.20"}, None),
        ({"enforce": "privileged"}, None),
        ({"enforce": "baseline", "enforce_version": "v1.25"}, "enforce=baseline:v1.25"),
        ({"enforce_version": "v1.25"}, "enforce=baseline:v1.25"),
        ({"enforce": "restricted"}, "enforce=restricted:latest"),
        ({"enforce": "baseline", "audit": "baseline"}, "enforce=baseline:latest, audit=baseline:latest"),
        ({"warn": "baseline"}, "warn=baseline:latest"),
    ],
)
def test_an_exempt_namespace_may_say_what_holds_anyway(labels: dict[str, str], listed: str | None) -> None:
    configuration = {**_CONFIGURATION, "defaults": {"enforce": "baseline"}}
    body = namespace("free", **labels)
    asked = request(body, resource="namespaces", namespace="free", name="free")
    text = f'namespace "free" is exempt from Pod Security, and the policy ({listed}) will be ignored'
    decision = Cluster.from_objects([namespace(), configuration]).admit(asked)
    assert decision.warnings == (() if listed is None else (text,))


def test_good_pods_pass_everywhere() -> None:
    assert _cluster(enforce="restricted").admit(request(pod(GOOD))).warnings == ()


def test_an_unknown_namespace_is_an_internal_error() -> None:
    why = 'failed to lookup namespace "n"'
    decision = _of_plugin(request(pod({})))
    assert (decision.allowed, decision.code) == (False, 500)
    assert decision.message.endswith(why)
    told = f'Internal error occurred: {why}: namespace "n" not found'
    assert decision.audit_annotations == {f"{PREFIX}error": told}


@pytest.mark.parametrize(("name", "allowed"), [("vm", True), ("vm2", False), ("", False), (None, False)])
def test_only_the_runtime_classes_that_are_named_are_exempt(name: str | None, allowed: bool) -> None:
    decision = _cluster(enforce="restricted").admit(request(pod({}, runtimeClassName=name)))
    assert decision.allowed is allowed
