"""Where fields go that stand in the wrong place: into which item of a list, beside what, and when nowhere.

Each line of a table is a pod's spec, and what becomes of it.
"""

from typing import Any

import pytest
import yaml

from podproof.fixes.mistakes import Unmended, without_contradictions
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.settings import make_judge


def fixed(spec: str) -> ObjectFix:
    return mended(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": yaml.safe_load(spec)}
    )


def mended(value: dict[str, Any]) -> ObjectFix:
    judge = make_judge(ProjectConfiguration(), level="privileged")
    return fix_object(
        value, judge.judge(value), judge, FixOptions(), lambda check: True, lambda finding: False, None
    )


def of(container: str, pod: str = "") -> str:
    """Write a spec of one container with these fields."""
    return f"{pod}{', ' if pod else ''}containers: [{{name: a, image: i, {container}}}]"


MOVED: dict[str, tuple[str, str, str]] = {
    "into the only item of a list": (
        of("protocol: TCP, ports: [{containerPort: 80}]"),
        "move protocol to ports[0].protocol",
        of("ports: [{containerPort: 80, protocol: TCP}]"),
    ),
    "into the only item of a list, two steps down": (
        "medium: Memory, containers: [{name: a, image: i}], volumes: [{name: v, emptyDir: {}}]",
        "move medium to volumes[0].emptyDir.medium",
        "containers: [{name: a, image: i}], volumes: [{name: v, emptyDir: {medium: Memory}}]",
    ),
    "away, where the item says the same": (
        of("protocol: TCP, ports: [{containerPort: 80, protocol: TCP}]"),
        "remove protocol",
        of("ports: [{containerPort: 80, protocol: TCP}]"),
    ),
    "a port that is none gives nothing": (
        of("hostPort: 0, ports: [{containerPort: 80}]"),
        "move hostPort to ports[0].hostPort",
        of("ports: [{containerPort: 80, hostPort: 0}]"),
    ),
    "into a mapping that is there": (
        of("limits: {cpu: 1}, resources: {requests: {cpu: 1}}"),
        "move limits to resources.limits",
        of("resources: {requests: {cpu: 1}, limits: {cpu: 1}}"),
    ),
    "into a mapping that is made": (
        of("requests: {cpu: 1}"),
        "move requests to resources.requests",
        of("resources: {requests: {cpu: 1}}"),
    ),
    "from the spec into the context of the only container": (
        "readOnlyRootFilesystem: true, containers: [{name: a, image: i}]",
        "move readOnlyRootFilesystem to containers[0].securityContext.readOnlyRootFilesystem",
        of("securityContext: {readOnlyRootFilesystem: true}"),
    ),
    "from the spec into every container's context": (
        "readOnlyRootFilesystem: true, "
        "containers: [{name: a, image: i}, {name: b, image: i, securityContext: null}]",
        "move readOnlyRootFilesystem to every container's securityContext.readOnlyRootFilesystem",
        "containers: [{name: a, image: i, securityContext: {readOnlyRootFilesystem: true}}, "
        "{name: b, image: i, securityContext: {readOnlyRootFilesystem: true}}]",
    ),
    "to all kinds of containers": (
        "securityContext: {drop: [ALL]}, initContainers: [{name: i, image: i}], "
        "containers: [{name: a, image: i}], ephemeralContainers: [{name: e, image: i}]",
        "move securityContext.drop to every container's securityContext.capabilities.drop",
        "initContainers: [{name: i, image: i, securityContext: {capabilities: {drop: [ALL]}}}], "
        "containers: [{name: a, image: i, securityContext: {capabilities: {drop: [ALL]}}}], "
        "ephemeralContainers: [{name: e, image: i, securityContext: {capabilities: {drop: [ALL]}}}]",
    ),
    "from a container that starts first to the pod": (
        "initContainers: [{name: i, image: i, hostUsers: false}], containers: [{name: a, image: i}]",
        "move hostUsers to spec.hostUsers",
        "hostUsers: false, initContainers: [{name: i, image: i}], containers: [{name: a, image: i}]",
    ),
    "away, where the pod says the same": (
        of("hostUsers: false", "hostUsers: false"), "remove hostUsers", "hostUsers: false, " + of(""),
    ),
    "away, where it has no value": (
        of("protocol: null, ports: [{containerPort: 80}]"),
        "remove protocol",
        of("ports: [{containerPort: 80}]"),
    ),
    "what Windows does not have goes, even if it would give more": (
        "os: {name: windows}, securityContext: {privileged: true}, containers: [{name: a, image: i}]",
        "remove securityContext.privileged",
        "os: {name: windows}, containers: [{name: a, image: i}]",
    ),
    "what Windows has too is renamed": (
        of("imagePullPolicie: Always", "os: {name: windows}"),
        "rename imagePullPolicie to imagePullPolicy",
        of("imagePullPolicy: Always", "os: {name: windows}"),
    ),
}  # fmt: skip


