"""What is accepted is shared out in the order of the segments, and nobody has more than there is."""

import pytest

from podproof.results.accepted import Accepted, AcceptedFinding
from podproof.results.fingerprint import Subject
from podproof.session.check_run.allowances import share_out

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
