"""The verdict: which checks hold when, how they are put together, and what may be judged."""

import json
from types import MappingProxyType
from typing import Any

import pytest

from podproof.edits.edit import Edit, Fix
from podproof.errors import ManifestError, UsageError
from podproof.findings import ContainerRef
from podproof.kube.pod import Pod
from podproof.kube.versions import NEWEST
from podproof.manifest.native import native_module
from podproof.policies.pod_security import checks_at, evaluate, evaluator

BARE: dict[str, Any] = {"kind": "Pod", "spec": {"containers": [{"name": "test"}]}}
ESCALATION = (
    'allowPrivilegeEscalation != false (container "test" must set '
    "securityContext.allowPrivilegeEscalation=false)"
)
NON_ROOT = 'runAsNonRoot != true (pod or container "test" must set securityContext.runAsNonRoot=true)'


def upstream_ids(level: str, minor: int) -> str:
    return " ".join(check.upstream_id for check, _ in checks_at(level, minor))


def test_order_at_the_newest_version() -> None:
    """Upper case comes before lower case and `_` between them, as bytes do; restricted follows baseline."""
    baseline = upstream_ids("baseline", NEWEST).split()
    restricted = upstream_ids("restricted", NEWEST).split()
    assert baseline == sorted(baseline)
    assert baseline[-3:] == ["seccompProfile_baseline", "sysctls", "windowsHostProcess"]
    kept = [name for name in restricted if name in baseline]
    assert restricted[: len(kept)] == kept == sorted(kept)
    assert restricted[len(kept) :] == sorted(restricted[len(kept) :])
    assert set(baseline) - set(kept) == {
        name for check, _ in checks_at("restricted", NEWEST) for name in check.overrides
    }
    assert {check.level for check, _ in checks_at("restricted", NEWEST)[len(kept) :]} == {"restricted"}


def test_overrides_hold_only_where_the_overriding_check_exists() -> None:
    assert "capabilities_baseline" in upstream_ids("restricted", 21)
    assert "capabilities_baseline" not in upstream_ids("restricted", 22)
    assert "seccompProfile_baseline" in upstream_ids("restricted", 18)
    assert "seccompProfile_baseline" not in upstream_ids("restricted", 19)
    assert " procMount " in upstream_ids("restricted", 34)
    assert " procMount " not in upstream_ids("restricted", 35)


@pytest.mark.parametrize(
    ("version", "detail"),
    [
        ("v1.7", NON_ROOT),
        ("v1.8", f"{ESCALATION}, {NON_ROOT}"),
        ("v1.18", f"{ESCALATION}, {NON_ROOT}"),
        (
            "latest",
            f"{ESCALATION}, unrestricted capabilities "
            f'(container "test" must set securityContext.capabilities.drop=["ALL"]), {NON_ROOT}, '
            'seccompProfile (pod or container "test" must set securityContext.seccompProfile.type to '
            '"RuntimeDefault" or "Localhost")',
        ),
    ],
)
def test_a_pod_with_nothing_set(version: str, detail: str) -> None:
    assert evaluate(BARE, "restricted", version).detail == detail


def test_reason_joins_the_reasons_and_both_are_empty_when_allowed() -> None:
    denied = evaluate(BARE, "restricted", "v1.8")
    assert denied.reason == "allowPrivilegeEscalation != false, runAsNonRoot != true"
    allowed = evaluate(BARE, "baseline")
    assert (allowed.allowed, allowed.reason, allowed.detail, allowed.findings) == (True, "", "", ())


def test_newer_versions_are_evaluated_as_the_newest_and_named_as_asked() -> None:
    judge = evaluator("restricted:v1.1000")
    assert (str(judge.asked), judge.evaluated_version) == ("restricted:v1.1000", "v1.37")


def test_the_kubernetes_version_bounds_latest_and_what_is_newer() -> None:
    assert evaluator("restricted", "latest", "v1.30").minor == 30
    assert evaluator("restricted", "v1.34", "v1.30").minor == 30
    assert evaluator("restricted", "v1.20", "v1.30").minor == 20


