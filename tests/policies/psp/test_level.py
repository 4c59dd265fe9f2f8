"""Which level a policy keeps to, and what of it falls short, in the levels' own words."""

from typing import Any

import pytest

from podproof.policies.psp.describe import describe
from podproof.policies.psp.level import assess_level
from podproof.policies.psp.policy import read_policy

ANNOTATIONS = {
    "apparmor.security.beta.kubernetes.io/allowedProfileNames": "runtime/default",
    "seccomp.security.alpha.kubernetes.io/allowedProfileNames": "runtime/default",
    "seccomp.security.alpha.kubernetes.io/defaultProfileName": "runtime/default",
}
TIGHT: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "requiredDropCapabilities": ["ALL"],
    "runAsUser": {"rule": "MustRunAsNonRoot"},
    "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c1,c2"}},
    "supplementalGroups": {"rule": "RunAsAny"},
    "fsGroup": {"rule": "RunAsAny"},
    "volumes": ["configMap", "emptyDir", "secret"],
}


def assessment(**spec: Any) -> Any:
    return assess_level(read_policy({"metadata": {"annotations": ANNOTATIONS}, "spec": {**TIGHT, **spec}}))


def test_the_tightest_policy_falls_short_by_run_as_non_root_alone() -> None:
    found = assessment()
    assert found.level == "baseline"
    assert [one.route for one in found.gaps] == [("spec", "runAsUser", "rule")]


@pytest.mark.parametrize(
    ("spec", "route", "words"),
    [
        (
            {"privileged": True, "allowPrivilegeEscalation": True},
            ("spec", "privileged"),
            "privileged (container",
        ),
        ({"hostNetwork": True}, ("spec", "hostNetwork"), "hostNetwork=true"),
        ({"hostPorts": [{"min": 80, "max": 80}]}, ("spec", "hostPorts", 0), "hostPort"),
        ({"volumes": ["hostPath"]}, ("spec", "volumes", 0), "hostPath volumes"),
        ({"allowedCapabilities": ["*"]}, ("spec", "allowedCapabilities", 0), "SYS_ADMIN"),
        ({"seLinux": {"rule": "RunAsAny"}}, ("spec", "seLinux", "rule"), "spc_t"),
    ],
)
def test_falls_short_of_baseline(spec: dict[str, Any], route: tuple[object, ...], words: str) -> None:
    found = assessment(**spec)
    assert found.level == "privileged"
    (gap,) = [one for one in found.gaps if one.level == "baseline"]
    assert gap.route == route
    assert words in gap.words


def test_privileged_that_no_pod_can_be_is_no_shortfall() -> None:
    found = assessment(privileged=True)
    assert found.level == "baseline"
    policy = read_policy({"spec": {**TIGHT, "privileged": True}})
    assert describe(policy)[0] == (
        "privileged containers",
        "none can be, since allowPrivilegeEscalation: false is written into them",
    )


@pytest.mark.parametrize(
    ("allowed", "default", "allows"),
    [
        ("*", "", "containers without a seccomp profile"),
        ("runtime/default,", "", "containers without a seccomp profile"),
        ("runtime/default", "", None),
        ("unconfined", "unconfined", "the seccomp profile Unconfined, written where none is set"),
        ("*", "unconfined", "the seccomp profile Unconfined, written where none is set"),
        ("runtime/default", "unconfined", None),
        ("runtime/default,", "unconfined", None),
        ("", "unconfined", None),
        ("", "", "containers without a seccomp profile"),
        (None, "unconfined", None),
        (None, "", "containers without a seccomp profile"),
    ],
)
def test_a_default_profile_that_the_policy_refuses_is_no_shortfall(
    allowed: str | None, default: str, allows: str | None
) -> None:
    prefix = "seccomp.security.alpha.kubernetes.io/"
    annotations = {f"{prefix}defaultProfileName": default}
    if allowed is not None:
        annotations[f"{prefix}allowedProfileNames"] = allowed
    found = assess_level(read_policy({"metadata": {"annotations": annotations}, "spec": TIGHT})).gaps
    told = [one.allows for one in found if one.route[-1] == f"{prefix}defaultProfileName"]
    assert told == ([] if allows is None else [allows])


def test_a_broken_policy_admits_nothing() -> None:
    policy = read_policy({"spec": {**TIGHT, "fsGroup": {"rule": "MustRunAs"}}})
    assert policy.broken == ("ranges must be supplied for MustRunAs",)
    assert describe(policy) == ()
