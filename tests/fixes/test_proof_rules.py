"""What a proof compares: which values may differ because of which edit, and which differences are more.

Each plan names some edits and makes others, so that what follows from the named ones is seen alone.
"""

from typing import Any

import msgspec
import pytest
import yaml
from test_proof import FIVES, PROFILE, A, B, a_judge, objection, pods_to_fix, put

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.fixes.change import ChangeKind, PlannedChange
from podproof.fixes.proof import disprove
from podproof.manifest.route import Route

NO_CHANGE = "which follows from no change"

# which edits explain a difference

SECCOMP = [put(*A, "seccompProfile", value=PROFILE)]


@pytest.mark.parametrize(
    ("named", "explained"),
    [
        # the field, what lies in it, and all that holds it
        (put(*A, "seccompProfile", value=PROFILE), True),
        (put(*A, "seccompProfile", "type", value="RuntimeDefault"), True),
        (Edit((*A, "seccompProfile"), "remove"), True),
        (put(*A, value={"seccompProfile": PROFILE}), True),
        (put(*A, value={"runAsUser": 5, "seccompProfile": PROFILE}), True),
        (Edit(A, "remove"), True),
        (put(*A, value={"runAsUser": 5, "noField": 1}), False),
        (put(*A, value={}), False),
        # the same at the pod, for all of its containers
        (put("spec", "securityContext", "seccompProfile", value=PROFILE), True),
        (put("spec", "securityContext", value={"seccompProfile": PROFILE}), True),
        (put("spec", "securityContext", value={"fsGroup": 1}), False),
        (Edit(("spec", "securityContext"), "remove"), True),
        (Edit(("metadata", "annotations", "x"), "remove"), True),
        (Edit(("metadata", "annotations"), "remove"), True),
        (Edit(("metadata", "labels", "x"), "remove"), False),
        (put("spec", "os", "name", value="windows"), True),
        (put("spec", "nodeName", value="n"), False),
        (put("spec", "hostPID", value=True), False),
        # other containers, and places that are nobody's
        (put(*B, "seccompProfile", value=PROFILE), False),
        (put("spec", "containers", value=[]), False),
        (put("spec", "containers", 0, value={"seccompProfile": PROFILE}), False),
        (put("spec", "containers", 0, "image", value="i"), False),
        (put("spec", "initContainers", 0, "securityContext", "seccompProfile", value=PROFILE), False),
        (put("status", "seccompProfile", value=PROFILE), False),
        (put("seccompProfile", value=PROFILE), False),
    ],
)
def test_what_explains_another_filter(named: Edit, explained: bool) -> None:
    words = objection(FIVES, [named], SECCOMP)
    assert words == (
        "" if explained else f'container "a": seccomp would be RuntimeDefault, not Unconfined, {NO_CHANGE}'
    )


DIFFERENCES: dict[str, list[Edit]] = {
    "uid": [put(*A, "runAsUser", value=7)],
    "gid": [put(*A, "runAsGroup", value=7)],
    "groups": [put("spec", "securityContext", "supplementalGroups", value=[7])],
    "fs_group": [put("spec", "securityContext", "fsGroup", value=7)],
    "run_as_non_root": [put(*A, "runAsNonRoot", value=True)],
    "read_only_root": [put(*A, "readOnlyRootFilesystem", value=True)],
    "seccomp": SECCOMP,
    "apparmor": [put(*A, "appArmorProfile", value={"type": "Unconfined"})],
    "selinux": [put(*A, "seLinuxOptions", value={"level": "s0:c1"})],
    "capabilities": [put(*A, "capabilities", "drop", value=["KILL"])],
    "proc_mount": [put(*A, "procMount", value="Unmasked")],
    "devices": [put(*A, "privileged", value=True)],
    "namespaces": [put("spec", "hostPID", value=True)],
    "sysctls": [
        put("spec", "securityContext", "sysctls", value=[{"name": "net.ipv4.tcp_syncookies", "value": "1"}])
    ],
}


@pytest.mark.parametrize("difference", DIFFERENCES)
@pytest.mark.parametrize(
    ("named", "explains"),
    [
        (put(*A, "privileged", value=True),
         set(DIFFERENCES) - {"uid", "gid", "groups", "fs_group", "run_as_non_root", "read_only_root"}),
        (put("spec", "os", "name", value="windows"), set(DIFFERENCES)),
        (Edit(("metadata", "annotations", "x"), "remove"), {"seccomp", "apparmor"}),
        (Edit(("spec", "volumeClaimTemplates"), "remove"), set()),
    ],
)  # fmt: skip
def test_what_explains_much_does_not_explain_all(named: Edit, explains: set[str], difference: str) -> None:
    """The first value that differs is the one that the edit is about, or one that differs with it."""
    words = objection("containers: [{name: a, image: five}]", [named], DIFFERENCES[difference], "guess")
    assert words == "" if difference in explains else NO_CHANGE in words


