"""What is said about a policy's level is so: no pod that the policy admits breaks the level that it keeps to,
whatever a stricter level has against such a pod stands among the gaps, and for each gap that is
in reach there is a pod that the policy admits and the level refuses for it."""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from podproof import Cluster, evaluate
from podproof.policies.psp.level import Gap, assess_level
from podproof.policies.psp.policy import PodSecurityPolicy, read_policy
from podproof.policies.psp.volumes import VOLUME_WORDS

from .level_strategies import APPARMOR, PODS, POLICIES, SECCOMP, SOURCES, make_pod

_FIELDS = {
    "appArmorProfile": (f"{APPARMOR}allowedProfileNames",),
    "capabilities_baseline": ("allowedCapabilities", "defaultAddCapabilities"),
    "hostNamespaces": ("hostNetwork", "hostPID", "hostIPC"),
    "hostPathVolumes": ("volumes",),
    "hostPorts": ("hostPorts",),
    "privileged": ("privileged",),
    "procMount": ("allowedProcMountTypes",),
    "seLinuxOptions": ("seLinux",),
    "seccompProfile_baseline": (f"{SECCOMP}allowedProfileNames", f"{SECCOMP}defaultProfileName"),
    "sysctls": ("allowedUnsafeSysctls",),
    "allowPrivilegeEscalation": ("allowPrivilegeEscalation",),
    "capabilities_restricted": (
        "allowedCapabilities",
        "defaultAddCapabilities",
        "requiredDropCapabilities",
    ),
    "procMount_restricted": ("allowedProcMountTypes",),
    "restrictedVolumes": ("volumes",),
    "runAsNonRoot": ("runAsUser",),
    "runAsUser": ("runAsUser",),
    "seccompProfile_restricted": (f"{SECCOMP}allowedProfileNames", f"{SECCOMP}defaultProfileName"),
}
"""By which fields of a policy a check of the levels can come to fail."""
_MASTER = {"username": "root", "groups": ["system:masters"]}
_SETTINGS = settings(
    max_examples=150, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
tally: Counter[str] = Counter()


def _field(gap: Gap) -> str:
    """Name the field of a policy that a gap is about: a member of the spec, or an annotation."""
    return str(gap.route[2 if gap.route[0] == "metadata" else 1])


def _cluster(policy: Any) -> Cluster:
    """Make a cluster of this policy alone; a policy that the API server would not take is another matter."""
    cluster = Cluster.from_objects([policy], kubernetes_version="v1.24")
    assume(not cluster.problems)
    return cluster


def _admit(cluster: Cluster, pod: Any) -> Any:
    """Return the pod as it is admitted; None when it is denied."""
    decision = cluster.admit(
        {
            "operation": "CREATE",
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "namespace": "n",
            "userInfo": _MASTER,
            "object": pod,
        },
        mutated=True,  # the policy alone: no token's volume
    )
    return decision.object if decision.allowed else None


@seed(5)
@given(POLICIES, st.lists(PODS, min_size=6, max_size=6))
@_SETTINGS
def test_admitted_pods_keep_to_the_level_and_fall_short_only_as_said(policy: Any, pods: list[Any]) -> None:
    cluster = _cluster(policy)
    assessment = assess_level(read_policy(policy))
    claimed = {_field(one) for one in assessment.gaps}
    for pod in pods:
        admitted = _admit(cluster, pod)
        tally["denied" if admitted is None else "admitted"] += 1
        if admitted is None:
            continue
        if assessment.level != "privileged":
            assert evaluate(admitted, assessment.level).allowed
        for check, violation in evaluate(admitted, "restricted").violations:
            tally["refused by restricted"] += 1
            assert claimed.intersection(_FIELDS[check.upstream_id]), violation.detail
        for check, violation in evaluate(admitted, "baseline").violations:
            tally["refused by baseline"] += 1
            baseline = {_field(one) for one in assessment.gaps if one.level == "baseline"}
            assert baseline.intersection(_FIELDS[check.upstream_id]), violation.detail


def _bases(policy: PodSecurityPolicy) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, str]]]]:
    """Make what a pod may need to be admitted at all: a profile where the policy asks for one, and a user."""
    seccomp = policy.annotations.get(f"{SECCOMP}allowedProfileNames", "").split(",")
    apparmor = policy.annotations.get(f"{APPARMOR}allowedProfileNames", "").split(",")
    ids = policy.spec.run_as_user.ranges
    users: list[dict[str, Any]] = [{}, {"runAsUser": 1000}, {"runAsUser": 0}, {"runAsNonRoot": True}]
    users += [{"runAsUser": range_.min} for range_ in ids]
    for one, other, user in itertools.product(seccomp, apparmor, users):
        annotations = {f"{SECCOMP}pod": one, f"container.{APPARMOR}c": other}
        yield (
            [{"securityContext": user}],
            [{key: value for key, value in annotations.items() if value not in ("", "*")}],
        )


