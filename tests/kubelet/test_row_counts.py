"""READY, STATUS and RESTARTS of `kubectl get pods` while a pod initializes, and of sidecars.

Source: kubernetes pkg/printers/internalversion/printers.go, printPod.
"""

from typing import Any

import pytest

from podproof.kubelet.get_pods import pod_row

NOW = 1_700_000_000.0
RUNNING: dict[str, Any] = {"running": {}}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}
ERROR = {"terminated": {"exitCode": 1, "reason": "Error"}}
WAITING = {"waiting": {"reason": "PodInitializing"}}


def at(seconds_ago: int) -> dict[str, Any]:
    """A last state that ended so long ago, under an hour."""
    minutes, seconds = divmod(13 * 60 + 20 - seconds_ago, 60)
    return {"terminated": {"finishedAt": f"2023-11-14T22:{minutes:02}:{seconds:02}Z"}}


def entry(name: str, state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": name, "state": state, "ready": False, "restartCount": 0, **fields}


def row(
    inits: list[dict[str, Any]], regular: list[dict[str, Any]], sidecars: str = "", **status: Any
) -> tuple[str, str, str, str, str]:
    """The line of a pod; `sidecars` are the names of those init containers that are."""
    spec = {
        "containers": [{"name": one["name"]} for one in regular],
        "initContainers": [
            {"name": one["name"]} | ({"restartPolicy": "Always"} if one["name"] in sidecars else {})
            for one in inits
        ],
    }
    listed = {"phase": "Pending", "initContainerStatuses": inits, "containerStatuses": regular, **status}
    return pod_row({"metadata": {"name": "p"}, "spec": spec, "status": listed}, NOW)


@pytest.mark.parametrize(
    ("inits", "sidecars", "ready", "word"),
    [
        ([entry("i", WAITING), entry("j", WAITING)], "", "0/1", "Init:0/2"),
        ([entry("i", RUNNING), entry("j", WAITING)], "", "0/1", "Init:0/2"),
        ([entry("i", DONE), entry("j", WAITING)], "", "0/1", "Init:1/2"),
        ([entry("i", DONE), entry("j", {"waiting": {"reason": ""}})], "", "0/1", "Init:1/2"),
        ([entry("i", {}), entry("j", WAITING)], "", "0/1", "Init:0/2"),
        ([entry("i", {"waiting": {}}), entry("j", WAITING)], "", "0/1", "Init:0/2"),
        ([entry("i", ERROR), entry("j", WAITING)], "", "0/1", "Init:Error"),
        ([entry("i", {"terminated": {"exitCode": 4}})], "", "0/1", "Init:ExitCode:4"),
        ([entry("i", {"terminated": {"exitCode": 4, "signal": 9}})], "", "0/1", "Init:Signal:9"),
        ([entry("i", {"waiting": {"reason": "ErrImagePull"}})], "", "0/1", "Init:ErrImagePull"),
        ([entry("i", {"waiting": {"reason": "CrashLoopBackOff"}})], "", "0/1", "Init:CrashLoopBackOff"),
        # a sidecar that has started lets the next one go on, and is counted when it is ready
        ([entry("s", RUNNING, started=True), entry("i", RUNNING)], "s", "0/2", "Init:1/2"),
        ([entry("s", RUNNING, started=True, ready=True), entry("i", RUNNING)], "s", "1/2", "Init:1/2"),
        ([entry("s", RUNNING, ready=True), entry("i", WAITING)], "s", "0/2", "Init:0/2"),
        # what is no sidecar is not started, whatever its status says
        ([entry("i", RUNNING, started=True, ready=True)], "", "0/1", "Init:0/1"),
    ],
)
def test_initializing(inits: list[dict[str, Any]], sidecars: str, ready: str, word: str) -> None:
    assert row(inits, [entry("a", WAITING)], sidecars)[1:3] == (ready, word)


def test_a_pod_that_initialized_once_shows_its_regular_containers() -> None:
    initialized = {"conditions": [{"type": "Initialized", "status": "True"}], "phase": "Running"}
    inits = [entry("s", ERROR)]
    regular = [entry("a", RUNNING, ready=True)]
    assert row(inits, regular, "s", **initialized)[1:3] == ("1/2", "Init:Error")
    assert row(inits, [entry("a", {"waiting": {"reason": "ErrImagePull"}})], "s", **initialized)[2] == (
        "ErrImagePull"
    )
    not_yet = {"conditions": [{"type": "Initialized", "status": "False"}]}
    assert row(inits, regular, "s", **not_yet)[1] == "0/2"


@pytest.mark.parametrize(
    ("inits", "regular", "sidecars", "restarts"),
    [
        ([], [entry("a", RUNNING)], "", "0"),
        ([], [entry("a", RUNNING, restartCount=1)], "", "1"),
        ([], [entry("a", RUNNING, restartCount=1, lastState=at(65))], "", "1 (65s ago)"),
        ([], [entry("a", RUNNING, lastState=at(65))], "", "0"),
        (
            [],
            [
                entry("a", RUNNING, restartCount=1, lastState=at(65)),
                entry("b", RUNNING, restartCount=2, lastState=at(30)),
            ],
            "",
            "3 (30s ago)",
        ),
        # while the pod initializes, the init containers' restarts count, then only the sidecars'
        ([entry("i", RUNNING, restartCount=2, lastState=at(40))], [entry("a", WAITING)], "", "2 (40s ago)"),
        ([entry("i", DONE, restartCount=2, lastState=at(40))], [entry("a", RUNNING)], "", "0"),
        (
            [entry("s", RUNNING, started=True, restartCount=2, lastState=at(40))],
            [entry("a", RUNNING, restartCount=1, lastState=at(50))],
            "s",
            "3 (40s ago)",
        ),
        (
            [entry("i", DONE, restartCount=5, lastState=at(1)), entry("s", RUNNING, started=True)],
            [entry("a", RUNNING, restartCount=1, lastState=at(50))],
            "s",
            "1 (50s ago)",
        ),
        (
            [
                entry("s", RUNNING, started=True, restartCount=2, lastState=at(40)),
                entry("i", RUNNING, restartCount=1, lastState=at(70)),
            ],
            [entry("a", WAITING)],
            "s",
            "3 (40s ago)",
        ),
    ],
)
def test_restarts(
    inits: list[dict[str, Any]], regular: list[dict[str, Any]], sidecars: str, restarts: str
) -> None:
    assert row(inits, regular, sidecars, phase="Running")[3] == restarts


@pytest.mark.parametrize(
    ("phase", "word"), [("Running", "Terminating"), ("Pending", "Terminating"), ("Failed", "Failed"),
                        ("Succeeded", "Succeeded")]
)  # fmt: skip
def test_a_deleted_pod(phase: str, word: str) -> None:
    metadata = {"name": "p", "deletionTimestamp": "2023-11-14T22:13:15Z"}
    shown = {"metadata": metadata, "spec": {}, "status": {"phase": phase}}
    assert pod_row(shown, NOW) == ("p", "0/0", word, "0", "<unknown>")


def test_a_pod_of_which_nothing_is_known() -> None:
    assert pod_row({}, NOW) == ("", "0/0", "Unknown", "0", "<unknown>")