def test_findings_name_the_container_the_place_and_the_fix() -> None:
    pod = {"spec": {"initContainers": [{"name": "proxy", "restartPolicy": "Always"}], "containers": []}}
    found = [f for f in evaluate(pod).findings if f.check == "run-as-non-root"]
    route = ("spec", "initContainers", 0, "securityContext", "runAsNonRoot")
    assert [(f.route, f.container, f.fix) for f in found] == [
        (route, ContainerRef("proxy", "sidecar"), Fix((Edit(route, "set", True),)))
    ]
    assert found[0].message == 'container "proxy" may run as root: set runAsNonRoot: true'


def test_a_pod_is_defaulted_first_unless_as_written() -> None:
    pod = {"spec": {"containers": [{"name": "c"}], "volumes": [{"name": "a"}]}}
    detail = 'restricted volume types (volume "a" uses restricted volume type "unknown")'
    assert detail not in evaluate(pod).detail
    assert detail in evaluate(pod, as_written=True).detail


@pytest.mark.parametrize("form", [BARE, json.dumps(BARE), json.dumps(BARE).encode()])
def test_a_mapping_and_its_json_are_the_same(form: Any) -> None:
    assert evaluate(form).detail == evaluate(BARE).detail


def test_a_typed_pod_is_judged_as_it_is() -> None:
    assert evaluate(Pod()).allowed


@pytest.mark.parametrize(
    ("pod", "message"),
    [
        ({}, "the object is not a pod: it is empty; pass a whole pod, with spec.containers"),
        (
            {"containers": [{"name": "c"}], "hostPID": True},
            'the object is not a pod: it has "containers" at its top, as a pod\'s spec has; '
            'pass the pod, as {"spec": ...}',
        ),
        (
            {"kind": "Pod", "Spec": {"containers": []}},
            'the pod has no spec: "Spec" is not a field of a pod; write "spec"',
        ),
        (
            {"kind": "Pod", "metadata": {}},
            "the object is not a pod: it has only kind, metadata; pass a whole pod, with spec.containers",
        ),
        (
            {"spec": None},
            "the object is not a pod: it has null as its spec; pass a whole pod, with spec.containers",
        ),
        ({"spec": {}}, "the pod has no containers; pass a whole pod, with spec.containers"),
        ({"spec": {"containers": []}}, "the pod has no containers; pass a whole pod, with spec.containers"),
    ],
)
@pytest.mark.parametrize("form", [dict, json.dumps])
def test_what_is_no_whole_pod_is_refused(pod: Any, message: str, form: Any) -> None:
    with pytest.raises(ManifestError) as raised:
        evaluate(form(pod))
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ({"priority": "high"}, "PodSpec.spec.priority"),
        ({"tolerations": [{"tolerationSeconds": 1.5}]}, "Toleration.spec.tolerations.tolerationSeconds"),
        ({"dnsConfig": []}, "PodSpec.spec.dnsConfig"),
        ({"containers": [{"name": "c", "env": [{"value": 7}]}]}, "EnvVar.spec.containers.env.value"),
        ({"containers": [{"name": "c", "stdin": "yes"}]}, "Container.spec.containers.stdin"),
        (
            {"volumes": [{"secret": {"defaultMode": "0400"}}]},
            "SecretVolumeSource.spec.volumes.VolumeSource.secret.defaultMode",
        ),
    ],
)
@pytest.mark.parametrize("form", [dict, json.dumps])
def test_a_wrong_type_is_refused_wherever_it_stands(spec: Any, where: str, form: Any) -> None:
    with pytest.raises(ManifestError, match=f"^json: cannot unmarshal .* Go struct field {where}"):
        evaluate(form({"spec": {"containers": [{"name": "c"}], **spec}}), "privileged")


@pytest.mark.parametrize(
    ("spec", "detail"),
    [
        ('"hostPID":true,"hostPID":null,"containers":[{"name":"c"}]', "host namespaces (hostPID=true)"),
        (
            '"containers":[{"name":"c","securityContext":{"privileged":true},"securityContext":{"runAsUser":1}}]',
            'privileged (container "c" must not set securityContext.privileged=true)',
        ),
        (
            '"containers":[{"name":"c","securityContext":{"privileged":true}}],"containers":[{"name":"d"}]',
            'privileged (container "d" must not set securityContext.privileged=true)',
        ),
        (
            '"hostPID":true,"hostPID":null,"containers":[{"name":"c","image":"a\\u003a\\u003Ab"}]',
            "host namespaces (hostPID=true)",
        ),
    ],
)
def test_a_second_key_is_decoded_over_the_first(spec: str, detail: str) -> None:
    assert evaluate('{"spec":{' + spec + "}}", "baseline").detail == detail


