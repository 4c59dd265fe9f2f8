"""Judges a Namespace as an object: the value comes in, findings counted from it go out.

What the API server refuses comes in its words: names, labels, and the levels and versions of Pod Security
among the labels. Labels that it takes and that do not mean what they seem to are told, too. Reads nothing.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from ...admission.configuration import PodSecurityConfiguration
from ...admission.labels import MODES, PREFIX, policy_of
from ...admission.state import POD_SECURITY_SINCE
from ...checks.namespace_label import CHECK
from ...findings import Finding, Severity
from ...kube.decode_metadata import decode_metadata
from ...kube.field_error import Errors
from ...kube.validation.formats import dns_label
from ...kube.validation.metadata import validate_metadata
from ...kube.versions import NEWEST, Minor
from ...policies.levels import level_note

__all__ = ["judge_namespace_object"]

_LABELS = tuple(f"{PREFIX}{mode}{suffix}" for mode in MODES for suffix in ("", "-version"))


def judge_namespace_object(value: Any, minor: Minor) -> Iterator[Finding]:
    """Give what there is to say about a Namespace; nothing when the value is something else."""
    if not isinstance(value, dict) or value.get("kind") != "Namespace" or value.get("apiVersion") != "v1":
        return
    decoded = decode_metadata(value.get("metadata"), "Namespace", version=minor)
    if decoded.fatal is not None:
        yield Finding("wrong-type", Severity.ERROR, decoded.fatal.message, decoded.fatal.route)
        return
    metadata = decoded.object.get("metadata") or {}
    errors = Errors()
    validate_metadata(errors, metadata, name_faults=dns_label)
    labels = metadata.get("labels") or {}
    asked = minor >= POD_SECURITY_SINCE and any(key.startswith(PREFIX) for key in labels)
    policy, faults = policy_of(labels if asked else {}, PodSecurityConfiguration().defaults)
    for error in (*errors, *faults):
        check = "missing-value" if error.type == "Required value" else "invalid-value"
        yield Finding(check, Severity.ERROR, error.text, error.route)
    if not asked:
        return
    for mode in MODES:
        note = level_note(getattr(policy, mode), NEWEST)
        if note and f"{PREFIX}{mode}-version" in labels:
            yield _finding(Severity.NOTE, f"{mode}: {note}", f"{mode}-version")
    for key in labels:
        if key.startswith(PREFIX) and key not in _LABELS:
            near = get_close_matches(key, _LABELS, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            yield _finding(
                Severity.WARNING,
                f"{key} is not a label of Pod Security and does nothing{meant}",
                key.removeprefix(PREFIX),
            )


def _finding(severity: Severity, message: str, label: str) -> Finding:
    return Finding(CHECK.id, severity, message, ("metadata", "labels", f"{PREFIX}{label}"))
