"""How long a container waits to be started again, and in which words; the times are given.

Source: k8s.io/client-go v0.37.2 util/flowcontrol/backoff.go; kubernetes pkg/kubelet/kuberuntime.
"""

from typing import Any

import pytest

from podproof.kubelet.restarts import BackOff, back_off_event, back_off_message, should_restart


def test_each_failure_doubles_the_wait_up_to_five_minutes() -> None:
    back_off, waits = BackOff(), []
    assert (back_off.wait("c"), back_off.until("c", 7)) == (0, 7)
    for _ in range(8):
        back_off.advance("c", 0, 0)
        waits.append(back_off.wait("c"))
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]
    assert back_off.wait("other") == 0
    assert back_off.until("c", 7) == 307


@pytest.mark.parametrize(
    ("since", "now", "holds"),
    [(0, 0, True), (0, 9.9, True), (0, 10, False), (5, 14, True), (600, 601, True), (601, 602, False)],
)
def test_ten_minutes_of_health_are_enough_to_be_forgotten(since: float, now: float, holds: bool) -> None:
    back_off = BackOff()
    back_off.advance("c", 0, 0)
    assert back_off.holds("c", since, now) is holds
    back_off.advance("c", since, now)
    assert back_off.wait("c") == (10 if since > 600 else 20)


def test_a_scale_shortens_the_waits_and_not_the_words() -> None:
    back_off = BackOff(0.1, first=20, longest=50)
    back_off.advance("c", 0, 0)
    assert (back_off.wait("c"), back_off.until("c", 5)) == (20, 7)
    assert back_off.holds("c", 0, 1.9)
    assert not back_off.holds("c", 0, 2)
    for expected in (40, 50, 50):
        back_off.advance("c", 10, 10)
        assert back_off.wait("c") == expected
    # twice the longest wait, scaled
    assert back_off.holds("c", 20, 21)
    assert not back_off.holds("c", 20.5, 21)


@pytest.mark.parametrize(("wait", "words"), [(10, "10s"), (80, "1m20s"), (300, "5m0s")])
def test_the_words(wait: float, words: str) -> None:
    pod = "web_shop(1-2)"
    assert back_off_message(wait, "c", pod) == f"back-off {words} restarting failed container=c pod={pod}"
    assert back_off_event("c", pod) == f"Back-off restarting failed container c in pod {pod}"


def rule(operator: Any = "In", values: Any = (42,), action: Any = "Restart") -> dict[str, Any]:
    return {"action": action, "exitCodes": {"operator": operator, "values": list(values)}}


@pytest.mark.parametrize(
    ("own", "rules", "pods", "code", "again"),
    [
        (None, None, None, 0, True),
        (None, None, None, 1, True),
        (None, [rule()], "Never", 42, False),  # rules count beside the container's own policy alone
        ("Never", [rule()], "Always", 42, True),
        ("Never", [rule()], "Always", 1, False),
        ("Never", [rule("NotIn")], "Always", 1, True),
        ("Never", [rule("NotIn")], "Always", 42, False),
        ("Never", [rule(values=(1, 2))], "Always", 2, True),
        ("Never", [rule(values=())], "Always", 2, False),
        ("Never", [rule("NotIn", values=())], "Always", 2, True),
        ("Never", [rule(action="Other")], "Always", 42, False),
        ("Never", [rule(action="Other"), rule()], "Always", 42, True),
        ("Never", [{"action": "Restart"}], "Always", 42, False),
        ("Never", [{"action": "Restart", "exitCodes": {}}], "Always", 42, False),
        ("Never", None, "Always", 42, False),
        ("OnFailure", [rule()], "Never", 42, True),
        ("OnFailure", [rule()], "Never", 1, True),
        ("OnFailure", [rule()], "Never", 0, False),
        ("Always", [rule()], "Never", 0, True),
    ],
)
def test_rules_come_before_the_policy(
    own: str | None, rules: Any, pods: str | None, code: int, again: bool
) -> None:
    container = {"restartPolicy": own, "restartPolicyRules": rules}
    assert should_restart(container, {"restartPolicy": pods}, code) is again
    bare = {key: value for key, value in container.items() if value is not None}
    assert should_restart(bare, {} if pods is None else {"restartPolicy": pods}, code) is again
