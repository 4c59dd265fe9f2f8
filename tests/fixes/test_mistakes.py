"""What `fix` makes of fields that Kubernetes does not know: a table of objects, and what becomes of each."""

from typing import Any

import pytest
import yaml

from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.settings import make_judge


def fixed(value: Any, level: str = "privileged", **options: Any) -> ObjectFix:
    judge = make_judge(
        ProjectConfiguration(),
        level=level,
        kubernetes_version=None,
        runtime=None,
        images={},
        node=None,
        feature_gates=(),
    )
    given = FixOptions(**options)
    return fix_object(
        value, judge.judge(value), judge, given, lambda check: True, lambda finding: False, None
    )


def pod(text: str) -> dict[str, Any]:
    spec = yaml.safe_load(text)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def one(context: str, pod_context: str = "") -> str:
    above = f"securityContext: {{{pod_context}}}\n" if pod_context else ""
    return f"{above}containers: [{{name: a, image: i, securityContext: {{{context}}}}}]"


ALONE = "containers: [{name: a, image: i}]"
TWO = "{name: a, image: i}, {name: b, image: i, securityContext: {allowPrivilegeEscalation: true}}"

MENDED: dict[str, tuple[str, list[str], str]] = {
    "a misspelt field is renamed": (
        one("readonlyRootFilesystem: true"),
        ["tighter rename securityContext.readonlyRootFilesystem to readOnlyRootFilesystem"],
        one("readOnlyRootFilesystem: true"),
    ),
    "one that is there already goes": (
        one("readonlyRootFilesystem: true, readOnlyRootFilesystem: true"),
        ["same remove securityContext.readonlyRootFilesystem"],
        one("readOnlyRootFilesystem: true"),
    ),
    "one without a value goes": (
        one("runAsNotRoot: null"),
        ["same remove securityContext.runAsNotRoot"],
        ALONE,
    ),
    "lists of capabilities that stand beside them": (
        one("capabilities: null, drop: [CHOWN, NET_RAW], add: [NET_BIND_SERVICE]"),
        [
            "tighter move securityContext.drop to securityContext.capabilities.drop",
            "tighter move securityContext.add to securityContext.capabilities.add",
        ],
        one("capabilities: {drop: [CHOWN, NET_RAW], add: [NET_BIND_SERVICE]}"),
    ),
    "a container's field at the pod: every container that does not say it itself": (
        f"securityContext: {{allowPrivilegeEscalation: false}}\ncontainers: [{TWO}]\n"
        "initContainers: [{name: c, image: i}]",
        [
            "tighter move securityContext.allowPrivilegeEscalation to every container's "
            "securityContext.allowPrivilegeEscalation"
        ],
        "containers: [{name: a, image: i, securityContext: {allowPrivilegeEscalation: "
        "false}}, {name: b, image: i, securityContext: {allowPrivilegeEscalation: true}}]\n"
        "initContainers: [{name: c, image: i, securityContext: {allowPrivilegeEscalation: false}}]",
    ),
    "one that every container says itself has no effect anywhere": (
        one("privileged: false", "privileged: false"),
        ["same remove securityContext.privileged"],
        one("privileged: false"),
    ),
    "a container's field in the pod's spec, where there is one container": (
        "imagePullPolicy: Always\ncontainers: [{name: a, image: i}]",
        ["tighter move imagePullPolicy to containers[0].imagePullPolicy"],
        "containers: [{name: a, image: i, imagePullPolicy: Always}]",
    ),
    "a field of the pod's context at a container": (
        one("fsGroupChangePolicy: OnRootMismatch"),
        ["tighter move securityContext.fsGroupChangePolicy to spec.securityContext.fsGroupChangePolicy"],
        "securityContext: {fsGroupChangePolicy: OnRootMismatch}\n" + ALONE,
    ),
    "of groups nobody knows whether they give more": (
        one("fsGroup: 7"),
        ["guess move securityContext.fsGroup to spec.securityContext.fsGroup"],
        "securityContext: {fsGroup: 7}\n" + ALONE,
    ),
    "a security context's field beside it": (
        "containers: [{name: a, image: i, runAsUser: 7}]",
        ["tighter move runAsUser to securityContext.runAsUser"],
        one("runAsUser: 7"),
    ),
    "both misspelt and misplaced": (
        one("drops: [ALL]"),
        ["tighter move securityContext.drops to securityContext.capabilities.drop"],
        one("capabilities: {drop: [ALL]}"),
    ),
    "of several containers that say the same the pod says it": (
        "containers: [{name: a, image: i, securityContext: {hostUsers: false}}, "
        "{name: b, image: i, securityContext: {hostUsers: false}}]",
        [
            "tighter move securityContext.hostUsers to spec.hostUsers",
            "tighter move securityContext.hostUsers to spec.hostUsers",
        ],
        "hostUsers: false\ncontainers: [{name: a, image: i}, {name: b, image: i}]",
    ),
    "an addition that the runtime grants anyway": (
        one("add: [CHOWN]"),
        ["tighter move securityContext.add to securityContext.capabilities.add"],
        one("capabilities: {add: [CHOWN]}"),
    ),
    "Windows has no capabilities: they go": (
        "os: {name: windows}\n" + one("drop: [ALL]"),
        ["same remove securityContext.drop"],
        "os: {name: windows}\n" + ALONE,
    ),
}


