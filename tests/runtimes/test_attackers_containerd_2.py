"""On containerd 2.x: the pods of the embedded engine's test, and what only this one has: user namespaces."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from attacked import attacked, this_node
from containerd_2 import containerd_2
from random_pods import random_pod
from test_attackers import PODS, surroundings_that_differ

from podproof.effective.compare import compare, differences
from podproof.runtimes.attackers import attack_pod
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.session.prove.attacks import all_attacks

pytestmark = pytest.mark.slow

MORE = """
metadata: {name: mapped}
spec:
  hostUsers: false
  containers:
  - {name: root, image: "local.lab/bb:1"}
  - {name: user, image: "local.lab/bb:1", securityContext: {runAsUser: 1000, allowPrivilegeEscalation: false}}
---
metadata: {name: mapped-strong}
spec:
  hostUsers: false
  containers:
  - name: a
    image: local.lab/bb:1
    securityContext: {capabilities: {add: [SYS_ADMIN, SYS_TIME]}}
---
metadata: {name: mapped-unmasked}
spec:
  hostUsers: false
  containers: [{name: a, image: "local.lab/bb:1", securityContext: {procMount: Unmasked}}]
---
metadata: {name: strict}
spec:
  securityContext: {runAsUser: 1000, supplementalGroups: [60000], supplementalGroupsPolicy: Strict}
  containers: [{name: a, image: "local.lab/bb:1"}]
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    with containerd_2() as engine:
        yield engine


def verify(engine: EmbeddedEngine, pod: dict[str, Any], *, attack: bool = True) -> list[object]:
    wrong: list[object] = []
    with attacked(engine, pod) as targets:
        existing = frozenset(this_node().paths or ())
        for target in targets:
            assert target.observed is not None
            wrong += [
                (target.name, one.field, one.predicted, one.observed)
                for one in differences(compare(target.predicted, target.observed, existing=existing))
            ]
        folder = Path(targets[0].running.sandbox_request.log_directory)
        results = attack_pod(engine, targets, all_attacks(), folder) if attack else {}
        wrong += surroundings_that_differ(engine, targets, results) if attack else []
        for name, held in results.items():
            wrong += [
                (name, one.attack.id, one.target, one.expected, one.outcome, one.evidence)
                for one in held.results
                if one.as_predicted is False
            ]
    return wrong


@pytest.mark.parametrize(
    "pod", [*yaml.safe_load_all(PODS), *yaml.safe_load_all(MORE)], ids=lambda pod: pod["metadata"]["name"]
)
def test_the_kernel_agrees(engine: EmbeddedEngine, pod: dict[str, Any]) -> None:
    assert verify(engine, pod) == []


def test_random_pods(engine: EmbeddedEngine) -> None:
    capabilities = this_node().capabilities
    assert capabilities is not None
    wrong = [
        (seed, found)
        for seed in range(1000, 1020)
        for found in verify(engine, random_pod(seed, capabilities), attack=False)
    ]
    assert wrong == []
