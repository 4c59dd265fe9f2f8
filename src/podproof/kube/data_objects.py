"""The objects beside pods whose content reaches containers: ConfigMaps, Secrets and ServiceAccounts.

A value as it was read comes in; the object as the API server would hold it, or the server's words for
refusing it, go out. Nothing here knows which pod uses the object.
Source: kubernetes 1.37.2, k8s.io/api core/v1 types.go, pkg/apis/core/validation/validation.go,
ValidateConfigMap and ValidateSecret, pkg/apis/core/v1/conversion.go.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from .decode import decode_type
from .feature_gates import FeatureGates
from .field_error import Errors, invalid, required, too_long
from .go_format import Printed
from .go_json import SyntaxProblem, parse
from .go_values import json_word
from .types import Type
from .validation.formats import config_map_key
from .validation.metadata import validate_metadata

__all__ = ["KINDS", "DataObjectError", "review_data_object"]

_MAX_SIZE = 1024 * 1024
"""Bytes of all values. Source: core/types.go, MaxSecretSize."""

_KIND = {"apiVersion": "string", "kind": "string", "metadata": "meta/v1.ObjectMeta"}
_FIELDS = {
    "ConfigMap": {
        **_KIND,
        "immutable": "bool",
        "data": "map[string]string",
        "binaryData": "map[string][]uint8",
    },
    "Secret": {
        **_KIND,
        "immutable": "bool",
        "data": "map[string][]uint8",
        "stringData": "map[string]string",
        "type": "string",
    },
    "ServiceAccount": {
        **_KIND,
        "secrets": "[]core/v1.ObjectReference",
        "imagePullSecrets": "[]core/v1.LocalObjectReference",
        "automountServiceAccountToken": "bool",
    },
}
KINDS = frozenset(_FIELDS)
"""What `review_data_object` reviews, all of version v1."""

_REQUIRED_KEYS = {
    "kubernetes.io/basic-auth": ("username", "password"),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
_JSON_KEYS = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
_ACCOUNT = "kubernetes.io/service-account.name"


class DataObjectError(ValueError):
    """Says why the API server would not take the object, after its kind and name."""


def review_data_object(value: Mapping[str, Any], *, version: int) -> dict[str, Any]:
    """Give the object, of a kind in `KINDS`, as Kubernetes 1.`version` would store it: no `stringData`.

    Raises DataObjectError: it cannot be decoded, or is invalid.
    """
    kind = str(value.get("kind"))
    decoded = decode_type(value, Type.of_fields(f"core/v1.{kind}", version, _FIELDS[kind]))
    if decoded.fatal is not None:
        raise DataObjectError(f"cannot be read by the API server: {decoded.fatal.message}")
    made = decoded.object
    for field in ("data", "binaryData"):
        if _FIELDS[kind].get(field) == "map[string][]uint8" and made.get(field):
            made[field] = {key: _in_base64(content) for key, content in made[field].items()}
    errors = Errors(FeatureGates(version))
    validate_metadata(errors, made.get("metadata") or {})
    if kind == "ConfigMap":
        _validate_config_map(errors, made)
    elif kind == "Secret":
        texts = made.pop("stringData", None) or {}
        if texts:
            plain = {key: b64encode((text or "").encode()).decode() for key, text in texts.items()}
            made["data"] = {**(made.get("data") or {}), **plain}
        _validate_secret(errors, made)
    if errors:
        raise DataObjectError(f"is invalid: {'; '.join(error.text for error in errors)}")
    return made


def _in_base64(content: str | list[int | None] | None) -> str:
    """Write bytes as the server stores them; Go takes an array of numbers for bytes as well."""
    if isinstance(content, list):
        return b64encode(bytes(byte or 0 for byte in content)).decode()
    return content or ""


def _validate_config_map(errors: Errors, made: Mapping[str, Any]) -> None:
    texts, binaries = made.get("data") or {}, made.get("binaryData") or {}
    for key in sorted(texts):
        _validate_key(errors, "data", key)
        if key in binaries:
            _refuse(errors, "data", key, key, "duplicate of key present in binaryData")
    for key in sorted(binaries):
        _validate_key(errors, "binaryData", key)
    size = sum(len((text or "").encode()) for text in texts.values()) + _size(binaries)
    if size > _MAX_SIZE:
        too_long(errors, (), _MAX_SIZE)


def _validate_secret(errors: Errors, made: Mapping[str, Any]) -> None:
    data, type_ = made.get("data") or {}, made.get("type") or "Opaque"
    for key in sorted(data):
        _validate_key(errors, "data", key)
    if _size(data) > _MAX_SIZE:
        too_long(errors, ("data",), _MAX_SIZE)
    if type_ in _JSON_KEYS:
        _validate_json(errors, data, _JSON_KEYS[type_])
    elif type_ in _REQUIRED_KEYS:
        missing = [key for key in _REQUIRED_KEYS[type_] if key not in data]
        if type_ == "kubernetes.io/tls" or len(missing) == len(_REQUIRED_KEYS[type_]):
            for key in missing:
                _require(errors, "data", key)
    elif type_ == "kubernetes.io/ssh-auth":
        if not data.get("ssh-privatekey"):
            _require(errors, "data", "ssh-privatekey")
    elif type_ == "kubernetes.io/service-account-token":
        annotations = (made.get("metadata") or {}).get("annotations") or {}
        if not annotations.get(_ACCOUNT):
            _require(errors, "metadata.annotations", _ACCOUNT)


def _validate_json(errors: Errors, data: Mapping[str, str], key: str) -> None:
    if key not in data:
        _require(errors, "data", key)
        return
    hidden = Printed('"<secret contents redacted>"')
    try:
        content = parse(b64decode(data[key]))
    except SyntaxProblem as problem:
        _refuse(errors, "data", key, hidden, str(problem))
        return
    if content is not None and not isinstance(content, dict):
        detail = (
            f"json: cannot unmarshal {json_word(content)} into Go value of type map[string]interface {{}}"
        )
        _refuse(errors, "data", key, hidden, detail)


def _validate_key(errors: Errors, field: str, key: str) -> None:
    for fault in config_map_key(key):
        _refuse(errors, field, key, key, fault)


def _refuse(errors: Errors, field: str, key: str, value: str | Printed, detail: str) -> None:
    invalid(errors, (field, key), value, detail, field=f"{field}[{key}]")


def _require(errors: Errors, field: str, key: str) -> None:
    required(errors, (field, key), field=f"{field}[{key}]")


def _size(data: Mapping[str, str]) -> int:
    """Count the bytes that base64 texts stand for."""
    total = 0
    for text in data.values():
        plain = text.replace("\n", "").replace("\r", "")
        total += len(plain) // 4 * 3 - plain.count("=")
    return total
