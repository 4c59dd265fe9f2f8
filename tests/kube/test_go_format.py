"""Strings and JSON as Go prints them. Source: Go 1.26 strconv.Quote and encoding/json."""

import json
from typing import Any

import pytest

from podproof.kube.go_format import (
    Printed,
    internal_json,
    is_printable,
    json_string,
    json_text,
    quote,
    quote_list,
)
from podproof.kube.types import resolve
from podproof.kube.versions import BETA, NEWEST


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ("plain text", '"plain text"'),
        ("\a", r'"\a"'),
        ("\b", r'"\b"'),
        ("\f", r'"\f"'),
        ("\n", r'"\n"'),
        ("\r", r'"\r"'),
        ("\t", r'"\t"'),
        ("\v", r'"\v"'),
        ('"', r'"\""'),
        ("\\", r'"\\"'),
        ("'<>&", '"\'<>&"'),
        ("\x00", r'"\x00"'),
        ("\x1f", r'"\x1f"'),
        ("\x7f", r'"\x7f"'),
        ("~", '"~"'),
        ("\x80", r'"\u0080"'),
        ("\xa0", r'"\u00a0"'),
        ("\xad", r'"\u00ad"'),
        ("é世😀", '"é世😀"'),
        ("\u2028", r'"\u2028"'),
        ("\uffff", r'"\uffff"'),
        ("\U0001ffff", r'"\U0001ffff"'),
        ("\U0010ffff", r'"\U0010ffff"'),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_quote_list() -> None:
    assert quote_list([]) == "[]"
    assert quote_list(["a", 'b"']) == r'["a" "b\""]'


@pytest.mark.parametrize(
    ("char", "printable"),
    [(" ", True), ("\x1f", False), ("~", True), ("\x7f", False), ("\x80", False), ("\xa0", False),
     ("¡", True), ("\xad", False), ("\u0377", True), ("\u0378", False), ("\ue000", False), ("😀", True)],
)  # fmt: skip
def test_is_printable(char: str, printable: bool) -> None:
    assert is_printable(char) is printable


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ("plain ~", '"plain ~"'),
        ('"\\', r'"\"\\"'),
        ("\b\f\n\r\t", r'"\b\f\n\r\t"'),
        ("<>&", r'"\u003c\u003e\u0026"'),
        ("\u2028\u2029", r'"\u2028\u2029"'),
        ("\x00\a\v\x1f", r'"\u0000\u0007\u000b\u001f"'),
        ("\x7fé\u2030😀", '"\x7fé\u2030😀"'),
    ],
)
def test_a_string_in_json(text: str, written: str) -> None:
    assert json_string(text) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1, "-1"),
        (1.5, "1.5"),
        ("<", r'"\u003c"'),
        ([], "[]"),
        ([1, "a", None], '[1,"a",null]'),
        ({}, "{}"),
        ({"b": 1, "a": {"&": []}}, r'{"a":{"\u0026":[]},"b":1}'),
    ],
)
def test_json(value: Any, written: str) -> None:
    assert json_text(value) == written


