"""Why containers ended: the runtime's words and the termination message, in one line each."""

from typing import Any

import pytest

from podproof.kubelet.endings import endings

START = {"reason": "StartError", "exitCode": 128, "message": 'exec: "/nope":\n no such file'}


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ({"state": {"terminated": START}}, 'StartError, exit code 128: exec: "/nope": no such file'),
        (
            {
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
                "lastState": {"terminated": START},
            },
            'last end: StartError, exit code 128: exec: "/nope": no such file',
        ),
        (
            {
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"reason": "Error", "exitCode": 3}},
            },
            "last end: Error, exit code 3",
        ),
        (
            {"state": {"terminated": {"reason": "Error", "exitCode": 3, "message": "no disk"}}},
            "Error, exit code 3: no disk",
        ),
        ({"state": {"terminated": {"reason": "Error", "exitCode": 3}}}, None),
        ({"state": {"terminated": {"reason": "Completed", "exitCode": 0, "message": "42"}}}, None),
        ({"state": {"running": {}}, "lastState": {"terminated": START}}, None),
        ({"state": {"waiting": {"reason": "ErrImagePull", "message": "no"}}}, None),
    ],
)
@pytest.mark.parametrize(
    "field", ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]
)
def test_a_line_says_why(status: dict[str, Any], line: str | None, field: str) -> None:
    pod = {"metadata": {"name": "web"}, "status": {field: [{"name": "app", **status}]}}
    assert list(endings(pod)) == ([] if line is None else [f'web: container "app": {line}'])


def _ended(**ended: Any) -> dict[str, Any]:
    return {"name": "app", "state": {"terminated": ended}}


@pytest.mark.parametrize(
    ("length", "shown"),
    [(1023, "x" * 1023), (1024, "x" * 1024), (1025, "x" * 1024 + "..."), (4096, "x" * 1024 + "...")],
)
def test_a_message_has_an_end(length: int, shown: str) -> None:
    status = {"containerStatuses": [_ended(reason="Error", exitCode=1, message="x" * length)]}
    (line,) = endings({"metadata": {"name": "web"}, "status": status})
    assert line == f'web: container "app": Error, exit code 1: {shown}'


def test_containers_come_in_the_order_in_which_they_start() -> None:
    def failed(name: str) -> dict[str, Any]:
        return {**_ended(exitCode=2, message="no:"), "name": name}

    status = {
        "ephemeralContainerStatuses": [failed("e")],
        "containerStatuses": [failed("a"), {"name": "b", "state": {"running": {}}}, failed("c")],
        "initContainerStatuses": [failed("i")],
    }
    assert list(endings({"status": status})) == [
        f': container "{name}": Error, exit code 2: no:' for name in ("i", "a", "c", "e")
    ]


@pytest.mark.parametrize(
    "container",
    [
        {"name": "app"},
        {"name": "app", "state": None},
        {"name": "app", "state": {"waiting": None, "terminated": None}},
        {"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
        {"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"running": {}}},
        {"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}, "terminated": START}},
        _ended(message="said"),
        _ended(exitCode=1, message=" \n "),
    ],
)
def test_of_what_has_not_failed_nothing_is_said(container: dict[str, Any]) -> None:
    assert list(endings({"metadata": {}, "status": {"containerStatuses": [container]}})) == []


def test_a_pod_without_a_status_has_no_endings() -> None:
    for nothing in ({}, {"metadata": None, "status": None}, {"status": {"containerStatuses": None}}):
        assert list(endings(nothing)) == []
