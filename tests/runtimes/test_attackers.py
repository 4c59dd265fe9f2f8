"""On the embedded engine: what was predicted is what the kernel shows, and attacks end as they should."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from attacked import attacked, this_node

import podproof.attacks
from podproof.attacks.model.attack import Attack
from podproof.effective.compare import Comparison, compare, differences
from podproof.registry import members
from podproof.runtimes.attackers import Attacked, Target, attack_pod
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.runtimes.observation.enforced import observe_enforced
from podproof.session.prove.enforced import compare_attacker, compare_enforced

ATTACKS = members(podproof.attacks, "ATTACK", Attack)

PODS = """
metadata: {name: defaults}
spec:
  containers: [{name: a, image: "local.lab/bb:1"}]
---
metadata: {name: restricted}
spec:
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    seccompProfile: {type: RuntimeDefault}
  containers:
  - name: a
    image: local.lab/bb:1
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
---
metadata: {name: bound-only}
spec:
  containers:
  - name: user
    image: local.lab/bb:1
    securityContext: {runAsUser: 1000, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}
  - name: root
    image: local.lab/bb:1
    securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}
---
metadata: {name: privileged}
spec:
  containers: [{name: a, image: "local.lab/bb:1", securityContext: {privileged: true}}]
---
metadata: {name: shared}
spec:
  shareProcessNamespace: true
  securityContext: {fsGroup: 20001}
  volumes: [{name: data, emptyDir: {}}]
  containers:
  - name: one
    image: local.lab/bb:1
    securityContext: {runAsUser: 10001}
    volumeMounts: [{name: data, mountPath: /data}]
  - name: same
    image: local.lab/bb:1
    securityContext: {runAsUser: 10001}
    volumeMounts: [{name: data, mountPath: /other}]
  - name: another
    image: local.lab/bb:1
    securityContext: {runAsUser: 10002}
    volumeMounts: [{name: data, mountPath: /data}]
  - name: root
    image: local.lab/bb:1
    volumeMounts: [{name: data, mountPath: /data}]
---
metadata: {name: low-ports}
spec:
  securityContext:
    runAsUser: 1000
    seccompProfile: {type: RuntimeDefault}
    sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "80"}]
  containers: [{name: a, image: "local.lab/bb:1", securityContext: {readOnlyRootFilesystem: true}}]
---
metadata: {name: on-node}
spec:
  hostNetwork: true
  hostPID: true
  hostIPC: true
  containers:
  - {name: a, image: "local.lab/bb-num:1", securityContext: {capabilities: {add: [SYS_ADMIN]}}}
  - name: b
    image: local.lab/bb:1
    securityContext: {seccompProfile: {type: RuntimeDefault}, capabilities: {add: [SYS_ADMIN, SYS_PTRACE]}}
"""


def surroundings_that_differ(
    engine: EmbeddedEngine, targets: tuple[Target, ...], results: Mapping[str, Attacked]
) -> list[tuple[str, str, Any]]:
    """What is enforced otherwise than asked for, and where an attacker is not as its container."""
    existing = frozenset(this_node().paths or ())
    compared: list[tuple[str, Comparison]] = []
    for target in targets:
        assert target.pid is not None
        assert target.observed is not None
        held, request = results[target.name], target.running.request
        assert held.witness is not None
        seen = observe_enforced(target.pid, request.mounts)
        runtime = engine.features().runtime
        enforced = compare_enforced(request, seen, held.surroundings, runtime=runtime)
        assert [one.field for one in enforced if one.equal is None] in ([], [*NOT_ON_V2])
        alike = compare_attacker(target.observed, held.witness, existing=existing)
        compared += [(target.name, one) for one in (*enforced, *alike)]
    return [(name, one.field, one.why) for name, one in compared if one.equal is False]


NOT_ON_V2 = ("device_cgroup", "cgroup.cpu_shares")


@pytest.mark.parametrize("pod", list(yaml.safe_load_all(PODS)), ids=lambda pod: pod["metadata"]["name"])
def test_the_kernel_agrees(embedded: EmbeddedEngine, pod: dict[str, Any]) -> None:
    with attacked(embedded, pod) as targets:
        existing = frozenset(this_node().paths or ())
        for target in targets:
            assert differences(compare(target.predicted, target.observed, existing=existing)) == ()
        results = attack_pod(
            embedded, targets, ATTACKS, Path(targets[0].running.sandbox_request.log_directory)
        )
        assert surroundings_that_differ(embedded, targets, results) == []
        wrong = [
            (
                name,
                result.attack.id,
                result.target,
                str(result.expected),
                result.expected.why,
                str(result.outcome),
                result.evidence,
            )
            for name, held in results.items()
            for result in held.results
            if result.as_predicted is False
        ]
        assert wrong == []
