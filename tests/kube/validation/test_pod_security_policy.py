"""What an API server of 1.24 says of PodSecurityPolicies themselves, to the letter."""

from typing import Any

import pytest

from podproof.admission.resources.policies import accept_policy
from podproof.kube.validation.pod_security_policy import default_policy

_ANY = {"rule": "RunAsAny"}
_SPEC = {"seLinux": _ANY, "runAsUser": _ANY, "supplementalGroups": _ANY, "fsGroup": _ANY}
_SECCOMP = "seccomp.security.alpha.kubernetes.io/"
_APPARMOR = "apparmor.security.beta.kubernetes.io/"


def _judge(spec: dict[str, Any], annotations: dict[str, str] | None = None) -> list[str]:
    answer = accept_policy(
        {
            "apiVersion": "policy/v1beta1",
            "kind": "PodSecurityPolicy",
            "metadata": {"name": "p", "annotations": annotations or {}},
            "spec": {**_SPEC, **spec},
        },
        24,
    )
    return [f"{cause.field}: {cause.message}" for cause in answer.causes]


@pytest.mark.parametrize(
    ("spec", "errors"),
    [
        ({}, []),
        ({"runAsUser": {"rule": "MustRunAs"}}, []),  # accepted, and then admits nothing
        (
            {"runAsUser": {"rule": "MayRunAs"}},
            [
                'spec.runAsUser.rule: Unsupported value: "MayRunAs": supported values: '
                '"MustRunAs", "MustRunAsNonRoot", "RunAsAny"'
            ],
        ),
        (
            {"seLinux": None},
            ['spec.seLinux.rule: Unsupported value: "": supported values: "MustRunAs", "RunAsAny"'],
        ),
        (
            {"fsGroup": {"rule": "MustRunAs", "ranges": [{"min": -2, "max": -3}]}},
            [
                "spec.fsGroup.ranges[0].min: Invalid value: -2: min cannot be negative",
                "spec.fsGroup.ranges[0].max: Invalid value: -3: max cannot be negative",
                "spec.fsGroup.ranges[0].min: Invalid value: -2: min cannot be greater than max",
            ],
        ),
        (
            {"runAsGroup": {"rule": "MustRunAs"}},
            ["spec.runAsGroup.ranges: Invalid value: []policy.IDRange(nil): must provide at least one range"],
        ),
        (
            {"runAsGroup": {"rule": "RunAsAny", "ranges": [{"min": 1, "max": 2}]}},
            [
                "spec.runAsGroup.ranges: Invalid value: []policy.IDRange{policy.IDRange{Min:1, Max:2}}: "
                "Ranges must be empty"
            ],
        ),
        (
            {"runAsGroup": {"rule": "x"}},
            [
                'spec.runAsGroup.rule: Unsupported value: "x": supported values: '
                '"MustRunAs", "RunAsAny", "MayRunAs"'
            ],
        ),
        (
            {
                "requiredDropCapabilities": ["KILL"],
                "allowedCapabilities": ["KILL"],
                "defaultAddCapabilities": ["KILL"],
            },
            [
                'defaultAddCapabilities: Invalid value: "KILL": capability is listed in '
                "defaultAddCapabilities and requiredDropCapabilities",
                'allowedCapabilities: Invalid value: "KILL": capability is listed in '
                "allowedCapabilities and requiredDropCapabilities",
            ],
        ),
        (
            {"requiredDropCapabilities": ["A", "B"], "allowedCapabilities": ["*"]},
            [
                'requiredDropCapabilities: Invalid value: []core.Capability{"A", "B"}: '
                "must be empty when all capabilities are allowed by a wildcard"
            ],
        ),
        (
            {"allowPrivilegeEscalation": False, "defaultAllowPrivilegeEscalation": True},
            [
                "spec.defaultAllowPrivilegeEscalation: Invalid value: true: Cannot set "
                "DefaultAllowPrivilegeEscalation to true without also setting "
                "AllowPrivilegeEscalation to true"
            ],
        ),
        ({"defaultAllowPrivilegeEscalation": True}, []),
        (
            {"allowedHostPaths": [{"pathPrefix": "/a/../b"}, {"pathPrefix": ""}, {"pathPrefix": ".."}]},
            [
                "spec.allowedHostPaths[0]: Invalid value: \"/a/../b\": must not contain '..'",
                "spec.allowedHostPaths[1]: Required value: is required",
            ],
        ),
        (
            {"allowedFlexVolumes": [{"driver": ""}]},
            ["spec.allowedFlexVolumes.allowedFlexVolumes[0].driver: Required value: must specify a driver"],
        ),
        (
            {"allowedUnsafeSysctls": ["", "*"]},
            [
                'spec.allowedUnsafeSysctls[0]: Invalid value: "": empty sysctl not allowed',
                "spec.allowedUnsafeSysctls.items: Forbidden: "
                "if '*' is present, must not specify other sysctls",
            ],
        ),
        (
            {"allowedUnsafeSysctls": ["a.*"], "forbiddenSysctls": ["a.b", "a.b*", "a.*", "b.*"]},
            [
                'spec.forbiddenSysctls[0]: Invalid value: "a.b": sysctl overlaps with a.*',
                'spec.forbiddenSysctls[1]: Invalid value: "a.b*": sysctl overlaps with a.*',
                'spec.allowedUnsafeSysctls[0]: Invalid value: "a.*": sysctl overlaps with a.*',
            ],
        ),
        (
            {"runtimeClass": {"allowedRuntimeClassNames": ["a", "a"], "defaultRuntimeClassName": "b"}},
            [
                'spec.runtimeClass.allowedRuntimeClassNames[1]: Duplicate value: "a"',
                'spec.runtimeClass.allowedRuntimeClassNames: Required value: default "b" must be allowed',
            ],
        ),
    ],
)
def test_spec(spec: dict[str, Any], errors: list[str]) -> None:
    assert _judge(spec) == errors


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        (f"{_SECCOMP}allowedProfileNames", "*,docker/default,localhost/a", None),
        (f"{_SECCOMP}allowedProfileNames", "x", 'Invalid value: "x": must be a valid seccomp profile'),
        (f"{_SECCOMP}defaultProfileName", "*", 'Invalid value: "*": must be a valid seccomp profile'),
        (f"{_SECCOMP}defaultProfileName", "localhost//a", 'Invalid value: "/a": must be a relative path'),
        (f"{_APPARMOR}defaultProfileName", "x", 'Invalid value: "x": invalid AppArmor profile name: "x"'),
        (
            f"{_APPARMOR}allowedProfileNames",
            "runtime/default,x",
            'Invalid value: "runtime/default,x": invalid AppArmor profile name: "x"',
        ),
    ],
)
def test_annotations(key: str, value: str, error: str | None) -> None:
    assert _judge({}, {key: value}) == ([] if error is None else [f"metadata.annotations[{key}]: {error}"])


