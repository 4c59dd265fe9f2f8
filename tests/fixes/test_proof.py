"""What is proven of changes: each wrong plan that is planted here is found out, each right one passes."""

from typing import Any

import pytest
import yaml

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.effective.image import ImageConfig
from podproof.fixes.change import ChangeKind, PlannedChange, PodToFix
from podproof.fixes.proof import disprove
from podproof.session.config import ProjectConfiguration
from podproof.session.fix import object_plan
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.judge import Judge, Judged
from podproof.session.judging.settings import make_judge

PASSWD = "root:x:0:0::/:/bin/sh\nweb:x:5:6::/:/bin/sh\n"
IMAGES = {
    "root": ImageConfig(user="", passwd=PASSWD, group=""),
    "five": ImageConfig(user="5", passwd=PASSWD, group=""),
    "web": ImageConfig(user="web", passwd=PASSWD, group=""),
}

A = ("spec", "containers", 0, "securityContext")
B = ("spec", "containers", 1, "securityContext")
POD = ("spec", "securityContext")

TWO = "containers: [{name: a, image: five}, {name: b, image: root}]"


def a_judge() -> Judge:
    return make_judge(
        ProjectConfiguration(),
        level="restricted",
        kubernetes_version=None,
        runtime=None,
        images=IMAGES,
        node=None,
        feature_gates=(),
    )


