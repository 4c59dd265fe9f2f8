"""What stays writable under a read-only root, and what has to be known to say it."""

from typing import Any

import pytest
from test_users import run

from podproof.effective.container_in_pod import place_containers
from podproof.effective.resolve import resolve
from podproof.effective.runtime import RUNTIMES
from podproof.effective.value import Origin, Unknown
from podproof.kube.pod import raw_pod

CRIO = RUNTIMES["cri-o"]
READ_ONLY = {"readOnlyRootFilesystem": True}
ALWAYS = ("/dev/shm", "/dev/termination-log")
ROUTE = ("spec", "containers", 0, "securityContext", "readOnlyRootFilesystem")
NO_PASSWD = "depends on the user: /etc/passwd of image i is not known"
NO_GROUP = "depends on the image's group file"


@pytest.mark.parametrize(
    ("user", "options", "writable"),
    [
        ({"runAsUser": 1000}, {}, ALWAYS),
        ({"runAsUser": 1000}, {"user": "app", "passwd": None}, ALWAYS),
        ({"runAsUser": 0}, {}, ("/dev", *ALWAYS, "/etc/hosts")),
        ({}, {"user": "app", "passwd": None}, Unknown(NO_PASSWD)),
        # cri-o mounts a group file of its own for a group that the image does not have
        ({"runAsUser": 0, "runAsGroup": 7}, {"runtime": CRIO, "group": None}, Unknown(NO_GROUP)),
        (
            {"runAsUser": 0, "runAsGroup": 0},
            {"runtime": CRIO, "group": None},
            ("/dev", *ALWAYS, "/etc/hosts"),
        ),
        ({"runAsUser": 1000, "runAsGroup": 7}, {"runtime": CRIO, "group": None}, ALWAYS),
        ({"runAsUser": 0, "runAsGroup": 7}, {"group": None}, ("/dev", *ALWAYS, "/etc/hosts")),
    ],
)
def test_of_a_user(user: dict[str, Any], options: dict[str, Any], writable: Any) -> None:
    found = run({**READ_ONLY, **user}, **options).writable
    assert found.value == (writable if isinstance(writable, Unknown) else tuple(sorted(writable)))


def test_the_field_is_the_origin() -> None:
    found = run(READ_ONLY)
    assert found.read_only_root.origin == Origin("container", ROUTE)
    assert found.writable.origin == Origin("container", ROUTE, "stays writable under a read-only root")


@pytest.mark.parametrize("context", [None, {}, {"readOnlyRootFilesystem": False}])
def test_a_root_that_is_not_read_only_is_writable(context: dict[str, Any] | None) -> None:
    found = run(context, user="app", passwd=None)
    assert found.read_only_root.value is False
    assert found.writable.value == ("/",)


@pytest.mark.parametrize(("read_only", "root"), [(None, ("/",)), (False, ("/",)), (True, ALWAYS)])
def test_mounts_that_can_be_written(read_only: bool | None, root: tuple[str, ...]) -> None:
    mounts = [
        {"name": "e", "mountPath": "/data"},
        {"name": "e", "mountPath": "/closed", "readOnly": True},
        {"name": "s", "mountPath": "/secret"},
        {"name": "claim", "mountPath": "/claimed"},
        {"name": "e", "mountPath": None},
    ]
    container = {
        "name": "c",
        "image": "i",
        "volumeMounts": mounts,
        "securityContext": {"runAsUser": 1000, "readOnlyRootFilesystem": read_only},
    }
    volumes = [{"name": "e", "emptyDir": {}}, {"name": "s", "secret": {"secretName": "s"}}]
    found = run(spec={"containers": [container], "volumes": volumes}).writable.value
    assert not isinstance(found, Unknown)
    assert sorted(found) == sorted([*root, "/data", "/claimed"])


@pytest.mark.parametrize(
    ("context", "path", "writable"),
    [
        (READ_ONLY, "/tmp/why", ("/dev/shm", "/tmp/why")),
        (READ_ONLY, "/dev/termination-log", ALWAYS),
        (READ_ONLY, "", ALWAYS),
        ({}, "/tmp/why", ("/", "/tmp/why")),
        ({}, "/dev/termination-log", ("/",)),
        ({}, None, ("/",)),
    ],
)
def test_a_termination_log_at_a_place_of_its_own(
    context: dict[str, Any], path: str | None, writable: tuple[str, ...]
) -> None:
    security = {"runAsUser": 1000, **context}
    container = {"name": "a", "image": "i", "terminationMessagePath": path, "securityContext": security}
    (placed,) = place_containers(raw_pod({"spec": {"containers": [container]}}))
    assert resolve(placed).writable.value == writable