def test_escalation_is_allowed_unless_said_otherwise() -> None:
    answer = accept_policy({"kind": "PodSecurityPolicy", "metadata": {"name": "p"}, "spec": _SPEC}, 24)
    assert answer.object is not None
    assert answer.object["spec"]["allowPrivilegeEscalation"] is True


def test_proc_mount_types_are_dropped_before_they_are_judged() -> None:
    answer = accept_policy(
        {
            "kind": "PodSecurityPolicy",
            "metadata": {"name": "p"},
            "spec": {**_SPEC, "allowedProcMountTypes": ["x"]},
        },
        24,
    )
    assert answer.object is not None
    assert "allowedProcMountTypes" not in answer.object["spec"]


def test_the_seeds_policy_as_printed() -> None:
    """Its `volumes` stand outside the spec, which then has no strategies."""
    answer = accept_policy(
        {
            "apiVersion": "policy/v1beta1",
            "kind": "PodSecurityPolicy",
            "metadata": {"name": "p"},
            "volumes": ["*"],
        },
        24,
    )
    assert answer.code == 422


def test_a_wrong_type_is_named() -> None:
    spec = {**_SPEC, "privileged": "yes"}
    answer = accept_policy(
        {
            "apiVersion": "policy/v1beta1",
            "kind": "PodSecurityPolicy",
            "metadata": {"name": "p"},
            "spec": spec,
        },
        24,
    )
    assert answer.message == (
        'PodSecurityPolicy in version "v1beta1" cannot be handled as a PodSecurityPolicy: json: cannot '
        "unmarshal string into Go struct field PodSecurityPolicySpec.spec.privileged of type bool"
    )


def test_what_is_completed() -> None:
    policy: dict[str, Any] = {}
    default_policy(policy)
    assert policy == {"spec": {"allowPrivilegeEscalation": True}}
    policy = {
        "spec": {
            "allowPrivilegeEscalation": False,
            "allowedProcMountTypes": ["Default"],
            "runtimeClass": {"allowedRuntimeClassNames": [], "defaultRuntimeClassName": "a"},
        }
    }
    default_policy(policy)
    assert policy == {
        "spec": {
            "allowPrivilegeEscalation": False,
            "runtimeClass": {"allowedRuntimeClassNames": None, "defaultRuntimeClassName": "a"},
        }
    }
    kept = {"spec": {"allowPrivilegeEscalation": True, "runtimeClass": {"allowedRuntimeClassNames": ["a"]}}}
    default_policy(kept)
    assert kept["spec"]["runtimeClass"] == {"allowedRuntimeClassNames": ["a"]}