def test_text_that_is_not_utf8_is_read_as_replacement_characters() -> None:
    pod = b'{"spec":{"containers":[{"name":"\xff","securityContext":{"privileged":true}}]}}'
    assert evaluate(pod, "baseline").detail == (
        'privileged (container "\ufffd" must not set securityContext.privileged=true)'
    )


@pytest.mark.parametrize("option", ["version", "kubernetes_version"])
def test_an_empty_version_is_refused(option: str) -> None:
    with pytest.raises(UsageError, match="version"):
        evaluate({"spec": {"containers": [{"name": "c"}]}}, "baseline", **{option: ""})


def test_another_kind_is_refused_with_what_to_pass() -> None:
    with pytest.raises(ManifestError) as raised:
        evaluate({"kind": "CronJob", "spec": {}})
    assert str(raised.value) == (
        'the object is of kind "CronJob", not a Pod; pass the pod that it makes '
        "(spec.jobTemplate.spec.template with kind Pod)"
    )


@pytest.mark.parametrize(
    ("pod", "message"),
    [
        (b"", "the pod is no JSON: "),
        (b"\xff", "the pod is no JSON: "),
        ("kind: Pod", "the pod is no JSON: "),
        (b"[" * 100_000, "the pod is nested too deeply to be read"),
        (b"[]", "the pod must be a JSON object, is a list"),
        (b"null", "the pod must be a JSON object, is null"),
    ],
)
def test_what_is_no_object_is_refused(pod: Any, message: str) -> None:
    with pytest.raises(ManifestError) as raised:
        evaluate(pod)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("user", [True, "1000", 1.5, [], {}])
def test_a_wrong_type_is_refused_as_the_server_does(user: Any) -> None:
    with pytest.raises(ManifestError, match="runAsUser"):
        evaluate({"spec": {"securityContext": {"runAsUser": user}}})


def test_null_elements_of_lists_are_empty_values() -> None:
    detail = evaluate(b'{"spec": {"containers": [null]}}', "restricted:v1.0").detail
    assert detail == 'runAsNonRoot != true (pod or container "" must set securityContext.runAsNonRoot=true)'


_INTO = "json: cannot unmarshal number {} into Go struct field "
_USER = _INTO + "PodSecurityContext.spec.securityContext.runAsUser of type int64"
_GROUPS = _INTO + "PodSecurityContext.spec.securityContext.supplementalGroups of type int64"
_PORT = _INTO + "ContainerPort.spec.containers.ports.hostPort of type int32"


@pytest.mark.parametrize("number", ["1.0", "1e3", "1000.0", "1e400", "99999999999999999999", "-0", "-0.0"])
@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('{"spec": {"containers": [{}], "securityContext": {"runAsUser": ', "}}}", _USER),
        ('{"spec": {"containers": [{}], "securityContext": {"supplementalGroups": [', "]}}}", _GROUPS),
        ('{"spec": {"containers": [{"ports": [{"hostPort": ', "}]}]}}", _PORT),
    ],
)
def test_a_number_that_go_takes_for_no_integer_is_refused_by_its_literal(
    number: str, before: str, after: str, message: str
) -> None:
    text = before + number + after
    if number == "-0":
        evaluate(text)
        return
    for form in (text, text.encode()):
        with pytest.raises(ManifestError) as raised:
            evaluate(form)
        assert str(raised.value) == message.format(number)


@pytest.mark.parametrize(
    ("user", "fits"), [(2**63 - 1, True), (2**63, False), (-(2**63), True), (1e19, False)]
)
def test_an_integer_of_a_mapping_must_fit(user: float, fits: bool) -> None:
    pod = {"spec": {"containers": [{}], "securityContext": {"runAsUser": user}}}
    if fits:
        evaluate(pod)
    else:
        with pytest.raises(ManifestError, match="runAsUser of type int64"):
            evaluate(pod)


