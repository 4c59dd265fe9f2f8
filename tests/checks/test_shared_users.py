"""Whose user is shared with whom: pods beside each other, workloads across files, and what both mount."""

import pytest

from podproof.checks.model.across import ContainerUser, Member
from podproof.checks.shared_user_id import CHECK
from podproof.findings import ContainerRef


def member(
    pod: int,
    name: str = "app",
    *,
    uid: int = 1000,
    workload: str | None = None,
    volumes: str = "",
    storage: str = "",
) -> Member:
    """Make a container of a pod; `volumes` and `storage` are words."""
    user = ContainerUser(
        ContainerRef(name, "container"),
        ("spec", "containers", 0, "securityContext", "runAsUser"),
        uid,
        frozenset(volumes.split()),
        frozenset(storage.split()),
    )
    return Member(pod, workload, f" of {workload}" if workload else "", f"{pod}.yaml", 7, user)


def found(*members: Member) -> list[int]:
    """Give the members that share their users."""
    return [index for index, _ in CHECK.find(members)]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([member(0)], []),
        ([member(0), member(1)], [0, 1]),
        ([member(0), member(1, uid=1001)], []),
        ([member(0), member(1, uid=1001), member(2)], [0, 2]),
        ([member(0, "a"), member(0, "b")], [0, 1]),
        ([member(0, "a"), member(0, "b", uid=1001)], []),
        ([member(0, "a", uid=5), member(0, "b"), member(1, uid=5)], [0, 2]),
        # the same workload in two files, or two pods of it
        ([member(0, workload="x"), member(1, workload="x")], []),
        ([member(0, workload="x"), member(1, workload="y")], [0, 1]),
        # what both can write anyway
        ([member(0, "a", volumes="v"), member(0, "b", volumes="v w")], []),
        ([member(0, "a", volumes="v"), member(0, "b", volumes="w")], [0, 1]),
        ([member(0, "a", volumes="v"), member(1, "b", volumes="v")], [0, 1]),
        ([member(0, storage="s"), member(1, storage="s t")], []),
        ([member(0, storage="s"), member(1, storage="t")], [0, 1]),
        ([member(0, "a", storage="s"), member(0, "b", storage="s")], [0, 1]),
    ],
)
def test_who_shares_a_user(members: list[Member], expected: list[int]) -> None:
    assert found(*members) == expected


def test_a_container_is_compared_with_the_first_64_workloads() -> None:
    beside = [member(number, storage="s") for number in range(63)]
    apart = member(100)
    assert found(*beside, apart) == list(range(64))
    assert found(*beside, member(99, storage="s"), apart) == [64]


def test_up_to_three_others_are_named() -> None:
    users = [member(number, f"c{number}") for number in range(5)]
    messages = [next(finding.message for _, finding in CHECK.find(users[:count])) for count in range(2, 6)]
    assert messages == [
        f'container "c0" runs as user 1000, as {others}: give it a runAsUser of its own'
        for others in (
            'does container "c1" (1.yaml:7)',
            'do container "c1" (1.yaml:7) and container "c2" (2.yaml:7)',
            'do container "c1" (1.yaml:7), container "c2" (2.yaml:7) and container "c3" (3.yaml:7)',
            'do container "c1" (1.yaml:7), container "c2" (2.yaml:7), container "c3" (3.yaml:7) and others',
        )
    ]


def test_the_container_whose_workload_is_named_says_it() -> None:
    users = [member(0, "a", workload="Deployment x"), member(1, "b", workload="Deployment y")]
    others = 'container "b" of Deployment y (1.yaml:7)', 'container "a" of Deployment x (0.yaml:7)'
    for (_, finding), other in zip(CHECK.find(users), others, strict=True):
        assert f"as does {other}: give it" in finding.message
