"""What a server refuses in PodSecurityPolicies, told by `podproof check` to the letter, no rule left out."""

import ast
import json
import sys
from pathlib import Path
from typing import Any

from podproof.kube.validation import pod_security_policy as validation
from podproof.session.judging.policy_object import judge_policy_object

from .conftest import Run

ANY = {"rule": "RunAsAny"}
SPEC: dict[str, Any] = {"seLinux": ANY, "runAsUser": ANY, "supplementalGroups": ANY, "fsGroup": ANY}
SECCOMP = "seccomp.security.alpha.kubernetes.io/"
APPARMOR = "apparmor.security.beta.kubernetes.io/"
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
SYSCTL = (
    "must have at most 253 characters and match regex "
    "([a-z0-9]([-_a-z0-9]*[a-z0-9])?\\.)*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]"
)
VOLUMES = (
    '"*", "awsElasticBlockStore", "azureDisk", "azureFile", "cephFS", "cinder", "configMap", "csi", '
    '"downwardAPI", "emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", '
    '"glusterfs", "hostPath", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", '
    '"portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume"'
)


def case(*errors: str, annotations: dict[str, str] | None = None, **spec: Any) -> Any:
    """A policy that is fine but for what is given, and what the server says of it."""
    metadata = {"name": "p", "annotations": annotations or {}}
    policy = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": metadata}
    return {**policy, "spec": {**SPEC, **spec}}, list(errors)


def of_own_kind(*errors: str, modes: list[str]) -> Any:
    """A policy of Podproof's own kind with modes, and what its definition and the webhook say of it."""
    policy, _ = case()
    return {**policy, "apiVersion": "podproof.dev/v1alpha1", "modes": modes}, list(errors)


