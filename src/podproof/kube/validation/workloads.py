"""Workloads that are not jobs: selectors, strategies, and what they allow of a pod template.

A decoded and defaulted object comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/apps/validation and, for ReplicationController and PodTemplate,
pkg/apis/core/validation.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route
from ..conversion import ROLLBACK_TO
from ..field_error import Errors, forbidden, invalid, not_supported, required
from ..go_format import internal_json, json_value
from ..go_integers import parse_int64
from .formats import content_subdomain, dns_label, percent
from .metadata import (
    selector_is_empty,
    selector_matches,
    show_selector,
    validate_metadata,
    validate_selector,
)
from .pod import validate_template, validate_template_metadata
from .right_parts import RightParts
from .volume_claims import validate_claim_spec

_NEGATIVE = "must be greater than or equal to 0"
_MISMATCH = "`selector` does not match template `labels`"
_right_updates = RightParts()
SPEC: Route = ("spec",)
TEMPLATE: Route = ("spec", "template")


def validate_not_negative(errors: Errors, values: Mapping[str, Any], route: Route, *keys: str) -> None:
    """Refuse negative numbers; absent ones are fine."""
    for key in keys:
        if key in values and values[key] is not None and values[key] < 0:
            invalid(errors, (*route, key), values[key], _NEGATIVE)


def template_labels(spec: Mapping[str, Any]) -> Any:
    """Give a template's labels, None when there are none."""
    return ((spec.get("template") or {}).get("metadata") or {}).get("labels")


def refuse_mismatch(errors: Errors, spec: Mapping[str, Any]) -> None:
    """Add that the selector does not match the template's labels."""
    at = (*TEMPLATE, "metadata", "labels")
    invalid(errors, at, json_value(template_labels(spec)), _MISMATCH)


def _demand_always(errors: Errors, spec: Mapping[str, Any], kind: str) -> None:
    pod = (spec.get("template") or {}).get("spec") or {}
    policy = pod.get("restartPolicy") or ""
    if policy != "Always":
        not_supported(errors, (*TEMPLATE, "spec", "restartPolicy"), policy, ("Always",))
    if pod.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        forbidden(errors, (*TEMPLATE, "spec", "activeDeadlineSeconds"), detail)


def _validate_own_selector(errors: Errors, spec: Mapping[str, Any], word: str) -> bool:
    """Judge a workload's selector; gives whether the API server can turn it into a matcher."""
    selector = spec.get("selector")
    if selector is None:
        required(errors, (*SPEC, "selector"))
        return True
    before = len(errors)
    validate_selector(errors, selector, (*SPEC, "selector"))
    usable = len(errors) == before
    if selector_is_empty(selector):
        detail = f"empty selector is invalid for {word}"
        invalid(errors, (*SPEC, "selector"), show_selector(selector), detail)
    return usable


def _validate_selected_template(errors: Errors, spec: Mapping[str, Any], *, usable: bool) -> None:
    """Judge the template of a Deployment or ReplicaSet; a nil selector matches nothing."""
    selector = spec.get("selector")
    if not usable:
        invalid(errors, (*SPEC, "selector"), show_selector(selector), "invalid label selector")
        return
    if (selector is None or not selector_is_empty(selector)) and not selector_matches(
        selector, template_labels(spec)
    ):
        # a nil selector is "nothing", which is never empty but matches no labels
        refuse_mismatch(errors, spec)
    validate_template(errors, spec.get("template") or {}, TEMPLATE)
    _demand_always(errors, spec, "ReplicaSet")