TAKES_EFFECT = "it was ignored, and takes effect now"
SAID = "what it says is written where it has an effect"
WHY = {
    "away, where it has no value": "it has no value",
    "away, where the item says the same": SAID,
    "away, where the pod says the same": SAID,
    "what Windows does not have goes, even if it would give more": "Windows has no such setting",
}


@pytest.mark.parametrize("name", MOVED)
def test_where_a_field_goes(name: str) -> None:
    spec, change, after = MOVED[name]
    fix = fixed(f"{{{spec}}}")
    assert [one.what for one in fix.changes] == [change]
    (field, why), kind = fix.changes[0].why.split(" is not a field here: "), fix.changes[0].kind
    assert f"{field} " in f"{change.replace('.', ' ')} "
    assert (why, kind) == (WHY.get(name, TAKES_EFFECT), "same" if name in WHY else "tighter")
    assert fix.value["spec"] == yaml.safe_load(f"{{{after}}}")
    assert fix.unmended == {}


ELSEWHERE = "another field that belongs at spec.hostUsers has another value: keep one of them"
MORE = (
    "does nothing here and would give the process more where it has an effect: move it there only if that is "
    "wanted, else remove it"
)
LEFT: dict[str, tuple[str, list[str]]] = {
    "no field like it": (
        of("protectMe: true"), ["no field has a name like it: remove it, or write the field that was meant"],
    ),
    "two fields like it": (
        of("", "hostPIC: false"), ["hostPID and hostIPC are equally near: write the one that is meant"],
    ),
    "two places for it": (
        of("securityContext: {localhostProfile: x}"),
        ["it could stand under spec.containers[0].securityContext.seccompProfile or under "
         "spec.containers[0].securityContext.appArmorProfile: move it to the one that is meant"],
    ),
    "several items": (
        of("protocol: TCP, ports: [{containerPort: 80}, {containerPort: 81}]"),
        ["there are 2 ports: move it to the one that is meant"],
    ),
    "several volumes": (
        "emptyDir: {}, containers: [{name: a, image: i}], volumes: [{name: v}, {name: w}]",
        ["there are 2 volumes: move it to the one that is meant"],
    ),
    "an item that says something else": (
        of("protocol: TCP, ports: [{containerPort: 80, protocol: UDP}]"),
        ["spec.containers[0].ports[0].protocol has another value: keep one of them"],
    ),
    "no list": (
        of("protocol: TCP"), ["there are no ports to move it to: add it where they are written"],
    ),
    "an empty list": (
        of("protocol: TCP, ports: []"),
        ["there are no ports to move it to: add it where they are written"],
    ),
    "no container": (
        "securityContext: {privileged: false}, containers: []",
        ["there are no containers to move it to: add it where they are written"],
    ),
    "no container for a field beside their contexts": (
        "imagePullPolicy: Always, containers: []",
        ["there are no containers to move it to: add it where they are written"],
    ),
    "a port of the node": (of("hostPort: 80, ports: [{containerPort: 80}]"), [f"hostPort {MORE}"]),
    "one of several containers would have more": (
        "securityContext: {add: [KILL]}, containers: [{name: a, image: i}, "
        "{name: b, image: i, securityContext: {capabilities: {drop: [ALL]}}}]",
        [f"add {MORE}"],
    ),
    "Linux has it": (
        of("", "os: {name: linux}, securityContext: {privileged: true}"), [f"privileged {MORE}"],
    ),
    "Windows has it": (
        of("", "os: {name: windows}, securityContext: {hostProcess: true}"), [f"hostProcess {MORE}"],
    ),
    "the pod says something else": (
        of("hostUsers: false", "hostUsers: true"),
        ["spec.hostUsers has another value: keep one of them"],
    ),
    "two containers that contradict each other": (
        "initContainers: [{name: i, image: i, hostUsers: false}], "
        "containers: [{name: a, image: i, hostUsers: true}]",
        [ELSEWHERE, ELSEWHERE],
    ),
    "a container that contradicts itself": (
        of("hostUsers: false, securityContext: {hostUsers: true}"), [ELSEWHERE, ELSEWHERE],
    ),
    "two containers that contradict each other in different places": (
        "containers: [{name: a, image: i, securityContext: {hostUsers: false}}, "
        "{name: b, image: i, hostUsers: true}]",
        [ELSEWHERE, ELSEWHERE],
    ),
    "two spellings that contradict each other": (
        of("runAsUsr: 7, securityContext: {runAsUsr: 8}"),
        ["another field that belongs at spec.containers[0].securityContext.runAsUser has another value: "
         "keep one of them"] * 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "why"), LEFT.values(), ids=LEFT)
