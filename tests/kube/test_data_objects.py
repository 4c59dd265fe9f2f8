"""ConfigMaps, Secrets and ServiceAccounts: what the API server makes of them, or its words.

Source: kubernetes 1.37.2, pkg/apis/core/validation, ValidateConfigMap and ValidateSecret; Go's decoder.
"""

from base64 import b64encode
from typing import Any

import pytest

from podproof.kube.data_objects import DataObjectError, review_data_object

KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    " (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
UNREAD = "cannot be read by the API server: json: cannot unmarshal"
NUMBER = f"{UNREAD} number into Go struct field"
BASE64 = "cannot be read by the API server: illegal base64 data at input byte 0"


def reviewed(kind: str, **fields: Any) -> dict[str, Any]:
    value = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"}, **fields}
    return review_data_object(value, version=37)


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("ConfigMap", {"data": {"a": 1}}, f"{NUMBER} ConfigMap.data of type string"),
        (
            "ConfigMap",
            {"data": {"a": True}},
            f"{UNREAD} bool into Go struct field ConfigMap.data of type string",
        ),
        (
            "ConfigMap",
            {"data": ["a"]},
            f"{UNREAD} array into Go struct field ConfigMap.data of type map[string]string",
        ),
        ("ConfigMap", {"metadata": 1}, f"{NUMBER} ConfigMap.metadata of type v1.ObjectMeta"),
        ("ConfigMap", {"binaryData": {"a": "é"}}, BASE64),
        ("Secret", {"data": {"a": "x"}}, BASE64),
        ("Secret", {"data": {"a": 5}}, f"{NUMBER} Secret.data of type []uint8"),
        (
            "Secret",
            {"data": {"a": [1, 300]}},
            f"{UNREAD} number 300 into Go struct field Secret.data of type uint8",
        ),
        ("Secret", {"data": {"a": [{}]}}, f"{UNREAD} object into Go struct field Secret.data of type uint8"),
        (
            "Secret",
            {"stringData": {"a": 5}},
            f"{NUMBER} Secret.stringData of type string",
        ),
        ("ConfigMap", {"data": {"n\0": ""}}, f'is invalid: data[n\0]: Invalid value: "n\\x00": {KEY}'),
        ("ConfigMap", {"data": {"a/b": ""}}, f'is invalid: data[a/b]: Invalid value: "a/b": {KEY}'),
        (
            "Secret",
            {"stringData": {"..": ""}},
            "is invalid: data[..]: Invalid value: \"..\": must not be '..'",
        ),
        (
            "ConfigMap",
            {"data": {"a": ""}, "binaryData": {"a": ""}},
            'is invalid: data[a]: Invalid value: "a": duplicate of key present in binaryData',
        ),
        (
            "ConfigMap",
            {"data": {"a": "x" * 2**20, "b": "y"}},
            "is invalid: : Too long: may not be more than 1048576 bytes",
        ),
        (
            "Secret",
            {"stringData": {"a": "x" * 2**20, "b": "y"}},
            "is invalid: data: Too long: may not be more than 1048576 bytes",
        ),
        (
            "Secret",
            {"type": "kubernetes.io/tls", "data": {"tls.crt": ""}},
            "is invalid: data[tls.key]: Required value",
        ),
        (
            "Secret",
            {"type": "kubernetes.io/basic-auth"},
            "is invalid: data[username]: Required value; data[password]: Required value",
        ),
        ("Secret", {"type": "kubernetes.io/ssh-auth"}, "is invalid: data[ssh-privatekey]: Required value"),
        ("Secret", {"type": "kubernetes.io/dockercfg"}, "is invalid: data[.dockercfg]: Required value"),
        (
            "Secret",
            {"type": "kubernetes.io/dockercfg", "stringData": {".dockercfg": "x"}},
            'is invalid: data[.dockercfg]: Invalid value: "<secret contents redacted>": '
            "invalid character 'x' looking for beginning of value",
        ),
        (
            "Secret",
            {"type": "kubernetes.io/dockercfg", "stringData": {".dockercfg": "[]"}},
            'is invalid: data[.dockercfg]: Invalid value: "<secret contents redacted>": '
            "json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            "Secret",
            {"type": "kubernetes.io/service-account-token"},
            "is invalid: metadata.annotations[kubernetes.io/service-account.name]: Required value",
        ),
        (
            "ServiceAccount",
            {"imagePullSecrets": 5},
            f"{NUMBER} ServiceAccount.imagePullSecrets of type []v1.LocalObjectReference",
        ),
    ],
)
def test_refused(kind: str, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(DataObjectError) as raised:
        reviewed(kind, **fields)
    assert str(raised.value) == words


@pytest.mark.parametrize(
    ("kind", "fields", "stored"),
    [
        (
            "ConfigMap",
            {"data": {"a": None, "b": "\0", ".c-_": "x"}},
            {"data": {"a": "", "b": "\0", ".c-_": "x"}},
        ),
        ("ConfigMap", {"data": {"a": "x" * 2**20}}, {"data": {"a": "x" * 2**20}}),
        (
            "Secret",
            {"data": {"a": "eA==", "b": None}, "stringData": {"a": "ü"}},
            {"data": {"a": "w7w=", "b": ""}},
        ),
        ("Secret", {"data": {"a": [120, None]}}, {"data": {"a": "eAA="}}),
        (
            "ConfigMap",
            {"binaryData": {"a": [120, None], "b": None, "c": "eA=="}},
            {"binaryData": {"a": "eAA=", "b": "", "c": "eA=="}},
        ),
        ("Secret", {"data": {"a": "e\nA=="}}, {"data": {"a": "e\nA=="}}),
        (
            "Secret",
            {"type": "kubernetes.io/basic-auth", "data": {"username": ""}},
            {"data": {"username": ""}},
        ),
        ("ServiceAccount", {"imagePullSecrets": [{"name": "x"}]}, {"imagePullSecrets": [{"name": "x"}]}),
    ],
)
def test_taken(kind: str, fields: dict[str, Any], stored: dict[str, Any]) -> None:
    made = reviewed(kind, **fields)
    assert {key: made.get(key) or {} for key in stored} == stored
    assert "stringData" not in made


def _lines(size: int) -> str:
    """Write so many bytes in base64, in lines as a file has them."""
    text = b64encode(b"x" * size).decode()
    return "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("Secret", {"stringData": {"a": 2**20 - 1, "b": 1}}, "data: Too long"),
        ("Secret", {"data": {"a": 2**20 - 1, "b": 1}}, "data: Too long"),
        ("Secret", {"data": {"a": 2**20 - 2, "b": 2}}, "data: Too long"),
        ("Secret", {"data": {"a": 2**20 - 3, "b": 3}}, "data: Too long"),
        ("ConfigMap", {"data": {"a": 2**20 - 1, "b": 1}}, ": Too long"),
        ("ConfigMap", {"binaryData": {"a": 2**20 - 1, "b": 1}}, ": Too long"),
        ("ConfigMap", {"data": {"a": 2**20 - 1}, "binaryData": {"b": 1}}, ": Too long"),
    ],
)
def test_how_much_it_may_hold(kind: str, fields: dict[str, dict[str, int]], words: str, over: int) -> None:
    texts = ("stringData",) if kind == "Secret" else ("data",)
    written = {
        field: {
            key: "x" * (size + over * (key == "b")) if field in texts else _lines(size + over * (key == "b"))
            for key, size in sizes.items()
        }
        for field, sizes in fields.items()
    }
    if over:
        with pytest.raises(DataObjectError, match=words):
            reviewed(kind, **written)
    else:
        reviewed(kind, **written)


