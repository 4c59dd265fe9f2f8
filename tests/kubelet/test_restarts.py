"""Back-off and restart rules, on times that are given."""

from typing import Any

import pytest

from podproof.kubelet.restarts import BackOff, should_restart


def test_back_off_forgets_after_ten_minutes_of_health() -> None:
    back_off = BackOff()
    assert not back_off.holds("c", 100, 100)
    back_off.advance("c", 100, 100)
    assert back_off.holds("c", 101, 105)
    assert not back_off.holds("c", 101, 111)
    back_off.advance("c", 101, 111)
    assert back_off.wait("c") == 20
    assert not back_off.holds("c", 111 + 601, 111 + 602)
    back_off.advance("c", 111 + 601, 111 + 602)
    assert back_off.wait("c") == 10


@pytest.mark.parametrize(
    ("container", "policy", "code", "again"),
    [
        ({}, "Always", 0, True),
        ({}, "OnFailure", 0, False),
        ({}, "OnFailure", 1, True),
        ({}, "Never", 1, False),
        ({"restartPolicy": "Always"}, "Never", 0, True),
        ({"restartPolicy": "Never"}, "Always", 1, False),
        ({"restartPolicy": "OnFailure"}, "Always", 0, False),
        (
            {
                "restartPolicy": "Never",
                "restartPolicyRules": [
                    {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}
                ],
            },
            "Never",
            42,
            True,
        ),
        (
            {
                "restartPolicy": "Never",
                "restartPolicyRules": [
                    {"action": "Restart", "exitCodes": {"operator": "NotIn", "values": [42]}}
                ],
            },
            "Never",
            42,
            False,
        ),
    ],
)
def test_who_is_started_again(container: dict[str, Any], policy: str, code: int, again: bool) -> None:
    assert should_restart(container, {"restartPolicy": policy}, code) is again
