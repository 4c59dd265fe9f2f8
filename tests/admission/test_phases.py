"""What a webhook is told in each phase, beside what the whole way through the server would say."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.decision import Decision
from podproof.admission.phases import Phase, answer_phase
from podproof.admission.request import read_request

from .requests import namespace, pod, request

_ANY = {"rule": "RunAsAny"}
_POLICY = {
    "apiVersion": "policy/v1beta1",
    "kind": "PodSecurityPolicy",
    "metadata": {"name": "a"},
    "spec": {
        "seLinux": _ANY,
        "runAsUser": _ANY,
        "supplementalGroups": _ANY,
        "fsGroup": _ANY,
        "volumes": ["*"],
        "readOnlyRootFilesystem": True,
    },
}
_MASTERS = {"userInfo": {"username": "root", "groups": ["system:masters"]}}
_BASELINE = Cluster.from_objects([namespace(enforce="baseline")])
_PRIVILEGED = Cluster.from_objects([namespace()])
_WITH_POLICY = Cluster.from_objects([_POLICY], kubernetes_version="v1.24")
_NO_POLICY = Cluster.from_objects([], kubernetes_version="v1.24")


def _ask(cluster: Cluster, asked: dict[str, Any], phase: Phase) -> Decision:
    return answer_phase(cluster, read_request(asked), phase)


def _deployment(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "n"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": pod(**spec)},
    }


def test_a_pod_that_a_policy_would_change_is_changed_first_and_refused_as_it_is() -> None:
    asked = {**request(pod({})), **_MASTERS}
    mutated = _ask(_WITH_POLICY, asked, "mutating")
    assert mutated.allowed
    assert {operation["path"] for operation in mutated.patch} >= {
        "/spec/containers/0/securityContext/readOnlyRootFilesystem"
    }
    assert mutated.audit_annotations == {"podsecuritypolicy.policy.k8s.io/admit-policy": "a"}
    assert [report.name for report in mutated.policies] == ["a"]
    validated = _ask(_WITH_POLICY, asked, "validating")
    assert (validated.allowed, validated.code, validated.patch) == (False, 403, ())
    assert validated.plugin == "PodSecurityPolicy"
    assert validated.message == 'pods "p" is forbidden: PodSecurityPolicy: unable to validate pod: []'
    whole = _WITH_POLICY.admit(asked, mutated=True)
    assert whole.allowed


def test_a_pod_that_no_policy_admits_is_refused_in_both_phases() -> None:
    asked = {**request(pod()), **_MASTERS}
    for phase in ("mutating", "validating"):
        decision = _ask(_NO_POLICY, asked, phase)
        assert decision.message is not None
        assert decision.message.endswith("PodSecurityPolicy: no providers available to validate pod request")


@pytest.mark.parametrize("phase", ["mutating", "validating"])
@pytest.mark.parametrize(
    ("resource", "object_"),
    [("pods", pod()), ("configmaps", {"kind": "ConfigMap", "metadata": {"name": "c"}})],
)
def test_nothing_is_done_in_a_namespace_that_does_not_exist(
    resource: str, object_: dict[str, Any], phase: Phase
) -> None:
    object_ = {**object_, "metadata": {**object_["metadata"], "namespace": "none"}}
    asked = request(object_, resource=resource, namespace="none")
    decision = _ask(_BASELINE, asked, phase)
    assert (decision.allowed, decision.code) == (False, 404)
    assert (decision.message, decision.plugin) == ('namespaces "none" not found', "NamespaceLifecycle")
    for operation in ("DELETE", "CONNECT"):
        assert _ask(_BASELINE, {**asked, "operation": operation}, phase) == Decision(True)


@pytest.mark.parametrize("phase", ["mutating", "validating"])
def test_what_no_plugin_looks_at_is_allowed(phase: Phase) -> None:
    bad = pod(hostPID=True)
    for sub_resource in ("status", "exec", "attach", "binding", "eviction", "log", "portforward", "proxy"):
        assert _ask(_BASELINE, request(bad, subResource=sub_resource), phase) == Decision(True)
    config_map = {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}}
    assert _ask(_BASELINE, request(config_map, resource="configmaps"), phase) == Decision(True)
    scale = request(_deployment(hostPID=True), resource="deployments", group="apps", subResource="scale")
    assert _ask(_BASELINE, scale, phase) == Decision(True)


@pytest.mark.parametrize("sub_resource", ["", "ephemeralcontainers", "resize"])
def test_pods_are_judged_when_nothing_can_change_any_more(sub_resource: str) -> None:
    bad = pod(hostPID=True)
    old = pod(hostPID=True)
    old["spec"]["containers"][0]["image"] = "other"
    asked = request(bad, old, subResource=sub_resource)
    assert _ask(_BASELINE, asked, "mutating") == Decision(True)
    decision = _ask(_BASELINE, asked, "validating")
    assert (decision.code, decision.plugin) == (403, "PodSecurity")
    assert decision.message is not None
    assert decision.message.endswith('violates PodSecurity "baseline:latest": host namespaces (hostPID=true)')


def test_an_update_that_changes_nothing_that_counts_is_allowed() -> None:
    bad = pod(hostPID=True)
    assert _ask(_BASELINE, request(bad, bad), "validating") == Decision(True)


def test_what_makes_pods_is_warned_about_and_allowed() -> None:
    asked = request(_deployment(hostPID=True), resource="deployments", group="apps")
    assert _ask(_BASELINE, asked, "mutating") == Decision(True)
    decision = _ask(_BASELINE, asked, "validating")
    assert decision.allowed
    assert decision.warnings == (
        'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    )
    assert _ask(_PRIVILEGED, asked, "validating").warnings == ()
    assert _ask(_BASELINE, {**asked, "object": None}, "validating").allowed


def test_labels_of_namespaces_are_validated() -> None:
    asked = request(namespace(enforce="strict"), resource="namespaces", name="n")
    assert _ask(_PRIVILEGED, asked, "mutating") == Decision(True)
    decision = _ask(_PRIVILEGED, asked, "validating")
    assert decision.code == 422
    assert decision.message is not None
    assert "must be one of privileged, baseline, restricted" in decision.message


def test_what_the_server_validates_itself_is_not_validated_again() -> None:
    """By its own version's rules, which may be newer than ours."""
    odd = pod(containers=[{"name": "NOT A NAME", "image": "i"}], restartPolicy="NotYetKnown")
    asked = request(odd)
    assert _BASELINE.admit(asked, mutated=True).code == 422
    assert _ask(_BASELINE, asked, "validating").allowed
    deprecated = pod(nodeSelector={"beta.kubernetes.io/os": "linux"})
    assert _BASELINE.admit(request(deprecated), mutated=True).warnings != ()
    assert _ask(_BASELINE, request(deprecated), "validating").warnings == ()
    workload = request(_deployment(nodeSelector={"beta.kubernetes.io/os": "linux"}), resource="deployments")
    assert (
        _ask(
            _BASELINE, {**workload, "resource": {"group": "apps", "resource": "deployments"}}, "validating"
        ).warnings
        == ()
    )


@pytest.mark.parametrize(
    ("cluster", "asked", "message"),
    [
        (_BASELINE, request({"kind": "Pod", "spec": []}), "cannot be handled as a Pod"),
        (_BASELINE, request(pod(), {"kind": "Pod", "spec": []}), "cannot be handled as a Pod"),
        (_BASELINE, request(None), "failed to decode object"),
        (_PRIVILEGED, request(None), "failed to decode object"),
        (_BASELINE, {**request(pod()), "operation": "UPDATE"}, "failed to decode old object"),
        (_WITH_POLICY, {**request(pod()), **_MASTERS, "operation": "UPDATE"}, "unable to validate pod"),
        (
            _BASELINE,
            request({"kind": "Deployment", "spec": 1}, resource="deployments", group="apps"),
            "cannot be handled as a Deployment",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(cluster: Cluster, asked: dict[str, Any], message: str) -> None:
    decision = _ask(cluster, asked, "validating")
    assert not decision.allowed
    assert decision.message is not None
    assert message in decision.message
