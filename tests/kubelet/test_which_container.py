"""Which container and attempt is meant: kubectl's choice, and the kubelet's words where there is no log."""

from typing import Any

import pytest

from podproof.kubelet.which_container import (
    NoSuchContainer,
    attempt_with_logs,
    choose_container,
    container_status,
    running_attempt,
)


def pod(*statuses: dict[str, Any], **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "annotations": {k.replace("_", "/"): v for k, v in annotations.items()}},
        "spec": {
            "containers": [{"name": "app"}, {"name": "side"}],
            "initContainers": [{"name": "first"}],
            "ephemeralContainers": [{"name": "look"}],
        },
        "status": {"containerStatuses": [{"name": "app", **status} for status in statuses]},
    }


def ended(id: str) -> dict[str, Any]:
    return {"terminated": {"exitCode": 1, "containerID": f"containerd://{id}" if id else ""}}


def test_the_first_container_is_the_default_and_is_named() -> None:
    choice = choose_container(pod(), None)
    assert choice.name == "app"
    assert choice.note == 'Defaulted container "app" out of: app, side, look (ephem), first (init)'
    alone = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "app"}]}}
    assert choose_container(alone, None).note == ""


def test_an_annotation_names_another_default() -> None:
    annotated = pod()
    annotated["metadata"]["annotations"] = {"kubectl.kubernetes.io/default-container": "side"}
    assert (choose_container(annotated, None).name, choose_container(annotated, "app").name) == (
        "side",
        "app",
    )


def test_a_name_that_no_container_has() -> None:
    with pytest.raises(NoSuchContainer) as caught:
        choose_container(pod(), "api")
    words = "container api is not valid for pod web out of: app, side, look (ephem), first (init)"
    assert str(caught.value) == words


@pytest.mark.parametrize("name", ["side", "look", "first"])
def test_containers_of_every_kind_can_be_named(name: str) -> None:
    assert choose_container(pod(), name).name == name


RUNNING = {"state": {"running": {}}, "containerID": "containerd://now", "lastState": ended("before")}
CRASHED = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": ended("before")}


@pytest.mark.parametrize(
    ("status", "previous", "id"),
    [
        (RUNNING, False, "now"),
        (RUNNING, True, "before"),
        (CRASHED, False, "before"),
        (CRASHED, True, "before"),
        ({"state": ended("now")}, False, "now"),
        ({"state": ended(""), "lastState": ended("before")}, False, "before"),
    ],
)
def test_the_attempt_with_the_log(status: dict[str, Any], previous: bool, id: str) -> None:
    assert attempt_with_logs(pod(status), "app", previous=previous) == id


@pytest.mark.parametrize(
    ("status", "previous", "words"),
    [
        ({"state": {"running": {}}}, True, 'previous terminated container "app" in pod "web" not found'),
        ({"state": ended("")}, False, 'container "app" in pod "web" is terminated'),
        (
            {"state": {"waiting": {"reason": "ErrImagePull"}}},
            False,
            "waiting to start: image can't be pulled",
        ),
        (
            {"state": {"waiting": {"reason": "ImagePullBackOff"}}},
            False,
            "waiting to start: trying and failing to pull image",
        ),
        ({"state": {"waiting": {"reason": "PodInitializing"}}}, False, "waiting to start: PodInitializing"),
        ({"state": {}}, False, 'container "app" in pod "web" is waiting to start - no logs yet'),
        ({"state": None}, False, 'container "app" in pod "web" is waiting to start - no logs yet'),
        ({"restartCount": 0}, False, 'container "app" in pod "web" is waiting to start - no logs yet'),
    ],
)
def test_no_log_in_the_kubelets_words(status: dict[str, Any], previous: bool, words: str) -> None:
    with pytest.raises(NoSuchContainer) as raised:
        attempt_with_logs(pod(status), "app", previous=previous)
    assert str(raised.value).endswith(words)


def test_a_container_without_a_status() -> None:
    with pytest.raises(NoSuchContainer, match=r'^container "side" in pod "web" is not available$'):
        attempt_with_logs(pod(), "side")


def test_what_runs() -> None:
    assert running_attempt(pod(RUNNING), "app") == "now"
    assert running_attempt(pod(CRASHED), "app") is None
    assert running_attempt(pod(), "app") is None


@pytest.mark.parametrize(
    "field", ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
)
def test_the_status_of_every_kind_of_container(field: str) -> None:
    statuses = [{"name": "other"}, {"name": "app", "containerID": "containerd://1", "state": {"running": {}}}]
    found = {**pod(), "status": {field: statuses}}
    assert container_status(found, "app") == statuses[1]
    assert running_attempt(found, "app") == "1"
    assert (container_status(found, "none"), running_attempt(found, "other")) == ({}, None)
    for nothing in ({}, {"status": None}, {"status": {field: None}}):
        assert container_status(nothing, "app") == {}
