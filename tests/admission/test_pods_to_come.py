"""Whether a controller creates pods for a workload, now or ever again, and which stored pods it replaces."""

from typing import Any

import pytest

from podproof.admission.pods_to_come import creates_none_again, why_none_yet, why_not_anew

_REPLICATED = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"]


def workload(kind: str, spec: Any = None, **rest: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "w"}, "spec": spec, **rest}


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("kind", _REPLICATED)
@pytest.mark.parametrize(
    ("replicas", "reason"),
    [
        (0, "spec.replicas is 0"),
        *((value, "") for value in (1, -1, None, False, "0", 0.0, [], {})),
    ],
)
def test_nothing_is_created_for_no_replicas(kind: str, replicas: Any, reason: str, stored: bool) -> None:
    assert why_none_yet(workload(kind, {"replicas": replicas}), stored=stored) == reason


@pytest.mark.parametrize("spec", [{}, None, 7, ["replicas"]])
@pytest.mark.parametrize("kind", [*_REPLICATED, "Job", "CronJob", "DaemonSet", "Pod", "Other", None])
def test_a_field_that_is_absent_keeps_no_pods_back(kind: Any, spec: Any) -> None:
    assert why_none_yet(workload(kind, spec), stored=True) == ""
    assert why_none_yet(workload(kind, spec), stored=False) == ""


@pytest.mark.parametrize("kind", ["Pod", "PodTemplate", "Other", None])
def test_what_has_no_replicas_is_not_asked_for_them(kind: Any) -> None:
    assert why_none_yet(workload(kind, {"replicas": 0, "paused": True}), stored=False) == ""


@pytest.mark.parametrize(
    ("kind", "paused", "stored", "reason"),
    [
        ("Deployment", True, False, "spec.paused is true"),
        ("Deployment", True, True, ""),
        ("Deployment", False, False, ""),
        ("Deployment", "true", False, ""),
        ("Deployment", 1, False, ""),
        ("ReplicaSet", True, False, ""),
        ("StatefulSet", True, False, ""),
    ],
)
def test_a_deployment_that_is_paused_from_its_start(
    kind: str, paused: Any, stored: bool, reason: str
) -> None:
    assert why_none_yet(workload(kind, {"paused": paused}), stored=stored) == reason


def test_no_replicas_is_said_before_the_pause() -> None:
    deployment = workload("Deployment", {"paused": True, "replicas": 0})
    assert why_none_yet(deployment, stored=False) == "spec.replicas is 0"


_JOBS = [
    ({"suspend": True}, "spec.suspend is true"),
    ({"suspend": True, "parallelism": 0}, "spec.suspend is true"),
    ({"suspend": False}, ""),
    ({"suspend": "true"}, ""),
    ({"suspend": 1}, ""),
    ({"parallelism": 0}, "spec.parallelism is 0"),
    ({"completions": 0}, "spec.completions is 0"),
    ({"parallelism": 0, "completions": 0}, "spec.parallelism is 0"),
    ({"parallelism": 1, "completions": 1}, ""),
    ({"parallelism": False, "completions": "0"}, ""),
    ({"replicas": 0, "paused": True}, ""),
]


@pytest.mark.parametrize(("spec", "reason"), _JOBS)
def test_a_job(spec: dict[str, Any], reason: str) -> None:
    assert why_none_yet(workload("Job", spec), stored=False) == reason


@pytest.mark.parametrize(("spec", "reason"), _JOBS)
def test_a_cron_jobs_job(spec: dict[str, Any], reason: str) -> None:
    cron_job = workload("CronJob", {"jobTemplate": {"spec": spec}})
    assert why_none_yet(cron_job, stored=False) == (f"spec.jobTemplate.{reason}" if reason else "")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"suspend": True}, "spec.suspend is true"),
        ({"suspend": True, "jobTemplate": {"spec": {"suspend": True}}}, "spec.suspend is true"),
        ({"suspend": False}, ""),
        ({"suspend": "true"}, ""),
        ({"suspend": 1}, ""),
        ({"parallelism": 0, "completions": 0, "replicas": 0}, ""),
        ({"jobTemplate": {"suspend": True}}, ""),
        ({"jobTemplate": 7}, ""),
        ({"jobTemplate": {"spec": 7}}, ""),
    ],
)
def test_a_cron_job(spec: dict[str, Any], reason: str) -> None:
    assert why_none_yet(workload("CronJob", spec), stored=False) == reason


@pytest.mark.parametrize(
    ("status", "stored", "unmatched"),
    [
        ({"desiredNumberScheduled": 0}, True, True),
        ({"desiredNumberScheduled": 0}, False, False),
        ({"desiredNumberScheduled": 1}, True, False),
        ({"desiredNumberScheduled": False}, True, False),
        ({}, True, False),
        (None, True, False),
        (7, True, False),
    ],
)
def test_a_daemon_set_that_no_node_matches(status: Any, stored: bool, unmatched: bool) -> None:
    reason = "no node matches, status.desiredNumberScheduled is 0" if unmatched else ""
    daemon_set = workload("DaemonSet", {"replicas": 0}, status=status)
    assert why_none_yet(daemon_set, stored=stored) == reason


def test_only_a_daemon_sets_status_counts() -> None:
    status = {"desiredNumberScheduled": 0}
    for kind in (*_REPLICATED, "Job", "CronJob", "Pod"):
        assert why_none_yet(workload(kind, {}, status=status), stored=True) == ""


