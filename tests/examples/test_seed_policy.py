"""The seed's PodSecurityPolicy, corrected and in force: which pods it admits, which it blocks."""

from pathlib import Path
from typing import Any

import pytest

from podproof.admission import cluster as admission
from podproof.session.admit.cluster_folder import read_cluster

CORRECTED = Path(__file__).parents[2] / "examples" / "seed" / "corrected" / "pod-security-policy.yaml"
RBAC = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: use-example}
rules:
- {apiGroups: [policy], resources: [podsecuritypolicies], resourceNames: [example], verbs: [use]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: use-example}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: use-example}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: dave}]
"""


def answer(folder: Path, policy: str, context: dict[str, Any], user: str = "dave") -> Any:
    """Return the Decision on a pod that has a volume, with the policy and its grant read from a folder."""
    (folder / "policy.yaml").write_text(policy)
    (folder / "rbac.yaml").write_text(RBAC)
    objects = read_cluster(str(folder))
    assert objects.problems == ()
    cluster = admission.Cluster.from_objects(
        [placed.object for placed in objects.by_key.values()], kubernetes_version="v1.24"
    )
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "containers": [{"name": "web", "image": "demo:1", "securityContext": context}],
            "volumes": [{"name": "data", "emptyDir": {}}],
        },
    }
    request = {
        "uid": "1",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "web",
        "namespace": "default",
        "operation": "CREATE",
        "userInfo": {"username": user, "groups": ["system:authenticated"]},
        "object": pod,
    }
    return cluster.admit(request)


@pytest.mark.parametrize("context", [{}, {"privileged": False}, {"runAsUser": 0}])
def test_the_corrected_policy_admits_what_is_not_privileged(tmp_path: Path, context: dict[str, Any]) -> None:
    assert answer(tmp_path, CORRECTED.read_text(), context).allowed


def test_the_corrected_policy_blocks_privileged_containers(tmp_path: Path) -> None:
    decision = answer(tmp_path, CORRECTED.read_text(), {"privileged": True})
    assert not decision.allowed
    assert "Privileged containers are not allowed" in decision.message


def test_the_corrected_policy_helps_only_who_may_use_it(tmp_path: Path) -> None:
    assert not answer(tmp_path, CORRECTED.read_text(), {}, user="eve").allowed


def test_volumes_outside_spec_allow_no_volume(tmp_path: Path) -> None:
    printed = CORRECTED.read_text().replace("  volumes:\n  - '*'", "volumes:\n- '*'")
    assert printed != CORRECTED.read_text()
    decision = answer(tmp_path, printed, {})
    assert not decision.allowed
    assert "emptyDir volumes are not allowed to be used" in decision.message
