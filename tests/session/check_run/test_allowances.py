"""What is accepted is shared out in the order of the segments, and nobody has more than there is."""

import pytest

from podproof.results.accepted import Accepted, AcceptedFinding
from podproof.results.fingerprint import Subject
from podproof.session.check_run.allowances import share_list, share_out

ACCEPTED = Accepted({name: AcceptedFinding(Subject(name), count) for name, count in (("a", 2), ("b", 1))})


@pytest.mark.parametrize(
    ("wanted", "allowances"),
    [
        ([{"a": 2}, {"b": 1}], {}),
        ([{"a": 1}, {"a": 1, "b": 1}], {}),
        ([{"a": 5}], {}),
        ([{"a": 2}, {"a": 1}], {1: {"a": 0}}),
        ([{"a": 1}, {"a": 5}, {"a": 1}], {1: {"a": 1}, 2: {"a": 0}}),
        ([{"b": 1}, {"a": 1, "b": 1}, {"b": 3}], {1: {"b": 0}, 2: {"b": 0}}),
    ],
)
def test_shares(wanted: list[dict[str, int]], allowances: dict[int, dict[str, int]]) -> None:
    assert share_out(ACCEPTED, enumerate(wanted)) == allowances


@pytest.mark.parametrize(
    ("broken", "shares"),
    [
        ([], {}),
        ([3], {}),
        ([12], {}),  # it tells of its own rest
        ([4, 6], {}),
        ([4, 7], {1: (6, 1)}),
        ([4, 7, 1], {1: (6, 2), 2: (0, 0)}),
        ([10, 1], {0: (10, 1), 1: (0, 0)}),
        ([12, 30], {0: (10, 32), 1: (0, 0)}),
        ([2, 30], {1: (8, 22)}),
        ([2, 30, 15], {1: (8, 37), 2: (0, 0)}),
    ],
)
def test_stretches_share_one_list(broken: list[int], shares: dict[int, tuple[int, int]]) -> None:
    assert share_list(list(enumerate(broken)), 10) == shares