@pytest.mark.parametrize(("text", "changes", "after"), MENDED.values(), ids=MENDED)
def test_what_is_mended(text: str, changes: list[str], after: str) -> None:
    fix = fixed(pod(text))
    assert [f"{change.kind} {change.what}" for change in fix.changes] == changes
    assert fix.value == pod(after)
    assert fix.left == ()
    assert fixed(fix.value).changes == ()


MORE = "would give the process more"
LEFT: dict[str, tuple[str, str]] = {
    "two names are equally near": (
        "hostPIC: false\ncontainers: [{name: a, image: i}]",
        "hostPID and hostIPC are equally near",
    ),
    "two places are equally near": (
        one("localhostProfile: x"),
        "it could stand under spec.containers[0].securityContext.seccompProfile or under "
        "spec.containers[0].securityContext.appArmorProfile",
    ),
    "which of two containers": (
        "imagePullPolicy: Always\ncontainers: [{name: a, image: i}, {name: b, image: i}]",
        "there are 2 containers",
    ),
    "no name is like it": (one("protectMe: true"), "no field has a name like it"),
    "both spellings, with different values": (
        one("runAsUsr: 7, runAsUser: 8"),
        "spec.containers[0].securityContext.runAsUser has another value",
    ),
    "two containers contradict each other": (
        "containers: [{name: a, image: i, securityContext: {fsGroup: 1}}, "
        "{name: b, image: i, securityContext: {fsGroup: 2}}]",
        "another field that belongs at spec.securityContext.fsGroup has another value",
    ),
    "privileged": (one("privilegd: true"), MORE),
    "privileged at the pod": (one("", "privileged: true"), MORE),
    "the node's network": (one("hostNetwork: true"), MORE),
    "root": (one("runAsUsr: 0"), MORE),
    "no filter": (one("seccompProfil: {type: Unconfined}"), MORE),
    "an unmasked /proc": (one("", "procMount: Unmasked"), MORE),
    "a capability that runtimes do not grant": (one("add: [SYS_ADMIN]"), MORE),
    "one that is dropped": (one("add: [CHOWN], capabilities: {drop: [ALL]}"), MORE),
    "capabilities at the pod": (one("", "capabilities: {add: [SYS_ADMIN]}"), MORE),
    "a container may be root though the pod may not": (
        one("runAsNotRoot: false", "runAsNonRoot: true, runAsUser: 7"),
        MORE,
    ),
    "a path of the node": (
        "containers: [{name: a, image: i, volumes: [{name: v, hostPath: {path: /}}]}]",
        MORE,
    ),
}


@pytest.mark.parametrize(("text", "why"), LEFT.values(), ids=LEFT)
def test_what_is_left(text: str, why: str) -> None:
    value = pod(text)
    fix = fixed(value)
    assert fix.changes == ()
    assert fix.value == value
    assert {finding.check for finding in fix.left} == {"unknown-field"}
    for finding in fix.left:
        assert why in fix.unmended[finding.route].why


