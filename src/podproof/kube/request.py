"""Reads a request's body: bytes come in, a value with its kind and API version goes out.

JSON or YAML, in the words of the API server when it is neither. The kind is read as the server reads it, by
names whose case does not matter, before anything is decoded.
Source: apimachinery 1.37.2, pkg/runtime/serializer/json/{json,meta}.go.
"""

from typing import Any

import msgspec

from ..manifest.doubled import Doubled
from .go_json import SyntaxProblem, parse
from .go_values import json_word

_META = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'


class UnreadableBody(Exception):
    """Carries what the server says about a body whose kind cannot be read."""


class Body(msgspec.Struct, frozen=True):
    """A body's value. `kind`, `group` and `version` are empty when it does not say.

    `strict_error` lists the YAML keys that stand twice.
    """

    value: Any
    kind: str
    group: str
    version: str
    strict_error: str | None = None

    @property
    def group_version(self) -> str:
        """Write `apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version


def read_body(data: bytes, *, yaml: bool) -> Body:
    """Read a body; raises UnreadableBody with the server's words."""
    strict_error = None
    if yaml:
        from .server_yaml import YAMLError, to_json_value

        try:
            converted = to_json_value(data)
        except YAMLError as error:
            raise UnreadableBody(str(error)) from None
        value, strict_error = converted.value, converted.strict_error
    else:
        try:
            value = parse(data)
        except SyntaxProblem as error:
            raise UnreadableBody(f"couldn't get version/kind; json parse error: {error}") from None
    api_version, kind = interpret(value)
    group, version = _split(api_version)
    return Body(value, kind, group, version, strict_error)


def interpret(value: Any) -> tuple[str, str]:
    """Read apiVersion and kind by names whose case does not matter; the last one wins.

    Raises UnreadableBody: one of them is not text.
    """
    values = {"APIVERSION": "", "KIND": ""}
    problem = ""
    if value is not None and not isinstance(value, dict):
        problem = f"json: cannot unmarshal {json_word(value)} into Go value of type {_META}"
    elif value is not None:
        for key, item in value.pairs if isinstance(value, Doubled) else value.items():
            folded = key.replace("\u017f", "s").replace("\u212a", "k").upper() if len(key) < 12 else ""
            if folded not in values or item is None:
                continue
            if isinstance(item, str):
                values[folded] = item
            elif not problem:
                name = "apiVersion" if folded == "APIVERSION" else "kind"
                problem = (
                    f"json: cannot unmarshal {json_word(item)} into Go struct field .{name} of type string"
                )
    if problem:
        raise UnreadableBody(f"couldn't get version/kind; json parse error: {problem}")
    return values["APIVERSION"], values["KIND"]


def _split(api_version: str) -> tuple[str, str]:
    """Split `apps/v1`. Source: apimachinery pkg/runtime/schema, ParseGroupVersion."""
    if api_version in ("", "/"):
        return "", ""
    if api_version.count("/") > 1:
        raise UnreadableBody(f"unexpected GroupVersion string: {api_version}")
    group, _, version = api_version.rpartition("/")
    return group, version
