"""The way of a request through the API server: decode, complete, mutate, validate, then the last word.

A Cluster and a typed request come in, a Decision goes out. The order is the server's: PodSecurityPolicy fills
in a new pod before API validation (422), and validates after it; PodSecurity comes after it (403).
Source: kubernetes 1.37.2 and 1.24.17, apiserver pkg/endpoints/handlers/{create,update}.go and
pkg/registry/rest/{create,update}.go.
"""

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..kube.decode import decode_type, type_of
from ..kube.default_pod import default_pod
from ..kube.defaults import apply_defaults
from ..kube.equal import semantically_equal
from ..kube.generated_name import generated_name
from ..kube.go_format import quote
from ..kube.pod import Pod
from ..kube.types import Type
from ..kube.update import prepare_pod_update, validate_pod_update
from ..kube.validation import validate
from ..kube.validation import warnings as warnings_of
from ..kube.validation.formats import dns_label
from ..kube.validation.metadata import validate_metadata
from ..kube.version_skew import apply_version_skew, has_apparmor_field, held_by
from ..policies.pod_security import read_pod
from .decision import Decision, bad_request, forbidden, invalid, invalid_details, with_warnings
from .patch import apply_edits, json_patch
from .pod_security import (
    CONTROLLERS,
    IGNORED_SUBRESOURCES,
    judge_controller,
    judge_namespace,
    judge_pod,
    template_of,
)
from .pod_security_policy import ANNOTATION, PREFIX, Choice, choose, refusal
from .policy_object import judge_policy
from .request import Request

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["answer"]

_ALLOWED = Decision(True)
_GARBAGE_COLLECTION = ("ownerReferences", "finalizers", "selfLink", "managedFields")
_WARNINGS_SINCE = 25
"""Warnings about a pod's fields follow the newest rules; older servers gave fewer, and are not imitated."""

Clock = Callable[[], float]


def answer(cluster: "Cluster", request: Request, clock: Clock | None = None) -> Decision:
    """Answer a request; what no plugin looks at is allowed as it is."""
    if request.operation not in ("CREATE", "UPDATE"):
        return _ALLOWED
    about = (request.group, request.resource)
    if about == ("", "pods"):
        return _answer_pod(cluster, request)
    if about == ("", "namespaces"):
        return _answer_namespace(cluster, request, clock)
    if about in CONTROLLERS:
        return _answer_controller(cluster, request)
    if request.kind == "PodSecurityPolicy" and not request.sub_resource:
        return _answer_policy(cluster, request)
    return msgspec.structs.replace(_ALLOWED, held=None if request.object is None else dict(request.object))


def _decode(
    value: Mapping[str, Any] | None, kind: str, minor: int
) -> tuple[dict[str, Any] | None, list[str], str]:
    """Decode and complete an object; gives None and why where it cannot be read."""
    if value is None:
        return None, [], ""
    found = value.get("kind")
    if found is not None and found not in ("", kind):
        return (
            None,
            [],
            f"the object is a {found if isinstance(found, str) else 'kind that is no text'}, not a {kind}",
        )
    version = value.get("apiVersion")
    decoded = decode_type(value, _type(value, kind, minor))
    if decoded.fatal is not None:
        short = (version if isinstance(version, str) else "v1").rpartition("/")[2]
        message = decoded.fatal.message
        return None, [], f"{kind} in version {quote(short)} cannot be handled as a {kind}: {message}"
    held = decoded.object
    if kind == "Pod":
        return held, _complete_pod(held, minor), ""
    return held, apply_defaults(kind, held), ""


def _complete_pod(pod: dict[str, Any], minor: int) -> list[str]:
    """Complete a pod as a server of that version does; a generation that it has stays."""
    metadata = pod.setdefault("metadata", {})
    generation = metadata.get("generation")
    annotations = None if has_apparmor_field(minor) else metadata.pop("annotations", None)
    warnings = apply_defaults("Pod", pod)
    if annotations is not None:
        metadata["annotations"] = annotations
    if generation is not None:
        metadata["generation"] = generation
    return warnings