def deployment(text: str, **spec: Any) -> dict[str, Any]:
    labels = {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": yaml.safe_load(text)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


SAFE = "containers: [{name: a, image: i}]"


def test_fields_of_a_pod_at_its_workload() -> None:
    fix = fixed(deployment(SAFE, hostUsers=False))
    assert fix.value == deployment(SAFE + "\nhostUsers: false")
    assert [change.what for change in fix.changes] == ["move spec.hostUsers to spec.template.spec.hostUsers"]


def test_fields_of_a_workload_at_its_pod() -> None:
    fix = fixed(deployment(SAFE + "\nreplicas: 3"))
    assert fix.value == deployment(SAFE, replicas=3)
    assert [change.what for change in fix.changes] == ["move replicas to spec.replicas"]


def test_of_a_resource_of_others_the_security_contexts_alone_are_mended() -> None:
    text = "containers: [{name: a, image: i, imagePullPolicie: Always, securityContext: {runAsUsr: 7}}]"
    value = {
        "apiVersion": "example.org/v1",
        "kind": "Widget",
        "metadata": {"name": "w"},
        "spec": {"template": {"spec": yaml.safe_load(text)}},
    }
    fix = fixed(value)
    assert [change.what for change in fix.changes] == ["rename securityContext.runAsUsr to runAsUser"]
    assert "may have a field of that name" in " ".join(one.why for one in fix.unmended.values())


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("securityContext: {runAsUsr: 7}", ["securityContext.runAsUser"]),
        ("name: a\nimage: i\nhostPID: false", []),
        ("spec: {securityContext: {privileged: false}}", []),
        ("containers: [{name: a, image: i, runAsUser: 7}]", ["containers[0].securityContext.runAsUser"]),
    ],
)
def test_pieces_of_manifests_get_what_they_have_a_place_for(text: str, places: list[str]) -> None:
    value = yaml.safe_load(text)
    fix = fixed(value)
    assert len(fix.changes) == len(places)
    if not places:
        assert fix.value == value
        assert [one.why for one in fix.unmended.values()] != []


def policy(**spec: Any) -> dict[str, Any]:
    rules = {name: {"rule": "RunAsAny"} for name in ("seLinux", "runAsUser", "supplementalGroups", "fsGroup")}
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "p"},
        "spec": {**rules, **spec},
    }


@pytest.mark.parametrize("level", ["privileged", "baseline", "restricted"])
def test_of_a_policy_the_mistakes_alone_are_mended(level: str) -> None:
    value = {**policy(privilegd=False), "volumes": ["*"]}
    fix = fixed(value, level)
    assert fix.value == policy(privileged=False, volumes=["*"])
    assert [f"{change.kind} {change.what}" for change in fix.changes] == [
        "guess move volumes to spec.volumes",
        "guess rename spec.privilegd to privileged",
    ]
    assert fixed(value, level, kinds=frozenset(("same", "tighter"))).changes == ()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({**policy(volumes=["secret"]), "volumes": ["*"]}, "spec.volumes has another value"),
        ({**policy(), "spec": None, "volumes": ["*"]}, "the policy has no spec"),
        (policy(nonsense=1), "no field has a name like it"),
        ({**policy(), "rules": []}, "a policy has no such field"),
    ],
)
def test_what_is_left_of_a_policy(value: dict[str, Any], why: str) -> None:
    fix = fixed(value)
    assert fix.changes == ()
    assert why in " ".join(one.why for one in fix.unmended.values())


def test_what_is_mended_counts_for_the_level() -> None:
    """A renamed runAsNonRoot is not asked for again, and needs a user as any other does."""
    fix = fixed(pod(one("runAsNotRoot: true")), "restricted")
    set_ = [change.what for change in fix.changes if "runAsNonRoot" in change.what]
    assert set_ == ["rename securityContext.runAsNotRoot to runAsNonRoot"]
    assert any(change.what.startswith("securityContext.runAsUser: ") for change in fix.changes)
    assert fix.left == ()


CAPABILITIES: dict[str, tuple[str, str, list[str], str]] = {
    "a dropped one with a prefix, at any level": (
        "privileged",
        "drop: [CAP_NET_RAW]",
        ["tighter securityContext.capabilities.drop: [NET_RAW]"],
        "drop: [NET_RAW]",
    ),
    "an added one that the runtime grants anyway": (
        "privileged",
        "add: [NET_BIND_SERVICES]",
        ["same securityContext.capabilities.add: [NET_BIND_SERVICE]"],
        "add: [NET_BIND_SERVICE]",
    ),
    "an added one that would be new": ("privileged", "add: [CAP_SYS_ADMIN]", [], "add: [CAP_SYS_ADMIN]"),
    "another case is no change": (
        "baseline",
        "add: [chown]",
        ["same securityContext.capabilities.add: [CHOWN]"],
        "add: [CHOWN]",
    ),
}


