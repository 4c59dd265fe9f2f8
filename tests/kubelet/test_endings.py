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


def test_a_message_has_an_end() -> None:
    ended = {"reason": "Error", "exitCode": 1, "message": "x" * 4096}
    status = {"containerStatuses": [{"name": "app", "state": {"terminated": ended}}]}
    (line,) = endings({"metadata": {"name": "web"}, "status": status})
    assert line.endswith("x...")
    assert len(line) < 1100