def test_a_field_of_the_pod_explains_it_in_every_container() -> None:
    named = [put("spec", "securityContext", "seccompProfile", value=PROFILE)]
    both = [*SECCOMP, put(*B, "seccompProfile", value=PROFILE)]
    assert objection(FIVES, named, both) == ""
    assert objection(FIVES, [*named, *SECCOMP], both) == ""
    assert 'container "b": seccomp' in objection(FIVES, SECCOMP, both)


@pytest.mark.parametrize(
    ("kinds", "passes"),
    [
        (["tighter"], True), (["guess"], True), (["same"], False), (["same", "tighter"], True),
        (["tighter", "same"], True), (["same", "same"], False),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "places", [(A, A), (("spec", "securityContext"), A), (A, ("spec", "securityContext"))]
)
def test_the_strongest_change_that_explains_it_counts(
    kinds: list[ChangeKind], places: tuple[Route, Route], passes: bool
) -> None:
    changes = [
        PlannedChange(kind, (put(*place, "seccompProfile", value=PROFILE),), "", "", ())
        for kind, place in zip(kinds, places, strict=False)
    ]
    assert (objection_to(FIVES, changes, SECCOMP) == "") is passes


def value_of(spec: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": yaml.safe_load(spec)}


def objection_to(spec: str, changes: list[PlannedChange], made: list[Edit]) -> str:
    judge, value = a_judge(), value_of(spec)
    after = judge.judge(apply_edits(value, made))
    return disprove(pods_to_fix(judge.judge(value)), pods_to_fix(after), changes)


TEMPLATE = ("spec", "template", "spec", "containers", 0)


@pytest.mark.parametrize(
    ("named", "explained"),
    [
        (put(*TEMPLATE, "securityContext", "seccompProfile", value=PROFILE), True),
        (put("spec", "template", "spec", "securityContext", "seccompProfile", value=PROFILE), True),
        (Edit(("spec", "template", "metadata", "annotations", "x"), "remove"), True),
        (Edit(("metadata", "annotations", "x"), "remove"), False),
        (put("spec", "securityContext", "seccompProfile", value=PROFILE), False),
        (put("spec", "containers", 0, "securityContext", "seccompProfile", value=PROFILE), False),
        (put("spec", "volumeClaimTemplates", value=[]), False),
    ],
)
def test_routes_are_counted_from_the_object(named: Edit, explained: bool) -> None:
    labels = {"app": "a"}
    value = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "five"}]},
            },
        },
    }  # fmt: skip
    judge = a_judge()
    after = apply_edits(value, [put(*TEMPLATE, "securityContext", "seccompProfile", value=PROFILE)])
    change = PlannedChange("tighter", (named,), "", "", ())
    words = disprove(pods_to_fix(judge.judge(value)), pods_to_fix(judge.judge(after)), [change])
    assert (words == "") is explained


CLAIM = {
    "metadata": {"name": "v"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


@pytest.mark.parametrize(
    ("route", "explained"),
    [
        (("spec", "volumeClaimTemplates", 0, "spec", "accessModes"), True),
        (("spec", "volumeClaimTemplates"), True),
        (("spec", "replicas"), False),
        (("spec", "template", "metadata", "annotations", "x"), False),
    ],
)
def test_claims_of_the_object_explain_volumes(route: Route, explained: bool) -> None:
    labels = {"app": "a"}
    mounts = [{"name": "v", "mountPath": "/v"}]
    spec = {"containers": [{"name": "a", "image": "five", "volumeMounts": mounts}]}
    value: dict[str, Any] = {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "d"},
        "spec": {
            "selector": {"matchLabels": labels}, "serviceName": "s", "volumeClaimTemplates": [CLAIM],
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }  # fmt: skip
    judge = a_judge()
    after = apply_edits(value, [put("spec", "volumeClaimTemplates", value=[])])
    pods = [pods_to_fix(judge.judge(one)) for one in (value, after)]
    assert (
        disprove(*pods, [PlannedChange("guess", (Edit(route, "remove"),), "", "", ())]) == ""
    ) is explained


# which differences are more


def one(context: str = "", **more: str) -> str:
    rest = "".join(f", {name}: {value}" for name, value in more.items())
    return f"containers: [{{name: a, image: root, securityContext: {{{context}}}{rest}}}]"


LESS: dict[str, tuple[str, Edit]] = {
    "another user than root": (one(), put(*A, "runAsUser", value=5)),
    "another user than the last": (one("runAsUser: 5"), put(*A, "runAsUser", value=7)),
    "fewer capabilities": (one(), put(*A, "capabilities", "drop", value=["KILL"])),
    "no capability": (one(), put(*A, "capabilities", "drop", value=["ALL"])),
    "no privileges gained": (one(), put(*A, "allowPrivilegeEscalation", value=False)),
    "not privileged": (one("privileged: true"), put(*A, "privileged", value=False)),
    "a root file system that stays": (one(), put(*A, "readOnlyRootFilesystem", value=True)),
    "a filter": (one(), put(*A, "seccompProfile", value=PROFILE)),
    "masked paths": (one("procMount: Unmasked"), put(*A, "procMount", value="Default")),
    "another group": (one("runAsUser: 5"), put(*A, "runAsGroup", value=7)),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "edit"), LESS.values(), ids=LESS)
def test_less_is_tighter(spec: str, edit: Edit) -> None:
    assert objection(spec, [edit], [edit], "tighter") == ""


@pytest.mark.parametrize("name", ["hostNetwork", "hostPID", "hostIPC"])
def test_a_namespace_of_its_own_is_less(name: str) -> None:
    edits = [put("spec", name, value=False)]
    assert objection(f"{name}: true\n{one()}", edits, edits, "tighter") == ""


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("{drop: [ALL]}", {"drop": ["CHOWN"]}, "capabilities.bounding would be ("),
        ("{drop: [ALL]}", {"drop": ["ALL"], "add": ["KILL"]},
         "capabilities.bounding would be ('KILL',), not (), which gives the process more than it had"),
        ("{drop: [KILL]}", {"drop": ["CHOWN"]}, "which gives the process more than it had"),
    ],
)  # fmt: skip
def test_capabilities_are_compared_one_by_one(before: str, after: Any, words: str) -> None:
    edits = [put(*A, "capabilities", value=after)]
    assert words in objection(one(f"capabilities: {before}"), edits, edits)
    assert objection(one(f"capabilities: {before}"), edits, edits, "guess") == ""


