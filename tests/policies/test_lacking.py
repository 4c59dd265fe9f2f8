"""How many controls a pod lacks at each level, counted from the verdict of one of them."""

from typing import Any

import pytest

from podproof.kube.default_pod import default_pod
from podproof.kube.feature_gates import read_feature_gates
from podproof.kube.read_pod import read_pod
from podproof.kube.versions import NEWEST
from podproof.policies.levels import LevelVersion
from podproof.policies.pod_security import Evaluator, evaluator, evaluator_of

PODS: list[dict[str, Any]] = [
    {"containers": [{"name": "c"}]},
    {"containers": [{"name": "c", "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}]},
    {"containers": [{"name": "c", "securityContext": {"capabilities": {"add": ["CHOWN"]}}}]},
    {"containers": [{"name": "c", "securityContext": {"procMount": "Unmasked"}}]},
    {"containers": [{"name": "c", "securityContext": {"seccompProfile": {"type": "Unconfined"}}}]},
    {"containers": [{"name": "c"}], "volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
    {"containers": [{"name": "c"}], "volumes": [{"name": "v", "nfs": {"server": "s", "path": "/"}}]},
    {"containers": [{"name": "c", "ports": [{"hostPort": 80}]}], "hostPID": True, "hostUsers": False},
    {
        "containers": [{"name": "c", "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}],
        "os": {"name": "windows"},
        "securityContext": {"runAsNonRoot": True},
    },
    {
        "containers": [
            {
                "name": "c",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "runAsNonRoot": True,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
            }
        ]
    },
]


def lacking(chosen: Evaluator, spec: dict[str, Any]) -> tuple[int | None, int | None]:
    pod = default_pod(read_pod({"spec": spec}))
    return chosen.lacking(pod, chosen.evaluate(pod))


def violated(chosen: Evaluator, spec: dict[str, Any]) -> int:
    return len(chosen.evaluate(default_pod(read_pod({"spec": spec}))).violations)


@pytest.mark.parametrize("spec", PODS)
def test_each_level_counts_what_it_would_say_itself(spec: dict[str, Any]) -> None:
    for minor in range(NEWEST + 1):
        baseline, restricted = (evaluator(level, f"v1.{minor}") for level in ("baseline", "restricted"))
        expected = violated(baseline, spec), violated(restricted, spec)
        assert lacking(restricted, spec) == expected, minor
        assert lacking(baseline, spec) == (expected[0], None), minor
        assert lacking(evaluator("privileged", f"v1.{minor}"), spec) == (None, None)


def test_a_control_of_baseline_that_restricted_replaces_is_counted_at_both() -> None:
    """A violation of the stricter control does not say whether the other one holds."""
    restricted = evaluator("restricted")
    assert lacking(restricted, PODS[0]) == (0, 4)
    assert lacking(restricted, PODS[1]) == (1, 4)
    assert lacking(restricted, PODS[5]) == (1, 5)
    assert lacking(restricted, PODS[6]) == (0, 5)
    assert lacking(restricted, PODS[9]) == (0, 0)


def test_what_only_other_systems_have_is_no_matter_of_restricted() -> None:
    """Restricted leaves the capabilities of Windows pods alone, and so replaces what baseline says."""
    assert lacking(evaluator("restricted"), PODS[8]) == (1, 0)


def test_a_gate_that_spares_user_namespaces_spares_them_at_both_levels() -> None:
    gates = read_feature_gates({"UserNamespacesPodSecurityStandards": True}, 34, where="test")
    spec = {**PODS[3], "hostUsers": False}
    relaxed = evaluator_of(LevelVersion("restricted", "v1.34"), gates)
    assert lacking(relaxed, spec) == (0, 3)
    assert lacking(evaluator("restricted", "v1.34", "v1.34"), spec) == (1, 5)
