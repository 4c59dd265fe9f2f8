"""When checks speak that look at a pod as a whole: its volumes, its annotations, its image, its node."""

from typing import Any

import pytest
from effects import USER_1000, find, own, routes, told

from podproof.effective.image import ImageConfig
from podproof.effective.node import Node, NodeFeatures
from podproof.effective.users import MAX_ID

HOST, CACHE = {"name": "h", "hostPath": {"path": "/srv"}}, {"name": "e", "emptyDir": {}}
NFS = {"name": "n", "nfs": {"server": "s", "path": "/"}}


def mounting(*names: str, **context: Any) -> dict[str, Any]:
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in names]
    return {"volumeMounts": mounts, "securityContext": context}


@pytest.mark.parametrize(
    ("group", "mounted", "os", "words"),
    [
        (5, ["h"], None, 'volume "h" (hostPath)'),
        (5, ["h", "n"], None, 'volumes "h" (hostPath), "n" (nfs)'),
        (5, ["h", "h"], None, 'volume "h" (hostPath)'),
        (5, ["h", "e"], None, None),
        (5, ["e"], None, None),
        (5, ["h", "claimed"], None, None),
        (5, [], None, None),
        (None, ["h"], None, None),
        (0, ["h"], None, 'volume "h" (hostPath)'),
        (MAX_ID + 1, ["h"], None, None),
        (5, ["h"], "windows", None),
    ],
)
def test_fs_group_without_effect(
    group: int | None, mounted: list[str], os: str | None, words: str | None
) -> None:
    found = find(
        "fs-group-without-effect",
        mounting(*mounted),
        volumes=[HOST, CACHE, NFS],
        securityContext={"fsGroup": group},
        os=None if os is None else {"name": os},
    )
    assert told(found) == (
        []
        if words is None
        else [
            f"spec.securityContext.fsGroup: pod has fsGroup: {group}, which does not change {words}: if the "
            f"processes only need the group, set supplementalGroups: [{group}], and change the group of the "
            "files where they are stored"
        ]
    )


@pytest.mark.parametrize(
    ("user", "group", "context", "write"),
    [
        ("1000:2000", "", {}, "runAsGroup: 2000"),
        ("app:staff", "staff:x:2000:\n", {}, "runAsGroup: 2000"),
        ("app:staff", "other:x:5:\nstaff:x:2000:app\n", {}, "runAsGroup: 2000"),
        ("app:staff", "xstaff:x:5:\n", {}, "runAsGroup with the number of group staff"),
        ("app:staff", None, {}, None),
        ("1000:1000", "", {}, None),
        ("1000", "", {}, None),
        ("", "", {}, None),
        ("1000:2000", "", {"runAsGroup": 5}, None),
        ("1000:2000", "", {"runAsUser": 5}, None),
    ],
)
def test_image_group_lost(user: str, group: str | None, context: dict[str, Any], write: str | None) -> None:
    image = ImageConfig(user=user, passwd="root:x:0:0::/:\napp:x:1000:1000::/:\n", group=group)
    alone = find("image-group-lost", own(**context), image=image)
    of_pod = find("image-group-lost", image=image, securityContext=context)
    messages = [finding.message for finding in (*alone, *of_pod)]
    if write is None and user == "app:staff":
        assert all("runAsGroup with the number of group staff" in text for text in messages)
        return
    lost = (
        'container "c" runs with group 1000, because Kubernetes drops the group of its image\'s USER '
        f"{user}: set {write} in its securityContext"
    )
    assert messages == ([] if write is None else [lost, lost])


POD = "seccomp.security.alpha.kubernetes.io/pod"
OWN = "container.seccomp.security.alpha.kubernetes.io/"
DEFAULT = {"seccompProfile": {"type": "RuntimeDefault"}}
LOCALHOST = {"seccompProfile": {"type": "Localhost", "localhostProfile": "p"}}
IN_POD, IN_CONTAINER = "in the pod's securityContext", "in its securityContext"


