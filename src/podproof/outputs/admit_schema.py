"""The JSON Schema of what `admit` writes, as data; `tools/generate_docs.py` writes it to schemas/."""

from typing import Any

from ..admission.review import REVIEW_VERSIONS

__all__ = ["schema"]

_TEXT: dict[str, Any] = {"type": "string"}


def schema() -> dict[str, Any]:
    """Give the schema of one line, draft 2020-12.

    Source: k8s.io/api v0.37.2 admission/v1/types.go, AdmissionResponse; a Status as admission makes it.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "podproof:admit/v1",
        "title": "podproof admit",
        **_object(
            "A line of what `podproof admit --format json` prints: an AdmissionReview with its response.",
            kind={"const": "AdmissionReview"},
            apiVersion={"enum": list(REVIEW_VERSIONS)},
            response={"$ref": "#/$defs/response"},
            pods={"$ref": "#/$defs/pods"},
        ),
        "required": ["kind", "apiVersion", "response"],
        "$defs": {
            "response": {
                **_object(
                    "The answer to one request. A patch comes with its type, a refusal with its status.",
                    uid={
                        **_TEXT,
                        "description": "That of the request, or a manifest's place, `web.yaml:1`.",
                    },
                    allowed={"type": "boolean"},
                    status={"$ref": "#/$defs/status"},
                    warnings={"type": "array", "items": _TEXT},
                    auditAnnotations={"type": "object", "additionalProperties": _TEXT},
                    patchType={"const": "JSONPatch"},
                    patch={**_TEXT, "contentEncoding": "base64", "contentMediaType": "application/json"},
                ),
                "required": ["uid", "allowed"],
                "dependentRequired": {"patch": ["patchType"], "patchType": ["patch"]},
                "if": {"properties": {"allowed": {"const": False}}},
                "then": {"required": ["status"]},
                "else": {"properties": {"status": False}},
            },
            "pods": {
                **_object(
                    "Of a workload: whether its pods will be admitted, and the words for what is not.",
                    allowed={"type": "boolean"},
                    message={**_TEXT, "description": "The server's refusal."},
                    event={**_TEXT, "description": "The message of the controller's event FailedCreate."},
                    not_yet={**_TEXT, "description": "Why the controller creates no pods for now."},
                ),
                "required": ["allowed"],
                "dependentRequired": {"message": ["event"], "event": ["message"]},
            },
            "status": {
                **_object(
                    "What a client sees of a refusal.",
                    status={"const": "Failure"},
                    message=_TEXT,
                    reason={"type": ["string", "null"]},
                    code={"type": "integer", "minimum": 400, "maximum": 599},
                    details={"$ref": "#/$defs/details"},
                ),
                "required": ["status", "message", "reason", "code"],
            },
            "details": {
                **_object(
                    "What a 422 says beside its message.",
                    name=_TEXT,
                    group=_TEXT,
                    kind=_TEXT,
                    causes={"type": "array", "items": {"$ref": "#/$defs/cause"}},
                ),
                "required": ["causes"],
            },
            "cause": _object("One error of a field.", reason=_TEXT, message=_TEXT, field=_TEXT),
        },
    }


def _object(description: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }
