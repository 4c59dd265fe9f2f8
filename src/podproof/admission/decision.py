"""What admission answers: values only, with the texts and codes that a client sees.

Nothing here decides.
Source: kubernetes 1.37.2, apimachinery pkg/api/errors/errors.go; apiserver pkg/admission/errors.go.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..kube.encode import encode
from ..kube.field_error import FieldError, aggregate_causes
from ..kube.gated_fields import DroppedField
from ..kube.go_format import quote
from ..kube.types import Type
from ..policies.psp.pod_mutator import PolicyEdit

__all__ = [
    "Decision",
    "PolicyReport",
    "bad_request",
    "forbidden",
    "internal_error",
    "invalid",
    "invalid_details",
    "renamed",
    "with_warnings",
]


class PolicyReport(msgspec.Struct, frozen=True):
    """Why a PodSecurityPolicy was or was not chosen.

    `outcome` is `chosen`, `not chosen` (it would do, but another came first), `not authorized`, `would change
    the pod` (only where changes are not allowed), `violated` (`errors` say how) or `broken` (`why` says how).
    """

    name: str
    outcome: str
    why: str = ""
    errors: tuple[FieldError, ...] = ()


class Decision(msgspec.Struct, frozen=True, dict=True):
    """The answer to an admission request.

    `code` is the HTTP status of a refusal, None when allowed; `message` what the client sees of it.
    `plugin` is the name of the admission plugin that refuses, "" when none does. `warnings` are bare texts;
    the keys of `audit_annotations` have their prefix. `patch` is a JSON patch of the request's object with
    what the plugins changed: `filled` are the edits of the ServiceAccount plugin, `edits` those that policies
    ask for, with their origins. `policies` says of every PodSecurityPolicy why it was or was not chosen.
    `assumed_accounts` are the service accounts, as `namespace/name`, that were taken to exist. `dropped` are
    the fields that the server leaves out, since their feature gate is off.
    """

    allowed: bool
    code: int | None = None
    message: str | None = None
    warnings: tuple[str, ...] = ()
    audit_annotations: dict[str, str] = {}
    patch: tuple[dict[str, Any], ...] = ()
    completed: dict[str, Any] | None = None
    """The object as it was decided about, decoded and completed; `object` is how the server returns it."""
    completed_type: Type | None = None
    reason: str | None = None
    details: dict[str, Any] | None = None
    """What a 422's Status has under `details`: name, group, kind and causes; None elsewhere."""
    edits: tuple[PolicyEdit, ...] = ()
    policies: tuple[PolicyReport, ...] = ()
    filled: tuple[Edit, ...] = ()
    assumed_accounts: tuple[str, ...] = ()
    plugin: str = ""
    dropped: tuple[DroppedField, ...] = ()
    why: str = ""
    """What the message says behind the object's name, where it says "is forbidden"."""

    @cached_property
    def object(self) -> dict[str, Any] | None:
        """The object as the API server returns it, what policies changed included; None when refused.

        Written when first asked for, since most who ask for a decision want no more than the decision.
        """
        completed = self.completed
        if completed is None or self.completed_type is None:
            return completed
        written = encode(completed, self.completed_type)
        if not written.get("status"):
            written.pop("status", None)
        kind, version = self.completed_type.short, completed.get("apiVersion") or "v1"
        return {"kind": kind, "apiVersion": version} | written


def forbidden(resource: str, name: str, why: str, audit: Mapping[str, str] | None = None) -> Decision:
    """Refuse with 403; an empty name leaves it out. Source: apierrors.NewForbidden."""
    message, annotations = _forbidden(resource, name, why), dict(audit or {})
    return Decision(False, 403, message, reason="Forbidden", audit_annotations=annotations, why=why)


def _forbidden(resource: str, name: str, why: str) -> str:
    return f"{resource} {quote(name)} is forbidden: {why}" if name else f"{resource} is forbidden: {why}"


def renamed(decision: Decision, resource: str, name: str) -> Decision:
    """Say of another object of a resource what a decision with a `why` says of one."""
    return msgspec.structs.replace(decision, message=_forbidden(resource, name, decision.why))


def invalid(qualified_kind: str, name: str, errors: Sequence[FieldError]) -> Decision:
    """Refuse with 422; `qualified_kind` is `Pod` or `Deployment.apps`."""
    causes = [error.cause for error in errors]
    message = f"{qualified_kind} {quote(name)} is invalid: {aggregate_causes(causes)}"
    details = invalid_details(qualified_kind, name, causes)
    return Decision(False, 422, message, reason="Invalid", details=details)


def invalid_details(qualified_kind: str, name: str, causes: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Make the `details` of a 422's Status."""
    kind, _, group = qualified_kind.partition(".")
    named = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in named.items() if value} | {"causes": list(causes)}


def bad_request(message: str, audit: Mapping[str, str] | None = None) -> Decision:
    """Refuse with 400 what cannot be read."""
    return Decision(False, 400, message, reason="BadRequest", audit_annotations=dict(audit or {}))


def internal_error(why: str, audit: Mapping[str, str] | None = None) -> Decision:
    """Refuse with 500 what cannot be decided."""
    message = f"Internal error occurred: {why}"
    return Decision(False, 500, message, reason="InternalError", audit_annotations=dict(audit or {}))


def with_warnings(decision: Decision, warnings: Sequence[str]) -> Decision:
    """Put warnings before those that the decision has; repeats are dropped, as the server does."""
    if not warnings:
        return decision
    merged = tuple(dict.fromkeys((*warnings, *decision.warnings)))
    return msgspec.structs.replace(decision, warnings=merged)