@pytest.mark.parametrize(
    ("key", "value", "container", "pod", "minor", "remedy"),
    [
        (POD, "runtime/default", {}, {}, 27, f"write seccompProfile: {{type: RuntimeDefault}} {IN_POD}"),
        (POD, "docker/default", {}, {}, 37, f"write seccompProfile: {{type: RuntimeDefault}} {IN_POD}"),
        (POD, "localhost/p", {}, {}, 37,
         f"write seccompProfile: {{type: Localhost, localhostProfile: p}} {IN_POD}"),
        (POD, "runtime/default", {}, {}, 26, None),
        (POD, "unconfined", {}, {}, 37, None),
        (POD, "unconfined", {}, DEFAULT, 37, f"write seccompProfile: {{type: Unconfined}} {IN_POD}"),
        (POD, "runtime/default", {}, DEFAULT, 37, None),
        (POD, "runtime/default", DEFAULT, {}, 37, None),
        (POD, "localhost/p", {}, LOCALHOST, 37, None),
        (POD, "localhost/q", {}, LOCALHOST, 37,
         f"write seccompProfile: {{type: Localhost, localhostProfile: q}} {IN_POD}"),
        (POD, "other", {}, {}, 37, None),
        (POD, "", {}, {}, 37, None),
        (f"{POD}x", "runtime/default", {}, {}, 37, None),
        (f"{OWN}c", "runtime/default", {}, {}, 27,
         f"write seccompProfile: {{type: RuntimeDefault}} {IN_CONTAINER}"),
        (f"{OWN}c", "runtime/default", {}, {}, 26, None),
        (f"{OWN}c", "runtime/default", DEFAULT, {}, 37, None),
        (f"{OWN}c", "runtime/default", {}, DEFAULT, 37, None),
        (f"{OWN}x", "runtime/default", {}, {}, 37, 'remove it, there is no container "x"'),
        (f"{OWN}x", "other", {}, {}, 37, None),
        ("other", "runtime/default", {}, {}, 37, None),
    ],
)  # fmt: skip
def test_seccomp_annotations(
    key: str, value: str, container: Any, pod: Any, minor: int, remedy: str | None
) -> None:
    found = find(
        "seccomp-annotation-ignored",
        own(**container),
        metadata={"annotations": {"first": "x", key: value}},
        securityContext=pod,
        setting={"version": minor},
    )
    about = 'container "c"' if key == f"{OWN}c" else "pod"
    expected = f"{about} has the annotation {key}: {value}, which is not read since Kubernetes 1.27: {remedy}"
    assert [finding.message for finding in found] == ([] if remedy is None else [expected])


def test_the_pods_annotation_means_containers_without_their_own() -> None:
    annotations = {POD: "runtime/default", f"{OWN}c": "unconfined"}
    assert find("seccomp-annotation-ignored", metadata={"annotations": annotations}) == []
    both = [{"name": "c"}, {"name": "d"}]
    found = find("seccomp-annotation-ignored", metadata={"annotations": annotations}, containers=both)
    assert [finding.route[-1] for finding in found] == [POD]
    assert find("seccomp-annotation-ignored", metadata={"annotations": None}) == []


A, B = {"runAsUser": 1000}, {"runAsUser": 2000}


def sharing(first: dict[str, Any], second: dict[str, Any], *volumes: Any, **spec: Any) -> list[str]:
    containers = [{"name": "a", **first}, {"name": "b", **second}]
    return told(find("shared-volume-different-users", containers=containers, volumes=list(volumes), **spec))


@pytest.mark.parametrize(
    ("first", "second", "pod", "spoken"),
    [
        (A, B, {}, True),
        (A, A, {}, False),
        (A, {"runAsUser": 0}, {}, False),
        (A, {}, {}, False),
        (A, B, {"fsGroup": 5}, False),
        (A, B, {"supplementalGroups": [5]}, False),
        (A, B, {"supplementalGroups": []}, True),
        (A, B, {"runAsGroup": 5}, False),
        ({**A, "runAsGroup": 5}, {**B, "runAsGroup": 5}, {}, False),
        ({**A, "runAsGroup": 5}, {**B, "runAsGroup": 6}, {}, True),
        ({**A, "runAsGroup": 5}, B, {}, True),
        ({**A, "runAsGroup": 5}, B, {"runAsGroup": 6}, True),
        ({**A, "runAsGroup": 5}, B, {"runAsGroup": 5}, False),
    ],
)
def test_users_that_share_a_volume(first: Any, second: Any, pod: Any, spoken: bool) -> None:
    found = sharing(mounting("e", **first), mounting("e", **second), CACHE, securityContext=pod)
    text = (
        'spec.volumes[0]: containers "a" (user 1000) and "b" (user 2000) write to volume "e", and no field '
        "gives them a group in common: set fsGroup on the pod, or give both the same runAsUser"
    )
    assert found == ([text] if spoken else [])


@pytest.mark.parametrize(
    ("volume", "remedy"),
    [
        (HOST, "give both the same runAsUser"),
        (NFS, "give both the same runAsUser"),
        (CACHE, "set fsGroup on the pod, or give both the same runAsUser"),
        ({"name": "s", "secret": {"secretName": "s"}}, None),
        ({"name": "m", "configMap": {"name": "s"}}, None),
        ({"name": "d", "downwardAPI": {}}, None),
        ({"name": "p", "projected": {"sources": []}}, None),
        ({"name": "i", "image": {"reference": "r"}}, None),
    ],
)
def test_which_volumes_are_written(volume: dict[str, Any], remedy: str | None) -> None:
    name = volume["name"]
    found = sharing(mounting(name, **A), mounting(name, **B), volume)
    assert [text.rpartition(": ")[2] for text in found] == ([] if remedy is None else [remedy])


