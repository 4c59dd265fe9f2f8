"""The group that the kubelet asks the runtime for: the container's, else the pod's, else none."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.setting import Setting
from podproof.effective.users import requested_user
from podproof.kube.pod import raw_pod


@pytest.mark.parametrize(
    ("container", "pod", "group", "kind"),
    [
        ({}, {}, None, None),
        ({"runAsGroup": 1}, {}, 1, "container"),
        ({"runAsGroup": 0}, {"runAsGroup": 2}, 0, "container"),
        ({}, {"runAsGroup": 2}, 2, "pod"),
        ({}, {"runAsGroup": 0}, 0, "pod"),
    ],
)
def test_group(container: dict[str, Any], pod: dict[str, Any], group: int | None, kind: str | None) -> None:
    spec = {"containers": [{"name": "c", "image": "i", "securityContext": container}], "securityContext": pod}
    (placed,) = place_containers(raw_pod({"spec": spec}), Setting())
    asked = requested_user(placed)
    assert (None if asked.group is None else (asked.group[0], asked.group[1].kind)) == (
        None if kind is None else (group, kind)
    )
