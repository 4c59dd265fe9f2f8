"""What of a workload `run` does not play: its manifest comes in, a line for each such field goes out.

One pod of everything is run, once; whatever a controller does over time, or with more pods, is named here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...kubelet.scheduling import MAX_PODS

__all__ = ["suspended", "unplayed_fields", "unplayed_object"]

_ROLLOUT = {
    "minReadySeconds": "nothing is rolled out",
    "progressDeadlineSeconds": "nothing is rolled out",
    "revisionHistoryLimit": "nothing is rolled out",
    "strategy": "nothing is rolled out",
    "updateStrategy": "nothing is rolled out",
    "paused": "nothing is rolled out",
    "podManagementPolicy": "one pod runs",
    "persistentVolumeClaimRetentionPolicy": "claims are removed after the run",
}

_JOB = {
    "ttlSecondsAfterFinished": "pods are removed after the run",
    "podReplacementPolicy": "a pod is replaced when it has ended",
    "manualSelector": "no other pods are looked for",
}

_CRON_JOB = {
    "schedule": "its job runs once, now",
    "timeZone": "its job runs once, now",
    "concurrencyPolicy": "its job runs once, now",
    "startingDeadlineSeconds": "its job runs once, now",
    "successfulJobsHistoryLimit": "its job runs once, now",
    "failedJobsHistoryLimit": "its job runs once, now",
}

_FIELDS: dict[str, Mapping[str, str]] = {
    "Deployment": _ROLLOUT,
    "ReplicaSet": _ROLLOUT,
    "ReplicationController": _ROLLOUT,
    "StatefulSet": _ROLLOUT,
    "DaemonSet": _ROLLOUT,
    "Job": _JOB,
    "CronJob": _CRON_JOB,
}

_OBJECTS = {
    "Ingress": "nothing is let in",
    "NetworkPolicy": "pods reach each other",
    "HorizontalPodAutoscaler": "one pod of everything runs",
    "PodDisruptionBudget": "nothing is evicted",
    "ResourceQuota": "nothing is counted",
    "LimitRange": "no limits are filled in",
    "PriorityClass": "nothing is preempted",
}
"""Kinds that people put beside their pods and that a cluster acts on."""

_OTHERS_JOB = "kubernetes.io/job-controller"


def suspended(value: Mapping[str, Any]) -> bool:
    """Tell whether the controller of a Job or CronJob makes no pod now: suspended, or left to another."""
    return any(_why_no_pod(value))


def unplayed_fields(value: Mapping[str, Any], pods: int | None = None) -> Iterator[str]:
    """Name each field that the manifest sets and that is not played, and why.

    `pods`: how many of a workload run because somebody asked for them; None: nobody did.
    """
    kind, spec = str(value.get("kind")), _mapping(value.get("spec"))
    who = f"{kind}/{_mapping(value.get('metadata')).get('name') or ''}"
    yield from (f"{who}: {why}: no pod is made" for why in _why_no_pod(value))
    replicas = spec.get("replicas")
    number = 1 if pods is None else pods
    if (
        kind in _FIELDS
        and isinstance(replicas, int)
        and replicas != number
        and not isinstance(replicas, bool)
    ):
        runs = {0: "no pod runs", 1: "one pod runs"}.get(number, f"{number} pods run")
        yield f"{who}: spec.replicas is {replicas}: {runs}; --replicas changes it"
    for route, fields, table in _tables(kind, spec):
        parallelism = fields.get("parallelism") if table is _JOB else None
        if isinstance(parallelism, int) and parallelism > MAX_PODS:
            yield f"{who}: {route}.parallelism is {parallelism}: {MAX_PODS} pods run at a time"
        for field, why in table.items():
            played = field == "podManagementPolicy" and pods is not None
            if fields.get(field) is not None and not played:
                yield f"{who}: {route}.{field} is not played: {why}"


def unplayed_object(value: Mapping[str, Any]) -> str:
    """Say that an object beside the pods has no effect here, and why; "" for other kinds."""
    why = _OBJECTS.get(str(value.get("kind")), "")
    name = _mapping(value.get("metadata")).get("name") or ""
    return f"{value.get('kind')}/{name} is not played: {why}" if why else ""


def _tables(kind: str, spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, str]]]:
    yield "spec", spec, _FIELDS.get(kind, {})
    if kind == "CronJob":
        yield "spec.jobTemplate.spec", _mapping(_mapping(spec.get("jobTemplate")).get("spec")), _JOB


def _why_no_pod(value: Mapping[str, Any]) -> Iterator[str]:
    kind, spec = value.get("kind"), _mapping(value.get("spec"))
    if kind not in ("Job", "CronJob"):
        return
    if spec.get("suspend") is True:
        yield "spec.suspend is true"
    if kind == "CronJob":
        spec = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
        if spec.get("suspend") is True:
            yield "spec.jobTemplate.spec.suspend is true"
    manager = spec.get("managedBy")
    if manager not in (None, _OTHERS_JOB):
        yield f"managedBy is {manager}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
