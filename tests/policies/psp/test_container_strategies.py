"""Capabilities, privileged, procMount, host ports, read-only roots and privilege escalation."""

from typing import Any

import pytest

from .trial import pod, policy, trial

_SC = "spec.containers[0].securityContext"
_CAPABILITIES = "containers.0.securityContext.capabilities"


@pytest.mark.parametrize(
    ("spec", "own", "errors", "edits"),
    [
        ({}, None, [], {}),
        (
            {},
            {"add": ["KILL"]},
            [f'{_SC}.capabilities.add: Invalid value: "KILL": capability may not be added'],
            {},
        ),
        ({"allowedCapabilities": ["KILL"]}, {"add": ["KILL"]}, [], {}),
        ({"allowedCapabilities": ["*"]}, {"add": ["SYS_ADMIN"]}, [], {}),
        (
            {"requiredDropCapabilities": ["ALL"]},
            None,
            [],
            {_CAPABILITIES: ({"drop": ["ALL"]}, "requiredDropCapabilities")},
        ),
        (
            {"defaultAddCapabilities": ["KILL", "CHOWN"], "requiredDropCapabilities": ["NET_RAW"]},
            {"add": ["KILL"], "drop": ["MKNOD"]},
            [],
            {
                _CAPABILITIES: (
                    {"add": ["CHOWN", "KILL"], "drop": ["MKNOD", "NET_RAW"]},
                    "defaultAddCapabilities and requiredDropCapabilities",
                )
            },
        ),
        ({"defaultAddCapabilities": ["KILL"]}, {"drop": ["KILL"]}, [], {}),
        (
            {"defaultAddCapabilities": ["KILL"]},
            None,
            [],
            {_CAPABILITIES: ({"add": ["KILL"]}, "defaultAddCapabilities")},
        ),
    ],
)
def test_capabilities(
    spec: dict[str, Any], own: dict[str, Any] | None, errors: list[str], edits: dict[str, Any]
) -> None:
    context = None if own is None else {"capabilities": own}
    assert trial(policy(**spec), pod(context)) == (errors, edits)


@pytest.mark.parametrize(
    ("spec", "context", "errors"),
    [
        (
            {},
            {"privileged": True},
            [f"{_SC}.privileged: Invalid value: true: Privileged containers are not allowed"],
        ),
        ({"privileged": True}, {"privileged": True}, []),
        ({}, {"privileged": False}, []),
        ({}, {"procMount": "Default"}, []),
        (
            {},
            {"procMount": "Unmasked"},
            [f'{_SC}.procMount: Invalid value: "Unmasked": ProcMountType is not allowed'],
        ),
        ({"allowedProcMountTypes": ["Unmasked"]}, {"procMount": "Unmasked"}, []),
        (
            {"allowedProcMountTypes": ["Unmasked"]},
            None,
            [f'{_SC}.procMount: Invalid value: "Default": ProcMountType is not allowed'],
        ),
        ({"allowPrivilegeEscalation": True}, {"allowPrivilegeEscalation": True}, []),
        (
            {"allowPrivilegeEscalation": False},
            {"allowPrivilegeEscalation": True},
            [
                f"{_SC}.allowPrivilegeEscalation: Invalid value: true: "
                "Allowing privilege escalation for containers is not allowed"
            ],
        ),
        (
            {"readOnlyRootFilesystem": True},
            {"readOnlyRootFilesystem": False},
            [
                f"{_SC}.readOnlyRootFilesystem: Invalid value: false: "
                "ReadOnlyRootFilesystem must be set to true"
            ],
        ),
    ],
)
def test_flags(spec: dict[str, Any], context: dict[str, Any] | None, errors: list[str]) -> None:
    assert trial(policy(**spec), pod(context)) == (errors, {})


@pytest.mark.parametrize(
    ("spec", "edits"),
    [
        ({"readOnlyRootFilesystem": True}, {"readOnlyRootFilesystem": (True, "readOnlyRootFilesystem")}),
        (
            {"allowPrivilegeEscalation": False},
            {"allowPrivilegeEscalation": (False, "allowPrivilegeEscalation")},
        ),
        (
            {"defaultAllowPrivilegeEscalation": True},
            {"allowPrivilegeEscalation": (True, "defaultAllowPrivilegeEscalation")},
        ),
        (
            {"defaultAllowPrivilegeEscalation": False, "allowPrivilegeEscalation": False},
            {"allowPrivilegeEscalation": (False, "defaultAllowPrivilegeEscalation")},
        ),
        ({}, {}),
    ],
)
def test_silent_containers_get_flags(spec: dict[str, Any], edits: dict[str, Any]) -> None:
    written = {f"containers.0.securityContext.{key}": value for key, value in edits.items()}
    assert trial(policy(**spec), pod()) == ([], written)


@pytest.mark.parametrize(
    ("ranges", "port", "listed"),
    [
        ([], 80, ""),
        ([{"min": 80, "max": 80}, {"min": 1, "max": 9}], 10, "80,1-9"),
        ([{"min": 80, "max": 80}], 80, None),
        ([{"min": 1, "max": 9}], 1, None),
        ([{"min": 1, "max": 9}], 9, None),
        ([], 0, None),
        ([], 1, ""),
    ],
)
def test_host_ports(ranges: list[Any], port: int, listed: str | None) -> None:
    ports = {"ports": [{"containerPort": 80, "hostPort": port}]}
    errors, _ = trial(policy(hostPorts=ranges), pod(container=ports))
    text = f"Host port {port} is not allowed to be used. Allowed ports: [{listed}]"
    assert errors == (
        [] if listed is None else [f"spec.containers[0].hostPort: Invalid value: {port}: {text}"]
    )


def test_init_containers_come_first_and_ephemeral_ones_last() -> None:
    bad = {"securityContext": {"privileged": True}}
    spec = {"initContainers": [{"name": "i", **bad}], "ephemeralContainers": [{"name": "e", **bad}]}
    errors, _ = trial(policy(), pod({"privileged": True}, **spec))
    assert [error.partition(".securityContext")[0] for error in errors] == [
        "spec.initContainers[0]",
        "spec.containers[0]",
        "spec.ephemeralContainers[0]",
    ]