def validate_pod_template(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a PodTemplate."""
    validate_metadata(errors, value.get("metadata") or {})
    validate_template(errors, value.get("template") or {}, ("template",))


def validate_replication_controller(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a ReplicationController; faults that are now declared with the type come last."""
    spec = value.get("spec") or {}
    declared = Errors(errors.gates)
    faults = Errors(errors.gates)
    metadata = value.get("metadata") or {}
    validate_metadata(faults, metadata, name_faults=content_subdomain, generated=False)
    for error in faults:
        is_name = error.route == ("metadata", "name") and error.type == "Invalid value"
        (declared if is_name else errors).append(error)
    if spec.get("replicas") is None:
        required(declared, (*SPEC, "replicas"))
    validate_not_negative(declared, spec, SPEC, "replicas", "minReadySeconds")
    selector = spec.get("selector")
    if not selector:
        required(errors, (*SPEC, "selector"))
    template = spec.get("template")
    if template is None:
        required(errors, TEMPLATE)
    else:
        if selector and not selector_matches({"matchLabels": selector}, template_labels(spec)):
            refuse_mismatch(errors, spec)
        validate_template(errors, template, TEMPLATE)
        _demand_always(errors, spec, "ReplicationController")
    errors.extend(declared)
    if not errors:  # nobody else judges the prefix but what every object has to pass in the end
        prefix = metadata.get("generateName") or ""
        for character in (one for one in "/%" if one in prefix):
            invalid(errors, ("metadata", "generateName"), prefix, f"may not contain '{character}'")


def validate_replica_set(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a ReplicaSet."""
    spec = value.get("spec") or {}
    validate_metadata(errors, value.get("metadata") or {})
    validate_not_negative(errors, spec, SPEC, "replicas", "minReadySeconds")
    usable = _validate_own_selector(errors, spec, "deployment")
    _validate_selected_template(errors, spec, usable=usable)


def validate_deployment(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a Deployment."""
    spec = value.get("spec") or {}
    validate_metadata(errors, value.get("metadata") or {})
    validate_not_negative(errors, spec, SPEC, "replicas")
    usable = _validate_own_selector(errors, spec, "deployment")
    _validate_selected_template(errors, spec, usable=usable)
    _validate_deployment_strategy(errors, spec.get("strategy") or {}, (*SPEC, "strategy"))
    validate_not_negative(errors, spec, SPEC, "minReadySeconds", "revisionHistoryLimit")
    _validate_rollback(errors, value.get("metadata") or {})
    validate_not_negative(errors, spec, SPEC, "progressDeadlineSeconds")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        invalid(errors, (*SPEC, "progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds")


def _validate_rollback(errors: Errors, metadata: Mapping[str, Any]) -> None:
    """Judge an annotation that the server knows as a field that is gone."""
    annotations = metadata.get("annotations")
    if not annotations or ROLLBACK_TO not in annotations:
        return
    revision = parse_int64(annotations[ROLLBACK_TO] or "0")
    if revision is not None and revision < 0:
        route = ("metadata", "annotations", ROLLBACK_TO)
        invalid(errors, route, revision, _NEGATIVE, field="spec.rollback.version")


def _validate_deployment_strategy(errors: Errors, strategy: Mapping[str, Any], route: Route) -> None:
    kind, rolling, at = strategy.get("type"), strategy.get("rollingUpdate"), (*route, "rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            forbidden(errors, at, "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        if rolling is None:
            required(errors, at, "this should be defaulted and never be nil")
            return
        unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
        part = _right_updates.key(unavailable, surge)
        before = len(errors)
        if part is None:
            return
        _validate_amount(errors, unavailable, (*at, "maxUnavailable"))
        _validate_amount(errors, surge, (*at, "maxSurge"))
        if not _amount(unavailable) and not _amount(surge):
            detail = "may not be 0 when `maxSurge` is 0"
            invalid(errors, (*at, "maxUnavailable"), json_value(unavailable), detail)
        _refuse_above_all(errors, unavailable, (*at, "maxUnavailable"))
        if len(errors) == before:
            _right_updates.add(part)
    else:
        shown = internal_json(dict(strategy), "DeploymentStrategy", errors.gates.minor)
        not_supported(errors, route, shown, ("Recreate", "RollingUpdate"))


def _validate_amount(errors: Errors, value: int | str, route: Route) -> None:
    if isinstance(value, str):
        for fault in percent(value):
            invalid(errors, route, json_value(value), fault)
    elif value < 0:
        invalid(errors, route, value, _NEGATIVE)


def _amount(value: int | str) -> int:
    if isinstance(value, int):
        return value
    text = value.removesuffix("%")
    return int(text) if text.lstrip("+-").isdigit() and text.isascii() else 0


def _refuse_above_all(errors: Errors, value: int | str, route: Route) -> None:
    if isinstance(value, str) and not percent(value) and _amount(value) > 100:
        invalid(errors, route, json_value(value), "must not be greater than 100%")


def validate_daemon_set(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a DaemonSet."""
    spec = value.get("spec") or {}
    validate_metadata(errors, value.get("metadata") or {})
    selector, before = spec.get("selector"), len(errors)
    validate_selector(errors, selector, (*SPEC, "selector"))
    if len(errors) == before and not selector_matches(selector, template_labels(spec)):
        refuse_mismatch(errors, spec)
    if selector is not None and selector_is_empty(selector):
        detail = "empty selector is invalid for daemonset"
        invalid(errors, (*SPEC, "selector"), show_selector(selector), detail)
    validate_template(errors, spec.get("template") or {}, TEMPLATE)
    _demand_always(errors, spec, "DaemonSet")
    validate_not_negative(errors, spec, SPEC, "minReadySeconds")
    strategy, at = spec.get("updateStrategy") or {}, (*SPEC, "updateStrategy")
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "RollingUpdate":
        if rolling is None:
            required(errors, (*at, "rollingUpdate"))
        else:
            _validate_daemon_update(errors, rolling, (*at, "rollingUpdate"))
    elif kind != "OnDelete":
        shown = internal_json(dict(strategy), "DeploymentStrategy", errors.gates.minor)
        not_supported(errors, at, shown, ("RollingUpdate", "OnDelete"))
    validate_not_negative(errors, spec, SPEC, "revisionHistoryLimit")


def _validate_daemon_update(errors: Errors, rolling: Mapping[str, Any], route: Route) -> None:
    values = [(key, rolling.get(key, 0)) for key in ("maxUnavailable", "maxSurge")]
    for key, value in values:
        _validate_amount(errors, value, (*route, key))
    for key, value in values:
        _refuse_above_all(errors, value, (*route, key))
    unavailable, surge = (_amount(value) != 0 for _, value in values)
    if unavailable and surge:
        detail = "may not be set when maxUnavailable is non-zero"
        invalid(errors, (*route, "maxSurge"), json_value(values[1][1]), detail)
    elif not unavailable and not surge:
        required(errors, (*route, "maxUnavailable"), "cannot be 0 when maxSurge is 0")


def validate_stateful_set(errors: Errors, value: Mapping[str, Any]) -> None:
    """Judge a StatefulSet, whose name must be a label."""
    spec = value.get("spec") or {}
    validate_metadata(errors, value.get("metadata") or {}, name_faults=dns_label)
    policy = spec.get("podManagementPolicy") or ""
    if not policy:
        required(errors, (*SPEC, "podManagementPolicy"))
    elif policy not in ("OrderedReady", "Parallel"):
        detail = "must be 'OrderedReady' or 'Parallel'"
        invalid(errors, (*SPEC, "podManagementPolicy"), json_value(policy), detail)
    _validate_stateful_strategy(errors, spec.get("updateStrategy") or {}, (*SPEC, "updateStrategy"))
    retention = spec.get("persistentVolumeClaimRetentionPolicy")
    for key in ("whenDeleted", "whenScaled") if retention is not None else ():
        if (retention or {}).get(key) not in ("Retain", "Delete"):
            at = (*SPEC, "persistentVolumeClaimRetentionPolicy", key)
            not_supported(errors, at, (retention or {}).get(key) or "", ("Retain", "Delete"))
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        validate_claim_spec(errors, claim.get("spec") or {}, (*SPEC, "volumeClaimTemplates", index, "spec"))
    validate_not_negative(errors, spec, SPEC, "replicas", "minReadySeconds")
    start = (spec.get("ordinals") or {}).get("start") or 0
    if start < 0:
        invalid(errors, (*SPEC, "ordinals", "start"), start, _NEGATIVE)
    name = spec.get("serviceName")
    for fault in dns_label(name) if name else ():
        invalid(errors, (*SPEC, "serviceName"), name, fault)
    usable = _validate_own_selector(errors, spec, "statefulset")
    selector = spec.get("selector")
    if not usable:
        invalid(errors, (*SPEC, "selector"), show_selector(selector), "")
    else:
        if (selector is None or not selector_is_empty(selector)) and not selector_matches(
            selector, template_labels(spec)
        ):
            refuse_mismatch(errors, spec)
        template = _as_pods_get_it(spec)
        before = len(errors)
        validate_template(errors, template, TEMPLATE)
        if len(errors) > before:
            validate_template_metadata(errors, template, TEMPLATE)  # once more, as the server does
    _demand_always(errors, spec, "StatefulSet")


def _as_pods_get_it(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the template as the controller completes it: claims become volumes, hostnames are its own."""
    template = dict(spec.get("template") or {})
    pod = dict(template.get("spec") or {})
    pod.pop("hostname", None)
    pod.pop("subdomain", None)
    names = [
        (claim.get("metadata") or {}).get("name") or "" for claim in spec.get("volumeClaimTemplates") or ()
    ]
    if names:
        claims = [
            {"name": name, "persistentVolumeClaim": {"claimName": name}} for name in dict.fromkeys(names)
        ]
        others = [volume for volume in pod.get("volumes") or () if (volume.get("name") or "") not in names]
        pod["volumes"] = claims + others
    template["spec"] = pod
    return template


def _validate_stateful_strategy(errors: Errors, strategy: Mapping[str, Any], route: Route) -> None:
    kind, rolling, at = strategy.get("type"), strategy.get("rollingUpdate"), (*route, "rollingUpdate")
    if not kind:
        required(errors, route)
    elif kind == "OnDelete":
        if rolling is not None:
            shown = internal_json(dict(rolling), "RollingUpdateStatefulSetStrategy", errors.gates.minor)
            invalid(errors, at, shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif kind != "RollingUpdate":
        shown = internal_json(dict(strategy), "StatefulSetUpdateStrategy", errors.gates.minor)
        invalid(errors, route, shown, "must be 'RollingUpdate' or 'OnDelete'")
    elif rolling is not None:
        validate_not_negative(errors, rolling, at, "partition")
        unavailable = rolling.get("maxUnavailable")
        if unavailable is not None:
            _validate_amount(errors, unavailable, (*at, "maxUnavailable"))
            if not _amount(unavailable):
                invalid(errors, (*at, "maxUnavailable"), json_value(unavailable), "cannot be 0")
            _refuse_above_all(errors, unavailable, (*at, "maxUnavailable"))
