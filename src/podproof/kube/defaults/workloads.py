"""Defaults of workloads.

A plain object comes in and is completed in place.
Source: kubernetes 1.37.2 pkg/apis/{apps,batch,core}/v1/defaults.go and the registries' PrepareForCreate
(generation, a job's labels and selector).
"""

from typing import Any

from ..conversion import ROLLBACK_TO, TEMPLATE_GENERATION
from ..go_integers import parse_int64
from ..stored import is_stored
from .pod import default_pod_spec
from .quantities import default_quantities
from .volumes import default_claim

UNKNOWN_UID = "00000000-0000-0000-0000-000000000000"
"""Stands where the API server writes an object's random UID."""


def _set(target: dict[str, Any], key: str, value: Any) -> None:
    if target.get(key) is None:
        target[key] = value


def _default_template(owner: dict[str, Any]) -> dict[str, Any]:
    _set(owner, "template", {})
    template: dict[str, Any] = owner["template"]
    _set(template, "metadata", {})
    _set(template, "spec", {})
    default_pod_spec(template["spec"])
    return template


def default_workload(kind: str, obj: dict[str, Any]) -> None:
    """Complete an object of one of the workload kinds; others stay as they are."""
    function = _KINDS.get(kind)
    if function is None:
        return
    _set(obj, "metadata", {})
    function(obj)
    obj["metadata"]["generation"] = 1


def _pod_template(obj: dict[str, Any]) -> None:
    _default_template(obj)


def _spec(obj: dict[str, Any]) -> dict[str, Any]:
    _set(obj, "spec", {})
    spec: dict[str, Any] = obj["spec"]
    return spec


def _labels(template: dict[str, Any]) -> dict[str, str] | None:
    labels: dict[str, str] | None = template["metadata"].get("labels")
    return None if labels is None else dict(labels)


def _replication_controller(obj: dict[str, Any]) -> None:
    spec = _spec(obj)
    if spec.get("template") is not None:
        labels = _labels(_default_template(spec))
        if labels is not None:
            if not spec.get("selector"):
                spec["selector"] = labels
            if not obj["metadata"].get("labels"):
                obj["metadata"]["labels"] = dict(labels)
    _set(spec, "replicas", 1)


def _replica_set(obj: dict[str, Any]) -> None:
    spec = _spec(obj)
    _default_template(spec)
    _set(spec, "replicas", 1)


def _deployment(obj: dict[str, Any]) -> None:
    spec = _spec(obj)
    _default_template(spec)
    _set(spec, "replicas", 1)
    _set(spec, "strategy", {})
    _rolling(spec["strategy"], (("maxUnavailable", "25%"), ("maxSurge", "25%")))
    _set(spec, "revisionHistoryLimit", 10)
    _set(spec, "progressDeadlineSeconds", 600)
    annotations = obj["metadata"].get("annotations")
    if annotations is not None and ROLLBACK_TO in annotations:
        _rewrite(obj, ROLLBACK_TO, _number(annotations[ROLLBACK_TO]))


def _rolling(strategy: dict[str, Any], values: tuple[tuple[str, Any], ...]) -> None:
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        _set(strategy, "rollingUpdate", {})
        for key, value in values:
            _set(strategy["rollingUpdate"], key, value)