def test_the_error_that_ends_decoding_wins_over_an_earlier_one() -> None:
    pod = '{"spec": {"hostPID": 1, "volumes": [{"emptyDir": {"sizeLimit": "x"}}]}}'
    with pytest.raises(ManifestError, match=r"^quantities must match"):
        evaluate(pod)


def test_depth_and_odd_text_that_the_server_reads_are_read() -> None:
    deep = '{"x": ' + "[" * 5000 + "]" * 5000 + ', "spec": {"hostPID": true, "containers": [{}]}}'
    assert "hostPID=true" in evaluate(deep, "baseline").detail
    odd = b'{"x": "\xff", "spec": {"hostPID": true, "containers": [{}]}}'
    assert "hostPID=true" in evaluate(odd, "baseline").detail


@pytest.mark.parametrize("kind", [1, True, ["Pod"], {}])
def test_a_kind_that_is_no_text_is_refused_as_the_server_does(kind: Any) -> None:
    with pytest.raises(ManifestError, match=r"into Go struct field \.kind of type string$"):
        evaluate({"kind": kind, "spec": {}})


class _Text(str):
    __slots__ = ()


def test_odd_values_of_python_raise_nothing_else() -> None:
    assert not evaluate(_Text('{"spec": {"hostPID": true, "containers": [{}]}}')).allowed
    assert not evaluate(MappingProxyType({"spec": {"hostPID": True, "containers": [None]}})).allowed
    for odd in (b"x", {1}, object(), 10**5000, float("nan"), _Text("x")):
        for pod in (
            {"metadata": {"annotations": odd}},
            {"spec": odd},
            {"spec": {"containers": [{"ports": [{"hostPort": odd}]}]}},
        ):
            with pytest.raises(ManifestError):
                evaluate(pod)


ROOT_IN_USER_NAMESPACE: dict[str, Any] = {
    "kind": "Pod",
    "spec": {
        "hostUsers": False,
        "securityContext": {"runAsUser": 0, "runAsNonRoot": False},
        "containers": [{"name": "c", "securityContext": {"procMount": "Unmasked"}}],
    },
}
RELAXED = {"UserNamespacesPodSecurityStandards": True}
ABOUT_USERS = {"runAsNonRoot", "runAsUser", "procMount"}


@pytest.mark.parametrize(
    ("server", "version", "gates", "violated"),
    [
        # Source: pod-security-admission v0.29.6 to v0.35.4, policy/helpers.go and who calls it.
        ("v1.28", "latest", None, ABOUT_USERS),
        ("v1.29", "latest", None, ABOUT_USERS),
        ("v1.29", "latest", RELAXED, {"procMount"}),
        ("v1.30", "latest", RELAXED, {"procMount"}),
        ("v1.31", "latest", RELAXED, set()),
        ("v1.34", "latest", RELAXED, set()),
        ("v1.34", "v1.24", RELAXED, set()),
        ("v1.34", "v1.24", {"UserNamespacesPodSecurityStandards": False}, ABOUT_USERS),
        # from 1.35 on the version of the level decides
        ("v1.35", "v1.34", None, ABOUT_USERS),
        ("v1.35", "latest", None, {"procMount_restricted"}),
    ],
)
def test_a_gate_spares_pods_in_a_user_namespace(
    server: str, version: str, gates: dict[str, bool] | None, violated: set[str]
) -> None:
    options: dict[str, Any] = {"kubernetes_version": server, "feature_gates": gates}
    verdict = evaluate(ROOT_IN_USER_NAMESPACE, "restricted", version, **options)
    about_users = ABOUT_USERS | {"procMount_restricted"}
    assert {check.upstream_id for check, _ in verdict.violations} & about_users == violated
    on_the_host = {**ROOT_IN_USER_NAMESPACE["spec"], "hostUsers": True}
    refused = evaluate({"kind": "Pod", "spec": on_the_host}, "restricted", version, **options)
    assert len({check.upstream_id for check, _ in refused.violations} & about_users) == 3


