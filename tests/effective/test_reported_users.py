"""What a pod's status reports of the running user fills in what the manifest and the image leave open."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.resolve import resolve
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kube.reported_user import ReportedUser

ROUTE = ("status", "containerStatuses", 0, "user", "linux")
REPORTED = ReportedUser(7, 8, (8, 9), ROUTE)
IMAGE = ImageConfig(user="1000", passwd="app:x:1000:1001::/:\n", group="app:x:1001:\nwheel:x:10:app\n")


@pytest.mark.parametrize(
    ("context", "image", "ids", "by_status"),
    [
        ({}, None, (7, 8, (8, 9)), (True, True, True)),
        ({"runAsUser": 5}, None, (5, 8, (8, 9)), (False, True, True)),
        ({"runAsUser": 5, "runAsGroup": 6}, None, (5, 6, (8, 9)), (False, False, True)),
        ({"runAsGroup": 6}, None, (7, 6, (8, 9)), (True, False, True)),
        ({}, IMAGE, (1000, 1001, (10, 1001)), (False, False, False)),
        ({}, ImageConfig(user="1000"), (1000, 8, (8, 9)), (False, True, True)),
    ],
)
def test_what_is_open_is_as_reported(
    context: dict[str, Any], image: ImageConfig | None, ids: Any, by_status: tuple[bool, ...]
) -> None:
    spec = {"containers": [{"name": "c", "image": "i", "securityContext": context}, {"name": "d"}]}
    setting = Setting(images={} if image is None else {"i": image})
    placed, other = place_containers(raw_pod({"spec": spec}), setting, reported={"c": REPORTED})
    found = resolve(placed)
    fields = (found.uid, found.gid, found.groups)
    assert tuple(field.value for field in fields) == ids
    assert tuple(field.origin.route == ROUTE for field in fields) == by_status
    told = "the node reports it of the running container"
    assert tuple(field.origin.text == told for field in fields) == by_status
    assert other.reported is None
