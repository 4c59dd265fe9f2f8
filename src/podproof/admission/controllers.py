"""The controllers of workloads as admission meets them: who creates a workload's pods, and which pod that is.

A workload and one of its templates come in; the pod that its controller creates, the claims that it creates
for the pod, the controller's `userInfo` and the words of its events go out. What is decided by chance or by a
cluster (letters of names, hashes, a node) is an argument. Nothing is judged here.
Source: kubernetes 1.37.2 pkg/controller: controller_utils.go, deployment/sync.go, cronjob/utils.go,
job/{job_controller,indexed_job_utils}.go, statefulset/stateful_set_utils.go, daemon/util/daemonset_util.go;
pkg/registry/batch/job/strategy.go.
"""

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from ..kube.conversion import TEMPLATE_GENERATION
from ..kube.defaults.workloads import UNKNOWN_UID
from ..kube.generated_name import MAX_PREFIX
from ..kube.versions import LAST_WITH_POD_SECURITY_POLICY
from ..manifest.route import Route
from .stateful_sets import claims_of, first_ordinal, volumes_of
from .user_info import ACCOUNT_PREFIX, user_info

__all__ = [
    "TO_COME",
    "Drawn",
    "completion_index",
    "controller_claims",
    "controller_of",
    "controller_pod",
    "controller_user",
    "created_anew",
    "failed_create",
    "has_controller",
    "volume_routes",
    "with_completion_index",
]

_CONTROLLERS = {
    "Deployment": "replicaset-controller",
    "ReplicaSet": "replicaset-controller",
    "ReplicationController": "replication-controller",
    "StatefulSet": "statefulset-controller",
    "DaemonSet": "daemon-set-controller",
    "Job": "job-controller",
    "CronJob": "job-controller",
}
"""Who creates the pods. Source: kube-controller-manager's service accounts in kube-system."""

_INDEX = "batch.kubernetes.io/job-completion-index"
_INDEX_VARIABLE = "JOB_COMPLETION_INDEX"
_INDEX_LABELS_SINCE = 28
"""PodIndexLabel, on since its beta in 1.28: a pod's index is a label too."""
_JOB_PREFIXED_LABELS_SINCE = 27
_JOB_FINALIZER_SINCE = 25
"""JobTrackingWithFinalizers, on since 1.25; it was a beta that was off before."""
_INDEXED_NAMES_SINCE = 22
_MAX_REPLICA_SET_NAME = 253

_TAINTS = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
"""What every pod of a DaemonSet tolerates."""


class Drawn(msgspec.Struct, frozen=True):
    """What chance, a hash, the clock or the scheduler decide about a pod.

    `suffix` ends a generated name, `revision` is the hash of the template, `job` ends the name of a CronJob's
    job, `node` is the node that a DaemonSet's pod is for. `replica` counts a StatefulSet's pods from 0.
    `named` says that the name is known already, in versions too that make it up only after admission.
    """

    suffix: str
    revision: str
    job: str
    node: str
    named: bool = True
    replica: int = 0


TO_COME = Drawn("xxxxx", "xxxxxxxxxx", "xxxxxxxx", "xxxxx", named=False)
"""x stands for what is not known yet."""


def controller_user(kind: str) -> dict[str, Any] | None:
    """Say who creates the pods of such a workload, as the `userInfo` of a request; None for other kinds."""
    controller = _CONTROLLERS.get(kind)
    return None if controller is None else user_info(f"{ACCOUNT_PREFIX}kube-system:{controller}")


def has_controller(kind: object) -> bool:
    """Say whether a controller creates the pods of such a workload."""
    return isinstance(kind, str) and kind in _CONTROLLERS


def controller_of(object_: Mapping[str, Any]) -> str:
    """Name the kind of an object's controller by its owner references; "" when it has none."""
    references = _mapping(object_.get("metadata")).get("ownerReferences")
    for reference in references if isinstance(references, list) else ():
        if _mapping(reference).get("controller") is True:
            return str(_mapping(reference).get("kind") or "")
    return ""