def test_each_namespace_has_its_name() -> None:
    edits = [put("spec", "hostPID", value=True)]
    assert objection(one(), edits, edits) == (
        'container "a": namespaces.pid would be host, not own, which gives the process more than it had'
    )


def test_what_is_not_known_is_not_more() -> None:
    """Who was not known to be root may be root afterwards, and the other way round: a person decides."""
    unknown = "containers: [{name: a, image: x}]"
    edits = [put(*A, "runAsUser", value=0)]
    assert objection(unknown, edits, edits, "tighter") == ""
    assert "claim to change nothing" in objection(unknown, edits, edits, "same")
    assert "uid would be 0, not unknown, which follows" in objection(unknown, [], edits)
    before, after = (
        msgspec.structs.replace(pods_to_fix(a_judge().judge(value_of(spec)))[0], start=None)
        for spec in ("containers: [{name: a, image: five}]", unknown)
    )
    back = [PlannedChange("tighter", (Edit((*A, "runAsUser"), "remove"),), "", "", ())]
    assert disprove([before], [after], back) == ""
    assert "uid would be unknown, not 5, which follows" in disprove([before], [after], [])


def test_volumes_that_nobody_mounts_do_nothing() -> None:
    volumes = "\nvolumes: [{name: v, emptyDir: {}}]"
    gone = [Edit(("spec", "volumes", 0), "remove")]
    assert objection(one() + volumes, [], gone) == ""
    mounted = one(volumeMounts="[{name: v, mountPath: /v}]") + volumes
    assert "would be" in objection(
        mounted, [], [put("spec", "volumes", 0, value={"name": "v", "secret": {"secretName": "s"}})]
    )


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (None, [("net.ipv4.ip_unprivileged_port_start", "80")], True),
        ([("net.ipv4.ip_unprivileged_port_start", "80")], None, True),
        (
            [("net.ipv4.ip_unprivileged_port_start", "80")],
            [("net.ipv4.ip_unprivileged_port_start", "0")], True,
        ),
        (None, [("net.ipv4.ip_unprivileged_port_start", "80"), ("net.ipv4.tcp_syncookies", "1")], False),
        ([("net.ipv4.tcp_syncookies", "1")], [("net.ipv4.ip_unprivileged_port_start", "80")], False),
        (
            [("net.ipv4.tcp_syncookies", "1")],
            [("net.ipv4.tcp_syncookies", "1"), ("net.ipv4.ip_unprivileged_port_start", "80")], True,
        ),
    ],
)  # fmt: skip
def test_only_ports_that_root_had_are_the_same(before: Any, after: Any, kept: bool) -> None:
    def sysctls(pairs: Any) -> Any:
        return [{"name": name, "value": value} for name, value in pairs or ()]

    context = yaml.safe_dump({"securityContext": {"sysctls": sysctls(before)}})
    edits = [put("spec", "securityContext", "sysctls", value=sysctls(after))]
    words = objection(f"{context}{FIVES}", edits, edits, "same")
    assert words.partition(", but ")[2] == (
        "" if kept else "the changes that it follows from claim to change nothing"
    )