def _uses(policy: PodSecurityPolicy, gap: Gap) -> Iterator[dict[str, Any]]:
    """Make what uses the field that a gap is about, as arguments of `make_pod`."""
    spec, route = policy.spec, gap.route
    match _field(gap):
        case "privileged":
            yield {"contexts": [{"privileged": True, "allowPrivilegeEscalation": True}]}
        case "hostNetwork" | "hostPID" | "hostIPC" as key:
            yield {"spec": [{key: True}]}
        case "hostPorts":
            yield {"port": spec.host_ports[int(route[2])].min or 1}
        case "volumes":
            word = spec.volumes[int(route[2])]
            for name in SOURCES if word == "*" else (word,):
                yield {"spec": [{"volumes": [{"name": "v", **SOURCES[name]}]}]}
        case "defaultAddCapabilities" | "requiredDropCapabilities":
            yield {}
        case "allowedCapabilities":
            name = spec.allowed_capabilities[int(route[2])]
            yield {"contexts": [{"capabilities": {"add": ["SYS_ADMIN" if name == "*" else name]}}]}
        case "runAsUser":
            yield {}
        case "seLinux":
            yield {}
            yield {"contexts": [{"seLinuxOptions": {"type": "spc_t"}}]}
        case "allowPrivilegeEscalation":
            yield {"contexts": [{"allowPrivilegeEscalation": True}]}
        case "allowedUnsafeSysctls":
            name = spec.allowed_unsafe_sysctls[int(route[2])].replace("*", "any")
            yield {"spec": [{"securityContext": {"sysctls": [{"name": name, "value": "1"}]}}]}
        case key if key == f"{APPARMOR}allowedProfileNames":
            yield {"annotations": [{f"container.{APPARMOR}c": "unconfined"}]}
        case key:
            assert key.startswith(SECCOMP)
            yield {}
            yield {"annotations": [{f"{SECCOMP}pod": "unconfined"}]}


def _witness(cluster: Cluster, policy: PodSecurityPolicy, gap: Gap) -> dict[str, Any] | None:
    for (spec, annotations), use in itertools.product(_bases(policy), _uses(policy, gap)):
        pod = make_pod(
            use.get("contexts", [{}]),
            [*spec, *use.get("spec", [])],
            [*annotations, *use.get("annotations", [])],
            port=use.get("port"),
        )
        admitted: dict[str, Any] | None = _admit(cluster, pod)
        if admitted is None:
            continue
        for check, _ in evaluate(admitted, gap.level).violations:
            if _field(gap) in _FIELDS[check.upstream_id]:
                return admitted
    return None


@seed(6)
@given(POLICIES)
@_SETTINGS
def test_for_each_shortfall_there_is_a_pod(policy: Any) -> None:
    cluster, typed = _cluster(policy), read_policy(policy)
    assume(any(_admit(cluster, make_pod([{}], *base)) for base in _bases(typed)))
    for gap in assess_level(typed).gaps:
        if _field(gap) == "allowedProcMountTypes":
            # 1.24 takes no other procMount than Default unless its ProcMountType gate is opened
            continue
        tally["gaps with a pod"] += 1
        assert _witness(cluster, typed, gap) is not None, gap


def test_enough_was_compared() -> None:
    assert VOLUME_WORDS.keys() >= {key for source in SOURCES.values() for key in source}
    print(dict(tally))
    assert all(tally[key] >= 50 for key in ("admitted", "refused by baseline", "gaps with a pod"))
