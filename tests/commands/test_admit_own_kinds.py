"""`podproof admit --cluster` with Podproof's own kinds in the folder: nothing else is needed to try them."""

from pathlib import Path

import pytest

from .conftest import Run

CONFIGURATION = """\
apiVersion: podproof.dev/v1alpha1
kind: PodproofConfiguration
podSecurityExemption: {enabled: true}
podSecurityPolicy: {enabled: POLICIES}
"""
CLUSTER = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: podproof.dev/v1alpha1
kind: PodSecurityExemption
metadata: {name: agent}
spec:
  owner: team-a
  reason: looks at processes of the node
  expires: "EXPIRES"
  namespaces: [shop]
  checks: [host-namespaces]
---
apiVersion: podproof.dev/v1alpha1
kind: PodSecurityPolicy
metadata: {name: filling}
spec:
  hostPID: true
  readOnlyRootFilesystem: true
  seLinux: {rule: RunAsAny}
  runAsUser: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: use}
rules: [{apiGroups: [podproof.dev], resources: [podsecuritypolicies], verbs: [use]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: use}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: use}
subjects: [{kind: User, name: ann}]
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  hostPID: true
  containers: [{name: c, image: nginx}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "pod.yaml").write_text(POD)
    return tmp_path


def _admit(podproof: Run, folder: Path, *options: str, policies: str, expires: str) -> tuple[int, str, str]:
    (folder / "cluster" / "all.yaml").write_text(CLUSTER.replace("EXPIRES", expires))
    (folder / "cluster" / "configuration.yaml").write_text(CONFIGURATION.replace("POLICIES", policies))
    result = podproof("admit", "pod.yaml", "--cluster", "cluster", "-n", "shop", *options, cwd=folder)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def test_an_exemption_counts(podproof: Run, folder: Path) -> None:
    code, said, _ = _admit(podproof, folder, policies="false", expires="2999-01-01T00:00:00Z")
    assert (code, "pod/a created" in said) == (0, True), said


def test_one_that_has_expired_does_not(podproof: Run, folder: Path) -> None:
    code, said, _ = _admit(podproof, folder, policies="false", expires="2020-01-01T00:00:00Z")
    assert code == 1
    assert 'violates PodSecurity "baseline:latest": host namespaces (hostPID=true)' in said
    assert "it expired at 2020-01-01T00:00:00Z; ask team-a" in said


def test_a_policy_is_needed_and_fills_in(podproof: Run, folder: Path) -> None:
    later = "2999-01-01T00:00:00Z"
    code, said, _ = _admit(podproof, folder, policies="true", expires=later)
    assert (code, "PodSecurityPolicy: unable to admit pod: []" in said) == (1, True)
    code, said, _ = _admit(podproof, folder, "--user", "ann", policies="true", expires=later)
    assert code == 0, said
    assert "readOnlyRootFilesystem" in said


def test_what_nobody_has_enabled_is_noted(podproof: Run, folder: Path) -> None:
    (folder / "cluster" / "all.yaml").write_text(CLUSTER.replace("EXPIRES", "2999-01-01T00:00:00Z"))
    result = podproof("admit", "pod.yaml", "--cluster", "cluster", cwd=folder)
    assert result.returncode == 1
    assert "no configuration enables PodSecurityExemption" in result.stderr.decode()
    assert "no configuration enables PodSecurityPolicy" in result.stderr.decode()
