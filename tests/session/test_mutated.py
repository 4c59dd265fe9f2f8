"""Pods as a cluster stores them: what policies filled in, by whom, and refusals."""

from pathlib import Path
from typing import Any

import pytest

from podproof.admission.decision import Decision
from podproof.effective.setting import Setting
from podproof.kube.feature_gates import FeatureGates
from podproof.session.admit.identity import Requester
from podproof.session.admit.prepared_cluster import prepare
from podproof.session.admit.stored_pod import Admission, Admitted
from podproof.session.explain_object import explain_value
from podproof.session.judging.pods import Stored, pods_of

POLICIES = Path(__file__).parents[2] / "examples" / "admit" / "policies" / "cluster"
CONTAINERS = {"containers": [{"name": "web", "image": "nginx:1.27"}]}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": CONTAINERS,
}
CONTEXT = ("spec", "containers", 0, "securityContext")


def deployment(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec},
        },
    }


def admission(
    folder: Path = POLICIES, requester: Requester | None = None, version: str | None = None
) -> Admission:
    prepared = prepare(cluster=str(folder), config=None, kubernetes_version=version)
    return Admission(prepared, requester or Requester())


def admitted(value: dict[str, Any], cluster: Admission) -> Admitted:
    (stored,) = pods_of(value, FeatureGates(24))
    assert isinstance(stored, Stored)
    return cluster.admit(value, stored)


def refusal_of(value: dict[str, Any], cluster: Admission) -> Decision:
    found = admitted(value, cluster)
    assert found.pod is None
    assert found.refusal is not None
    return found.refusal


def test_a_policy_fills_in_a_pod_and_is_named_with_its_place() -> None:
    found = admitted(POD, admission())
    assert found.pod is not None
    assert found.pod.spec is not None
    assert found.pod.spec.containers is not None
    context = found.pod.spec.containers[0].security_context
    assert context is not None
    assert context.run_as_user == 10000
    assert found.pod.spec.service_account_name == "default"
    origin = found.provenance[*CONTEXT, "runAsUser"]
    assert (origin.kind, origin.text) == ("policy", "PodSecurityPolicy confined, runAsUser.ranges[0]")
    assert origin.file == str(POLICIES / "policies.yaml")
    assert origin.line == 7


def test_a_field_that_follows_from_a_policy_s_annotation_has_the_policy_as_its_origin() -> None:
    origin = admitted(POD, admission()).provenance["spec", "securityContext", "seccompProfile"]
    assert origin.text.startswith("PodSecurityPolicy confined, annotations[")


def test_the_pod_of_a_workload_is_sent_by_its_controller_and_routes_are_those_of_the_workload() -> None:
    found = admitted(deployment(CONTAINERS), admission())
    assert found.refusal is None
    origin = found.provenance[*CONTEXT, "runAsUser"]
    assert origin.route == ("spec", "template", *CONTEXT, "runAsUser")


def test_what_a_policy_leaves_alone_has_no_provenance() -> None:
    root = {"name": "a", "image": "i", "securityContext": {"runAsUser": 0}}
    spec = {"serviceAccountName": "builder", "containers": [root]}
    assert admitted({**POD, "spec": spec}, admission()).provenance == {}


def test_the_service_account_decides_which_policy_serves() -> None:
    root = {"containers": [{"name": "a", "image": "i", "securityContext": {"runAsUser": 0}}]}
    assert refusal_of({**POD, "spec": root}, admission()).reason == "Forbidden"
    builder = admission(requester=Requester(account=("shop", "builder")))
    assert admitted({**POD, "spec": root}, builder).refusal is None


def test_a_refused_pod_is_explained_as_written_and_does_not_start() -> None:
    spec = {"containers": [{"name": "a", "image": "i", "securityContext": {"privileged": True}}]}
    (told,) = explain_value(
        {**POD, "spec": spec},
        Setting(version=24),
        admission=admission(),
    )
    (container,) = told.containers
    assert container.start.starts is False
    assert container.start.reason == "Forbidden"
    assert container.start.message.startswith(
        'pods "web" is forbidden: PodSecurityPolicy: unable to admit pod'
    )
    assert container.fields["privileged"].value is True
    assert container.fields["privileged"].origin.kind == "container"


def test_a_namespace_that_does_not_exist_is_said_to_be_missing() -> None:
    told = refusal_of({**POD, "metadata": {"name": "web"}}, admission(requester=Requester(namespace="none")))
    assert (told.reason, told.message) == ("NotFound", 'namespaces "none" not found')


@pytest.mark.parametrize(("level", "allowed"), [("baseline", True), ("restricted", False)])
def test_namespace_labels_of_a_newer_cluster_decide_too(tmp_path: Path, level: str, allowed: bool) -> None:
    (tmp_path / "namespace.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
        f"  labels: {{pod-security.kubernetes.io/enforce: {level}}}\n"
    )
    assert (admitted(POD, admission(tmp_path, version="v1.37")).refusal is None) is allowed


def test_problems_of_the_folder_are_told_even_without_a_pod(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("kind: Role\nmetadata: {}\n---\na: {\n")
    assert any("broken.yaml" in problem for problem in admission(tmp_path).problems)
