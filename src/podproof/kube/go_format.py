"""How Go prints values in the API server's messages: quoted strings (`%q`) and JSON (`encoding/json`).

Plain Python data comes in, text goes out. Nothing here knows Kubernetes except `internal_json`, which names
the fields of the API server's internal types that its messages print.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
}
_JSON_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    # encoding/json escapes these so that its output is safe inside HTML
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_JSON_PLAIN = frozenset(chr(c) for c in range(0x20, 0x7F)) - set('"\\<>&')

_printable: "tuple[list[int], list[int]] | None" = None


class Printed(msgspec.Struct, frozen=True):
    """A value that is already text in Go's notation, e.g. the JSON of a struct."""

    text: str


def is_printable(char: str) -> bool:
    """Say whether Go prints the character unescaped: Unicode 15.0, whatever this Python's tables are.

    Source: Go 1.26, unicode.IsPrint.
    """
    global _printable
    code = ord(char)
    if code < 0x7F:
        return code >= 0x20
    if _printable is None:
        from .go_printable import PRINTABLE

        starts, ends = [], []
        for item in PRINTABLE.split():
            first, _, last = item.partition("-")
            starts.append(int(first, 16))
            ends.append(int(last or first, 16))
        _printable = (starts, ends)
    starts, ends = _printable
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


def quote(text: str) -> str:
    """Quote a string as Go's `%q` does. Source: Go strconv.Quote."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    out = ['"']
    for char in text:
        code = ord(char)
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif is_printable(char):
            out.append(char)
        elif code < 0x20 or code == 0x7F:
            out.append(f"\\x{code:02x}")
        elif 0xD800 <= code <= 0xDFFF:
            out.append("\ufffd")  # as which Go has read it
        elif code < 0x10000:
            out.append(f"\\u{code:04x}")
        else:
            out.append(f"\\U{code:08x}")
    out.append('"')
    return "".join(out)


def quote_list(texts: Iterable[str]) -> str:
    """Quote strings as Go's `%q` does a slice: `["a" "b"]`."""
    return f"[{' '.join(quote(text) for text in texts)}]"


def json_string(text: str) -> str:
    """Write a string as Go's encoding/json does, with `<`, `>` and `&` escaped."""
    out = ['"']
    for char in text:
        if char in _JSON_PLAIN:
            out.append(char)
        elif char in _JSON_ESCAPES:
            out.append(_JSON_ESCAPES[char])
        elif ord(char) < 0x20:
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    out.append('"')
    return "".join(out)


