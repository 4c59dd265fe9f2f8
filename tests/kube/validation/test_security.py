"""Security contexts, profiles, sysctls, Windows, os and host namespaces, in the API server's words."""

from collections.abc import Callable
from typing import Any

import pytest

Judge = Callable[..., list[str]]

SC = "spec.containers[0].securityContext"
ID = "must be between 0 and 2147483647, inclusive"
TYPES = 'supported values: "Localhost", "RuntimeDefault", "Unconfined"'
USER = f"{SC}.windowsOptions.runAsUserName: Invalid value:"

CONTAINERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"runAsUser": 2147483648}, [f"{SC}.runAsUser: Invalid value: 2147483648: {ID}"]),
    ({"runAsGroup": -1}, [f"{SC}.runAsGroup: Invalid value: -1: {ID}"]),
    ({"runAsUser": 0, "runAsNonRoot": True}, []),
    ({"capabilities": {"add": ["CAP_CHOWN", "nonsense"]}}, []),
    (
        {"procMount": ""},
        [f'{SC}.procMount: Unsupported value: "": supported values: "Default", "Unmasked"'],
    ),
    (
        {"procMount": "Unmasked"},
        [f'{SC}.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`'],
    ),
    (
        {"seccompProfile": {}},
        [f"{SC}.seccompProfile.type: Required value: type is required when seccompProfile is set"],
    ),
    (
        {"seccompProfile": {"type": "RuntimeDefault", "localhostProfile": "a<b"}},
        [
            f"{SC}.seccompProfile.localhostProfile: Invalid value: "
            '{"Type":"RuntimeDefault","LocalhostProfile":'
            '"a\\u003cb"}: can only be set when seccomp type is Localhost'
        ],
    ),
    ({"seccompProfile": {"type": "Localhost", "localhostProfile": ""}}, []),
    (
        {"seccompProfile": {"type": "Localhost", "localhostProfile": "/a/.."}},
        [
            f'{SC}.seccompProfile.localhostProfile: Invalid value: "/a/..": must be a relative path',
            f"{SC}.seccompProfile.localhostProfile: Invalid value: \"/a/..\": must not contain '..'",
        ],
    ),
    ({"appArmorProfile": {"type": "x"}}, [f'{SC}.appArmorProfile.type: Unsupported value: "x": {TYPES}']),
    ({"appArmorProfile": {"type": "Localhost", "localhostProfile": "/../p"}}, []),
    (
        {"allowPrivilegeEscalation": False, "privileged": True},
        [
            f'{SC}: Invalid value: {{"Capabilities":null,"Privileged":true,"SELinuxOptions":null,'
            '"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,'
            '"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,'
            '"SeccompProfile":null,"AppArmorProfile":null}: '
            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
        ],
    ),
    ({"allowPrivilegeEscalation": False, "capabilities": {"add": ["SYS_ADMIN"]}}, []),
    ({"windowsOptions": {"runAsUserName": ""}}, [f'{USER} "": runAsUserName cannot be an empty string']),
    (
        {"windowsOptions": {"runAsUserName": "a\\b\\c"}},
        [f'{USER} "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash'],
    ),
    (
        {"windowsOptions": {"runAsUserName": "\\"}},
        [
            f"{USER} \"\\\\\": runAsUserName's Domain doesn't match the NetBios nor the DNS format",
            f'{USER} "\\\\": runAsUserName\'s User cannot be empty',
        ],
    ),
]


@pytest.mark.parametrize(("context", "expected"), CONTAINERS)
def test_container_security_context(judge: Judge, context: dict[str, Any], expected: list[str]) -> None:
    assert judge({"securityContext": context}) == expected


PODS: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"securityContext": {"supplementalGroups": [0, -1]}},
        [f"spec.securityContext.supplementalGroups[1]: Invalid value: -1: {ID}"],
    ),
    (
        {"securityContext": {"fsGroupChangePolicy": "x"}},
        [
            'spec.securityContext.fsGroupChangePolicy: Unsupported value: "x": '
            'supported values: "Always", "OnRootMismatch"'
        ],
    ),
    (
        {
            "hostNetwork": True,
            "securityContext": {"sysctls": [{"name": "net/ipv4/tcp_syncookies", "value": "1"}]},
        },
        [
            'spec.securityContext.sysctls[0].name: Invalid value: "net/ipv4/tcp_syncookies": '
            "may not be specified when 'hostNetwork' is true"
        ],
    ),
    (
        {"hostPID": True, "shareProcessNamespace": True},
        [
            "spec.shareProcessNamespace: Invalid value: true: "
            "ShareProcessNamespace and HostPID cannot both be enabled"
        ],
    ),
    (
        {"hostUsers": False, "hostPID": True, "hostNetwork": True},
        [
            "spec.hostNetwork: Forbidden: when `hostUsers` is false",
            "spec.HostPID: Forbidden: when `hostUsers` is false",
        ],
    ),
    ({"os": {"name": "bsd"}}, ['spec.os: Unsupported value: "bsd": supported values: "linux", "windows"']),
    ({"os": {}}, ["spec.os.name: Required value"]),
    (
        {"os": {"name": "windows"}, "securityContext": {"runAsUser": 1}},
        ["spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod"],
    ),
    (
        {"securityContext": {"windowsOptions": {"hostProcess": True}}},
        [
            "spec.hostNetwork: Invalid value: false: "
            "hostNetwork must be true if pod contains any hostProcess containers"
        ],
    ),
]


@pytest.mark.parametrize(("spec", "expected"), PODS)
def test_pod(judge: Judge, spec: dict[str, Any], expected: list[str]) -> None:
    assert judge(spec=spec) == expected


def test_annotations_of_profiles(judge: Judge) -> None:
    apparmor = "container.apparmor.security.beta.kubernetes.io/"
    assert judge(annotations={apparmor + "x": "é"}) == [
        f'metadata.annotations[{apparmor}x]: Invalid value: "x": container not found',
        f'metadata.annotations[{apparmor}x]: Invalid value: "é": invalid AppArmor profile name: "é"',
    ]
    assert judge(annotations={"seccomp.security.alpha.kubernetes.io/pod": ""}) == [
        'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "": '
        "must be a valid seccomp profile"
    ]


def test_volumes_and_mounts(judge: Judge) -> None:
    two = {"volumes": [{"name": "v", "emptyDir": {}, "hostPath": {"path": "/"}}]}
    assert judge({"volumeMounts": [{"name": "v", "mountPath": "/m"}]}, two) == [
        "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
        'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ]
    mount = {"name": "v", "mountPath": "/m", "mountPropagation": "Bidirectional"}
    assert judge({"volumeMounts": [mount]}, {"volumes": [{"name": "v"}]}) == [
        "spec.containers[0].volumeMounts.mountPropagation: Forbidden: "
        "Bidirectional mount propagation is available only to privileged containers"
    ]