def pod_of(spec: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": yaml.safe_load(spec)}


def pods_to_fix(judged: Judged) -> list[PodToFix]:
    return [
        PodToFix((*pod.route, "spec"), pod.containers, pod.places, pod.processes, pod.start)
        for pod in judged.pods
    ]


def objection(spec: str, named: list[Edit], made: list[Edit], kind: ChangeKind = "tighter") -> str:
    """Say what is found when a plan names some edits and makes others."""
    judge, value = a_judge(), pod_of(spec)
    after = apply_edits(value, made)
    change = PlannedChange(kind, tuple(named), "", "", ())
    return disprove(pods_to_fix(judge.judge(value)), pods_to_fix(judge.judge(after)), [change])


def put(*route: str | int, value: object) -> Edit:
    return Edit(route, "set", value)


PROFILE = {"type": "RuntimeDefault"}

WRONG: dict[str, tuple[str, list[Edit], list[Edit], ChangeKind, str]] = {
    "another field than the one that is named": (
        TWO, [put(*A, "seccompProfile", value=PROFILE)], [put(*A, "readOnlyRootFilesystem", value=True)],
        "tighter", 'container "a": read_only_root would be True, not False, which follows from no change',
    ),
    "another container than the one that is named": (
        TWO, [put(*A, "seccompProfile", value=PROFILE)], [put(*B, "seccompProfile", value=PROFILE)],
        "tighter", 'container "b": seccomp would be RuntimeDefault, not Unconfined, '
        "which follows from no change",
    ),
    "the whole pod instead of a container": (
        TWO, [put(*A, "runAsUser", value=7)], [put(*POD, "runAsUser", value=7)],
        "guess", 'container "b": uid would be 7, not 0, which follows from no change',
    ),
    "a container goes": (
        TWO, [], [Edit(("spec", "containers", 0), "remove")],
        "tighter", 'container "a" would go',
    ),
    "what changes nothing changes something": (
        TWO, [put(*A, "runAsUser", value=7)], [put(*A, "runAsUser", value=7)],
        "same", 'container "a": uid would be 7, not 5, '
        "but the changes that it follows from claim to change nothing",
    ),
    "more capabilities": (
        "containers: [{name: a, image: root, securityContext: {capabilities: {drop: [ALL]}}}]",
        [put(*A, "capabilities", value={})], [put(*A, "capabilities", value={})],
        "tighter", "which gives the process more than it had",
    ),
    "a start that is refused": (
        "containers: [{name: a, image: root}]",
        [put(*A, "runAsNonRoot", value=True)], [put(*A, "runAsNonRoot", value=True)],
        "tighter", 'container "a" will not start: '
        "container has runAsNonRoot and image will run as root",
    ),
    "a start that hangs on the node": (
        "containers: [{name: a, image: root}]",
        [put(*A, "seccompProfile", value={"type": "Localhost", "localhostProfile": "x"})],
        [put(*A, "seccompProfile", value={"type": "Localhost", "localhostProfile": "x"})],
        "tighter", 'container "a" may not start: not known whether the node has the seccomp profile x',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "named", "made", "kind", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_plan_is_found_out(
    spec: str, named: list[Edit], made: list[Edit], kind: ChangeKind, words: str
) -> None:
    assert words in objection(spec, named, made, kind)


MORE: dict[str, tuple[dict[str, Any], str, Any]] = {
    "root": ({"runAsUser": 5}, "runAsUser", 0),
    "privileges gained": ({"allowPrivilegeEscalation": False}, "allowPrivilegeEscalation", True),
    "privileged": ({}, "privileged", True),
    "a writable root": ({"readOnlyRootFilesystem": True}, "readOnlyRootFilesystem", False),
    "no seccomp": ({"seccompProfile": PROFILE}, "seccompProfile", {"type": "Unconfined"}),
    "no AppArmor": ({"appArmorProfile": PROFILE}, "appArmorProfile", {"type": "Unconfined"}),
    "paths of the kernel": ({}, "procMount", "Unmasked"),
}


@pytest.mark.parametrize(("context", "name", "value"), MORE.values(), ids=MORE)
def test_only_a_guess_may_give_more(context: dict[str, Any], name: str, value: Any) -> None:
    spec = yaml.safe_dump({"containers": [{"name": "a", "image": "root", "securityContext": context}]})
    edits = [put(*A, name, value=value)]
    assert "which gives the process more than it had" in objection(spec, edits, edits, "tighter")
    assert "more than it had" not in objection(spec, edits, edits, "guess")


@pytest.mark.parametrize("name", ["hostNetwork", "hostPID", "hostIPC"])
def test_a_namespace_of_the_node_is_more(name: str) -> None:
    edits = [put("spec", name, value=True)]
    assert "would be host, not own, which gives the process more" in objection(TWO, edits, edits)


def test_a_mount_that_may_be_written_is_more() -> None:
    spec = (
        "containers: [{name: a, image: root, securityContext: {readOnlyRootFilesystem: true}, "
        "volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}]\nvolumes: [{name: v, emptyDir: {}}]"
    )
    edits = [put("spec", "containers", 0, "volumeMounts", 0, "readOnly", value=False)]
    assert "writable would be" in objection(spec, edits, edits)
    assert objection(spec, edits, edits, "guess") == ""


def test_ports_that_root_had_are_kept() -> None:
    ports, others = "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies"
    for name, words in ((ports, ""), (others, "claim to change nothing")):
        edits = [put(*POD, "sysctls", value=[{"name": name, "value": "1"}])]
        assert words in objection(TWO, edits, edits, "same")
        assert bool(words) == bool(objection(TWO, edits, edits, "same"))


RIGHT: dict[str, tuple[str, list[Edit], ChangeKind]] = {
    "a field of a container": (TWO, [put(*A, "seccompProfile", value=PROFILE)], "tighter"),
    "a whole context": (TWO, [put(*A, value={"readOnlyRootFilesystem": True})], "tighter"),
    "a whole context goes": (
        "containers: [{name: a, image: root, securityContext: {privileged: true}}]",
        [Edit(A, "remove")], "tighter",
    ),
    "a field of the pod, for all": (TWO, [put(*POD, "seccompProfile", value=PROFILE)], "tighter"),
    "the number of a name": (
        "containers: [{name: a, image: web}]", [put(*A, "runAsUser", value=5)], "same",
    ),
    "from not known to a guess": (
        "containers: [{name: a, image: x, securityContext: {runAsNonRoot: true}}]",
        [put(*A, "runAsUser", value=9)], "guess",
    ),
    "what has no effect": (TWO, [put("spec", "nodeName", value="n")], "same"),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "edits", "kind"), RIGHT.values(), ids=RIGHT)
def test_a_right_plan_passes(spec: str, edits: list[Edit], kind: ChangeKind) -> None:
    assert objection(spec, edits, edits, kind) == ""


@pytest.mark.parametrize("kind", ["initContainers", "containers", "ephemeralContainers"])
def test_what_is_said_of_a_container_that_is_not_there_is_said_of_none(kind: str) -> None:
    named = [put("spec", kind, 7, "securityContext", "runAsUser", value=7)]
    words = objection(TWO, named, [put(*A, "runAsUser", value=7)], "guess")
    assert words == 'container "a": uid would be 7, not 5, which follows from no change'


def test_pods_are_counted() -> None:
    judged = a_judge().judge(pod_of(TWO))
    assert disprove(pods_to_fix(judged), [], []) == "the object would make 0 pods, not 1"


FIVES = "containers: [{name: a, image: five}, {name: b, image: five}]"


def fixed_with(monkeypatch: pytest.MonkeyPatch, planted: Any, spec: str = FIVES) -> ObjectFix:
    """Fix a pod while something in the planning is wrong."""
    monkeypatch.setattr(object_plan, "plan_changes", planted)
    judge, value = a_judge(), pod_of(spec)
    fix = fix_object(value, judge.judge(value), judge, FixOptions(), lambda _: True, lambda _: False, None)
    assert fix.value == value
    assert fix.changes == ()
    return fix


def test_a_plan_that_is_found_out_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    edit = put(*A, "readOnlyRootFilesystem", value=True)
    wrong = PlannedChange("same", (edit,), "nothing", "for nothing", ("seccomp-profile-restricted",))
    fix = fixed_with(monkeypatch, lambda *_: [wrong])
    assert fix.worse.startswith('container "a": read_only_root would be True, not False, but the changes')
    assert len(fix.left) == 8


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (put(*A, "runAsUser", value=-1), "must be between 0 and 2147483647"),
        (put(*A, "runAsUser", value="x"), "cannot unmarshal string"),
        (put(*A, "noField", value=1), "unknown field"),
        (put("spec", "hostPID", value=True), "hostPID"),
    ],
)
def test_what_the_server_or_the_level_refuses_is_not_offered(
    monkeypatch: pytest.MonkeyPatch, edit: Edit, message: str
) -> None:
    wrong = PlannedChange("guess", (edit,), "wrong", "", ("seccomp-profile-restricted",))
    assert message in a_judge().judge(apply_edits(pod_of(TWO), [edit])).findings.__repr__()
    fixed_with(monkeypatch, lambda *_: [wrong])


def test_a_refusal_that_takes_the_place_of_another_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = "containers: [{name: a, image: five, securityContext: {runAsUser: -1}}, {name: b, image: five}]"
    wrong = PlannedChange("guess", (put(*A, "runAsUser", value=-2),), "wrong", "", ("invalid-value",))
    fixed_with(monkeypatch, lambda *_: [wrong], spec)
