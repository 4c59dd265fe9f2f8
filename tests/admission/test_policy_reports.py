"""How every policy fared with a pod, and what the server answers to a PodSecurityPolicy itself."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.decoded_object import name_of
from podproof.admission.resources.policies import accept_policy

from .requests import namespace, pod, request
from .test_pod_security_policy import _cluster, _policy, _use

BROKEN = _policy("b0", runAsUser={"rule": "MustRunAs"})
CHANGES = _policy("a", readOnlyRootFilesystem=True)
OTHERS = {"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 7, "max": 8}]}}
KIND = {"group": "policy", "version": "v1beta1", "kind": "PodSecurityPolicy"}
DEPRECATED = "policy/v1beta1 PodSecurityPolicy is deprecated in v1.21+, unavailable in v1.25+"


def reports(decision: Any) -> list[tuple[str, str, str]]:
    return [(report.name, report.outcome, report.why) for report in decision.policies]


@pytest.mark.parametrize(
    ("objects", "context", "expected"),
    [
        (
            (BROKEN, CHANGES, _policy("c", allowPrivilegeEscalation=False), _policy("d", **OTHERS), *_use()),
            {"runAsUser": 1},
            [
                ("a", "chosen", ""),
                ("b0", "broken", "MustRunAs requires at least one range"),
                ("c", "not chosen", "it changes the pod as well"),
                ("d", "violated", ""),
            ],
        ),
        (
            (CHANGES, _policy("c"), _policy("d"), *_use()),
            {},
            [
                ("a", "not chosen", "it changes the pod, the chosen one does not"),
                ("c", "chosen", ""),
                ("d", "not chosen", "c comes before it"),
            ],
        ),
        (
            (_policy("b"), _policy("c"), _policy("d"), *_use("c")),
            {},
            [("b", "not authorized", ""), ("c", "chosen", ""), ("d", "not authorized", "")],
        ),
    ],
)
def test_of_a_new_pod(
    objects: tuple[Any, ...], context: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert reports(_cluster(*objects).admit(request(pod(context)))) == expected


@pytest.mark.parametrize(
    ("annotation", "chosen"),
    [({}, "b"), ({"kubernetes.io/psp": "c"}, "c"), ({"kubernetes.io/psp": "nobody"}, "b")],
)
def test_an_update_asks_the_policy_of_the_annotation_first(annotation: dict[str, str], chosen: str) -> None:
    old = pod({})
    old["metadata"]["annotations"] = annotation
    new = {**old, "metadata": {**old["metadata"], "labels": {"x": "y"}}, "spec": {**old["spec"]}}
    new["spec"]["containers"] = [{**old["spec"]["containers"][0], "image": "i:2"}]
    decision = _cluster(CHANGES, _policy("b"), _policy("c"), *_use()).admit(request(new, old))
    assert decision.allowed
    assert decision.audit_annotations["podsecuritypolicy.policy.k8s.io/validate-policy"] == chosen


def test_an_update_is_not_changed() -> None:
    old = pod({})
    new = {**old, "spec": {"containers": [{**old["spec"]["containers"][0], "image": "i:2"}]}}
    decision = _cluster(CHANGES, *_use()).admit(request(new, old))
    assert not decision.allowed
    assert decision.message == 'pods "p" is forbidden: PodSecurityPolicy: unable to validate pod: []'


def _answer(object_: Any, **rest: Any) -> tuple[Any, ...]:
    asked = request(object_, resource="podsecuritypolicies", group="policy", **{"kind": KIND, **rest})
    decision = Cluster.from_objects([], kubernetes_version="v1.24").admit(asked)
    return decision.allowed, decision.code, decision.reason, decision.message, decision.warnings


def test_a_policy_is_taken() -> None:
    assert _answer(_policy("a")) == (True, None, None, None, (DEPRECATED,))
    shown = accept_policy(_policy("a"), 24).object
    assert shown is not None
    assert set(shown) == {"kind", "apiVersion", "metadata", "spec"}
    assert (shown["kind"], shown["apiVersion"]) == ("PodSecurityPolicy", "policy/v1beta1")


@pytest.mark.parametrize(
    ("object_", "code", "reason", "message"),
    [
        (None, 400, "BadRequest", "failed to decode object"),
        (
            _policy("a", fsGroup={"rule": "x"}),
            422,
            "Invalid",
            'PodSecurityPolicy.policy "a" is invalid: spec.fsGroup.rule: Unsupported value: "x": supported '
            'values: "MayRunAs", "MustRunAs", "RunAsAny"',
        ),
        (
            {**_policy("a"), "metadata": {}},
            422,
            "Invalid",
            'PodSecurityPolicy.policy "" is invalid: metadata.name: Required value: name or generateName is '
            "required",
        ),
        (
            _policy("a", volumes="x"),
            400,
            "BadRequest",
            'PodSecurityPolicy in version "v1beta1" cannot be handled as a PodSecurityPolicy: json: cannot '
            "unmarshal string into Go struct field PodSecurityPolicySpec.spec.volumes of type "
            "[]v1beta1.FSType",
        ),
    ],
)
def test_a_policy_is_refused(object_: Any, code: int, reason: str, message: str) -> None:
    warnings = () if object_ is None else (DEPRECATED,)
    assert _answer(object_) == (False, code, reason, message, warnings)


def test_what_a_refused_policy_lacks_is_told_in_detail() -> None:
    asked = request(
        _policy("a", fsGroup={"rule": "x"}), resource="podsecuritypolicies", group="policy", kind=KIND
    )
    decision = Cluster.from_objects([], kubernetes_version="v1.24").admit(asked)
    assert decision.details == {
        "name": "a",
        "group": "policy",
        "kind": "PodSecurityPolicy",
        "causes": [
            {
                "reason": "FieldValueNotSupported",
                "message": 'Unsupported value: "x": supported values: "MayRunAs", "MustRunAs", "RunAsAny"',
                "field": "spec.fsGroup.rule",
            }
        ],
    }


@pytest.mark.parametrize(
    "rest",
    [
        {"subResource": "status"},
        {"operation": "DELETE"},
        {"operation": "CONNECT"},
    ],
)
def test_what_nobody_looks_at_is_allowed(rest: dict[str, Any]) -> None:
    assert _answer(_policy("a", fsGroup={"rule": "x"}), **rest)[:2] == (True, None)


def test_deleting_a_pod_is_allowed() -> None:
    decision = _cluster().admit({**request(pod({})), "operation": "DELETE"})
    assert (decision.allowed, decision.code) == (True, None)


def test_an_update_tells_how_policies_fared() -> None:
    old = pod({})
    new = {**old, "spec": {"containers": [{**old["spec"]["containers"][0], "image": "i:2"}]}}
    decision = _cluster(CHANGES, _policy("b"), *_use()).admit(request(new, old))
    assert reports(decision) == [("a", "would change the pod", ""), ("b", "chosen", "")]


@pytest.mark.parametrize(("old", "warned"), [(False, True), (True, False)])
def test_only_a_new_workload_is_warned_about(old: bool, warned: bool) -> None:
    spec = {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": pod({}, terminationGracePeriodSeconds=-1)["spec"],
        },
    }
    held = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "w", "namespace": "n"},
        "spec": spec,
    }
    asked = request(held, held if old else None, resource="deployments", group="apps")
    decision = Cluster.from_objects([namespace()]).admit(asked)
    assert decision.allowed
    assert any("terminationGracePeriodSeconds" in text for text in decision.warnings) is warned
    # up to 1.24 the warnings of a new workload are not imitated
    assert Cluster.from_objects([namespace()], kubernetes_version="v1.24").admit(asked).warnings == ()


def test_a_grant_that_is_gone_grants_nothing() -> None:
    cluster = _cluster(_policy("a"), *_use())
    asked = request(pod({}))
    assert cluster.admit(asked).allowed
    for kind in ("ClusterRole", "ClusterRoleBinding"):
        without = cluster.without(kind, "use")
        assert not without.admit(asked).allowed
        assert reports(without.admit(asked)) == [("a", "not authorized", "")]
        assert cluster.admit(asked).allowed
        assert without.without(kind, "use").admit(asked).message == without.admit(asked).message
    gone = cluster.without("PodSecurityPolicy", "a")
    assert reports(gone.admit(asked)) == []


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"name": "web"}, "web"),
        ({"name": "web", "generateName": "x-"}, "web"),
        ({"generateName": "web-"}, "web-xxxxx"),
        ({"name": "", "generateName": ""}, ""),
        ({}, ""),
    ],
)
def test_what_an_object_is_called(metadata: dict[str, str], name: str) -> None:
    assert name_of(metadata) == name
