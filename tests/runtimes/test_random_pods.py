"""Of 200 random pods the kernel shows what was predicted; of every tenth the attacks end as predicted too."""

from pathlib import Path

import pytest
from attacked import attacked, this_node
from random_pods import random_pod

from podproof.effective.compare import compare, differences
from podproof.runtimes.attackers import attack_pod
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.session.prove.attacks import all_attacks

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_prediction_is_observation(embedded: EmbeddedEngine, first: int) -> None:
    node = this_node()
    assert node.capabilities is not None
    wrong: list[object] = []
    compared = 0
    for seed in range(first, first + 20):
        pod = random_pod(seed, node.capabilities)
        with attacked(embedded, pod) as targets:
            for target in targets:
                assert target.observed is not None
                found = compare(target.predicted, target.observed, existing=frozenset(node.paths or ()))
                compared += sum(one.equal is True for one in found)
                wrong += [
                    (pod, target.name, one.field, one.predicted, one.observed) for one in differences(found)
                ]
            if seed % 10 == 0:
                folder = Path(targets[0].running.sandbox_request.log_directory)
                for name, held in attack_pod(embedded, targets, all_attacks(), folder).items():
                    wrong += [
                        (pod, name, result.attack.id, result.expected, result.outcome, result.evidence)
                        for result in held.results
                        if result.as_predicted is False
                    ]
    assert wrong == []
    assert compared > 20 * 20