def _answer_pod(cluster: "Cluster", request: Request) -> Decision:
    if request.sub_resource in IGNORED_SUBRESOURCES:
        return _ALLOWED
    pod, warnings, fault = _decode(request.object, "Pod", cluster.minor)
    old, _, old_fault = _decode(request.old_object, "Pod", cluster.minor)
    if fault or old_fault:
        return bad_request(fault or old_fault)
    if pod is None:
        return _without_object(cluster, request)
    _fill_identity(pod, request)
    if request.operation == "CREATE":
        return _create_pod(cluster, request, pod, warnings)
    if old is None:
        return _judge_by_labels(cluster, request, pod, None)
    return _update_pod(cluster, request, pod, old)


def _without_object(cluster: "Cluster", request: Request) -> Decision:
    if cluster.has_pod_security:
        decision = judge_pod(
            request, None, None, _labels(cluster, request), cluster.configuration, _version(cluster)
        )
        if not decision.allowed:
            return decision
    return bad_request("failed to decode object")


def _fill_identity(object_: dict[str, Any], request: Request) -> None:
    """Complete name and namespace from the request, as the server does from the path."""
    metadata = object_.setdefault("metadata", {})
    if request.namespace:
        metadata.setdefault("namespace", request.namespace)
    if request.name and not metadata.get("name") and request.operation == "UPDATE":
        metadata["name"] = request.name
    object_.setdefault("kind", request.kind)


def _create_pod(cluster: "Cluster", request: Request, pod: dict[str, Any], warnings: list[str]) -> Decision:
    admitted: Choice | None = None
    audit: dict[str, str] = {}
    if cluster.has_policies and not request.sub_resource:
        admitted = _choose(cluster, request, pod, mutate=True)
        if admitted.trial is None:
            return _refuse(cluster, request, admitted, validating=False)
        name = admitted.trial.policy.name
        audit[f"{PREFIX}admit-policy"] = name
        pod = apply_edits(pod, [edit.edit for edit in admitted.trial.edits])
        metadata = dict(pod.get("metadata") or {})
        metadata["annotations"] = {**(metadata.get("annotations") or {}), ANNOTATION: name}
        pod["metadata"] = metadata
    if cluster.minor < POD_SKEW_UNTIL:
        pod = copy.deepcopy(pod)
        apply_version_skew(pod, cluster.minor)
    metadata = pod["metadata"]
    errors = held_by(validate("Pod", pod, version=cluster.minor), cluster.minor)
    if errors:
        return with_warnings(invalid("Pod", _name(metadata), errors), warnings)
    if cluster.minor >= _WARNINGS_SINCE:
        warnings = warnings + warnings_of("Pod", pod)
    else:
        warnings = []
    decision = _validate_by_plugins(cluster, request, pod, None, admitted)
    decision = with_warnings(decision, warnings)
    audit.update(decision.audit_annotations)
    return msgspec.structs.replace(decision, audit_annotations=audit)


POD_SKEW_UNTIL = 33
"""From this version on, nothing of `version_skew` applies."""


def _update_pod(cluster: "Cluster", request: Request, pod: dict[str, Any], old: dict[str, Any]) -> Decision:
    pod = prepare_pod_update(pod, old, request.sub_resource)
    errors = validate_pod_update(pod, old, sub_resource=request.sub_resource, version=cluster.minor)
    errors = held_by(errors, cluster.minor)
    if errors:
        return invalid("Pod", (pod.get("metadata") or {}).get("name") or "", errors)
    return _validate_by_plugins(cluster, request, pod, old, None)


