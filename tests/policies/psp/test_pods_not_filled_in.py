"""What strategies say of a pod that was not filled in: their last word where filling in did not help.

A policy fills a pod in before it judges it, so most of these texts are never seen; the strategies are asked
alone here.
"""

from collections.abc import Callable
from typing import Any

import pytest

from podproof.kube.field_error import Errors
from podproof.policies.psp import (
    allow_privilege_escalation,
    capabilities,
    fs_group,
    read_only_root_filesystem,
    run_as_group,
    run_as_user,
    se_linux,
    supplemental_groups,
)
from podproof.policies.psp.pod_mutator import PodMutator
from podproof.policies.psp.policy import read_policy

from .trial import pod, policy, trial

_SC = "spec.containers[0].securityContext"
_RANGES = [{"min": 1, "max": 1}, {"min": 5, "max": 10}]
_MUST = {"rule": "MustRunAs", "ranges": _RANGES}
_EMPTY = "unable to validate empty groups against required ranges"


@pytest.mark.parametrize(
    ("judge", "spec", "context", "errors"),
    [
        (run_as_user, {"runAsUser": _MUST}, None, [f"{_SC}.runAsUser: Required value"]),
        (
            run_as_user,
            {"runAsUser": {"rule": "MustRunAsNonRoot"}},
            None,
            [f"{_SC}.runAsNonRoot: Required value: must be true"],
        ),
        (run_as_group, {"runAsGroup": _MUST}, None, [f"{_SC}: Invalid value: []int64(nil): {_EMPTY}"]),
        (
            se_linux,
            {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}}},
            None,
            [f"{_SC}.seLinuxOptions: Required value"],
        ),
        (
            capabilities,
            {"requiredDropCapabilities": ["KILL"]},
            None,
            [
                f'{_SC}.capabilities: Invalid value: "null": required capabilities are not set on the '
                "securityContext"
            ],
        ),
        (
            capabilities,
            {"requiredDropCapabilities": ["KILL", "NET_RAW"]},
            {"capabilities": {"drop": ["NET_RAW"]}},
            [
                f'{_SC}.capabilities.drop: Invalid value: []core.Capability{{"NET_RAW"}}: '
                "KILL is required to be dropped but was not found"
            ],
        ),
        (
            capabilities,
            {"requiredDropCapabilities": ["KILL"]},
            {"capabilities": {}},
            [
                f"{_SC}.capabilities.drop: Invalid value: []core.Capability(nil): "
                "KILL is required to be dropped but was not found"
            ],
        ),
        (
            capabilities,
            {"requiredDropCapabilities": ["KILL"]},
            {"capabilities": {"drop": ["NET_RAW", "CHOWN"]}},
            [
                f'{_SC}.capabilities.drop: Invalid value: []core.Capability{{"NET_RAW", "CHOWN"}}: '
                "KILL is required to be dropped but was not found"
            ],
        ),
        (
            capabilities,
            {"requiredDropCapabilities": ["KILL"]},
            {"capabilities": {"drop": []}},
            [
                f"{_SC}.capabilities.drop: Invalid value: []core.Capability{{}}: "
                "KILL is required to be dropped but was not found"
            ],
        ),
        (
            read_only_root_filesystem,
            {"readOnlyRootFilesystem": True},
            None,
            [
                f'{_SC}.readOnlyRootFilesystem: Invalid value: "null": '
                "ReadOnlyRootFilesystem may not be nil and must be set to true"
            ],
        ),
        (
            allow_privilege_escalation,
            {"allowPrivilegeEscalation": False},
            None,
            [
                f'{_SC}.allowPrivilegeEscalation: Invalid value: "null": '
                "Allowing privilege escalation for containers is not allowed"
            ],
        ),
    ],
)
def test_containers(
    judge: Any, spec: dict[str, Any], context: dict[str, Any] | None, errors: list[str]
) -> None:
    mutator = PodMutator(pod(context), "example")
    found: Errors = []
    judge.validate_container(found, read_policy(policy(**spec)), mutator, mutator.containers[0])
    assert [error.text for error in found] == errors


