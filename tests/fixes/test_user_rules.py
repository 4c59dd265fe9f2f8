"""Which user a container is given, for what reason, and which group its volumes need."""

import copy
from collections.abc import Collection

import pytest
import yaml

from podproof.edits.edit import Edit
from podproof.effective.image import ImageConfig
from podproof.findings import ContainerRef
from podproof.fixes.change import PlannedChange, PodToFix
from podproof.fixes.users import UidRange, plan_users
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge

OWNER = ("shop", "Deployment", "web")
IMAGES = {
    "root": ImageConfig(user="", passwd="root:x:0:0::/:/bin/sh\n", group=""),
    "rooted": ImageConfig(user="root", passwd="root:x:0:0::/:/bin/sh\n", group=""),
    "named": ImageConfig(user="web", passwd="web:x:101:101::/:/bin/sh\n", group=""),
    "numbered": ImageConfig(user="7", passwd="", group=""),
    "lost": ImageConfig(user="nobody", passwd="", group=""),
}


def planned(
    spec: str,
    touched: Collection[str] = "abcdef",
    owner: tuple[str, str, str] = OWNER,
    uids: UidRange | None = None,
) -> list[PlannedChange]:
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": yaml.safe_load(spec)}
    written = copy.deepcopy(value)
    judge = make_judge(ProjectConfiguration(), level="restricted", images=IMAGES)
    (judged,) = judge.judge(value).pods
    assert judged.processes or "windows" in spec
    pod = PodToFix((*judged.route, "spec"), judged.containers, judged.places, judged.processes)
    places = {
        place for one, place in zip(judged.containers, judged.places, strict=True) if one.name in touched
    }
    changes = list(plan_users(value, pod, owner, places, uids or UidRange()))
    assert value == written
    return changes


def users(changes: list[PlannedChange]) -> dict[str, int]:
    return {change.container.name: change.edits[0].value for change in changes if change.container}


NON_ROOT = "securityContext: {runAsNonRoot: true}"


@pytest.mark.parametrize(
    ("container", "kind", "user", "why"),
    [
        ("image: root", "guess", 9, "the image's user is root: confirm that the program can run as 9"),
        ("image: rooted", "guess", 9, "the image's user is root: confirm that the program can run as 9"),
        ("image: other", "guess", 9, "the image's user is not known: confirm that the program can run as 9"),
        ("image: lost", "guess", 9, "the image's user is not known: confirm that the program can run as 9"),
        (
            "image: named",
            "same",
            101,
            "the image's user web is 101; the kubelet starts no container by a name",
        ),
        ("image: numbered", None, None, None),
        ("image: root, securityContext: {runAsUser: 5}", None, None, None),
        ("image: named, securityContext: {runAsUser: 5}", None, None, None),
        ("image: root, securityContext: {runAsNonRoot: false}", None, None, None),
    ],
)
def test_the_user_of_a_container_that_must_not_be_root(
    container: str, kind: str | None, user: int | None, why: str | None
) -> None:
    changes = planned(f"{NON_ROOT}\ncontainers: [{{name: a, {container}}}]", uids=UidRange(9, 9))
    route = ("spec", "containers", 0, "securityContext", "runAsUser")
    assert changes == (
        [
            PlannedChange(
                kind,  # type: ignore[arg-type]  # a str that is one of the kinds
                (Edit(route, "set", user),),
                f"securityContext.runAsUser: {user}",
                why or "",
                ("run-as-non-root",),
                ContainerRef("a", "container"),
            )
        ]
        if kind
        else []
    )


@pytest.mark.parametrize(
    ("spec", "given"),
    [
        ("containers: [{name: a, image: root}]", set()),
        (f"{NON_ROOT}\ncontainers: [{{name: a, image: root}}, {{name: x, image: root}}]", {"a"}),
        (f"containers: [{{name: a, image: root, {NON_ROOT}}}, {{name: b, image: root}}]", {"a"}),
        (f"{NON_ROOT}\ninitContainers: [{{name: a, image: i}}]\ncontainers: [{{name: b, image: i}}]",
         {"a", "b"}),
        ("securityContext: {runAsNonRoot: true, runAsUser: 5}\ncontainers: [{name: a, image: root}]", set()),
        (f"{NON_ROOT}\nos: {{name: windows}}\ncontainers: [{{name: a, image: root}}]", set()),
        (f"{NON_ROOT}\ncontainers: [{{name: x, image: root}}, {{name: a, image: numbered}}, "
         "{name: b, image: root}]", {"b"}),
    ],
)  # fmt: skip
def test_who_is_given_a_user(spec: str, given: set[str]) -> None:
    assert users(planned(spec)).keys() == given


def mounting(*containers: str, volumes: str = "") -> str:
    """Write a spec whose containers, named a, b and so on, mount volumes: `v`, or `v-` read-only."""
    written = []
    for name, mounts in zip("abcdef", containers, strict=False):
        those = ", ".join(
            f"{{name: {mount[0]}, mountPath: /{at}, readOnly: {str(mount.endswith('-')).lower()}}}"
            for at, mount in enumerate(mounts.split())
        )
        written.append(f"{{name: {name}, image: i, volumeMounts: [{those}]}}")
    known = ", ".join(
        f"{{name: {name}, {source}}}"
        for name, source in {
            "p": "persistentVolumeClaim: {claimName: p}", "q": "persistentVolumeClaim: {claimName: q}",
            "t": "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], "
                 "resources: {requests: {storage: 1Gi}}}}}",
            "e": "emptyDir: {}", "h": "hostPath: {path: /h}", "s": "secret: {secretName: s}",
        }.items()
    )  # fmt: skip
    return f"{volumes or NON_ROOT}\ncontainers: [{', '.join(written)}]\nvolumes: [{known}]"


