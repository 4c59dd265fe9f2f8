"""Who the process is: container over pod over image, then the image's passwd and group files."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.context import EffectiveSecurityContext
from podproof.effective.image import ImageConfig, find_passwd_by_name, find_passwd_by_uid, parse_image_user
from podproof.effective.resolve import resolve
from podproof.effective.runtime import RUNTIMES
from podproof.effective.setting import Setting
from podproof.effective.value import Origin, Unknown
from podproof.kube.pod import raw_pod

PASSWD = "root:x:0:0::/:/bin/sh\nalice:x:1000:1001::/:/bin/sh\n"
GROUP = "root:x:0:\nalice:x:1001:alice\nwheel:x:10:alice,root\n"


def run(
    container: dict[str, Any] | None = None,
    pod: dict[str, Any] | None = None,
    user: str | None = "",
    passwd: str | None = PASSWD,
    group: str | None = GROUP,
    **more: Any,
) -> EffectiveSecurityContext:
    spec = {"containers": [{"name": "c", "image": "i", "securityContext": container}], "securityContext": pod}
    typed = raw_pod({"spec": {**spec, **more.pop("spec", {})}})
    assert typed.spec is not None
    assert typed.spec.containers is not None
    image = ImageConfig(user=user, passwd=passwd, group=group)
    provenance = more.pop("provenance", None)
    (placed,) = place_containers(
        typed, Setting(images={typed.spec.containers[0].image or "": image}, **more), provenance
    )
    return resolve(placed)


@pytest.mark.parametrize(
    ("container", "pod", "user", "ids"),
    [
        (None, None, "", (0, 0, (0, 10))),
        (None, None, "1000", (1000, 1001, (10, 1001))),
        (None, None, "1000:2000", (1000, 1001, (10, 1001))),
        (None, None, "alice:2000", (1000, 1001, (10, 1001))),
        (None, None, "4242:7", (4242, 0, (0,))),
        ({"runAsUser": 0}, {"runAsUser": 1000}, "7", (0, 0, (0, 10))),
        ({"runAsUser": 5}, {"runAsGroup": 6}, "", (5, 6, (6,))),
        ({"runAsGroup": 0}, {"runAsUser": 1000, "runAsGroup": 6}, "", (1000, 0, (0, 10))),
        (None, {"supplementalGroups": [4, 4, 3], "fsGroup": 9}, "4242", (4242, 0, (0, 3, 4, 9))),
        (None, {"supplementalGroupsPolicy": "Strict", "fsGroup": 9}, "alice", (1000, 1001, (9, 1001))),
    ],
)
def test_ids(container: Any, pod: Any, user: str, ids: tuple[int, int, tuple[int, ...]]) -> None:
    context = run(container, pod, user)
    assert (context.uid.value, context.gid.value, context.groups.value) == ids


def test_strict_is_ignored_by_an_old_runtime() -> None:
    context = run(
        None, {"supplementalGroupsPolicy": "Strict"}, "alice", runtime=RUNTIMES["containerd-1.6.20"]
    )
    assert context.groups.value == (10, 1001)


def test_origins_name_who_decided() -> None:
    context = run({"runAsUser": 5}, {"runAsGroup": 6})
    assert context.uid.origin == Origin(
        "container", ("spec", "containers", 0, "securityContext", "runAsUser")
    )
    assert context.gid.origin == Origin("pod", ("spec", "securityContext", "runAsGroup"))
    assert run(None, {"runAsUser": 5}).uid.origin == Origin("pod", ("spec", "securityContext", "runAsUser"))
    of_container = ("spec", "containers", 0, "securityContext", "runAsNonRoot")
    for value in (True, False):
        found = run({"runAsNonRoot": value}, {"runAsNonRoot": not value}).run_as_non_root
        assert (found.value, found.origin) == (value, Origin("container", of_container))
        found = run({}, {"runAsNonRoot": value}).run_as_non_root
        assert (found.value, found.origin) == (
            value,
            Origin("pod", ("spec", "securityContext", "runAsNonRoot")),
        )
    assert run().run_as_non_root.value is None
    assert run(None, None, "1000").uid.origin.kind == "image"
    assert run(None, None, "4242").gid.origin.kind == "runtime"


@pytest.mark.parametrize("profile", ["runtime/default", "localhost/p", "unconfined", ""])
def test_an_annotation_of_a_policy_keeps_its_origin(profile: str) -> None:
    route = ("metadata", "annotations", "container.apparmor.security.beta.kubernetes.io/c")
    pod = raw_pod(
        {"metadata": {"annotations": {route[-1]: profile}}, "spec": {"containers": [{"name": "c"}]}}
    )
    policy = Origin("policy", route, "PodSecurityPolicy restricted")
    (own,) = place_containers(pod)
    (changed,) = place_containers(pod, provenance={route: policy})
    assert resolve(own).apparmor.origin == Origin("pod", route)
    assert resolve(changed).apparmor.origin is policy
    assert resolve(own).apparmor.value == resolve(changed).apparmor.value


def test_edits_of_a_policy_keep_their_origin() -> None:
    policy = Origin("policy", ("spec", "securityContext", "runAsUser"), "PodSecurityPolicy restricted")
    context = run(None, {"runAsUser": 5}, provenance={("spec", "securityContext", "runAsUser"): policy})
    assert context.uid.origin is policy
    block = run(None, {"runAsUser": 5}, provenance={("spec", "securityContext"): policy})
    assert block.uid.origin is policy


def test_an_unknown_image_is_never_root_by_silence() -> None:
    context = run(user=None, passwd=None, group=None)
    assert isinstance(context.uid.value, Unknown)
    assert isinstance(context.gid.value, Unknown)
    assert isinstance(context.groups.value, Unknown)
    assert isinstance(context.capabilities.effective.value, Unknown)
    numbered = run({"runAsUser": 5}, user=None, passwd=None, group=None)
    assert numbered.uid.value == 5
    assert isinstance(numbered.gid.value, Unknown)
    assert numbered.capabilities.effective.value == ()
    strict = {"supplementalGroupsPolicy": "Strict", "runAsGroup": 3, "fsGroup": 1}
    assert run(None, strict, user=None, passwd=None, group=None).groups.value == (1, 3)


@pytest.mark.parametrize(
    ("text", "uid", "name"),
    [
        ("", 0, ""),
        ("0", 0, ""),
        ("00", 0, ""),
        ("+7", 7, ""),
        ("-1000", -1000, ""),
        ("root", None, "root"),
        ("1_0", None, "1_0"),
        (" 5", None, " 5"),
        ("99999999999999999999", None, "99999999999999999999"),
        ("9" * 5000, None, "9" * 5000),
        (":7", 0, ""),
        ("٣", None, "٣"),
    ],
)
def test_the_image_user_is_read_as_the_runtime_does(text: str, uid: int | None, name: str) -> None:
    user = parse_image_user(text)
    assert (user.uid, user.name) == (uid, name)


def test_odd_lines_of_passwd_count_as_runtimes_count_them() -> None:
    passwd = "\n  \nbob\neve:x:abc:def\nalice:x:1000:1001\n  spaced:x:7:8::/:/  \nalice:x:1:1\n"
    assert find_passwd_by_uid(passwd, 0) is not None
    assert find_passwd_by_name(passwd, "bob").uid == 0  # type: ignore[union-attr]  # found
    assert find_passwd_by_name(passwd, "alice").uid == 1000  # type: ignore[union-attr]  # found
    assert find_passwd_by_name(passwd, "spaced").gid == 8  # type: ignore[union-attr]  # found
    assert find_passwd_by_uid(passwd, 55) is None


@pytest.mark.parametrize("number", [0, 1, 2147483648, 4294967294])
def test_an_id_that_the_kernel_has_is_taken(number: int) -> None:
    passwd = f"app:x:{number}:7::/:/\nok:x:5:{number}::/:/\nu:x:6:6::/:/\n"
    assert run(user="app", passwd=passwd).uid.value == number
    assert run({"runAsUser": 5}, passwd=passwd).gid.value == number
    assert run({"runAsUser": 6}, passwd=passwd, group=f"g:x:{number}:u\n").groups.value == (
        *sorted((6, number)),
    )


@pytest.mark.parametrize(
    ("container", "passwd", "value", "origin"),
    [
        (
            {"runAsUser": 1000},
            PASSWD,
            1001,
            Origin("image", (), "/etc/passwd of image i gives alice this group"),
        ),
        (
            {"runAsUser": 5},
            PASSWD,
            0,
            Origin("runtime", (), "uid 5 is not in /etc/passwd of image i: group 0"),
        ),
        (
            {"runAsUser": 5},
            None,
            Unknown("runAsGroup is not set and /etc/passwd of image i is not known"),
            Origin("image", (), "image i"),
        ),
        (
            {"runAsUser": 5, "runAsGroup": 2147483648},
            PASSWD,
            Unknown("runAsGroup must be between 0 and 2147483647, has 2147483648"),
            Origin("container", ("spec", "containers", 0, "securityContext", "runAsGroup")),
        ),
    ],
)
def test_where_the_group_comes_from(
    container: dict[str, Any], passwd: str | None, value: Any, origin: Origin
) -> None:
    gid = run(container, passwd=passwd).gid
    assert (gid.value, gid.origin.kind, gid.origin.route) == (value, origin.kind, origin.route)
    assert origin.kind == "runtime" or str(gid.origin) == str(origin)


@pytest.mark.parametrize("number", ["-1", "4294967295", "4294967296"])
def test_an_id_that_no_kernel_has_is_not_guessed(number: str) -> None:
    passwd = f"app:x:{number}:7::/:/\nok:x:5:{number}::/:/\n"
    reason = f"/etc/passwd of image i gives app the id {number}, which is none"
    assert run(user="app", passwd=passwd).uid.value == Unknown(reason)
    other = run({"runAsUser": 5}, passwd=passwd)
    assert other.uid.value == 5
    assert other.gid.value == Unknown(reason.replace("app", "ok"))
    grouped = run({"runAsUser": 6}, passwd="u:x:6:6::/:/\n", group=f"g:x:{number}:u\n")
    assert grouped.groups.value == Unknown("/etc/group of image i gives u a group whose id is none")


def test_an_image_without_a_name_is_the_image() -> None:
    unnamed = {"containers": [{"name": "c"}]}
    assert run(user=None, spec=unnamed).uid.value == Unknown(
        "runAsUser is not set and the user of the image is not known"
    )
    assert str(run(user="", spec=unnamed).uid.origin) == "the image has no USER"


@pytest.mark.parametrize("number", [0, 2**31 - 1])
def test_the_smallest_and_the_largest_id_of_a_manifest(number: int) -> None:
    pod = {"supplementalGroups": [number], "fsGroup": number}
    context = run({"runAsUser": number, "runAsGroup": number}, pod, group="")
    assert (context.uid.value, context.gid.value, context.groups.value) == (number, number, (number,))
    assert context.fs_group.value == number


@pytest.mark.parametrize("number", [-1, 2**31])
@pytest.mark.parametrize(
    ("runtime", "problem"),
    [
        ("containerd-2.3.7", 'invalid USER value "{}": uid out of range'),
        ("containerd-1.6.20", "no users found"),
    ],
)
@pytest.mark.parametrize(("group", "asked"), [(None, "{}"), (0, "{}:0"), (7, "{}:7")])
def test_a_user_that_is_out_of_range(
    number: int, runtime: str, problem: str, group: int | None, asked: str
) -> None:
    context = run({"runAsUser": number, "runAsGroup": group}, runtime=RUNTIMES[runtime])
    reason = Unknown(f"the container is not created: {problem.format(asked.format(number))}")
    assert (context.uid.value, context.gid.value, context.groups.value) == (reason, reason, reason)


@pytest.mark.parametrize("number", [-1, 2**31])
def test_a_group_that_the_api_server_refuses_is_not_guessed(number: int) -> None:
    reason = "{} must be between 0 and 2147483647, has " + str(number)
    assert run({"runAsUser": 5, "runAsGroup": number}).gid.value == Unknown(reason.format("runAsGroup"))
    groups = run({"runAsUser": 5, "runAsGroup": 5}, {"supplementalGroups": [1, number]}).groups.value
    assert groups == Unknown(reason.format("supplementalGroups"))
    context = run({"runAsUser": 5, "runAsGroup": 5}, {"fsGroup": number})
    assert context.groups.value == context.fs_group.value == Unknown(reason.format("fsGroup"))
    assert context.volumes.value == Unknown(reason.format("fsGroup"))
