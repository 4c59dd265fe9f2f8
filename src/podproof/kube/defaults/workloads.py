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


def _set(target: dict[str, Any], **values: Any) -> None:
    """Set what is absent or null."""
    for key, value in values.items():
        if target.get(key) is None:
            target[key] = value


def _part(target: dict[str, Any], key: str) -> dict[str, Any]:
    """Give a part, an empty one where there is none."""
    part: dict[str, Any] | None = target.get(key)
    if part is None:
        part = target[key] = {}
    return part


def _default_template(owner: dict[str, Any]) -> dict[str, Any]:
    template = _part(owner, "template")
    _part(template, "metadata")
    default_pod_spec(_part(template, "spec"))
    return template


def default_workload(kind: str, obj: dict[str, Any]) -> None:
    """Complete an object of one of the workload kinds; others stay as they are."""
    function = _KINDS.get(kind)
    if function is None:
        return
    _part(obj, "metadata")
    function(obj)
    obj["metadata"]["generation"] = 1


def _pod_template(obj: dict[str, Any]) -> None:
    _default_template(obj)


def _labels(template: dict[str, Any]) -> dict[str, str] | None:
    labels: dict[str, str] | None = template["metadata"].get("labels")
    return None if labels is None else dict(labels)


def _replication_controller(obj: dict[str, Any]) -> None:
    spec = _part(obj, "spec")
    if spec.get("template") is not None:
        labels = _labels(_default_template(spec))
        if labels is not None:
            if not spec.get("selector"):
                spec["selector"] = labels
            if not obj["metadata"].get("labels"):
                obj["metadata"]["labels"] = dict(labels)
    _set(spec, replicas=1)


def _replica_set(obj: dict[str, Any]) -> None:
    spec = _part(obj, "spec")
    _default_template(spec)
    _set(spec, replicas=1)


def _deployment(obj: dict[str, Any]) -> None:
    spec = _part(obj, "spec")
    _default_template(spec)
    _rolling(_part(spec, "strategy"), maxUnavailable="25%", maxSurge="25%")
    _set(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    annotations = obj["metadata"].get("annotations")
    if annotations is not None and ROLLBACK_TO in annotations:
        _rewrite(obj, ROLLBACK_TO, _number(annotations[ROLLBACK_TO]))


def _rolling(strategy: dict[str, Any], **values: Any) -> None:
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        _set(_part(strategy, "rollingUpdate"), **values)


def _daemon_set(obj: dict[str, Any]) -> None:
    spec = _part(obj, "spec")
    _default_template(spec)
    strategy = _part(spec, "updateStrategy")
    _rolling(strategy, maxUnavailable=1, maxSurge=0)
    if strategy["type"] != "RollingUpdate" and strategy.get("rollingUpdate") is not None:
        # the internal type has no pointers here, so that nil comes back as 0
        _set(strategy["rollingUpdate"], maxUnavailable=0, maxSurge=0)
    _set(spec, revisionHistoryLimit=10)
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
    spec = _part(obj, "spec")
    _default_template(spec)
    if not spec.get("podManagementPolicy"):
        spec["podManagementPolicy"] = "OrderedReady"
    strategy = _part(spec, "updateStrategy")
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        _part(strategy, "rollingUpdate")
    if strategy["type"] == "RollingUpdate" and strategy.get("rollingUpdate") is not None:
        _set(strategy["rollingUpdate"], partition=0, maxUnavailable=1)
    for claim in spec.get("volumeClaimTemplates") or ():
        claim["kind"], claim["apiVersion"] = "PersistentVolumeClaim", "v1"
        default_claim(claim)
        status = claim.setdefault("status", {})
        if not status.get("phase"):
            status["phase"] = "Pending"
        for key in ("capacity", "allocatedResources"):
            default_quantities(status.get(key))
    retention = _part(spec, "persistentVolumeClaimRetentionPolicy")
    for key in ("whenDeleted", "whenScaled"):
        if not retention.get(key):
            retention[key] = "Retain"
    _set(spec, replicas=1, revisionHistoryLimit=10)


def _default_job_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """Complete what jobs have in common with those of cron jobs; gives the pod template."""
    spec.pop("scheduling", None)  # its feature gate WorkloadWithJob is off
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"
    return _default_template(spec)


def _job(obj: dict[str, Any]) -> None:
    spec = _part(obj, "spec")
    template = _default_job_spec(spec)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    _set(spec, parallelism=1, backoffLimit=2147483647 if spec.get("backoffLimitPerIndex") is not None else 6)
    labels = template["metadata"].get("labels")
    if labels is not None and not obj["metadata"].get("labels"):
        # the API server makes both one map, so that the labels generated below appear in both
        obj["metadata"]["labels"] = labels
    replaced = "TerminatingOrFailed" if spec.get("podFailurePolicy") is None else "Failed"
    _set(
        spec, completionMode="NonIndexed", suspend=False, podReplacementPolicy=replaced, manualSelector=False
    )
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
    labels = _part(template["metadata"], "labels")
    for key in ("job-name", "batch.kubernetes.io/job-name"):
        labels.setdefault(key, metadata.get("name") or "")
    for key in ("controller-uid", "batch.kubernetes.io/controller-uid"):
        labels.setdefault(key, uid)
    chosen = _part(_part(spec, "selector"), "matchLabels")
    chosen.setdefault("batch.kubernetes.io/controller-uid", uid)


def _cron_job(obj: dict[str, Any]) -> None:
    spec = _part(obj, "spec")
    job = _part(spec, "jobTemplate")
    _part(job, "metadata")
    _default_job_spec(_part(job, "spec"))
    if not spec.get("concurrencyPolicy"):
        spec["concurrencyPolicy"] = "Allow"
    _set(spec, suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)


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