@pytest.mark.parametrize(
    ("containers", "together"),
    [
        (("e", "e", "h"), ["ab", "c"]),
        (("e", "e-", "e"), ["ac", "b"]),
        (("e-", "e-"), ["a", "b"]),
        (("", ""), ["a", "b"]),
        # one that shares with two makes one of all
        (("e", "h", "e h"), ["abc"]),
        (("h", "e", "q", "e p", "p h"), ["abde", "c"]),
        (("h", "p e", "e h", "s"), ["abc", "d"]),
        (("e", "h", "h q", "q e"), ["abcd"]),
    ],
)
def test_who_writes_to_volumes_together_has_one_user(
    containers: tuple[str, ...], together: list[str]
) -> None:
    found = users(planned(mounting(*containers)))
    assert len(found) == len(containers)
    assert len(set(found.values())) == len(together)
    alone = users(planned(mounting(*[""] * len(containers))))
    for names in together:
        # the number of the first: who else is there does not change it
        assert {found[name] for name in names} == {alone[names[0]]}


def test_one_that_is_not_touched_lends_its_number_to_those_that_write_with_it() -> None:
    both = users(planned(mounting("e", "e")))
    assert users(planned(mounting("e", "e"), touched="b")) == {"b": both["a"]}


def test_each_owner_has_numbers_of_its_own() -> None:
    owners = [OWNER, ("", *OWNER[1:]), (OWNER[0], "Job", OWNER[2]), (*OWNER[:2], "other")]
    found = [users(planned(mounting("", ""), owner=owner)) for owner in owners]
    assert len({number for one in found for number in one.values()}) == 8
    assert found[0] == users(planned(mounting("", "")))


@pytest.mark.parametrize(
    ("containers", "pod", "group", "volume"),
    [
        (("p",), "", "a", "p"),
        (("t",), "", "a", "t"),
        (("q p",), "", "a", "p"),
        (("e h s",), "", None, None),
        (("p-",), "", None, None),
        (("p- q",), "", "a", "q"),
        (("", "p"), "", "b", "p"),
        (("p", "q"), "", "a", "p"),
        (("q", "p"), "", "a", "q"),
        (("p",), "fsGroup: 5", None, None),
        (("p",), "fsGroup: null", "a", "p"),
        (("p",), "runAsUser: 5", None, None),
    ],
)
def test_the_group_that_volumes_need(
    containers: tuple[str, ...], pod: str, group: str | None, volume: str | None
) -> None:
    context = f"securityContext: {{runAsNonRoot: true{', ' if pod else ''}{pod}}}"
    changes = planned(mounting(*containers, volumes=context))
    groups = [change for change in changes if change.container is None]
    assert groups == (
        [
            PlannedChange(
                "guess",
                (Edit(("spec", "securityContext", "fsGroup"), "set", users(changes)[group]),),
                f"securityContext.fsGroup: {users(changes)[group]}",
                f"volume {volume} has to be writable for that user",
                ("run-as-non-root",),
            )
        ]
        if group
        else []
    )
    assert changes[-1:] == groups or not groups


def test_a_volume_that_the_pod_does_not_have_needs_no_group() -> None:
    changes = planned(
        f"{NON_ROOT}\ncontainers: [{{name: a, image: i, volumeMounts: [{{name: w, mountPath: /w}}, "
        "{mountPath: /x}, {name: p, mountPath: /p}]}]\n"
        "volumes: [{persistentVolumeClaim: {claimName: n}}, {name: p, persistentVolumeClaim: {claimName: p}}]"
    )
    assert [change.why for change in changes[1:]] == ["volume p has to be writable for that user"]


def test_containers_and_volumes_without_a_name_have_nothing_in_common() -> None:
    mounts = "volumeMounts: [{mountPath: /x}]"
    found = users(
        planned(f"{NON_ROOT}\ncontainers: [{{name: a, image: i, {mounts}}}, {{name: b, image: i, {mounts}}}]")
    )
    assert len(set(found.values())) == 2
    pod = f"{NON_ROOT}\ncontainers: [{{image: i}}, {{name: a, image: i}}]"
    assert users(planned(pod, touched=())) == {}
    assert [change.edits[0].value for change in planned(pod, touched=["", "a"])] == [
        UidRange().pick(*OWNER, ""), UidRange().pick(*OWNER, "a"),
    ]  # fmt: skip


def test_who_runs_as_the_image_says_needs_no_group() -> None:
    spec = mounting("p").replace("image: i", "image: named")
    assert [change.kind for change in planned(spec)] == ["same"]


def test_a_number_is_the_same_in_every_release() -> None:
    """Who has written a guessed user into a manifest gets no other by a newer Podproof."""
    assert UidRange().pick("shop", "Deployment", "web", "web") == 35041
    assert UidRange(1, 2**31 - 1).pick("a") == 1_598_734_323


@pytest.mark.parametrize("name", ["", "c", "\ud800", "é" * 300])
def test_numbers_lie_in_their_range(name: str) -> None:
    assert 10_000 <= UidRange().pick(name) <= 59_999
    assert UidRange(5, 5).pick(name) == 5
    assert UidRange().pick("a", name) != UidRange().pick("a" + name)


def test_a_range_is_used_to_both_its_ends() -> None:
    assert {UidRange(100_000, 100_002).pick(str(index)) for index in range(60)} == {100_000, 100_001, 100_002}
    assert (UidRange().first, UidRange().last) == (10_000, 59_999)