def test_which_mounts_are_the_same() -> None:
    def mount(context: dict[str, Any], **rest: Any) -> dict[str, Any]:
        return {"volumeMounts": [{"name": "e", "mountPath": "/e", **rest}], "securityContext": context}

    assert len(sharing(mount(A, subPath="x"), mount(B, subPath="x"), CACHE)) == 1
    assert sharing(mount(A, subPath="x"), mount(B, subPath="y"), CACHE) == []
    assert sharing(mount(A, subPath="x"), mount(B), CACHE) == []
    assert sharing(mount(A, readOnly=True), mount(B), CACHE) == []
    assert sharing(mount(A), mount(B, readOnly=True), CACHE) == []
    assert sharing(mount(A), mount(B, subPathExpr="$(X)"), CACHE) == []
    # a volume that is not listed is no pod's that runs
    assert sharing(mount(A), mount(B)) == []
    kept = {"initContainers": [{"name": "i", **mount(B)}]}
    assert sharing(mount(A), {}, CACHE, **kept) == []
    kept["initContainers"][0]["restartPolicy"] = "Always"
    assert len(sharing(mount(A), {}, CACHE, **kept)) == 1


@pytest.mark.parametrize(
    ("policy", "runtime", "image", "features", "words"),
    [
        ("Strict", "containerd-1.6.20", USER_1000, None, "group 10"),
        ("Strict", "containerd-1.6.20", None, None, "the groups that it gives the user"),
        ("Strict", "containerd-2.3.7", USER_1000, None, None),
        ("Strict", "containerd-2.3.7", USER_1000, False, "group 10"),
        ("Strict", "containerd-1.6.20", USER_1000, True, None),
        ("Merge", "containerd-1.6.20", USER_1000, None, None),
        (None, "containerd-1.6.20", USER_1000, None, None),
        ("Strict", "containerd-1.6.20", ImageConfig(user="7", passwd="", group=""), None, None),
        ("Strict", "containerd-1.6.20",
         ImageConfig(user="7", passwd="a:x:7:7::/:\n", group="b:x:30:a\nc:x:20:a\nd:x:5:a\n"), None,
         "groups 20, 30"),
    ],
)  # fmt: skip
def test_a_policy_of_groups_that_is_ignored(
    policy: str | None, runtime: str, image: Any, features: bool | None, words: str | None
) -> None:
    found = find(
        "supplemental-groups-policy-ignored",
        image=image,
        runtime=runtime,
        securityContext={"supplementalGroupsPolicy": policy, "supplementalGroups": [5]},
        setting={"version": 31, "node": Node(features=NodeFeatures(supplemental_groups_policy=features))},
    )
    assert routes(found) == ([] if words is None else ["spec.securityContext.supplementalGroupsPolicy"])
    assert all(
        f"which {runtime} ignores: the image's /etc/group still adds {words}: run it on" in finding.message
        for finding in found
    )


ROOT_NAMED = "root:x:0:0::/:\napp:x:1000:1000::/:\n"


@pytest.mark.parametrize(
    ("user", "passwd", "help_"),
    [
        ("app", None, "set runAsUser to the number that the image's /etc/passwd has for app"),
        ("nobody", ROOT_NAMED, "set runAsUser to the number that the image's /etc/passwd has for nobody"),
        ("root", ROOT_NAMED,
         "root is root in the image's /etc/passwd: set runAsUser to a number other than 0"),
        ("app:staff", ROOT_NAMED, "set runAsUser: 1000, which is app in the image's /etc/passwd"),
    ],
)  # fmt: skip
def test_what_helps_an_image_with_a_named_user(user: str, passwd: str | None, help_: str) -> None:
    image = ImageConfig(user=user, passwd=passwd, group=None)
    (found,) = find("will-not-start", own(runAsNonRoot=True), image=image)
    assert (found.help, routes([found])) == ((help_,), ["spec.containers[0].securityContext.runAsNonRoot"])


def test_a_numeric_user_that_is_root_has_to_be_another() -> None:
    (found,) = find("will-not-start", own(runAsNonRoot=True), image=ImageConfig(user="0"))
    assert found.help == ("set runAsUser to a number other than 0, or give the image a USER",)
    assert find("will-not-start", own(runAsNonRoot=True)) == []


@pytest.mark.parametrize(
    ("name", "allowed", "spoken", "helped"),
    [
        ("kernel.msgmax", None, True, True),
        ("kernel/msgmax", None, True, True),
        ("kernel.msgmax", ("kernel.msg*",), False, False),
        ("net.ipv4.tcp_syncookies", None, False, False),
    ],
)
def test_what_helps_a_sysctl(name: str, allowed: Any, spoken: bool, helped: bool) -> None:
    sysctls = [{"name": each, "value": "1"} for each in ("net.ipv4.tcp_fin_timeout", name)]
    found = find(
        "will-not-start",
        securityContext={"sysctls": sysctls},
        setting={"node": Node(unsafe_sysctls=allowed)},
    )  # fmt: skip
    assert [bool(finding.help) for finding in found] == [helped] * spoken