@pytest.mark.parametrize(
    ("type_name", "value", "written"),
    [
        ("Capabilities", {}, '{"Add":null,"Drop":null}'),
        ("Capabilities", {"drop": ["ALL"]}, '{"Add":null,"Drop":["ALL"]}'),
        ("SELinuxOptions", {"type": "t"}, '{"User":"","Role":"","Type":"t","Level":""}'),
        (
            "WindowsSecurityContextOptions",
            {"runAsUserName": "u"},
            '{"GMSACredentialSpecName":null,"GMSACredentialSpec":null,"RunAsUserName":"u","HostProcess":null}',
        ),
        ("SeccompProfile", {}, '{"Type":"","LocalhostProfile":null}'),
        ("RollingUpdateDeployment", {}, '{"MaxUnavailable":0,"MaxSurge":0}'),
        (
            "DeploymentStrategy",
            {"type": "Recreate", "rollingUpdate": {"maxSurge": "25%"}},
            '{"Type":"Recreate","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":"25%"}}',
        ),
        ("DeploymentStrategy", {}, '{"Type":"","RollingUpdate":null}'),
        (
            "StatefulSetUpdateStrategy",
            {"rollingUpdate": {}},
            '{"Type":"","RollingUpdate":{"Partition":0,"MaxUnavailable":null}}',
        ),
        (
            "SuccessPolicy",
            {"rules": [{"succeededIndexes": "0-1"}, {"succeededCount": 2}]},
            '{"Rules":[{"SucceededIndexes":"0-1","SucceededCount":null},'
            '{"SucceededIndexes":null,"SucceededCount":2}]}',
        ),
        ("SuccessPolicy", {"rules": []}, '{"Rules":[]}'),
        ("ContainerResizePolicy", {"resourceName": "cpu"}, '{"ResourceName":"cpu","RestartPolicy":""}'),
        (
            "SecurityContext",
            {
                "privileged": True,
                "capabilities": {"add": ["A"]},
                "runAsUser": 0,
                "seccompProfile": {"type": "x"},
            },
            '{"Capabilities":{"Add":["A"],"Drop":null},"Privileged":true,"SELinuxOptions":null,'
            '"WindowsOptions":null,"RunAsUser":0,"RunAsGroup":null,"RunAsNonRoot":null,'
            '"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":null,"ProcMount":null,'
            '"SeccompProfile":{"Type":"x","LocalhostProfile":null},"AppArmorProfile":null}',
        ),
    ],
)
def test_an_internal_type(type_name: str, value: dict[str, Any], written: str) -> None:
    assert internal_json(value, type_name, NEWEST).text == written


@pytest.mark.parametrize(
    "full",
    [
        "core/v1.Capabilities", "core/v1.SELinuxOptions", "core/v1.WindowsSecurityContextOptions",
        "core/v1.AppArmorProfile", "core/v1.SeccompProfile", "core/v1.SecurityContext",
        "core/v1.ClusterTrustBundleProjection", "core/v1.ContainerResizePolicy",
        "apps/v1.RollingUpdateDeployment", "apps/v1.DeploymentStrategy",
        "apps/v1.RollingUpdateStatefulSetStrategy", "apps/v1.StatefulSetUpdateStrategy",
        "batch/v1.SuccessPolicyRule", "batch/v1.SuccessPolicy",
    ],
)  # fmt: skip
def test_an_internal_type_has_the_fields_of_the_wire(full: str) -> None:
    """Go's names differ from those on the wire by capitals only, and each field keeps its own value."""
    names = list(resolve(full, BETA).fields)
    number = {name.lower(): at for at, name in enumerate(names)}
    value = {name: Printed(str(at)) for at, name in enumerate(names)}
    written = json.loads(internal_json(value, full.rpartition(".")[2], BETA).text)
    assert {name.lower(): at for name, at in written.items()} == number


@pytest.mark.parametrize(
    ("profile", "written"),
    [
        ({"type": "Localhost"}, '{"Type":"Localhost","LocalhostProfile":null,"OCI":null}'),
        (
            {"type": "OCI", "oci": {"ref": "r", "baseProfile": {"type": "RuntimeDefault"}}},
            '{"Type":"OCI","LocalhostProfile":null,"OCI":{"Ref":"r","BaseProfile":'
            '{"Type":"RuntimeDefault","LocalhostProfile":null}}}',
        ),
    ],
)
def test_fields_of_a_version_to_come(profile: dict[str, object], written: str) -> None:
    assert internal_json(profile, "SeccompProfile", BETA).text == written
    assert 'OCI":' not in internal_json(profile, "SeccompProfile", NEWEST).text
    assert 'OCI":' in internal_json({"seccompProfile": profile}, "SecurityContext", BETA).text