def created_anew(object_: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take from a pod what a new one cannot have: its ephemeral containers. Others stay as they are."""
    spec = object_.get("spec")
    if object_.get("kind") != "Pod" or not isinstance(spec, Mapping) or "ephemeralContainers" not in spec:
        return object_
    kept = {key: value for key, value in spec.items() if key != "ephemeralContainers"}
    return {**object_, "spec": kept}


def controller_pod(
    workload: Mapping[str, Any],
    template: Mapping[str, Any],
    namespace: str,
    minor: int,
    *,
    drawn: Drawn = TO_COME,
) -> dict[str, Any]:
    """Make the first pod, or another replica, that the controller of a workload creates by a template.

    Of the template's metadata, the pod has labels, annotations and finalizers. Of a kind that is not known
    here, it is named after the workload and has nothing added. Up to 1.24, where names are made up after
    admission, it has a `generateName` unless its letters are known. The workload and its template are left
    as they are, and may have any shape; what the controller does not change, the pod shares with them.
    """
    spec = template.get("spec")
    spec = dict(spec) if spec.__class__ is dict or isinstance(spec, Mapping) else spec
    source = _mapping(template.get("metadata"))
    metadata: dict[str, Any] = {
        key: source[key] for key in ("labels", "annotations", "finalizers") if source.get(key)
    }
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    owner = _OwningController(workload)
    metadata["namespace"] = namespace
    make = _MAKERS.get(owner.kind)
    if make is None or not isinstance(spec, dict):
        _generate_name(metadata, _prefix(owner.name), minor, drawn)
        return pod
    make(pod, owner, minor, drawn)
    return pod


class _OwningController:
    """A workload as its controller reads it; what has the wrong shape reads as absent."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        metadata = _mapping(workload.get("metadata"))
        self.workload = workload
        self.kind, self.api_version = str(workload.get("kind")), str(workload.get("apiVersion") or "v1")
        self.name = str(metadata.get("name") or metadata.get("generateName") or "pod")
        self.uid = str(metadata.get("uid") or UNKNOWN_UID)
        self.annotations = _mapping(metadata.get("annotations"))
        self.spec = _mapping(workload.get("spec"))


def _of_replicas(pod: dict[str, Any], owner: _OwningController, minor: int, drawn: Drawn) -> None:
    metadata = pod["metadata"]
    _generate_name(metadata, _prefix(owner.name), minor, drawn)
    metadata["ownerReferences"] = [_reference(owner.api_version, owner.kind, owner.name, owner.uid)]


def _of_deployment(pod: dict[str, Any], owner: _OwningController, minor: int, drawn: Drawn) -> None:
    metadata = pod["metadata"]
    replica_set = _replica_set(owner.name, drawn)
    _label(metadata, {"pod-template-hash": drawn.revision})
    _generate_name(metadata, _prefix(replica_set), minor, drawn)
    metadata["ownerReferences"] = [_reference("apps/v1", "ReplicaSet", replica_set, UNKNOWN_UID)]


def _replica_set(deployment: str, drawn: Drawn) -> str:
    kept = _MAX_REPLICA_SET_NAME - 1 - len(drawn.revision)
    return f"{deployment[:kept]}-{drawn.revision}"


def _of_stateful_set(pod: dict[str, Any], owner: _OwningController, minor: int, drawn: Drawn) -> None:
    """Name the pod, and give it its volumes: those of claims replace those of the same name."""
    metadata, spec = pod["metadata"], pod["spec"]
    ordinal = first_ordinal(owner.spec, minor) + drawn.replica
    metadata["name"] = name = f"{owner.name}-{ordinal}"
    labels = {"statefulset.kubernetes.io/pod-name": name}
    if minor >= _INDEX_LABELS_SINCE:
        labels["apps.kubernetes.io/pod-index"] = str(ordinal)
    _label(metadata, {**labels, "controller-revision-hash": f"{owner.name}-{drawn.revision}"})
    metadata["ownerReferences"] = [_reference(owner.api_version, owner.kind, owner.name, owner.uid)]
    spec["hostname"] = name
    spec["subdomain"] = owner.spec.get("serviceName") or ""
    if owner.spec.get("volumeClaimTemplates"):
        volumes = volumes_of(owner.workload, name, spec.get("volumes"))
        if volumes:
            spec["volumes"] = [volume for volume, _ in volumes]


def controller_claims(
    workload: Mapping[str, Any], namespace: str, minor: int, *, replica: int = 0
) -> list[dict[str, Any]]:
    """Make the claims that a StatefulSet's controller creates for its first pod, or for another replica.

    There are none for other kinds.
    """
    owner = _OwningController(workload)
    if owner.kind != "StatefulSet":
        return []
    return claims_of(workload, f"{owner.name}-{first_ordinal(owner.spec, minor) + replica}", namespace)


def volume_routes(workload: Mapping[str, Any], template: Mapping[str, Any]) -> tuple[Route, ...]:
    """Say for each volume of the pod of `controller_pod` where the workload has it.

    They are counted from the workload. () unless the controller puts volumes among the template's.
    """
    if workload.get("kind") != "StatefulSet" or not _mapping(workload.get("spec")).get(
        "volumeClaimTemplates"
    ):
        return ()
    volumes = _mapping(template.get("spec")).get("volumes")
    return tuple(route for _, route in volumes_of(workload, "", volumes))


def _of_daemon_set(pod: dict[str, Any], owner: _OwningController, minor: int, drawn: Drawn) -> None:
    """Bind the pod to its node by affinity, and let it tolerate what is wrong with the node."""
    metadata, spec = pod["metadata"], pod["spec"]
    # the API server shows the generation of a template, which starts at 1, as an annotation
    generation = owner.annotations.get(TEMPLATE_GENERATION, "1")
    _label(metadata, {"controller-revision-hash": drawn.revision, "pod-template-generation": str(generation)})
    _of_replicas(pod, owner, minor, drawn)
    taints = [*_TAINTS, ("network-unavailable", "NoSchedule")] if spec.get("hostNetwork") else _TAINTS
    own = spec.get("tolerations")
    tolerations = list(own) if isinstance(own, list) else []
    present = [
        {key: value for key, value in _mapping(one).items() if key != "tolerationSeconds"}
        for one in tolerations
    ]
    for taint, effect in taints:
        toleration = {"key": f"node.kubernetes.io/{taint}", "operator": "Exists", "effect": effect}
        if toleration in present:
            tolerations[present.index(toleration)] = toleration
        else:
            tolerations.append(toleration)
    spec["tolerations"] = tolerations
    affinity = dict(_mapping(spec.get("affinity")))
    node_affinity = dict(_mapping(affinity.get("nodeAffinity")))
    field = {"key": "metadata.name", "operator": "In", "values": [drawn.node]}
    node_affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {
        "nodeSelectorTerms": [{"matchFields": [field]}]
    }
    spec["affinity"] = {**affinity, "nodeAffinity": node_affinity}


def _of_cron_job(pod: dict[str, Any], owner: _OwningController, minor: int, drawn: Drawn) -> None:
    job = _OwningController(
        {
            "metadata": {"name": f"{owner.name}-{drawn.job}"},
            "spec": _mapping(_mapping(owner.spec.get("jobTemplate")).get("spec")),
        }
    )
    _of_job(pod, job, minor, drawn)


def _of_job(pod: dict[str, Any], owner: _OwningController, minor: int, drawn: Drawn) -> None:
    """Label the pod as the API server labels a Job's template, and give it the first completion index."""
    metadata = pod["metadata"]
    if owner.spec.get("manualSelector") is not True:
        generated = {"job-name": owner.name, "controller-uid": owner.uid}
        if minor >= _JOB_PREFIXED_LABELS_SINCE:
            generated |= {f"batch.kubernetes.io/{key}": value for key, value in generated.items()}
        metadata["labels"] = {**generated, **_mapping(metadata.get("labels"))}
    if minor >= _JOB_FINALIZER_SINCE:
        finalizers = metadata.get("finalizers")
        finalizers = finalizers if isinstance(finalizers, list) else []
        tracking = "batch.kubernetes.io/job-tracking"
        metadata["finalizers"] = finalizers if tracking in finalizers else [*finalizers, tracking]
    metadata["ownerReferences"] = [_reference("batch/v1", "Job", owner.name, owner.uid)]
    if owner.spec.get("completionMode") != "Indexed" or minor < _INDEXED_NAMES_SINCE:
        _generate_name(metadata, _prefix(owner.name), minor, drawn)
        return
    _add_index_variable(pod["spec"], minor)
    metadata["annotations"] = dict(_mapping(metadata.get("annotations")))
    if owner.spec.get("backoffLimitPerIndex") is not None:
        metadata["annotations"]["batch.kubernetes.io/job-index-failure-count"] = "0"
    _set_completion_index(pod, owner.name, 0, label=minor >= _INDEX_LABELS_SINCE)
    _generate_name(metadata, _indexed_prefix(owner.name, 0), minor, drawn)


def _add_index_variable(spec: dict[str, Any], minor: int) -> None:
    place = "labels" if minor >= _INDEX_LABELS_SINCE else "annotations"
    variable = {
        "name": _INDEX_VARIABLE,
        "valueFrom": {"fieldRef": {"fieldPath": f"metadata.{place}['{_INDEX}']"}},
    }
    for field in ("initContainers", "containers"):
        containers = spec.get(field)
        if isinstance(containers, list):
            spec[field] = [_with_variable(container, variable) for container in containers]


def _with_variable(container: Any, variable: Mapping[str, Any]) -> Any:
    """Add an environment variable to a container that does not set it."""
    own = _mapping(container).get("env")
    own = own if isinstance(own, list) else []
    if not isinstance(container, Mapping) or any(
        _mapping(one).get("name") == variable["name"] for one in own
    ):
        return container
    return {**container, "env": [*own, variable]}


def _set_completion_index(pod: dict[str, Any], job: str, index: int, *, label: bool) -> None:
    metadata = pod["metadata"]
    metadata["annotations"] = {**_mapping(metadata.get("annotations")), _INDEX: str(index)}
    if label:
        _label(metadata, {_INDEX: str(index)})
    pod["spec"]["hostname"] = f"{job}-{index}"


def _indexed_prefix(job: str, index: int) -> str:
    ending = f"-{index}-"
    return job[: MAX_PREFIX - len(ending)] + ending


def completion_index(pod: Mapping[str, Any]) -> int | None:
    """Read the completion index of an Indexed Job's pod; None: it has none."""
    written = _mapping(_mapping(pod.get("metadata")).get("annotations")).get(_INDEX)
    return int(written) if isinstance(written, str) and written.isdecimal() else None


def with_completion_index(pod: Mapping[str, Any], index: int, suffix: str) -> dict[str, Any]:
    """Make the pod of another index from one of an Indexed Job's pods; `suffix` ends its name."""
    made = copy.deepcopy(dict(pod))
    metadata = made["metadata"]
    job = metadata["ownerReferences"][0]["name"]
    _set_completion_index(made, job, index, label=_INDEX in _mapping(metadata.get("labels")))
    metadata["generateName"] = prefix = _indexed_prefix(job, index)
    metadata["name"] = prefix[:MAX_PREFIX] + suffix
    return made


_MAKERS = {
    "Deployment": _of_deployment,
    "ReplicaSet": _of_replicas,
    "ReplicationController": _of_replicas,
    "StatefulSet": _of_stateful_set,
    "DaemonSet": _of_daemon_set,
    "Job": _of_job,
    "CronJob": _of_cron_job,
}


def failed_create(pod: Mapping[str, Any], message: str) -> str:
    """Write the message of the event FailedCreate by which a controller says that its pod was refused.

    Source: controller_utils.go, createPods; statefulset/stateful_pod_control.go, recordPodEvent.
    """
    metadata = _mapping(pod.get("metadata"))
    owner = _mapping(next(iter(metadata.get("ownerReferences") or ()), None))
    if owner.get("kind") == "StatefulSet":
        return f"create Pod {metadata.get('name')} in StatefulSet {owner.get('name')} failed error: {message}"
    return f"Error creating: {message}"


def _prefix(owner: str) -> str:
    """Make the prefix of a pod's name, with its dash where that leaves room for a name."""
    return f"{owner}-" if len(owner) < _MAX_REPLICA_SET_NAME else owner


def _generate_name(metadata: dict[str, Any], prefix: str, minor: int, drawn: Drawn) -> None:
    metadata["generateName"] = prefix
    if drawn.named or minor > LAST_WITH_POD_SECURITY_POLICY:
        metadata["name"] = prefix[:MAX_PREFIX] + drawn.suffix


def _label(metadata: dict[str, Any], labels: Mapping[str, str]) -> None:
    metadata["labels"] = {**_mapping(metadata.get("labels")), **labels}


def _reference(api_version: str, kind: str, name: str, uid: str) -> dict[str, Any]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    # of nearly everything: an abstract class would be asked for a quarter of a microsecond each time
    return value if value.__class__ is dict or (value is not None and isinstance(value, Mapping)) else {}