@pytest.mark.parametrize(("level", "before", "changes", "after"), CAPABILITIES.values(), ids=CAPABILITIES)
def test_capabilities_are_respelt(level: str, before: str, changes: list[str], after: str) -> None:
    fix = fixed(pod(one(f"capabilities: {{{before}}}")), level)
    assert [f"{change.kind} {change.what}" for change in fix.changes] == changes
    assert fix.value == pod(one(f"capabilities: {{{after}}}"))


WITHOUT_EFFECT = [
    (
        "same",
        "capabilities-that-cancel",
        "capabilities: {drop: [KILL], add: [KILL]}",
        "capabilities: {drop: [KILL]}",
    ),
    (
        "same",
        "capabilities-under-privileged",
        "privileged: true, capabilities: {drop: [ALL]}",
        "privileged: true",
    ),
    ("tighter", "capabilities-for-non-root", "runAsUser: 7, capabilities: {add: [CHOWN]}", "runAsUser: 7"),
]


@pytest.mark.parametrize(("kind", "check", "before", "after"), WITHOUT_EFFECT)
def test_what_has_no_effect_goes_only_where_somebody_asks(
    kind: str, check: str, before: str, after: str
) -> None:
    value = pod(one(before))
    assert fixed(value).changes == ()
    fix = fixed(value, asked=frozenset((check,)))
    assert [(change.kind, change.checks) for change in fix.changes] == [(kind, (check,))]
    assert fix.value == pod(one(after))


def test_the_prefix_of_an_annotation_goes_by_itself() -> None:
    fix = fixed(pod(one("seccompProfile: {type: Localhost, localhostProfile: localhost/x}")))
    assert [f"{change.kind} {change.what}" for change in fix.changes] == [
        "tighter securityContext.seccompProfile.localhostProfile: x"
    ]


TYPES = [
    (
        one('privileged: "false"'),
        "tighter securityContext.privileged: false without quotes",
        one("privileged: false"),
    ),
    (one('runAsUser: "7"'), "tighter securityContext.runAsUser: 7 without quotes", one("runAsUser: 7")),
    (
        "containers: [{name: a, image: i, env: [{name: A, value: 7}]}]",
        "guess env[0].value: 7 in quotes",
        'containers: [{name: a, image: i, env: [{name: A, value: "7"}]}]',
    ),
    (
        "containers: [{name: a, image: i, args: [true]}]",
        "guess args[0]: true in quotes",
        'containers: [{name: a, image: i, args: ["true"]}]',
    ),
]


@pytest.mark.parametrize(("before", "change", "after"), TYPES)
def test_quotes_too_many_or_too_few(before: str, change: str, after: str) -> None:
    fix = fixed(pod(before))
    assert [f"{one.kind} {one.what}" for one in fix.changes] == [change]
    assert fix.value == pod(after)
    assert type(fix.value["spec"]["containers"][0]) is dict
    assert fix.left == ()


def test_what_comes_to_light_behind_a_wrong_type_is_mended_too() -> None:
    fix = fixed(pod(one('privileged: "true", runAsUser: "0", readonlyRootFilesystem: "true"')), "restricted")
    assert fix.left == ()
    context = fix.value["spec"]["containers"][0]["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert "privileged" not in context


@pytest.mark.parametrize("text", [one("runAsUser: x"), one("runAsUser: 1.5"), "containers: {name: a}"])
def test_other_wrong_types_are_left(text: str) -> None:
    value = pod(text)
    fix = fixed(value)
    assert fix.changes == ()
    assert {finding.check for finding in fix.left} == {"wrong-type"}


def test_of_thousands_of_mistakes_a_hundred_at_a_time_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    from podproof.session.fix import mistakes

    looked_at = []
    mend = mistakes.mend_unknown_field

    def counted(*arguments: Any, **options: Any) -> Any:
        looked_at.append(arguments[1].route)
        return mend(*arguments, **options)

    monkeypatch.setattr(mistakes, "mend_unknown_field", counted)
    fix = fixed({**pod(SAFE), **{f"nonsense{number}": 1 for number in range(2_000)}})
    assert len(fix.left) == 2_000
    assert len(looked_at) <= 700