def test_a_gate_that_a_version_lacks_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^feature_gates: unrecognized.*v1\.35 does not have it any more"):
        evaluate(BARE, kubernetes_version="v1.35", feature_gates=RELAXED)


def test_gates_hold_also_where_a_text_has_half_a_character() -> None:
    context = {"capabilities": {"drop": ["ALL"], "add": ["\ud800"]}}
    spec = {**ROOT_IN_USER_NAMESPACE["spec"], "containers": [{"name": "c", "securityContext": context}]}
    relaxed = {"kubernetes_version": "v1.34", "feature_gates": RELAXED}
    verdict = evaluate({"kind": "Pod", "spec": spec}, **relaxed)
    assert '"\ufffd"' in verdict.detail
    assert not {check.upstream_id for check, _ in verdict.violations} & ABOUT_USERS


@pytest.mark.parametrize(
    ("version", "server", "violated"),
    [
        ("v1.8", "v1.7", False),
        ("v1.7", "v1.8", False),
        ("v1.8", "v1.8", True),
        ("latest", "v1.7", False),
        ("v1.8", "latest", True),
        # both may lack the v; the server's may name a patch, a level's may not
        ("1.8", "1.37.2", True),
    ],
)
def test_the_servers_version_bounds_the_levels(version: str, server: str, violated: bool) -> None:
    verdict = evaluate(BARE, "restricted", version, kubernetes_version=server)
    names = {check.upstream_id for check, _ in verdict.violations}
    assert ("allowPrivilegeEscalation" in names) is violated


@pytest.mark.parametrize(
    ("version", "server"), [("v1.8.0", "v1.37"), ("8", "v1.37"), ("v1.8", "v1.x"), ("v1.8", "8")]
)
def test_a_version_that_is_none_is_refused(version: str, server: str) -> None:
    with pytest.raises(UsageError):
        evaluate(BARE, "restricted", version, kubernetes_version=server)


@pytest.mark.parametrize("as_written", [False, True])
def test_findings_of_json_are_those_of_the_pod(as_written: bool) -> None:
    """Of JSON, only what the verdict needs is read at first."""
    container = {"name": "c", "volumeMounts": [{"name": "used", "mountPath": "/u"}]}
    spec = {
        "volumes": [{"name": name, "hostPath": {"path": "/"}} for name in ("used", "unused")],
        "initContainers": [{"name": "s", "restartPolicy": "Always"}, {"name": "i"}],
        "containers": [{**container, "livenessProbe": {"httpGet": {"host": "h", "port": 1}}}],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    wanted = evaluate(pod, as_written=as_written)
    for text in (json.dumps(pod), json.dumps(pod).encode()):
        verdict = evaluate(text, as_written=as_written)
        assert (verdict.reason, verdict.detail) == (wanted.reason, wanted.detail)
        assert verdict.findings == wanted.findings
        assert [check for check, _ in verdict.violations] == [check for check, _ in wanted.violations]
        spots = [[list(violation.spots()) for _, violation in one.violations] for one in (verdict, wanted)]
        assert [[spot.route for spot in found] for found in spots[0]] == [
            [spot.route for spot in found] for found in spots[1]
        ]
        volumes, listed = verdict.spec.volumes or (), verdict.spec.containers or ()
        assert [volume and volume.host_path and volume.host_path.path for volume in volumes] == ["/", "/"]
        assert [mount.name for mount in listed[0].volume_mounts or ()] == ["used"]
    assert {finding.container and finding.container.kind for finding in wanted.findings} > {"sidecar", "init"}


@pytest.mark.skipif(native_module() is None, reason="the native reader is switched off, or not built")
def test_the_native_reader_reads_what_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a pod with an unknown field, half a surrogate pair and a key that stands twice."""
    for name in ("_proven", "read_exactly"):
        monkeypatch.setattr(f"podproof.kube.read_pod.{name}", None)
    pod = '{"x":1,"spec":{"hostPID":true,"containers":[{"name":"\\ud800"}]},"spec":{"hostPID":null}}'
    assert evaluate(pod, level="baseline").detail == "host namespaces (hostPID=true)"