def _daemon_set(obj: dict[str, Any]) -> None:
    spec = _spec(obj)
    _default_template(spec)
    _set(spec, "updateStrategy", {})
    _rolling(spec["updateStrategy"], (("maxUnavailable", 1), ("maxSurge", 0)))
    if (unused := spec["updateStrategy"].get("rollingUpdate")) is not None:
        for key in ("maxUnavailable", "maxSurge"):
            _set(unused, key, 0)  # the internal type has no pointers here, so that nil comes back as 0
    _set(spec, "revisionHistoryLimit", 10)
    generation = _number((obj["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION)) or 0
    _rewrite(obj, TEMPLATE_GENERATION, max(1, generation))


def _number(annotation: str | None) -> int | None:
    return parse_int64(annotation) if annotation else None


def _rewrite(obj: dict[str, Any], key: str, number: int | None) -> None:
    """Write an annotation back that conversion had turned into a field; None drops it."""
    annotations = dict(obj["metadata"].get("annotations") or {})
    annotations.pop(key, None)
    if number is not None:
        annotations[key] = str(number)
    obj["metadata"]["annotations"] = annotations


def _stateful_set(obj: dict[str, Any]) -> None:
    spec = _spec(obj)
    _default_template(spec)
    if not spec.get("podManagementPolicy"):
        spec["podManagementPolicy"] = "OrderedReady"
    _set(spec, "updateStrategy", {})
    strategy = spec["updateStrategy"]
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        _set(strategy, "rollingUpdate", {})
    if strategy["type"] == "RollingUpdate" and strategy.get("rollingUpdate") is not None:
        _set(strategy["rollingUpdate"], "partition", 0)
        _set(strategy["rollingUpdate"], "maxUnavailable", 1)
    for claim in spec.get("volumeClaimTemplates") or ():
        claim["kind"], claim["apiVersion"] = "PersistentVolumeClaim", "v1"
        default_claim(claim)
        status = claim.setdefault("status", {})
        if not status.get("phase"):
            status["phase"] = "Pending"
        for key in ("capacity", "allocatedResources"):
            default_quantities(status.get(key))
    _set(spec, "persistentVolumeClaimRetentionPolicy", {})
    for key in ("whenDeleted", "whenScaled"):
        if not spec["persistentVolumeClaimRetentionPolicy"].get(key):
            spec["persistentVolumeClaimRetentionPolicy"][key] = "Retain"
    _set(spec, "replicas", 1)
    _set(spec, "revisionHistoryLimit", 10)


def _default_job_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """Complete what jobs have in common with those of cron jobs; gives the pod template."""
    spec.pop("scheduling", None)  # its feature gate WorkloadWithJob is off
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"
    return _default_template(spec)


def _job(obj: dict[str, Any]) -> None:
    spec = _spec(obj)
    template = _default_job_spec(spec)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    _set(spec, "parallelism", 1)
    _set(spec, "backoffLimit", 2147483647 if spec.get("backoffLimitPerIndex") is not None else 6)
    labels = template["metadata"].get("labels")
    if labels is not None and not obj["metadata"].get("labels"):
        # the API server makes both one map, so that the labels generated below appear in both
        obj["metadata"]["labels"] = labels
    _set(spec, "completionMode", "NonIndexed")
    _set(spec, "suspend", False)
    failed_only = spec.get("podFailurePolicy") is not None
    _set(spec, "podReplacementPolicy", "Failed" if failed_only else "TerminatingOrFailed")
    _set(spec, "manualSelector", False)
    if not spec["manualSelector"]:
        _generate_selector(obj, spec, template)
    if "labels" in obj["metadata"]:
        obj["metadata"]["labels"] = dict(obj["metadata"]["labels"])


def default_stored_job(obj: dict[str, Any]) -> None:
    """Complete a valid Job once more: its template has labels by now."""
    if not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = dict(obj["spec"]["template"]["metadata"].get("labels") or {})


def _generate_selector(obj: dict[str, Any], spec: dict[str, Any], template: dict[str, Any]) -> None:
    metadata = obj["metadata"]
    uid = metadata["uid"] = metadata["uid"] if is_stored(obj) else UNKNOWN_UID
    _set(template["metadata"], "labels", {})
    labels = template["metadata"]["labels"]
    for key in ("job-name", "batch.kubernetes.io/job-name"):
        labels.setdefault(key, metadata.get("name") or "")
    for key in ("controller-uid", "batch.kubernetes.io/controller-uid"):
        labels.setdefault(key, uid)
    _set(spec, "selector", {})
    _set(spec["selector"], "matchLabels", {})
    spec["selector"]["matchLabels"].setdefault("batch.kubernetes.io/controller-uid", uid)


def _cron_job(obj: dict[str, Any]) -> None:
    spec = _spec(obj)
    _set(spec, "jobTemplate", {})
    job = spec["jobTemplate"]
    _set(job, "metadata", {})
    _set(job, "spec", {})
    _default_job_spec(job["spec"])
    if not spec.get("concurrencyPolicy"):
        spec["concurrencyPolicy"] = "Allow"
    _set(spec, "suspend", False)
    _set(spec, "successfulJobsHistoryLimit", 3)
    _set(spec, "failedJobsHistoryLimit", 1)


_KINDS = {
    "PodTemplate": _pod_template,
    "ReplicationController": _replication_controller,
    "ReplicaSet": _replica_set,
    "Deployment": _deployment,
    "DaemonSet": _daemon_set,
    "StatefulSet": _stateful_set,
    "Job": _job,
    "CronJob": _cron_job,
}