_CONDITIONS = [
    ([{"type": "Complete", "status": "True"}], True),
    ([{"type": "Failed", "status": "True"}], True),
    ([{"type": "Suspended", "status": "True"}, {"type": "Failed", "status": "True"}], True),
    ([7, None, {"type": "Complete", "status": "True"}], True),
    ([{"type": "Complete", "status": "False"}], False),
    ([{"type": "Complete", "status": "Unknown"}], False),
    ([{"type": "Complete", "status": True}], False),
    ([{"type": "Complete"}], False),
    ([{"type": "SuccessCriteriaMet", "status": "True"}], False),
    ([{"type": "Complete", "status": "False"}, {"type": "Suspended", "status": "True"}], False),
    ([{"status": "True"}], False),
    ([], False),
    ({"type": "Complete", "status": "True"}, False),
    (None, False),
    (7, False),
]


@pytest.mark.parametrize(("conditions", "ended"), _CONDITIONS)
def test_a_job_that_has_ended_creates_none_again(conditions: Any, ended: bool) -> None:
    assert creates_none_again(workload("Job", {}, status={"conditions": conditions}), stored=True) is ended


@pytest.mark.parametrize("status", [None, 7, {}, {"phase": "Succeeded"}, {"succeeded": 1}])
def test_a_job_without_conditions_has_not_ended(status: Any) -> None:
    assert creates_none_again(workload("Job", {"completions": 0}, status=status), stored=True) is False


_CONTROLLED = [{"kind": "Deployment", "name": "d", "controller": True}]


@pytest.mark.parametrize(
    ("kind", "replicas", "references", "replaced"),
    [
        ("ReplicaSet", 0, _CONTROLLED, True),
        ("ReplicaSet", 0, [7, {"kind": "Other"}, *_CONTROLLED], True),
        ("ReplicaSet", 1, _CONTROLLED, False),
        ("ReplicaSet", None, _CONTROLLED, False),
        ("ReplicaSet", False, _CONTROLLED, False),
        ("ReplicaSet", 0, [{"kind": "Deployment", "controller": False}], False),
        ("ReplicaSet", 0, [{"kind": "Deployment", "controller": "true"}], False),
        ("ReplicaSet", 0, [{"kind": "Deployment"}], False),
        ("ReplicaSet", 0, [], False),
        ("ReplicaSet", 0, None, False),
        ("ReplicaSet", 0, _CONTROLLED[0], False),
        ("ReplicationController", 0, _CONTROLLED, False),
        ("Deployment", 0, _CONTROLLED, False),
        ("StatefulSet", 0, _CONTROLLED, False),
        (None, 0, _CONTROLLED, False),
    ],
)
def test_a_replica_set_that_its_owner_has_left(
    kind: Any, replicas: Any, references: Any, replaced: bool
) -> None:
    object_ = {"kind": kind, "metadata": {"ownerReferences": references}, "spec": {"replicas": replicas}}
    assert creates_none_again(object_, stored=True) is replaced


@pytest.mark.parametrize("kind", ["CronJob", "Deployment", "ReplicaSet"])
def test_the_conditions_of_others_end_nothing(kind: str) -> None:
    conditions = [{"type": "Complete", "status": "True"}]
    assert creates_none_again(workload(kind, {}, status={"conditions": conditions}), stored=True) is False


@pytest.mark.parametrize("wrong", [None, 7, []])
def test_a_replica_set_of_another_shape_may_create_some(wrong: Any) -> None:
    assert (
        creates_none_again({"kind": "ReplicaSet", "metadata": wrong, "spec": {"replicas": 0}}, stored=True)
        is False
    )
    assert creates_none_again({"kind": "ReplicaSet", "spec": wrong}, stored=True) is False


_ENDED = "the pod has ended, so nobody creates it anew"
_MIRROR = "it mirrors a static pod, which its node runs whatever the server answers"
_ANNOTATED = {"annotations": {"kubernetes.io/config.mirror": ""}}


@pytest.mark.parametrize(
    ("object_", "reason"),
    [
        ({"status": {"phase": "Succeeded"}}, _ENDED),
        ({"status": {"phase": "Failed"}}, _ENDED),
        ({"status": {"phase": "Failed"}, "metadata": _ANNOTATED}, _ENDED),
        ({"status": {"phase": "Running"}}, ""),
        ({"status": {"phase": "Pending"}}, ""),
        ({"status": {"phase": "Unknown"}}, ""),
        ({"status": {"conditions": [{"type": "Complete", "status": "True"}]}}, ""),
        ({"status": 7}, ""),
        ({}, ""),
        ({"metadata": _ANNOTATED}, _MIRROR),
        ({"metadata": {"annotations": {"kubernetes.io/config.source": "file"}}}, ""),
        ({"metadata": {"annotations": None}}, ""),
        ({"metadata": {"annotations": ["kubernetes.io/config.mirror"]}}, ""),
        ({"metadata": 7}, ""),
        ({"kind": "Job", "status": {"phase": "Failed"}, "metadata": _ANNOTATED}, ""),
        ({"kind": None, "metadata": _ANNOTATED}, ""),
    ],
)
def test_a_stored_pod_that_nobody_creates_anew(object_: dict[str, Any], reason: str) -> None:
    assert why_not_anew({"kind": "Pod", **object_}) == reason


def test_the_status_of_a_job_that_is_new_counts_for_nothing() -> None:
    status = {"conditions": [{"type": "Complete", "status": "True"}]}
    assert creates_none_again(workload("Job", {}, status=status), stored=False) is False
