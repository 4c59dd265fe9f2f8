"""`kubectl describe pod`: state, restarts and times of a container, also where the status lacks them."""

from typing import Any

import pytest
from test_describe import lines

NEVER = "Mon, 01 Jan 0001 00:00:00 +0000"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, ["Ready: False", "Restart Count: 0"]),
        ({"ready": True, "restartCount": 3}, ["Ready: True", "Restart Count: 3"]),
    ],
)
def test_ready_and_restarts(status: dict[str, Any], expected: list[str]) -> None:
    found = lines(status=status)
    assert [line for line in found if line.startswith(("Ready: ", "Restart Count:"))][:2] == expected


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2023-11-14T22:13:20Z", "Tue, 14 Nov 2023 22:13:20 +0000"),
        ("2023-11-14T23:13:20+01:00", "Tue, 14 Nov 2023 22:13:20 +0000"),
        ("", NEVER),
        (None, NEVER),
        (7, NEVER),
    ],
)
def test_times(time: Any, shown: str) -> None:
    assert f"Started: {shown}" in lines(status={"state": {"running": {"startedAt": time}}})
    ended = lines(status={"state": {"terminated": {"exitCode": 1, "startedAt": time, "finishedAt": time}}})
    assert f"Started: {shown}" in ended
    assert f"Finished: {shown}" in ended
