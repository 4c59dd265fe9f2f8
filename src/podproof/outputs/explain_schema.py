"""The JSON Schema of what `explain` writes, as data; `tools/generate_docs.py` writes it to schemas/."""

from typing import Any

from ..effective.context import NAMESPACES
from ..kube.debug_profiles import DEBUG_PROFILES
from ..results.explained import FIELDS, SCHEMA

__all__ = ["schema"]

_Schema = dict[str, Any]

_TEXT: _Schema = {"type": "string"}
_FLAG: _Schema = {"type": "boolean"}
_ID: _Schema = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
_TEXT_OR_NULL: _Schema = {"type": ["string", "null"]}
_LINE: _Schema = {"type": ["integer", "null"], "minimum": 1}
_NAMES: _Schema = {"type": "array", "items": _TEXT}
_IDS: _Schema = {"type": "array", "items": _ID}
_CAPABILITIES: _Schema = {
    "type": "array",
    "items": _TEXT,
    "description": "Names as manifests have them, in the kernel's order.",
}
_PROFILE: _Schema = {"type": "string", "pattern": "^(Unconfined|RuntimeDefault|Localhost/.*)$"}
_MODE: _Schema = {"type": "string", "pattern": "^[0-7]{4}$"}
_VOLUMES: _Schema = {"type": "array", "items": {"$ref": "#/$defs/volume"}}

_VALUES: dict[str, _Schema] = {
    "runAsUser": _ID,
    "runAsGroup": _ID,
    "supplementalGroups": _IDS,
    "runAsNonRoot": {"type": ["boolean", "null"]},
    "capabilities": {**_CAPABILITIES, "description": "The bounding set: `process` has all five."},
    "procMount": {"type": "string", "description": "Default or Unmasked, or what the API server refuses."},
    "seccompProfile": _PROFILE,
    "appArmorProfile": _PROFILE,
    "seLinuxOptions": {
        "type": ["string", "null"],
        "description": "user:role:type:level, `*` for what is open.",
    },
    "sysctls": {"type": "object", "additionalProperties": _TEXT},
    "fsGroup": {"oneOf": [_ID, {"type": "null"}]},
    "volumes": _VOLUMES,
    "devices": _NAMES,
    "writablePaths": _NAMES,
    "maskedPaths": _NAMES,
    "readonlyPaths": _NAMES,
}
"""The value of each field that is not a boolean."""

_SETS = ("bounding", "permitted", "effective", "inheritable", "ambient")


def _or_unknown(value: _Schema) -> _Schema:
    return {"anyOf": [value, {"$ref": "#/$defs/unknown"}]}


def _object(description: str, /, **properties: _Schema) -> _Schema:
    return {
        **({"description": description} if description else {}),
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _field(value: _Schema) -> _Schema:
    return _object("", value=_or_unknown(value), origin={"$ref": "#/$defs/origin"})


def _process() -> _Schema:
    values: dict[str, _Schema] = {
        "uid": _ID,
        "gid": _ID,
        "groups": _IDS,
        "no_new_privs": _FLAG,
        "seccomp": _PROFILE,
        "apparmor": _PROFILE,
        "selinux": _TEXT_OR_NULL,
        "read_only_root": _FLAG,
        "masked_paths": _NAMES,
        "readonly_paths": _NAMES,
        "writable_paths": _NAMES,
    }
    properties = {name: _or_unknown(value) for name, value in values.items()}
    properties["capabilities"] = _object("", **{name: _or_unknown(_CAPABILITIES) for name in _SETS})
    scope = _or_unknown({"enum": ["host", "own"]})
    properties["namespaces"] = _object("", **dict.fromkeys(NAMESPACES, scope))
    return _object("What the kernel will say of the process, ids as seen inside the container.", **properties)


def schema() -> _Schema:
    """Give the schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"podproof:{SCHEMA.removeprefix('podproof/')}",
        "title": "podproof explain",
        **_object(
            "What `podproof explain --format json` prints and `podproof.explain` returns.",
            schema={"const": SCHEMA},
            objects={"type": "array", "items": {"$ref": "#/$defs/object"}},
        ),
        "$defs": {
            "unknown": _object("A value that cannot be decided, and what is missing.", unknown=_TEXT),
            "origin": _object(
                "Who set the value. `route` counts from the object; file and line are null without a text.",
                kind={"enum": ["container", "pod", "image", "kubernetes", "runtime", "policy"]},
                route=_TEXT_OR_NULL,
                file=_TEXT_OR_NULL,
                line=_LINE,
                text={"type": "string", "description": "For people; may be empty."},
            ),
            "volume": _object(
                "A volume as the container's process finds it; `group` null: fsGroup does not change it, or "
                "that is not known. The rights are null where the container does not mount it.",
                name=_TEXT,
                source=_TEXT,
                group={"oneOf": [_ID, {"type": "null"}]},
                text=_TEXT,
                changed={
                    **_or_unknown({"type": ["boolean", "null"]}),
                    "description": "Whether fsGroup applies; null: the pod has none.",
                },
                paths={**_NAMES, "description": "Where the container mounts it."},
                mode={"oneOf": [_MODE, {"type": "null"}], "description": "Of the folder itself."},
                files={"type": "array", "items": {"$ref": "#/$defs/file"}},
                readable=_or_unknown({"type": ["boolean", "null"]}),
                writable=_or_unknown({"type": ["boolean", "null"]}),
                behind={"type": "string", "description": "What a claim leads to, or empty."},
            ),
            "file": _object(
                "A file that Kubernetes writes into a volume; `*` stands for all that no item names.",
                path=_TEXT,
                mode={**_MODE, "description": "As the container sees it."},
                asked={**_MODE, "description": "As the manifest, or the API server's default, has it."},
                owner=_ID,
                readable=_or_unknown({"type": ["boolean", "null"]}),
            ),
            "object": _object(
                "A pod, or the pod that a workload makes; file and line are null without a text. `refused`: "
                "the server's words when it refuses the object as invalid; `unknown_fields`: what it drops.",
                file=_TEXT_OR_NULL,
                line=_LINE,
                kind=_TEXT,
                namespace=_TEXT_OR_NULL,
                name=_TEXT_OR_NULL,
                containers={"type": "array", "items": {"$ref": "#/$defs/container"}},
                refused=_TEXT_OR_NULL,
                unknown_fields=_NAMES,
            ),
            "container": _object(
                "Containers stand in the order in which they start.",
                name=_TEXT,
                kind={"enum": ["container", "init", "sidecar", "ephemeral"]},
                image=_TEXT_OR_NULL,
                start={"$ref": "#/$defs/start"},
                fields={
                    "description": "By the name that the manifest has; only one with --field.",
                    "type": "object",
                    "additionalProperties": False,
                    "minProperties": 1,
                    "properties": {name: _field(_VALUES.get(name, _FLAG)) for name in FIELDS},
                },
                process=_process(),
                debug={"oneOf": [{"$ref": "#/$defs/debug"}, {"type": "null"}]},
            ),
            "debug": _object(
                "The container that `kubectl debug` would add; `admitted` null: no cluster was asked.",
                profile={"enum": list(DEBUG_PROFILES)},
                container={"type": "object"},
                admitted={"type": ["boolean", "null"]},
                message=_TEXT,
                warnings=_NAMES,
            ),
            "start": _object(
                "Whether it starts; where not, the words of its status and of the event.",
                starts=_or_unknown(_FLAG),
                reason=_TEXT_OR_NULL,
                message=_TEXT,
                event={"oneOf": [_object("", reason=_TEXT, message=_TEXT), {"type": "null"}]},
            ),
        },
    }
