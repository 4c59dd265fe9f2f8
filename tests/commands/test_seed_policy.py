"""The seed's policy, corrected, where everybody may use it: which of the pods of the seed it takes."""

import json
from pathlib import Path

from .conftest import ROOT, Run

CORRECTED = ROOT / "examples" / "seed" / "corrected"
GRANT = """\
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
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}]
"""
BLOCKED = {
    # what the text says
    "privileged.yaml": "Invalid value: true: Privileged containers are not allowed",
    # and what it does not: what a policy does not mention is not allowed
    "capabilities.yaml": 'Invalid value: "NET_BIND_SERVICE": capability may not be added',
    "capabilities-drop-all.yaml": 'Invalid value: "NET_BIND_SERVICE": capability may not be added',
    "least-privilege.yaml": "seccomp may not be set",
    "port-80.yaml": "seccomp may not be set",
}
NO_PODS = {"namespace.yaml", "pod-security-policy.yaml"}


def test_it_blocks_what_the_seed_says_and_admits_the_rest(podproof: Run, tmp_path: Path) -> None:
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    (cluster / "policy.yaml").write_text((CORRECTED / "pod-security-policy.yaml").read_text())
    (cluster / "rbac.yaml").write_text(GRANT)
    result = podproof("admit", str(CORRECTED), "--cluster", str(cluster), "--format", "json")
    assert result.returncode == 1
    answers: dict[str, list[tuple[bool, str]]] = {}
    for line in result.stdout.decode().splitlines():
        response = json.loads(line)["response"]
        file = Path(response["uid"].rpartition(":")[0]).name
        answers.setdefault(file, []).append(
            (response["allowed"], (response.get("status") or {}).get("message", ""))
        )
    assert answers.keys() == {path.name for path in CORRECTED.iterdir()}
    denied = {file for file, given in answers.items() if not all(allowed for allowed, _ in given)}
    assert denied == BLOCKED.keys()
    for file, words in BLOCKED.items():
        ((allowed, message),) = answers[file]
        assert not allowed
        assert "is forbidden: PodSecurityPolicy: unable to admit pod: [" in message
        assert words in message
    taken = [file for file, given in answers.items() if all(allowed for allowed, _ in given)]
    assert len(set(taken) - NO_PODS) >= 8
