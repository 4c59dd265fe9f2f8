"""Choosing among policies: order, authorization, mutation, updates, messages of each age."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.decision import PolicyReport
from podproof.edits.apply import apply_edits

from .requests import PREFIX, pod, request

_ANY = {"rule": "RunAsAny"}
_LENIENT = {"seLinux": _ANY, "runAsUser": _ANY, "supplementalGroups": _ANY, "fsGroup": _ANY, "volumes": ["*"]}
_READ_ONLY = {"readOnlyRootFilesystem": True}
_STRICT = {"allowPrivilegeEscalation": False}
_PSP = "kubernetes.io/psp"
_AUDIT = "podsecuritypolicy.policy.k8s.io/"


def _policy(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": name},
        "spec": {**_LENIENT, **spec},
    }


def _use(*names: str, subject: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    rule: dict[str, Any] = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}
    if names:
        rule["resourceNames"] = list(names)
    return [
        {"kind": "ClusterRole", "metadata": {"name": "use"}, "rules": [rule]},
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "use"},
            "roleRef": {"kind": "ClusterRole", "name": "use"},
            "subjects": [subject or {"kind": "User", "name": "ann"}],
        },
    ]


def _cluster(*objects: Any, version: str = "v1.24") -> Cluster:
    return Cluster.from_objects(objects, kubernetes_version=version)


def _chosen(decision: Any) -> str:
    return decision.audit_annotations[f"{_AUDIT}admit-policy"]


def test_no_policies() -> None:
    text = 'pods "p" is forbidden: PodSecurityPolicy: no providers available to validate pod request'
    decision = _cluster().admit(request(pod({})))
    assert (decision.code, decision.message, decision.policies) == (403, text, ())
    broken = (_policy("b", seLinux={"rule": "MustRunAs"}), _policy("a", fsGroup={"rule": "MustRunAs"}))
    decision = _cluster(*broken, *_use()).admit(request(pod({})))
    assert (decision.code, decision.message) == (403, text)
    assert decision.policies == (
        PolicyReport("a", "broken", "ranges must be supplied for MustRunAs"),
        PolicyReport("b", "broken", "MustRunAs requires SELinuxOptions"),
    )


def test_a_policy_that_nobody_may_use_says_nothing() -> None:
    decision = _cluster(_policy("a")).admit(request(pod({})))
    assert decision.message == 'pods "p" is forbidden: PodSecurityPolicy: unable to admit pod: []'
    assert [(report.name, report.outcome) for report in decision.policies] == [("a", "not authorized")]


def test_what_changes_nothing_comes_first_then_the_name() -> None:
    both = _cluster(_policy("a", **_READ_ONLY), _policy("z"), *_use())
    decision = both.admit(request(pod({})))
    assert _chosen(decision) == "z"
    assert decision.edits == ()
    assert [(report.name, report.outcome) for report in decision.policies] == [
        ("a", "not chosen"),
        ("z", "chosen"),
    ]
    changing = _cluster(_policy("b", **_READ_ONLY), _policy("a", **_STRICT), *_use())
    assert _chosen(changing.admit(request(pod({})))) == "a"
    assert _chosen(_cluster(_policy("b"), _policy("a"), *_use()).admit(request(pod({})))) == "a"


def test_mutation_has_origins_and_a_patch() -> None:
    decision = _cluster(_policy("a", **_READ_ONLY), *_use("a")).admit(
        request(pod({"runAsUser": 1})), mutated=True
    )
    assert [edit.origin for edit in decision.edits] == ["PodSecurityPolicy a, readOnlyRootFilesystem"]
    assert decision.patch == (
        {"op": "add", "path": "/spec/containers/0/securityContext/readOnlyRootFilesystem", "value": True},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/metadata/annotations/kubernetes.io~1psp", "value": "a"},
    )
    assert decision.object is not None
    assert decision.object["metadata"]["annotations"] == {_PSP: "a"}
    assert decision.object["spec"]["containers"][0]["securityContext"] == {
        "runAsUser": 1,
        "readOnlyRootFilesystem": True,
    }
    assert decision.audit_annotations == {
        f"{_AUDIT}admit-policy": "a",
        f"{_AUDIT}validate-policy": "a",
        f"{PREFIX}enforce-policy": "privileged:latest",
    }


def test_errors_are_listed_by_policy() -> None:
    cluster = _cluster(_policy("b"), _policy("a", allowPrivilegeEscalation=False), *_use())
    bad = pod({"privileged": True, "allowPrivilegeEscalation": True})
    privileged = (
        "spec.containers[0].securityContext.privileged: Invalid value: true: "
        "Privileged containers are not allowed"
    )
    assert cluster.admit(request(bad)).message == (
        f'pods "p" is forbidden: PodSecurityPolicy: unable to admit pod: [{privileged} '
        "spec.containers[0].securityContext.allowPrivilegeEscalation: Invalid value: true: "
        f"Allowing privilege escalation for containers is not allowed {privileged}]"
    )


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("v1.24", "PodSecurityPolicy: unable to admit pod: [{}]"),
        ("v1.20", "PodSecurityPolicy: unable to admit pod: [{}]"),
        ("v1.19", "unable to validate against any pod security policy: [{}]"),
    ],
)
def test_words_of_each_age(version: str, text: str) -> None:
    cluster = _cluster(_policy("a"), *_use(), version=version)
    error = "spec.securityContext.hostPID: Invalid value: true: Host PID is not allowed to be used"
    decision = cluster.admit(request(pod({}, hostPID=True)))
    assert decision.message == f'pods "p" is forbidden: {text.format(error)}'


def test_newer_versions_have_no_policies() -> None:
    cluster = Cluster.from_objects([_policy("a"), {"kind": "Namespace", "metadata": {"name": "n"}}])
    assert cluster.admit(request(pod({}, hostPID=True))).allowed
    assert "does nothing" in cluster.problems[0]


def test_the_service_account_may_use_a_policy_for_its_pods() -> None:
    cluster = _cluster(
        _policy("a"), *_use(subject={"kind": "ServiceAccount", "name": "robot", "namespace": "n"})
    )
    assert not cluster.admit(request(pod({}))).allowed
    assert cluster.admit(request(pod({}, serviceAccountName="robot"))).allowed


@pytest.mark.parametrize(
    ("group", "user"),
    [
        ("system:authenticated", {"username": "ann"}),
        ("system:authenticated", {"username": "ann", "groups": []}),
        ("system:unauthenticated", {"username": "system:anonymous"}),
        ("system:serviceaccounts", {"username": "system:serviceaccount:other:web"}),
    ],
)
def test_a_user_is_in_the_groups_that_the_request_says_and_in_no_other(
    group: str, user: dict[str, Any]
) -> None:
    cluster = _cluster(_policy("a"), *_use("a", subject={"kind": "Group", "name": group}))
    asked = request(pod({}))
    assert not cluster.admit({**asked, "userInfo": user}, mutated=True).allowed
    assert cluster.admit({**asked, "userInfo": {**user, "groups": [group]}}, mutated=True).allowed


def test_a_generated_name_is_named_by_its_prefix() -> None:
    body = pod({})
    body["metadata"] = {"generateName": "web-"}
    assert str(_cluster().admit(request(body)).message).startswith('pods "web-" is forbidden: ')


def test_updates_try_the_annotated_policy_first_and_never_change() -> None:
    cluster = _cluster(_policy("a"), _policy("z"), *_use())
    old = pod({})
    old["metadata"]["annotations"] = {_PSP: "z"}
    new = {**old, "metadata": {**old["metadata"], "labels": {"a": "b"}}}
    decision = cluster.admit(request(new, old))
    assert decision.audit_annotations[f"{_AUDIT}validate-policy"] == "z"
    assert f"{_AUDIT}admit-policy" not in decision.audit_annotations
    strict = _cluster(_policy("a", **_READ_ONLY), *_use())
    decision = strict.admit(request(new, old))
    assert decision.message == 'pods "p" is forbidden: PodSecurityPolicy: unable to validate pod: []'
    assert decision.policies[0].outcome == "would change the pod"


# Source: kubernetes 1.24.17 pkg/registry/rbac/helpers.go, IsOnlyMutatingGCFields
@pytest.mark.parametrize(
    ("field", "value", "collected"),
    [
        ("ownerReferences", [{"apiVersion": "v1", "kind": "Node", "name": "x", "uid": "1"}], True),
        ("finalizers", ["a/b"], True),
        ("selfLink", "/api/v1/namespaces/n/pods/p", True),
        ("managedFields", [{"manager": "kubectl", "operation": "Update"}], True),
        ("labels", {"a": "b"}, False),
        ("annotations", {"a": "b"}, False),
        ("deletionGracePeriodSeconds", 5, False),
    ],
)
def test_the_garbage_collector_may_always_update(field: str, value: Any, collected: bool) -> None:
    plain = pod({})
    changed = {**plain, "metadata": {**plain["metadata"], field: value}}
    assert _cluster().admit(request(changed, plain)).allowed is collected
    assert _cluster().admit(request(plain, changed)).allowed is collected
    assert _cluster().admit(request(changed, changed)).allowed


def test_ephemeral_containers_escape() -> None:
    old = pod({})
    new = pod({}, ephemeralContainers=[{"name": "e", "image": "i"}])
    assert _cluster().admit(request(new, old, subResource="ephemeralcontainers")).allowed


def test_seccomp_field_and_annotation_follow_each_other() -> None:
    policy = _policy("a")
    policy["metadata"]["annotations"] = {
        "seccomp.security.alpha.kubernetes.io/allowedProfileNames": "*",
        "seccomp.security.alpha.kubernetes.io/defaultProfileName": "runtime/default",
    }
    decision = _cluster(policy, *_use()).admit(request(pod({})))
    assert decision.object is not None
    assert decision.object["spec"]["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}


def test_what_was_admitted_is_admitted_again_unchanged() -> None:
    cluster = _cluster(_policy("a", **_READ_ONLY, runAsUser={"rule": "MustRunAsNonRoot"}), *_use())
    first = cluster.admit(request(pod({})))
    assert first.object is not None
    again = cluster.admit(request(first.object))
    assert again.edits == ()
    assert again.object == first.object


def test_the_patch_makes_the_same_object_as_the_edits() -> None:
    cluster = _cluster(
        _policy("a", **_READ_ONLY, fsGroup={"rule": "MustRunAs", "ranges": [{"min": 5, "max": 9}]}), *_use()
    )
    body = pod({})
    del body["spec"]["containers"][0]["securityContext"]
    decision = cluster.admit(request(body))
    assert decision.filled
    patched: Any = {**body}
    for operation in decision.patch:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        patched = _set(patched, parts, operation["value"])
    edited = apply_edits(body, [*decision.filled, *(edit.edit for edit in decision.edits)])
    assert patched["spec"] == edited["spec"]
    assert body["spec"]["containers"] == [{"name": "c", "image": "i:1"}]


def _set(value: Any, parts: list[str], new: Any) -> Any:
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    key: Any = parts[0] if isinstance(copy, dict) else int(parts[0])
    copy[key] = new if len(parts) == 1 else _set(copy[key], parts[1:], new)
    return copy
