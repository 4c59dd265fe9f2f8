"""Ten thousand exemptions cost no more than one look at each, and a namespace's own no look at others."""

import time
from typing import Any

import cost
import pytest

from podproof import Cluster

from .exempted import ask, cluster, container, enforcing, exemption, namespace, pod

HOST_PID = pod(hostPID=True)
SELECTOR = {"matchExpressions": [{"key": "team", "operator": "In", "values": ["b"]}]}


def _many(number: int, **spec: Any) -> list[dict[str, Any]]:
    return [exemption(f"e{index}", **spec) for index in range(number)]


@pytest.mark.parametrize(
    "spec",
    [
        {"namespaces": ["shop"]},
        {"namespaces": None, "namespaceSelector": {"matchLabels": {"team": "a"}}},
        {"namespaces": None, "namespaceSelector": SELECTOR},
        {"objectSelector": {"matchLabels": {"a": "b"}}},
        {"checks": ["privileged"], "containers": ["web", "log"]},
    ],
)
def test_work_grows_with_their_number(spec: dict[str, Any]) -> None:
    def answer(number: int) -> None:
        ask(cluster(enforcing("baseline", team="a"), *_many(number, **spec)), HOST_PID)

    assert cost.growth(answer, 25) < cost.LINEAR


def test_many_containers_and_many_exemptions_are_not_multiplied() -> None:
    def answer(number: int) -> None:
        names = [f"c{index}" for index in range(number)]
        exemptions = [exemption(f"e-{name}", checks=["privileged"], containers=[name]) for name in names]
        ask(
            cluster(enforcing("baseline"), *exemptions),
            pod(*(container(name, {"privileged": True}) for name in names)),
        )

    assert cost.growth(answer, 25) < cost.LINEAR


@pytest.fixture(scope="module")
def ten_thousand() -> Cluster:
    others = [namespace(f"n{index}") for index in range(100)]
    elsewhere = [exemption(f"e{index}", namespaces=[f"n{index % 100}"]) for index in range(9_000)]
    selecting = _many(1_000, namespaces=None, namespaceSelector=SELECTOR)
    return cluster(enforcing("baseline"), *others, *elsewhere, *selecting, exemption("own"))


def test_with_ten_thousand_elsewhere_an_answer_is_as_fast(ten_thousand: Cluster) -> None:
    few = cluster(enforcing("baseline"), exemption("own"))

    def seconds(known: Cluster) -> float:
        assert ask(known, HOST_PID).allowed
        least = float("inf")
        for _ in range(20):
            begun = time.process_time()
            for _ in range(5):
                ask(known, HOST_PID)
            least = min(least, time.process_time() - begun)
        return least

    assert seconds(ten_thousand) < 3 * seconds(few) + 1e-3


def test_a_change_shares_what_is_unchanged(ten_thousand: Cluster) -> None:
    least = float("inf")
    for _ in range(20):  # the garbage of other tests may be collected in one of them
        begun = time.process_time()
        changed = ten_thousand.without("PodSecurityExemption.podproof.dev", "own")
        least = min(least, time.process_time() - begun)
    assert least < 0.05
    assert not ask(changed, HOST_PID).allowed
    assert ask(ten_thousand, HOST_PID).allowed
