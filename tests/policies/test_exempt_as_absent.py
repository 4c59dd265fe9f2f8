"""What is exempt is judged as if it were not there: compared with pods that really lack it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from podproof.kube.read_pod import read_pod
from podproof.policies.exempt_fields import EXEMPT_FIELDS
from podproof.policies.exemptions import ExemptionTable, PodSecurityExemption, exempt
from podproof.policies.pod_security import evaluator

NAMES = ("a", "b", "c", "d")
PROFILE = st.sampled_from([None, {"type": "RuntimeDefault"}, {"type": "Unconfined"}])
FLAG = st.sampled_from([None, True, False])
CAPABILITIES = st.sampled_from([None, {}, {"drop": ["ALL"]}, {"drop": ["ALL"], "add": ["SYS_ADMIN"]}])
CONTEXT = st.fixed_dictionaries(
    {
        "privileged": FLAG,
        "allowPrivilegeEscalation": FLAG,
        "runAsNonRoot": FLAG,
        "runAsUser": st.sampled_from([None, 0, 1]),
        "seccompProfile": PROFILE,
        "appArmorProfile": PROFILE,
        "procMount": st.sampled_from([None, "Default", "Unmasked"]),
        "capabilities": CAPABILITIES,
        "seLinuxOptions": st.sampled_from([None, {}, {"type": "spc_t"}, {"role": "r"}]),
    }
)
LEVEL = st.sampled_from(["baseline", "restricted"])
VERSION = st.sampled_from(["v1.18", "v1.25", "v1.34", "latest"])


@st.composite
def pods(draw: st.DrawFn) -> dict[str, Any]:
    lists: dict[str, list[Any]] = {"initContainers": [], "containers": [], "ephemeralContainers": []}
    annotations: dict[str, str] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        made = {"name": name, "image": "i", "securityContext": draw(st.one_of(st.none(), CONTEXT))}
        if draw(st.booleans()):
            made["ports"] = [{"containerPort": 1, "hostPort": draw(st.sampled_from([0, 1, 2]))}]
        lists[draw(st.sampled_from(sorted(lists)))].append(made)
        for kind in ("apparmor.security.beta", "seccomp.security.alpha"):
            value = draw(st.sampled_from([None, "runtime/default", "unconfined"]))
            if value is not None:
                annotations[f"container.{kind}.kubernetes.io/{name}"] = value
    own = draw(CONTEXT)
    whole = {key: own[key] for key in ("runAsNonRoot", "runAsUser", "seccompProfile", "seLinuxOptions")}
    spec = {**lists, "hostPID": draw(FLAG), "securityContext": whole}
    return {"kind": "Pod", "metadata": {"name": "p", "annotations": annotations}, "spec": spec}


def _without(pod: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    annotations = {
        key: value
        for key, value in pod["metadata"]["annotations"].items()
        if key.rpartition("/")[2] not in names
    }
    spec = {
        key: [one for one in value if one["name"] not in names] if isinstance(value, list) else value
        for key, value in pod["spec"].items()
    }
    return {**pod, "metadata": {**pod["metadata"], "annotations": annotations}, "spec": spec}


def _exemption(**of: Any) -> PodSecurityExemption:
    return PodSecurityExemption("e", "o", "r", "2999-01-01T00:00:00Z", 3e10, **of)


@settings(deadline=None)
@given(pods(), st.frozensets(st.sampled_from(NAMES), min_size=1), LEVEL, VERSION)
def test_exempt_containers_count_as_absent(
    pod: dict[str, Any], names: frozenset[str], level: str, version: str
) -> None:
    judge = evaluator(level, version)
    typed = read_pod(pod)
    controls = frozenset(check.upstream_id for check, _ in judge.checks)
    table = ExemptionTable([_exemption(checks=controls, containers=names)])
    left = exempt(judge, typed, judge.evaluate(typed), table, 0).verdict
    absent = judge.evaluate(read_pod(_without(pod, names)))
    assert (left.allowed, left.reason, left.detail) == (absent.allowed, absent.reason, absent.detail)


@settings(deadline=None)
@given(pods(), st.data(), LEVEL, VERSION)
def test_exempt_controls_are_left_out(
    pod: dict[str, Any], data: st.DataObject, level: str, version: str
) -> None:
    judge = evaluator(level, version)
    typed = read_pod(pod)
    verdict = judge.evaluate(typed)
    known = [check.upstream_id for check, _ in judge.checks]
    named = frozenset(data.draw(st.lists(st.sampled_from(known))))
    left = exempt(judge, typed, verdict, ExemptionTable([_exemption(checks=named)]), 0).verdict
    wanted = [check.upstream_id for check, _ in verdict.violations if check.upstream_id not in named]
    assert [check.upstream_id for check, _ in left.violations] == wanted


@settings(deadline=None)
@given(pods(), st.frozensets(st.sampled_from(EXEMPT_FIELDS)), LEVEL)
def test_no_exemption_adds_a_violation(pod: dict[str, Any], fields: frozenset[str], level: str) -> None:
    judge = evaluator(level)
    typed = read_pod(pod)
    verdict = judge.evaluate(typed)
    exempted = exempt(judge, typed, verdict, ExemptionTable([_exemption(fields=fields)]), 0)
    before = {check.id for check, _ in verdict.violations}
    assert {check.id for check, _ in exempted.verdict.violations} <= before
    assert exempt(judge, typed, verdict, ExemptionTable([_exemption(fields=fields)]), None).verdict is verdict