def json_text(value: Any) -> str:
    """Write plain data as Go's encoding/json writes a map: keys sorted, no blanks."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return json_string(value)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_string(k)}:{json_text(value[k])}" for k in sorted(value)) + "}"
    return "[" + ",".join(json_text(item) for item in value) + "]"


def json_value(value: Any) -> Printed:
    """Wrap plain data to be printed as JSON, as messages do for pointers and for named string types."""
    return Printed(json_text(value))


# The fields of internal types in Go's order: (Go name, key on the wire, nested type or None, zero value).
# Source: kubernetes 1.37.2 pkg/apis/{core,apps,batch}/types.go; these types have no JSON tags.
_Field = tuple[str, str, str | None, Any]
_TYPES: dict[str, tuple[_Field, ...]] = {
    "Capabilities": (("Add", "add", None, None), ("Drop", "drop", None, None)),
    "SELinuxOptions": (
        ("User", "user", None, ""),
        ("Role", "role", None, ""),
        ("Type", "type", None, ""),
        ("Level", "level", None, ""),
    ),
    "WindowsSecurityContextOptions": (
        ("GMSACredentialSpecName", "gmsaCredentialSpecName", None, None),
        ("GMSACredentialSpec", "gmsaCredentialSpec", None, None),
        ("RunAsUserName", "runAsUserName", None, None),
        ("HostProcess", "hostProcess", None, None),
    ),
    "AppArmorProfile": (("Type", "type", None, ""), ("LocalhostProfile", "localhostProfile", None, None)),
    "SeccompProfile": (
        ("Type", "type", None, ""),
        ("LocalhostProfile", "localhostProfile", None, None),
        ("OCI", "oci", "SecurityProfileOCI", None),
    ),
    "SecurityProfileOCI": (
        ("Ref", "ref", None, ""),
        ("BaseProfile", "baseProfile", "SecurityProfileOCIBase", None),
    ),
    "SecurityProfileOCIBase": (
        ("Type", "type", None, ""),
        ("LocalhostProfile", "localhostProfile", None, None),
    ),
    "SecurityContext": (
        ("Capabilities", "capabilities", "Capabilities", None),
        ("Privileged", "privileged", None, None),
        ("SELinuxOptions", "seLinuxOptions", "SELinuxOptions", None),
        ("WindowsOptions", "windowsOptions", "WindowsSecurityContextOptions", None),
        ("RunAsUser", "runAsUser", None, None),
        ("RunAsGroup", "runAsGroup", None, None),
        ("RunAsNonRoot", "runAsNonRoot", None, None),
        ("ReadOnlyRootFilesystem", "readOnlyRootFilesystem", None, None),
        ("AllowPrivilegeEscalation", "allowPrivilegeEscalation", None, None),
        ("ProcMount", "procMount", None, None),
        ("SeccompProfile", "seccompProfile", "SeccompProfile", None),
        ("AppArmorProfile", "appArmorProfile", "AppArmorProfile", None),
    ),
    "RollingUpdateDeployment": (
        ("MaxUnavailable", "maxUnavailable", None, 0),
        ("MaxSurge", "maxSurge", None, 0),
    ),
    "DeploymentStrategy": (
        ("Type", "type", None, ""),
        ("RollingUpdate", "rollingUpdate", "RollingUpdateDeployment", None),
    ),
    "RollingUpdateStatefulSetStrategy": (
        ("Partition", "partition", None, 0),
        ("MaxUnavailable", "maxUnavailable", None, None),
    ),
    "StatefulSetUpdateStrategy": (
        ("Type", "type", None, ""),
        ("RollingUpdate", "rollingUpdate", "RollingUpdateStatefulSetStrategy", None),
    ),
    "SuccessPolicyRule": (
        ("SucceededIndexes", "succeededIndexes", None, None),
        ("SucceededCount", "succeededCount", None, None),
    ),
    "SuccessPolicy": (("Rules", "rules", "SuccessPolicyRule", None),),
    "ClusterTrustBundleProjection": (
        ("Name", "name", None, None),
        ("SignerName", "signerName", None, None),
        ("LabelSelector", "labelSelector", None, None),
        ("Optional", "optional", None, None),
        ("Path", "path", None, ""),
        ("User", "user", None, None),
    ),
    "ContainerResizePolicy": (
        ("ResourceName", "resourceName", None, ""),
        ("RestartPolicy", "restartPolicy", None, ""),
    ),
}


_SINCE = {("SeccompProfile", "OCI"): 38}
"""The first version of Kubernetes whose internal type has a field; those that are left out here are older."""


def _internal_text(value: Mapping[str, Any], type_name: str, minor: int) -> str:
    parts = []
    for go_name, key, nested, zero in _TYPES[type_name]:
        if _SINCE.get((type_name, go_name), 0) > minor:
            continue
        item = value.get(key)
        if item is None:
            text = json_text(zero)
        elif nested and isinstance(item, list):
            text = f"[{','.join(_internal_text(one, nested, minor) for one in item)}]"
        elif isinstance(item, Printed):
            text = item.text
        else:
            text = _internal_text(item, nested, minor) if nested else json_text(item)
        parts.append(f'"{go_name}":{text}')
    return "{" + ",".join(parts) + "}"


def internal_json(value: Mapping[str, Any], type_name: str, minor: int) -> Printed:
    """Print an object as the JSON of Kubernetes 1.`minor`'s internal type, with Go's field names as keys.

    Source: kubernetes 1.37.2 apimachinery field.Error.ErrorBody; before 1.34 messages had Go's %#v here.
    """
    return Printed(_internal_text(value, type_name, minor))