@pytest.mark.parametrize(
    ("judge", "key", "context", "error"),
    [
        (fs_group.validate_pod, "fsGroup", {}, f"[]int64(nil): {_EMPTY}"),
        (
            fs_group.validate_pod,
            "fsGroup",
            {"fsGroup": 999},
            "[]int64{999}: group 999 must be in the ranges: [{1 1} {5 10}]",
        ),
        (supplemental_groups.validate_pod, "supplementalGroups", {}, f"[]int64(nil): {_EMPTY}"),
        (
            supplemental_groups.validate_pod,
            "supplementalGroups",
            {"supplementalGroups": [1, 4]},
            "[]int64{1, 4}: group 4 must be in the ranges: [{1 1} {5 10}]",
        ),
    ],
)
def test_pods(judge: Callable[..., None], key: str, context: dict[str, Any], error: str) -> None:
    found: Errors = []
    judge(found, read_policy(policy(**{key: _MUST})), PodMutator(pod(securityContext=context), "example"))
    assert [one.text for one in found] == [f"spec.securityContext.{key}: Invalid value: {error}"]


def test_the_pods_selinux_options() -> None:
    found: Errors = []
    wanted = read_policy(policy(seLinux={"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}}))
    se_linux.validate_pod(found, wanted, PodMutator(pod(), "example"))
    assert [one.text for one in found] == ["spec.securityContext.seLinuxOptions: Required value"]


@pytest.mark.parametrize(
    ("rule", "own", "of_pod", "written"),
    [
        ("MustRunAs", None, None, {"level": "s0"}),
        ("MustRunAs", {"level": "s1"}, None, None),
        ("MustRunAs", None, {"level": "s1"}, None),
        ("RunAsAny", None, None, None),
    ],
)
def test_a_container_gets_the_options_where_its_pod_has_none(
    rule: str, own: dict[str, str] | None, of_pod: dict[str, str] | None, written: dict[str, str] | None
) -> None:
    """The strategy of the pod comes first and fills in the pod, so that this is never seen either."""
    spec = {"seLinux": {"rule": rule, "seLinuxOptions": {"level": "s0"}}}
    context = None if own is None else {"seLinuxOptions": own}
    raw = pod(context)
    if of_pod is not None:
        raw["spec"]["securityContext"] = {"seLinuxOptions": of_pod}
    asked = read_policy(policy(**spec))
    mutator = PodMutator(raw, "example")
    (container,) = mutator.containers
    se_linux.default_container(asked, mutator, container)
    assert container.own("seLinuxOptions") == (own if written is None else written)


@pytest.mark.parametrize(
    ("sysctl", "spec", "word"),
    [
        ({"value": "1"}, {}, 'unsafe sysctl ""'),
        ({"name": None, "value": "1"}, {"allowedUnsafeSysctls": ["kernel.*"]}, 'unsafe sysctl ""'),
        ({"name": "", "value": "1"}, {"forbiddenSysctls": ["*"]}, 'sysctl ""'),
        ({"name": "kernel.msgmax"}, {"forbiddenSysctls": ["kernel.*"]}, 'sysctl "kernel.msgmax"'),
        ({"name": "kernel.msgmax"}, {}, 'unsafe sysctl "kernel.msgmax"'),
        ({"name": "kernel.msgmax"}, {"allowedUnsafeSysctls": ["kernel.msg*"]}, None),
        ({"name": "net.ipv4.tcp_syncookies"}, {}, None),
    ],
)
def test_sysctls(sysctl: dict[str, Any], spec: dict[str, Any], word: str | None) -> None:
    raw = pod()
    raw["spec"]["securityContext"] = {"sysctls": [sysctl]}
    errors, _ = trial(policy(**spec), raw)
    at = "pod.spec.securityContext.sysctls[0]"
    assert errors == ([] if word is None else [f"{at}: Forbidden: {word} is not allowed"])
