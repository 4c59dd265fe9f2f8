"""Who runs in a pod as its status says it, and what of a status cannot be read."""

from typing import Any

import pytest

from podproof.kube.reported_user import ReportedUser, reported_users
from podproof.session.explain import explain_pod

LINUX = {"uid": 1000, "gid": 2000, "supplementalGroups": [3000, 2000]}


def live(user: Any = LINUX, field: str = "containerStatuses", **context: Any) -> dict[str, Any]:
    container = {"name": "c", "image": "registry.example/c:1", "securityContext": context}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "uid": "u", "resourceVersion": "7"},
        "spec": {"containers": [container]},
        "status": {field: [{"name": "other"}, {"name": "c", "user": {"linux": user}}]},
    }


@pytest.mark.parametrize(
    "field", ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
)
def test_a_status_names_the_user(field: str) -> None:
    route = ("status", field, 1, "user", "linux")
    assert reported_users(live(field=field)) == {"c": ReportedUser(1000, 2000, (2000, 3000), route)}


@pytest.mark.parametrize(
    "user",
    [
        None,
        7,
        {},
        {"uid": 1000},
        {"uid": "1000", "gid": 0},
        {"uid": True, "gid": 0},
        {"uid": -1, "gid": 0},
        {"uid": 1, "gid": 1, "supplementalGroups": 7},
    ],
)
def test_what_is_not_a_user_is_left_out(user: Any) -> None:
    assert reported_users(live(user)) == {}


@pytest.mark.parametrize("status", [None, 7, {}, {"containerStatuses": 7}, {"containerStatuses": [7, None]}])
def test_any_shape_is_read(status: Any) -> None:
    assert reported_users({**live(), "status": status}) == {}


@pytest.mark.parametrize("value", [None, 7, [], {"kind": "Deployment", "status": live()["status"]}])
def test_only_pods_have_it(value: Any) -> None:
    assert reported_users(value) == {}


def explained(pod: dict[str, Any], images: dict[str, Any] | None = None) -> tuple[Any, Any, Any]:
    (made,) = explain_pod(pod, images=images).objects
    (container,) = made.containers
    process = container.process
    return process.uid, process.gid, process.groups


def test_a_status_answers_what_manifest_and_image_leave_open() -> None:
    assert explained(live()) == (1000, 2000, (2000, 3000))
    image = {"registry.example/c:1": {"user": "5", "passwd": "", "group": ""}}
    assert explained(live(), image) == (5, 0, (0,))


def test_what_the_manifest_sets_is_not_taken_from_the_status() -> None:
    assert explained(live(runAsUser=7, runAsGroup=8))[:2] == (7, 8)