def _validate_by_plugins(
    cluster: "Cluster",
    request: Request,
    pod: dict[str, Any],
    old: dict[str, Any] | None,
    admitted: Choice | None,
) -> Decision:
    """Ask the validating plugins, in the server's order: PodSecurity, then PodSecurityPolicy."""
    decision = _ALLOWED
    if cluster.has_pod_security:
        decision = _judge_by_labels(cluster, request, pod, old)
        if not decision.allowed:
            return decision
    edits: tuple[Any, ...] = ()
    reports: tuple[Any, ...] = ()
    patch: tuple[dict[str, Any], ...] = ()
    audit = dict(decision.audit_annotations)
    if cluster.has_policies and not request.sub_resource and not _only_collected(cluster, pod, old):
        hint = ((pod.get("metadata") or {}).get("annotations") or {}).get(ANNOTATION) or ""
        validated = _choose(cluster, request, pod, mutate=False, hint=hint)
        if validated.trial is None:
            return _refuse(cluster, request, validated, validating=True)
        audit[f"{PREFIX}validate-policy"] = validated.trial.policy.name
        reports = validated.reports
    if admitted is not None and admitted.trial is not None:
        edits, reports = admitted.trial.edits, admitted.reports
        from ..findings import Edit

        note = Edit(("metadata", "annotations", ANNOTATION), "set", admitted.trial.policy.name)
        patch = json_patch(request.object or {}, [*(edit.edit for edit in edits), note])
    return msgspec.structs.replace(
        decision,
        audit_annotations=audit,
        held=pod,
        held_type=_type(pod, "Pod", cluster.minor),
        edits=edits,
        policies=reports,
        patch=patch,
    )


def _type(object_: Mapping[str, Any], kind: str, minor: int) -> Type:
    version = object_.get("apiVersion")
    return type_of(kind, minor, version if isinstance(version, str) else None)


def _choose(
    cluster: "Cluster", request: Request, pod: Mapping[str, Any], *, mutate: bool, hint: str = ""
) -> Choice:
    return choose(
        pod,
        user=request.user,
        namespace=request.namespace,
        policies=cluster.policies,
        grants=cluster.grants,
        mutate=mutate,
        hint=hint,
    )


def _refuse(cluster: "Cluster", request: Request, choice: Choice, *, validating: bool) -> Decision:
    why = refusal(choice, validating=validating, version=cluster.minor)
    decision = forbidden(request.group_resource, request.name or _generated(request), why)
    return msgspec.structs.replace(decision, policies=choice.reports)


def _generated(request: Request) -> str:
    """Name a pod whose name is yet to come as the plugin does. Source: admission.NewForbidden."""
    metadata = (request.object or {}).get("metadata") or {}
    return metadata.get("generateName") or "Unknown"


def _name(metadata: Mapping[str, Any]) -> str:
    """Name an object in a message; of a name to be generated, the five random letters are unknown."""
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    return name or (generated_name(prefix) if prefix else "")


def _only_collected(cluster: "Cluster", pod: Mapping[str, Any], old: Mapping[str, Any] | None) -> bool:
    """Say whether an update changes nothing but what the garbage collector changes."""
    if old is None:
        return False
    metadata = dict(pod.get("metadata") or {})
    before = old.get("metadata") or {}
    for key in _GARBAGE_COLLECTION:
        metadata.pop(key, None)
        if before.get(key) is not None:
            metadata[key] = before[key]
    type_ = type_of("Pod", cluster.minor)
    return semantically_equal(
        {**pod, "metadata": metadata, "kind": "", "apiVersion": ""},
        {**old, "kind": "", "apiVersion": ""},
        type_,
    )


def _labels(cluster: "Cluster", request: Request) -> Mapping[str, str] | None:
    return cluster.namespaces.get(request.namespace)


def _version(cluster: "Cluster") -> str:
    return f"v1.{cluster.minor}"