RULES = [
    case(
        f'metadata.annotations[{APPARMOR}defaultProfileName]: Invalid value: "x": '
        'invalid AppArmor profile name: "x"',
        f'metadata.annotations[{APPARMOR}allowedProfileNames]: Invalid value: "y,z": '
        'invalid AppArmor profile name: "y"',
        f'metadata.annotations[{APPARMOR}allowedProfileNames]: Invalid value: "y,z": '
        'invalid AppArmor profile name: "z"',
        annotations={f"{APPARMOR}defaultProfileName": "x", f"{APPARMOR}allowedProfileNames": "y,z"},
    ),
    case(
        f'metadata.annotations[{SECCOMP}defaultProfileName]: Invalid value: "*": '
        "must be a valid seccomp profile",
        f'metadata.annotations[{SECCOMP}allowedProfileNames]: Invalid value: "x": '
        "must be a valid seccomp profile",
        f'metadata.annotations[{SECCOMP}allowedProfileNames]: Invalid value: "/a": must be a relative path',
        f"metadata.annotations[{SECCOMP}allowedProfileNames]: Invalid value: \"a/..\": must not contain '..'",
        annotations={
            f"{SECCOMP}defaultProfileName": "*",
            f"{SECCOMP}allowedProfileNames": "*,x,localhost//a,localhost/a/..",
        },
    ),
    case(
        'spec.runAsUser.rule: Unsupported value: "MayRunAs": supported values: '
        '"MustRunAs", "MustRunAsNonRoot", "RunAsAny"',
        runAsUser={"rule": "MayRunAs"},
    ),
    case(
        'spec.seLinux.rule: Unsupported value: "x": supported values: "MustRunAs", "RunAsAny"',
        seLinux={"rule": "x"},
    ),
    case(
        'spec.supplementalGroups.rule: Unsupported value: "": supported values: '
        '"MayRunAs", "MustRunAs", "RunAsAny"',
        supplementalGroups={},
    ),
    case(
        "spec.fsGroup.ranges[0].min: Invalid value: -2: min cannot be negative",
        "spec.fsGroup.ranges[0].min: Invalid value: -2: min cannot be greater than max",
        "spec.fsGroup.ranges[0].max: Invalid value: -3: max cannot be negative",
        fsGroup={"rule": "MustRunAs", "ranges": [{"min": -2, "max": -3}]},
    ),
    case(
        "spec.runAsGroup.ranges: Invalid value: []policy.IDRange(nil): must provide at least one range",
        runAsGroup={"rule": "MustRunAs"},
    ),
    case(
        "spec.runAsGroup.ranges: Invalid value: []policy.IDRange{policy.IDRange{Min:1, Max:2}}: "
        "Ranges must be empty",
        runAsGroup={"rule": "RunAsAny", "ranges": [{"min": 1, "max": 2}]},
    ),
    case(
        'spec.runAsGroup.rule: Unsupported value: "x": supported values: "MustRunAs", "RunAsAny", "MayRunAs"',
        runAsGroup={"rule": "x"},
    ),
    case(f'spec.volumes: Unsupported value: "disk": supported values: {VOLUMES}', volumes=["disk"]),
    case(
        'requiredDropCapabilities: Invalid value: []core.Capability{"A", "B"}: '
        "must be empty when all capabilities are allowed by a wildcard",
        requiredDropCapabilities=["A", "B"],
        allowedCapabilities=["*"],
    ),
    case(
        'defaultAddCapabilities: Invalid value: "A": capability is listed in defaultAddCapabilities and '
        "requiredDropCapabilities",
        'allowedCapabilities: Invalid value: "A": capability is listed in allowedCapabilities and '
        "requiredDropCapabilities",
        requiredDropCapabilities=["A"],
        defaultAddCapabilities=["A"],
        allowedCapabilities=["A"],
    ),
    case(
        "spec.defaultAllowPrivilegeEscalation: Invalid value: true: Cannot set "
        "DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true",
        allowPrivilegeEscalation=False,
        defaultAllowPrivilegeEscalation=True,
    ),
    case(
        "spec.allowedHostPaths[0]: Invalid value: \"/a/../b\": must not contain '..'",
        "spec.allowedHostPaths[1]: Required value: is required",
        allowedHostPaths=[{"pathPrefix": "/a/../b"}, {"pathPrefix": ""}],
    ),
    case(
        "spec.allowedFlexVolumes.allowedFlexVolumes[0].driver: Required value: must specify a driver",
        allowedFlexVolumes=[{"driver": ""}],
    ),
    case(
        "spec.allowedCSIDrivers.allowedCSIDriver[0].name: Required value",
        f'spec.allowedCSIDrivers.allowedCSIDriver[0].name: Invalid value: "": {SUBDOMAIN}',
        f'spec.allowedCSIDrivers.allowedCSIDriver[1].name: Invalid value: "_": {SUBDOMAIN}',
        allowedCSIDrivers=[{"name": ""}, {"name": "_"}],
    ),
    case(
        "spec.allowedCSIDrivers.allowedCSIDriver[0].name: Too long: must have at most 63 bytes",
        allowedCSIDrivers=[{"name": "a" * 64}],
    ),
    case(
        'spec.allowedUnsafeSysctls[0]: Invalid value: "": empty sysctl not allowed',
        f'spec.allowedUnsafeSysctls[1]: Invalid value: "A": {SYSCTL}',
        "spec.allowedUnsafeSysctls.items: Forbidden: if '*' is present, must not specify other sysctls",
        allowedUnsafeSysctls=["", "A", "*"],
    ),
    case(
        'spec.allowedUnsafeSysctls[0]: Invalid value: "a.b": sysctl overlaps with a.*',
        'spec.forbiddenSysctls[1]: Invalid value: "c.d": sysctl overlaps with c.*',
        allowedUnsafeSysctls=["a.b", "c.*"],
        forbiddenSysctls=["a.*", "c.d"],
    ),
    case(
        'spec.runtimeClass.allowedRuntimeClassNames: Required value: default "B" must be allowed',
        f'spec.runtimeClass.allowedRuntimeClassNames[0]: Invalid value: "A": {SUBDOMAIN}',
        'spec.runtimeClass.allowedRuntimeClassNames[1]: Duplicate value: "A"',
        f'spec.runtimeClass.allowedRuntimeClassNames[1]: Invalid value: "A": {SUBDOMAIN}',
        f'spec.runtimeClass.defaultRuntimeClassName: Invalid value: "B": {SUBDOMAIN}',
        runtimeClass={"allowedRuntimeClassNames": ["A", "A"], "defaultRuntimeClassName": "B"},
    ),
    case(
        'spec.runtimeClass.allowedRuntimeClassNames: Invalid value: []string{"*", "a"}: '
        "if '*' is present, must not specify other RuntimeClass names",
        runtimeClass={"allowedRuntimeClassNames": ["*", "a"]},
    ),
    of_own_kind("modes: Required value: must name one of audit, enforce, warn", modes=[]),
    of_own_kind(
        'modes[1]: Unsupported value: "deny": supported values: "audit", "enforce", "warn"',
        'modes[2]: Duplicate value: "warn"',
        modes=["warn", "deny", "warn"],
    ),
]


def test_each_refusal_is_told_in_the_servers_words(podproof: Run) -> None:
    text = "\n---\n".join(json.dumps(policy) for policy, _ in RULES)  # a policy in each odd line
    options = ("--kubernetes-version", "v1.24", "--format", "json")
    result = podproof("check", "-", *options, stdin=text.encode())
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert report["summary"]["policies"] == len(RULES)
    told: list[list[str]] = [[] for _ in RULES]
    for finding in report["findings"]:
        assert finding["severity"] == "error", finding
        told[finding["line"] // 2].append(finding["message"])
    assert [sorted(said) for said in told] == [sorted(errors) for _, errors in RULES]


def test_no_rule_of_the_validation_is_left_out() -> None:
    """Every call that makes an error is reached by one of the cases above."""
    path = validation.__file__
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    makers = {"invalid", "required", "forbidden", "not_supported", "duplicate", "FieldError"}
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers
    ]
    assert len(calls) > 20
    reached: set[int] = set()

    def trace(frame: Any, event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename != path:
            return None
        if event == "line":
            reached.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for policy, _ in RULES:
            judge_policy_object(policy, 24)
    finally:
        sys.settrace(before)
    missed = [
        node.lineno for node in calls if not reached & {*range(node.lineno, (node.end_lineno or 0) + 1)}
    ]
    assert missed == []
