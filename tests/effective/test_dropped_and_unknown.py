"""Fields that the API server dropped are the origin of what holds instead; what is unknown stays unknown."""

from typing import Any

import pytest
from test_users import GROUP, PASSWD, run

from podproof.effective.access import READ, WRITE, Process, may
from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.effective.users import requested_user
from podproof.effective.value import Origin, Unknown
from podproof.kube.pod import raw_pod

GATE = Origin("kubernetes", (), "dropped, since feature gate G is off")
OLD = parse_runtime("containerd-1.6.20")
NO_PASSWD = "/etc/passwd of image i is not known, nor the groups it gives"


def test_a_dropped_host_users_is_the_nodes_namespace() -> None:
    found = run(provenance={("spec", "hostUsers"): GATE}).namespaces.user
    assert (found.value, found.origin) == ("host", GATE)
    found = run(provenance={("spec", "hostPID"): GATE}).namespaces.user
    assert (found.value, found.origin.text) == ("host", "hostUsers is not set")


def test_a_dropped_policy_of_groups_is_merge() -> None:
    route = ("spec", "securityContext", "supplementalGroupsPolicy")
    found = run(provenance={route: GATE}).groups
    assert found.value == (0, 10)
    assert found.origin.text == f"as Merge does it: the policy was {GATE.text}"


@pytest.mark.parametrize(
    ("pod", "more", "text"),
    [
        ({}, {}, "the group, and those that /etc/group of image i gives the user"),
        ({"supplementalGroups": [5]}, {}, "with the group and the image's groups"),
        ({"fsGroup": 5}, {}, "with the group and the image's groups"),
        ({"supplementalGroups": [5], "fsGroup": 6}, {}, "with the group, fsGroup and the image's groups"),
        ({"supplementalGroups": [5], "supplementalGroupsPolicy": "Strict"}, {},
         "with the group; Strict: none of the image's"),
        ({"supplementalGroups": [5], "fsGroup": 6, "supplementalGroupsPolicy": "Strict"}, {},
         "with the group and fsGroup; Strict: none of the image's"),
        ({"supplementalGroupsPolicy": "Strict"}, {}, "the group; Strict: none of the image's"),
        ({"supplementalGroups": [5], "supplementalGroupsPolicy": "Strict"}, {"runtime": OLD},
         "with the group and the image's groups; containerd-1.6.20 ignores Strict"),
        ({"supplementalGroupsPolicy": "Strict"}, {"runtime": OLD},
         "the group, and those that /etc/group of image i gives the user"),
        ({"supplementalGroups": [5], "supplementalGroupsPolicy": "Merge"}, {},
         "with the group and the image's groups"),
    ],
)  # fmt: skip
def test_who_decides_about_groups(pod: dict[str, Any], more: dict[str, Any], text: str) -> None:
    assert run(pod=pod, **more).groups.origin.text == text


@pytest.mark.parametrize(
    ("container", "pod", "image", "more", "groups"),
    [
        ({"runAsUser": 5, "runAsGroup": 6}, {}, {"passwd": None}, {}, NO_PASSWD),
        ({"runAsUser": 5, "runAsGroup": 6}, {"supplementalGroupsPolicy": "Strict"}, {"passwd": None}, {},
         (6,)),
        ({"runAsUser": 5, "runAsGroup": 6}, {"supplementalGroupsPolicy": "Strict"}, {"passwd": None},
         {"runtime": OLD}, NO_PASSWD),
        ({"runAsUser": 1000}, {}, {"group": None}, {}, "/etc/group of image i is not known"),
        ({"runAsUser": 5}, {}, {"group": None}, {}, (0,)),
        ({"runAsUser": 5, "runAsGroup": 6}, {"supplementalGroups": [-1]}, {}, {},
         "supplementalGroups must be between 0 and 2147483647, has -1"),
        ({"runAsUser": 5, "runAsGroup": 6}, {"fsGroup": -1}, {}, {},
         "fsGroup must be between 0 and 2147483647, has -1"),
        ({"runAsUser": 5, "runAsGroup": 6}, {"fsGroup": 2**31}, {}, {},
         "fsGroup must be between 0 and 2147483647, has 2147483648"),
        ({"runAsUser": 5, "runAsGroup": 6}, {"fsGroup": 2**31 - 1}, {}, {}, (6, 2**31 - 1)),
        ({"runAsUser": 5, "runAsGroup": 6}, {"fsGroup": 0}, {}, {}, (0, 6)),
        ({"runAsGroup": 6}, {"supplementalGroupsPolicy": "Strict"}, {"user": None}, {}, (6,)),
        ({"runAsGroup": 6}, {"supplementalGroupsPolicy": "Strict"}, {"user": None}, {"runtime": OLD},
         "runAsUser is not set and the user of image i is not known"),
        ({"runAsGroup": 6}, {}, {"user": None}, {},
         "runAsUser is not set and the user of image i is not known"),
        ({}, {"supplementalGroupsPolicy": "Strict"}, {"user": None}, {},
         "runAsUser is not set and the user of image i is not known"),
        ({"runAsGroup": -1}, {"supplementalGroupsPolicy": "Strict"}, {"user": None}, {},
         "runAsUser is not set and the user of image i is not known"),
    ],
)  # fmt: skip
def test_groups_that_are_known(container: Any, pod: Any, image: Any, more: Any, groups: Any) -> None:
    known = {"user": "", "passwd": PASSWD, "group": GROUP, **image}
    value = run(container, pod, known["user"], known["passwd"], known["group"], **more).groups.value
    assert (value.reason if isinstance(value, Unknown) else value) == groups


@pytest.mark.parametrize("capability", ["DAC_OVERRIDE", "DAC_READ_SEARCH"])
def test_capabilities_that_are_not_known_open_nothing(capability: str) -> None:
    who = Unknown("w")
    open_ = Unknown("depends on the user: w")
    assert may(Process(who, who, who), READ, 0o640, 0, 0) == open_
    assert may(Process(who, who, who), WRITE, 0o640, 0, 0) == open_
    assert may(Process(1000, (1000,), who), READ, 0o640, 0, 5) is False
    assert may(Process(1000, (1000,), (capability,)), READ, 0o640, 0, 5) is True


def test_a_setting_with_other_images() -> None:
    before = Setting(version=30)
    images = {"i": ImageConfig(user="5")}
    after = before.with_images(images)
    assert (after.images, after.version, dict(before.images)) == (images, 30, {})


@pytest.mark.parametrize("own", [True, False])
def test_a_number_is_asked_for_without_a_name(own: bool) -> None:
    spec = {"containers": [{"name": "c", "securityContext": {"runAsUser": 5} if own else {}}]}
    pod = raw_pod({"spec": {**spec, "securityContext": {} if own else {"runAsUser": 5}}})
    (placed,) = place_containers(pod)
    asked = requested_user(placed)
    assert (asked.uid, asked.name, asked.group) == (5, "", None)
    assert asked.origin.kind == ("container" if own else "pod")


def test_a_group_that_is_refused_is_named_by_its_field() -> None:
    reason = "runAsGroup must be between 0 and 2147483647, has -1"
    for user in (None, "5"):
        assert run({"runAsGroup": -1}, user=user).gid.value == Unknown(reason)