def test_what_is_left(spec: str, why: list[str]) -> None:
    fix = fixed(f"{{{spec}}}")
    assert fix.changes == ()
    told = [fix.unmended[finding.route].why for finding in fix.left if finding.check == "unknown-field"]
    assert told == why


def test_a_resource_of_others_may_have_more_fields() -> None:
    container = {"name": "a", "image": "i", "imagePullPolicie": "Always", "securityContext": {"runAsUsr": 7}}
    template = {"template": {"spec": {"containers": [container]}}}
    fix = mended({"apiVersion": "example.org/v1", "kind": "Widget", "spec": template})
    assert [change.what for change in fix.changes] == ["rename securityContext.runAsUsr to runAsUser"]
    assert [one.why for one in fix.unmended.values()] == [
        "the resource may have a field of that name: look it up, then rename or remove it"
    ]


NOT_WRITTEN = "the part that it belongs to is not written here: add it there"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"hostUsers": False}, NOT_WRITTEN),
        ({"hostUsers": False, "template": {}}, NOT_WRITTEN),
        ({"hostUsers": False, "template": {"spec": None}}, NOT_WRITTEN),
        ({"hostUsers": False, "template": {"spec": {}}}, ""),
    ],
)  # fmt: skip
def test_a_pod_that_is_not_written_is_not_made(spec: dict[str, Any], why: str) -> None:
    labels = {"matchLabels": {"app": "a"}}
    value = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"selector": labels, **spec}}
    fix = mended(value)
    assert [one.why for one in fix.unmended.values()] == ([why] if why else [])
    assert bool(fix.changes) is not bool(why)


def test_a_container_that_is_null_gets_nothing() -> None:
    fix = fixed("{securityContext: {privileged: false}, containers: [{name: a, image: i}, null]}")
    assert [one.why for one in fix.unmended.values()] == [NOT_WRITTEN]


def test_what_agrees_is_not_a_contradiction() -> None:
    """One that contradicts two others leaves all three; what others say of other places is mended."""
    spec = (
        "containers: [{name: a, image: i, hostUsers: false, runAsUser: 7}, "
        "{name: b, image: i, hostUsers: false}, {name: c, image: i, hostUsers: %s}]"
    )
    agreed = fixed(spec % "false")
    assert len(agreed.changes) == 4
    assert agreed.value["spec"]["hostUsers"] is False
    torn = fixed(spec % "true")
    assert [change.what for change in torn.changes] == ["move runAsUser to securityContext.runAsUser"]
    assert [one.why for one in torn.unmended.values()] == [ELSEWHERE] * 3


@pytest.mark.parametrize("mended", [{}, {("a",): Unmended("so")}])
def test_without_changes_nothing_contradicts(mended: dict[Any, Any]) -> None:
    assert without_contradictions(mended) == mended