def _judge_by_labels(
    cluster: "Cluster", request: Request, pod: dict[str, Any], old: dict[str, Any] | None
) -> Decision:
    return judge_pod(
        request,
        msgspec.convert(pod, Pod),
        None if old is None else msgspec.convert(old, Pod),
        _labels(cluster, request),
        cluster.configuration,
        _version(cluster),
    )


def _answer_controller(cluster: "Cluster", request: Request) -> Decision:
    if request.sub_resource:
        return _ALLOWED
    object_, warnings, fault = _decode(request.object, request.kind, cluster.minor)
    if fault:
        return bad_request(fault)
    if object_ is None:
        return Decision(
            True,
            audit_annotations={"pod-security.kubernetes.io/error": "failed to decode object: there is none"},
        )
    _fill_identity(object_, request)
    metadata = object_["metadata"]
    errors = held_by(validate(request.kind, object_, version=cluster.minor), cluster.minor)
    if errors:
        return with_warnings(invalid(request.qualified_kind, _name(metadata), errors), warnings)
    if request.operation == "CREATE" and cluster.minor >= _WARNINGS_SINCE:
        warnings = warnings + warnings_of(request.kind, object_)
    decision = _ALLOWED
    if cluster.has_pod_security:
        template = template_of(request.kind, object_)
        decision = judge_controller(
            request,
            None if template is None else msgspec.convert(template, Pod),
            _labels(cluster, request),
            cluster.configuration,
            _version(cluster),
        )
    type_ = _type(object_, request.kind, cluster.minor)
    return with_warnings(msgspec.structs.replace(decision, held=object_, held_type=type_), warnings)


def _answer_namespace(cluster: "Cluster", request: Request, clock: Clock | None) -> Decision:
    if request.sub_resource:
        return _ALLOWED
    if request.object is None:
        return bad_request("failed to decode object")
    new, old = _read_labels(request.object), None
    if new is None or request.object.get("kind") not in (None, "", "Namespace"):
        return bad_request("failed to decode namespace")
    if request.operation == "UPDATE":
        if request.old_object is None:
            return bad_request("failed to decode  old object")
        old = _read_labels(request.old_object)
        if old is None:
            return bad_request("failed to decode  old namespace")
    errors: list[Any] = []
    validate_metadata(errors, request.object.get("metadata") or {}, name_faults=dns_label)
    if errors:
        return invalid("Namespace", request.name, errors)
    decision = _ALLOWED
    if cluster.minor >= 23:
        decision = judge_namespace(
            request,
            new,
            old,
            lambda: _existing(cluster, request.name),
            cluster.configuration,
            _version(cluster),
            clock,
        )
    return decision if not decision.allowed else msgspec.structs.replace(decision, held=dict(request.object))


def _read_labels(namespace: Mapping[str, Any]) -> dict[str, str] | None:
    """Return a namespace's labels; None where they are not what labels must be."""
    metadata = namespace.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    if labels is None:
        return {}
    if not isinstance(labels, Mapping) or not all(v is None or isinstance(v, str) for v in labels.values()):
        return None
    return {key: value or "" for key, value in labels.items()}


def _existing(cluster: "Cluster", namespace: str) -> list[Pod]:
    """Return the pods of a namespace, typed; raises ManifestError: one of them cannot be read."""
    return [default_pod(read_pod(pod)) for pod in cluster.pods.get(namespace, ())]


def _answer_policy(cluster: "Cluster", request: Request) -> Decision:
    if request.object is None:
        return bad_request("failed to decode object")
    accepted = judge_policy(request.object, cluster.minor)
    if accepted.accepted:
        return Decision(True, warnings=accepted.warnings, held=accepted.object)
    details = None
    if accepted.reason == "Invalid":
        name = (request.object.get("metadata") or {}).get("name") or ""
        details = invalid_details(request.qualified_kind, name, accepted.causes)
    return Decision(
        False,
        accepted.code,
        accepted.message,
        warnings=accepted.warnings,
        reason=accepted.reason,
        details=details,
    )
