"""Names in windowsOptions and the rules of HostProcess pods, in the API server's words.

Source: kubernetes 1.37.2 pkg/apis/core/validation, validateWindowsSecurityContextOptions.
"""

from collections.abc import Callable
from typing import Any

import pytest

from podproof.kube.go_format import json_string

Judge = Callable[..., list[str]]

SC = "spec.containers[0].securityContext.windowsOptions"
FORBIDDEN = """'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]"""
DOMAIN = "'s Domain doesn't match the NetBios nor the DNS format"
LONG_DOMAIN = "'s Domain length must be under 256 characters"
DOTS = "'s User cannot contain only periods or spaces"
CONTROL = " cannot contain control characters"
LONG_LABELS = ".".join(["a" * 63] * 4)  # 255 bytes


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("ContainerAdministrator", []),
        ("NT AUTHORITY\\SYSTEM", []),
        ("corp.example.com\\u", []),
        ("", [" cannot be an empty string"]),
        ("a\x00", [CONTROL]),
        ("a\x1f", [CONTROL]),
        ("a\x7f", [CONTROL]),
        ("a b~", []),
        ("a\\b\\c", [" cannot contain more than one backslash"]),
        ("\\u", [DOMAIN]),
        ("d\\", ["'s User cannot be empty"]),
        ("\\", [DOMAIN, "'s User cannot be empty"]),
        (".", [DOTS]),
        (" . ", [DOTS]),
        ("d\\..", [DOTS]),
        (". a", []),
        ("u" * 104, []),
        ("u" * 105, ["'s User length must not be longer than 104 characters"]),
        ("é" * 53, ["'s User length must not be longer than 104 characters"]),
        *((f"a{char}", [FORBIDDEN]) for char in '"/:;|=,+*?<>@[]'),
        ("a-b_c!#$%&'(){}^`", []),
        # NetBIOS: fifteen characters, the first no dot
        ("d" * 15 + "\\u", []),
        (".d\\u", [DOMAIN]),
        ("d.\\u", []),
        ("d" * 15 + "_\\u", [DOMAIN]),
        *((f"d{char}\\u", [DOMAIN]) for char in '/:*?"<>|'),
        # DNS: labels of up to 63 characters
        ("d" * 63 + "\\u", []),
        ("d" * 64 + "\\u", [DOMAIN]),
        ("a-long-label-of.a-domain\\u", []),
        ("a-long-label-of-.a-domain\\u", [DOMAIN]),
        ("a-long-label-of..a-domain\\u", [DOMAIN]),
        (f"{LONG_LABELS}\\u", []),
        (f"{LONG_LABELS}.\\u", [LONG_DOMAIN, DOMAIN]),
    ],
)
def test_a_users_name(judge: Judge, name: str, faults: list[str]) -> None:
    found = judge({"securityContext": {"windowsOptions": {"runAsUserName": name}}})
    value = json_string(name)
    assert found == [f"{SC}.runAsUserName: Invalid value: {value}: runAsUserName{fault}" for fault in faults]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"gmsaCredentialSpecName": "a.b"}, ""),
        ({"gmsaCredentialSpec": "{}"}, ""),
        ({"gmsaCredentialSpec": ""}, "gmsaCredentialSpec cannot be an empty string"),
        ({"gmsaCredentialSpec": "x" * 65536}, ""),
        ({"gmsaCredentialSpec": "x" * 65537}, "gmsaCredentialSpec size must be under 64 KiB"),
    ],
)
def test_credentials(judge: Judge, options: dict[str, Any], fault: str) -> None:
    found = judge({"securityContext": {"windowsOptions": options}})
    assert [text.rpartition(": ")[2] for text in found] == ([fault] if fault else [])


def test_the_name_of_credentials_is_a_subdomain(judge: Judge) -> None:
    (text,) = judge({"securityContext": {"windowsOptions": {"gmsaCredentialSpecName": "A"}}})
    assert text.startswith(f'{SC}.gmsaCredentialSpecName: Invalid value: "A": a lowercase RFC 1123 subdomain')


ALL = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
NETWORK = "hostNetwork must be true if pod contains any hostProcess containers"
SAME = "pod hostProcess value must be identical if both are specified, was"


@pytest.mark.parametrize(
    ("pod", "containers", "network", "faults"),
    [
        (None, [None, None], False, []),
        (None, [False, None], False, []),
        (False, [False, None], False, []),
        (True, [None, None], True, []),
        (True, [True, None], True, []),
        (None, [True, True], True, []),
        (None, [True, None], True, [f'spec: Invalid value: "": {ALL}']),
        (None, [True, False], True, [f'spec: Invalid value: "": {ALL}']),
        (True, [None, None], False, [f"spec.hostNetwork: Invalid value: false: {NETWORK}"]),
        (
            True,
            [None, False],
            True,
            [
                f"{SC.replace('0', '1')}.hostProcess: Invalid value: false: {SAME} true",
                f'spec: Invalid value: "": {ALL}',
            ],
        ),
        (
            False,
            [True, True],
            True,
            [f"{SC.replace('0', n)}.hostProcess: Invalid value: true: {SAME} false" for n in "01"],
        ),
    ],
)
def test_host_process(
    judge: Judge, pod: bool | None, containers: list[bool | None], network: bool, faults: list[str]
) -> None:
    spec: dict[str, Any] = {
        "hostNetwork": network,
        "containers": [
            {"name": f"c{n}", "image": "i:1"}
            | ({} if one is None else {"securityContext": {"windowsOptions": {"hostProcess": one}}})
            for n, one in enumerate(containers)
        ],
    }
    if pod is not None:
        spec["securityContext"] = {"windowsOptions": {"hostProcess": pod}}
    assert judge(spec=spec) == faults


def test_which_characters_a_users_name_has(judge: Judge) -> None:
    found: dict[str, str] = {}
    for char in map(chr, range(0x20, 0x7F)):
        errors = (
            judge({"securityContext": {"windowsOptions": {"runAsUserName": char}}}) if char != "\\" else []
        )
        for error in errors:
            found[char] = error
    assert "".join(found) == ' "*+,./:;<=>?@[]|'
    assert {char for char in found if DOTS in found[char]} == {" ", "."}
    assert all(FORBIDDEN in found[char] for char in found if char not in " .")
