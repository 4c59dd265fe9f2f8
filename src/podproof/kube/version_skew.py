"""What API servers up to 1.26 did to new pods between mutating and validating admission.

A decoded and defaulted pod comes in, the completed one goes out: seccomp annotations and fields follow each
other.
Source: kubernetes 1.24.17 pkg/registry/core/pod/strategy.go applySeccompVersionSkew.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .field_error import FieldError
from .visit import CONTAINER_FIELDS, visit_mappings

__all__ = [
    "has_apparmor_field",
    "leave_out_later_rules",
    "seccomp_annotation",
    "warnings_at",
    "with_version_skew",
]

_POD = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_SECCOMP_SYNC = range(19, 27)
"""Minor versions that keep annotation and field together (gone in 1.27)."""
_APPARMOR_FIELD_SINCE = 30
_PROC_MOUNT_RULE_SINCE = 30
_PROC_MOUNT_DETAIL = "`hostUsers` must be false to use `Unmasked`"
"""Source: kubernetes 1.30.14 pkg/apis/core/validation, ValidateSecurityContext; 1.29.6 does not have it."""
_SYSCTL_RULES_SINCE = 25
"""The first version that looks at sysctls and host namespaces together; recorded: 1.24 does not."""
_SYSCTL_DETAILS = (
    "may not be specified when 'hostNetwork' is true",
    "may not be specified when 'hostIPC' is true",
)


def with_version_skew(pod: dict[str, Any], version: int) -> dict[str, Any]:
    """Complete a pod that is to be created as 1.`version` does; the pod that is given stays as it is."""
    if version not in _SECCOMP_SYNC:
        return pod
    spec = dict(pod.get("spec") or {})
    for field in CONTAINER_FIELDS:
        if spec.get(field):
            spec[field] = [dict(container) for container in spec[field]]
    completed = {**pod, "metadata": dict(pod.get("metadata") or {}), "spec": spec}
    _sync(completed, spec, _POD)
    for _, container, _ in visit_mappings(spec):
        _sync(completed, container, _CONTAINER + (container.get("name") or ""))
    return completed


def has_apparmor_field(version: int) -> bool:
    """Say whether 1.`version` copies AppArmor annotations to a field, as defaulting does today."""
    return version >= _APPARMOR_FIELD_SINCE


def leave_out_later_rules(errors: Iterable[FieldError], version: int) -> list[FieldError]:
    """Return those errors of API validation, whose rules are the newest, that 1.`version` knew already."""
    if version >= _PROC_MOUNT_RULE_SINCE:
        return list(errors)
    later = (_PROC_MOUNT_DETAIL, *(_SYSCTL_DETAILS if version < _SYSCTL_RULES_SINCE else ()))
    return [error for error in errors if error.detail not in later]


_WARNINGS_SINCE = (
    (25, ("deprecated in v1.25, non-functional in v1.26+",)),
    (27, ("negative values are invalid and will be treated as 1",)),
    (28, (
        "deprecated in v1.28, non-functional in v1.31+", "a null labelSelector results in matching no pod",
        "hides previous definition of ", "hostIP set without hostPort: ",
        "dangerously ambiguous port definition ", "overlapping port definition ",
        "duplicate port definition ",
    )),
    (30, ('use the "appArmorProfile" field instead',)),
    (32, ("overlapping paths: ", " (Projected) has no sources provided")),
    (33, ("duplicate port name ", "should be in RFC 5952 canonical format")),
)  # fmt: skip
"""By version, words of the warnings that it was the first to give.

Source: kubernetes 1.24.17 to 1.38.0-beta.0 pkg/api/pod/warnings.go.
"""
_REWORDED = (
    (27, "non-functional in v1.27+; use", "deprecated since v1.19, non-functional in a future release; use"),
    (27, "deprecated in v1.22, non-functional in v1.25+",
     "deprecated in v1.22, support removal is planned in v1.26"),
    (27, "deprecated in v1.25, non-functional in v1.26+",
     "deprecated in v1.25, this feature will be removed soon after in a subsequent release"),
    (30, ", which may be dropped when using apply", ""),
    (33, "deprecated in v1.11, and disabled by default in v1.33+", "deprecated in v1.11"),
)  # fmt: skip
"""By version, words that are new there, and those of 1.25 and later until then. Source: as above."""


def warnings_at(warnings: Iterable[str], version: int) -> list[str]:
    """Return those warnings, whose words are the newest, that 1.`version` gave already, in its words."""
    given = list(warnings)
    if not given or version >= _WARNINGS_SINCE[-1][0]:
        return given
    later = [words for since, all_words in _WARNINGS_SINCE if version < since for words in all_words]
    given = [warning for warning in given if not any(words in warning for words in later)]
    for since, words, earlier in _REWORDED:
        if version < since:
            given = [warning.replace(words, earlier) for warning in given]
    return given


def _sync(pod: dict[str, Any], holder: dict[str, Any], key: str) -> None:
    metadata = pod.setdefault("metadata", {})
    annotations = metadata.get("annotations") or {}
    context = holder.get("securityContext")
    field = None if context is None else context.get("seccompProfile")
    if field is not None and key not in annotations:
        value = seccomp_annotation(field)
        if value:
            metadata["annotations"] = {**annotations, key: value}
    elif key in annotations and field is None:
        profile = _field(annotations[key] or "")
        if profile is not None:
            holder["securityContext"] = {**(context or {}), "seccompProfile": profile}


def seccomp_annotation(profile: Mapping[str, Any]) -> str:
    """Translate a seccompProfile to the old annotation's value; empty when there is none."""
    kind, name = profile.get("type"), profile.get("localhostProfile")
    if kind == "Localhost":
        return "" if name is None else f"localhost/{name}"
    return {"Unconfined": "unconfined", "RuntimeDefault": "runtime/default"}.get(kind or "", "")


def _field(annotation: str) -> dict[str, str] | None:
    if annotation == "unconfined":
        return {"type": "Unconfined"}
    if annotation in ("runtime/default", "docker/default"):
        return {"type": "RuntimeDefault"}
    name = annotation.removeprefix("localhost/")
    if name == annotation or not name:
        return None
    return {"type": "Localhost", "localhostProfile": name}
