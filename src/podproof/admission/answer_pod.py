"""The answer to a pod: the way of its creation or update through the API server.

A Cluster and a request about a pod come in, a Decision goes out. The order is the server's: PodSecurityPolicy
fills in a new pod before API validation (422), and validates after it; PodSecurity comes after it (403).
Source: kubernetes 1.37.2 and 1.24.17, apiserver pkg/endpoints/handlers/{create,update}.go and
pkg/registry/rest/{create,update}.go.
"""

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..edits.apply import apply_edits
from ..edits.edit import Edit
from ..edits.json_patch import json_patch
from ..kube.decode import type_of
from ..kube.equal import semantically_equal
from ..kube.pod import Pod
from ..kube.update import prepare_pod_update, validate_pod_update
from ..kube.validation import validate
from ..kube.validation import warnings as warnings_of
from ..kube.version_skew import apply_version_skew, held_by
from .decision import Decision, bad_request, forbidden, invalid, with_warnings
from .held_object import WARNINGS_SINCE, decode_object, fill_identity, name_of, type_of_object
from .pod_security import IGNORED_SUBRESOURCES, judge_pod
from .pod_security_policy import ANNOTATION, PREFIX, Choice, choose, refusal
from .request import Request

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["answer_pod"]

_ALLOWED = Decision(True)
_GARBAGE_COLLECTION = ("ownerReferences", "finalizers", "selfLink", "managedFields")
_SKEW_UNTIL = 33
"""From this version on, nothing of `version_skew` applies."""


def answer_pod(cluster: "Cluster", request: Request) -> Decision:
    """Answer the creation or update of a pod, or of a subresource that pod security looks at."""
    if request.sub_resource in IGNORED_SUBRESOURCES:
        return _ALLOWED
    pod, warnings, fault = decode_object(request.object, "Pod", cluster.minor)
    old, _, old_fault = decode_object(request.old_object, "Pod", cluster.minor)
    if fault or old_fault:
        return bad_request(fault or old_fault)
    if pod is None:
        return _without_object(cluster, request)
    fill_identity(pod, request)
    if request.operation == "CREATE":
        return _create_pod(cluster, request, pod, warnings)
    if old is None:
        return _judge_by_labels(cluster, request, pod, None)
    return _update_pod(cluster, request, pod, old)


def _without_object(cluster: "Cluster", request: Request) -> Decision:
    if cluster.has_pod_security:
        decision = _judge_by_labels(cluster, request, None, None)
        if not decision.allowed:
            return decision
    return bad_request("failed to decode object")


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
    if cluster.minor < _SKEW_UNTIL:
        pod = copy.deepcopy(pod)
        apply_version_skew(pod, cluster.minor)
    metadata = pod["metadata"]
    errors = held_by(validate("Pod", pod), cluster.minor)
    if errors:
        return with_warnings(invalid("Pod", name_of(metadata), errors), warnings)
    if cluster.minor >= WARNINGS_SINCE:
        warnings = warnings + warnings_of("Pod", pod)
    else:
        warnings = []
    decision = _validate_by_plugins(cluster, request, pod, None, admitted)
    decision = with_warnings(decision, warnings)
    audit.update(decision.audit_annotations)
    return msgspec.structs.replace(decision, audit_annotations=audit)


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
        note = Edit(("metadata", "annotations", ANNOTATION), "set", admitted.trial.policy.name)
        patch = json_patch(request.object or {}, [*(edit.edit for edit in edits), note])
    return msgspec.structs.replace(
        decision,
        audit_annotations=audit,
        held=pod,
        held_type=type_of_object(pod, "Pod", cluster.minor),
        edits=edits,
        policies=reports,
        patch=patch,
    )


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


def _judge_by_labels(
    cluster: "Cluster", request: Request, pod: dict[str, Any] | None, old: dict[str, Any] | None
) -> Decision:
    return judge_pod(
        request,
        None if pod is None else msgspec.convert(pod, Pod),
        None if old is None else msgspec.convert(old, Pod),
        cluster.namespaces.get(request.namespace),
        cluster.configuration,
        f"v1.{cluster.minor}",
    )