@pytest.mark.parametrize(
    ("type_", "data", "missing"),
    [
        ("kubernetes.io/basic-auth", {"password": ""}, []),
        ("kubernetes.io/basic-auth", {"x": ""}, ["data[username]", "data[password]"]),
        ("kubernetes.io/tls", {"tls.crt": "", "tls.key": ""}, []),
        ("kubernetes.io/tls", {"x": ""}, ["data[tls.crt]", "data[tls.key]"]),
        ("kubernetes.io/tls", {"tls.key": ""}, ["data[tls.crt]"]),
        ("kubernetes.io/ssh-auth", {"ssh-privatekey": "eA=="}, []),
        ("kubernetes.io/ssh-auth", {"ssh-privatekey": ""}, ["data[ssh-privatekey]"]),
        ("kubernetes.io/dockerconfigjson", {}, ["data[.dockerconfigjson]"]),
        ("kubernetes.io/dockerconfigjson", {".dockercfg": "e30="}, ["data[.dockerconfigjson]"]),
        ("kubernetes.io/dockerconfigjson", {".dockerconfigjson": "e30="}, []),
        ("kubernetes.io/dockercfg", {".dockercfg": "bnVsbA=="}, []),
        ("Opaque", {}, []),
        ("", {}, []),
        ("example.com/tls", {}, []),
    ],
)
def test_the_keys_of_a_type(type_: str, data: dict[str, str], missing: list[str]) -> None:
    if not missing:
        assert reviewed("Secret", type=type_, data=data)["type"] == type_
        return
    with pytest.raises(DataObjectError) as raised:
        reviewed("Secret", type=type_, data=data)
    assert str(raised.value) == f"is invalid: {'; '.join(f'{key}: Required value' for key in missing)}"


def test_a_token_names_its_account() -> None:
    for account, fits in (("a", True), ("", False), (None, False)):
        metadata = {"name": "s", "annotations": {"kubernetes.io/service-account.name": account}}
        fields = {"type": "kubernetes.io/service-account-token", "metadata": metadata}
        if fits:
            assert reviewed("Secret", **fields)["metadata"]["name"] == "s"
        else:
            with pytest.raises(DataObjectError, match="Required value"):
                reviewed("Secret", **fields)
