"""The JSON Schema of what `prove` writes, as data; `tools/generate_docs.py` writes it to schemas/."""

from typing import Any

__all__ = ["schema"]

_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "podproof:prove/v1",
    "title": "podproof prove",
    "description": "What `podproof prove --format json` prints. A value that is not known is "
    '{"unknown": REASON}.',
    "type": "object",
    "additionalProperties": False,
    "required": ["schema", "environment", "summary", "containers"],
    "properties": {
        "schema": {"const": "podproof/prove/v1"},
        "environment": {
            "description": "What the evidence depends on; empty when nothing was run.",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "podproof": {"type": "string"},
                "time": {"type": "string", "description": "RFC 3339, UTC."},
                "kernel": {
                    "type": "string",
                    "description": "System, release and machine as uname(2) has them.",
                },
                "runtime": {"type": "string", "description": "Name and version, as --runtime takes it."},
                "cgroup": {"enum": ["v1", "v1, hybrid", "v2"]},
                "network": {"type": "string"},
                "images": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "null"], "description": "The digest."},
                },
                "limits": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "What this machine cannot do.",
                },
            },
        },
        "summary": {
            "type": "object",
            "additionalProperties": False,
            "required": ["as_predicted", "verdict", "containers", "fields", "attacks", "seconds"],
            "properties": {
                "as_predicted": {"type": "boolean", "description": "Whether the verdict is that."},
                "verdict": {
                    "enum": ["as predicted", "not as predicted", "incomplete"],
                    "description": "incomplete: nothing differs, but not everything could be proven; "
                    "problems says what.",
                },
                "containers": {"type": "integer"},
                "fields": {"$ref": "#/$defs/counts"},
                "attacks": {"$ref": "#/$defs/counts"},
                "claims": {"$ref": "#/$defs/counts"},
                "seconds": {"type": "number"},
            },
        },
        "containers": {"type": "array", "items": {"$ref": "#/$defs/container"}},
        "claims": {"type": "array", "items": {"$ref": "#/$defs/claim"}},
        "problems": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Pods that were not run and attacks that were not reached, and why.",
        },
    },
    "$defs": {
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "container": {
            "type": "object",
            "additionalProperties": False,
            "required": [
                "object",
                "source",
                "container",
                "kind",
                "image",
                "state",
                "as_predicted",
                "fields",
                "attacks",
            ],
            "properties": {
                "object": {"type": "string", "description": "Kind/name."},
                "source": {"type": "string", "description": "File:line."},
                "container": {"type": "string"},
                "kind": {"enum": ["container", "init", "sidecar", "ephemeral"]},
                "image": {"type": "string"},
                "state": {
                    "type": "string",
                    "description": "What it was doing when it was looked at, in words.",
                },
                "as_predicted": {"type": "boolean"},
                "fields": {"type": "object", "additionalProperties": {"$ref": "#/$defs/field"}},
                "attacks": {"type": "array", "items": {"$ref": "#/$defs/attack"}},
            },
        },
        "field": {
            "type": "object",
            "additionalProperties": False,
            "required": ["predicted", "observed", "equal", "why", "origin"],
            "properties": {
                "predicted": {},
                "observed": {},
                "equal": {"type": ["boolean", "null"], "description": "null: one of the sides is not known."},
                "why": {"type": "string", "description": "What was accounted for, or what is not known."},
                "origin": {
                    "description": "Who set the predicted value.",
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "kind": {"enum": ["container", "pod", "image", "kubernetes", "runtime", "policy"]},
                        "text": {"type": "string"},
                        "file": {"type": ["string", "null"]},
                        "line": {"type": ["integer", "null"]},
                    },
                },
            },
        },
        "attack": {
            "type": "object",
            "additionalProperties": False,
            "required": [
                "id",
                "target",
                "claim",
                "field",
                "predicted",
                "why",
                "observed",
                "evidence",
                "as_predicted",
            ],
            "properties": {
                "id": {"type": "string"},
                "target": {
                    "type": "string",
                    "description": "What it is aimed at; empty when there is only one aim.",
                },
                "claim": {
                    "type": "string",
                    "description": "The sentence that holds when the attack is refused.",
                },
                "field": {
                    "type": "string",
                    "description": "The field of the security context that should stop it.",
                },
                "predicted": {
                    "type": "string",
                    "description": "`allowed`, errors joined by ` or `, `not predicted`, `not tried`.",
                },
                "why": {"type": "string"},
                "observed": {
                    "type": ["string", "null"],
                    "description": "`allowed`, an error, what stayed as it was (`still UID 1000`), "
                    "`not reached`; null: not tried.",
                },
                "evidence": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "System calls and their answers, as strace writes them.",
                },
                "as_predicted": {
                    "type": ["boolean", "null"],
                    "description": "null: nothing was predicted, or tried.",
                },
            },
        },
        "claim": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "says", "truth", "manifest", "container", "result", "shown"],
            "properties": {
                "id": {"type": "string"},
                "says": {"type": "string"},
                "truth": {"type": "string"},
                "manifest": {"type": "string"},
                "container": {"type": ["string", "null"]},
                "result": {"enum": ["proven", "corrected", "refuted", "not shown"]},
                "shown": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["by", "what", "found", "holds"],
                        "properties": {
                            "by": {
                                "enum": [
                                    "explain",
                                    "kernel",
                                    "kubelet",
                                    "attack",
                                    "check",
                                    "admit",
                                    "manifest",
                                ]
                            },
                            "what": {"type": "string"},
                            "found": {"type": "string"},
                            "holds": {"type": "boolean"},
                        },
                    },
                },
            },
        },
    },
}


def schema() -> dict[str, Any]:
    """Give the schema, draft 2020-12."""
    return _SCHEMA
