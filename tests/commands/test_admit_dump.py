"""The verb `admit` on what `kubectl get -A -o yaml` writes: workloads with their replicas, jobs and pods."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run
from .test_admit import POD, PREFIX, space, workload, write

Owner = tuple[str, str, str]

REASON = 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'
HOST = {"hostNetwork": True}


def stored(object_: dict[str, Any], name: str, owner: Owner | None = None, **status: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default", "uid": f"of-{name}", "resourceVersion": "7"}
    if owner is not None:
        version, kind, owned_by = owner
        reference = {"apiVersion": version, "kind": kind, "name": owned_by, "uid": f"of-{owned_by}"}
        metadata |= {"ownerReferences": [{**reference, "controller": True}]}  # type: ignore[dict-item]  # JSON
    return {**object_, "metadata": metadata, "status": status}


def live_pod(name: str, owner: Owner, phase: str = "Running", **spec: Any) -> dict[str, Any]:
    return stored({**POD, "spec": {**POD["spec"], **HOST, **spec}}, name, owner, phase=phase)


def live_job(name: str, owner: Owner | None, **status: Any) -> dict[str, Any]:
    made = workload("Job", pod={**HOST, "restartPolicy": "Never"})
    labels = {"job-name": name, "controller-uid": f"of-{name}"}
    labels |= {f"batch.kubernetes.io/{key}": value for key, value in labels.items()}
    made["spec"]["template"]["metadata"]["labels"] = labels
    made["spec"]["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": f"of-{name}"}}
    return stored(made, name, owner, **status)


def cron_job(**spec: Any) -> dict[str, Any]:
    template = {"spec": {**POD["spec"], **HOST, "restartPolicy": "Never"}}
    job = {"spec": {"template": template, **spec.pop("job", {})}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "nightly"},
        "spec": {"schedule": "0 3 * * *", "jobTemplate": job, **spec},
    }


OF_SET = ("apps/v1", "ReplicaSet", "web-1")
OF_DEPLOYMENT = ("apps/v1", "Deployment", "web")
OF_CRON = ("batch/v1", "CronJob", "nightly")
DUMP = [
    live_pod("web-1-a", OF_SET),
    live_pod("web-1-b", OF_SET),
    live_pod("web-1-c", OF_SET, hostPID=True),
    live_pod("nightly-1-a", ("batch/v1", "Job", "nightly-1"), "Succeeded"),
    live_pod("nightly-2-a", ("batch/v1", "Job", "nightly-2")),
    stored(workload("Deployment", pod=HOST), "web"),
    stored(workload("Deployment", pod=HOST, replicas=0), "idle"),
    stored(workload("ReplicaSet", pod=HOST), "web-1", OF_DEPLOYMENT),
    stored(workload("ReplicaSet", pod={**HOST, "hostPID": True}, replicas=0), "web-0", OF_DEPLOYMENT),
    stored(cron_job(), "nightly"),
    live_job("nightly-1", OF_CRON, conditions=[{"type": "Complete", "status": "True"}]),
    live_job("nightly-2", OF_CRON, active=1),
]


def sides(folder: Path) -> tuple[str, ...]:
    write(folder / "today" / "all.yaml", space("privileged"), *DUMP)
    write(folder / "baseline" / "all.yaml", space("privileged"), *DUMP)
    write(folder / "baseline" / "default.yaml", space("baseline"))
    return "admit", "--recreate", "--compare", "today", "baseline", "today"


def test_each_workload_counts_once(podproof: Run, tmp_path: Path) -> None:
    result = podproof(*sides(tmp_path))
    assert result.returncode == 1
    lines = result.stdout.decode().splitlines()
    assert lines[-1] == (
        "11 requests compared    2 newly denied, 1 newly denied later, 0 newly allowed, 0 denied differently"
    )
    headings = [line.partition("  ")[2] for line in lines if line.startswith("today/")]
    assert headings == [
        "deployment.apps/web in namespace default: its pods newly denied",
        "pod/web-1-c of deployment.apps/web in namespace default: newly denied",
        "cronjob.batch/nightly in namespace default: its pods newly denied",
        "deployment.apps/idle in namespace default: its later pods newly denied (spec.replicas is 0)",
    ]
    assert [line for line in lines if line.startswith("  so too")] == [
        "  so too    pod/web-1-a, pod/web-1-b, replicaset.apps/web-1",
        "  so too    pod/nightly-2-a, job.batch/nightly-2",
    ]


def test_programs_read_what_each_change_belongs_to(podproof: Run, tmp_path: Path) -> None:
    result = podproof(*sides(tmp_path), "--format", "json")
    changes = [json.loads(line) for line in result.stdout.splitlines()]
    assert {(change["object"], change["workload"]) for change in changes} == {
        *((f"pod/web-1-{letter}", "deployment.apps/web") for letter in "abc"),
        ("replicaset.apps/web-1", "deployment.apps/web"),
        ("deployment.apps/web", "deployment.apps/web"),
        ("deployment.apps/idle", "deployment.apps/idle"),
        ("pod/nightly-2-a", "cronjob.batch/nightly"),
        ("job.batch/nightly-2", "cronjob.batch/nightly"),
        ("cronjob.batch/nightly", "cronjob.batch/nightly"),
    }
    idle = next(change for change in changes if change["object"] == "deployment.apps/idle")
    assert idle["change"] == "its later pods newly denied"


def test_what_both_sides_deny_is_counted(podproof: Run, tmp_path: Path) -> None:
    sides(tmp_path)
    result = podproof("admit", "--recreate", "--compare", "baseline", "baseline", "today")
    assert result.stdout == (
        b"11 requests compared, 9 denied by both    0 newly denied, 0 newly allowed, 0 denied differently\n"
    )
    assert result.returncode == 0


def test_a_namespace_of_neither_side_is_not_compared(podproof: Run, tmp_path: Path) -> None:
    sides(tmp_path)
    for name in ("today", "baseline"):
        write(tmp_path / name / "all.yaml", *DUMP)
    (tmp_path / "baseline" / "default.yaml").unlink()
    result = podproof("admit", "--recreate", "--compare", "today", "baseline", "today")
    assert result.returncode == 4
    assert result.stdout.startswith(b"0 requests compared")
    assert b"namespace 'default' is neither in today nor in baseline: 11 requests are not" in result.stderr


def test_a_dump_counts_its_workloads(podproof: Run, tmp_path: Path) -> None:
    sides(tmp_path)
    result = podproof("admit", "--recreate", "--cluster", "baseline", "today", "-v")
    text = result.stdout.decode()
    assert text.endswith(
        "7 allowed, 4 denied, 2 workloads whose pods will be denied, 1 workload whose pods would be denied "
        "later\n"
    )
    assert "the pod has ended, so nobody creates it anew" in text


@pytest.mark.parametrize(
    ("object_", "not_yet"),
    [
        (workload("Deployment", pod=HOST, replicas=0), "spec.replicas is 0"),
        (workload("ReplicaSet", pod=HOST, replicas=0), "spec.replicas is 0"),
        (workload("StatefulSet", pod=HOST, replicas=0), "spec.replicas is 0"),
        (workload("Deployment", pod=HOST, paused=True), "spec.paused is true"),
        (workload("Job", pod={**HOST, "restartPolicy": "Never"}, suspend=True), "spec.suspend is true"),
        (workload("Job", pod={**HOST, "restartPolicy": "Never"}, parallelism=0), "spec.parallelism is 0"),
        (cron_job(suspend=True), "spec.suspend is true"),
        (cron_job(job={"suspend": True}), "spec.jobTemplate.spec.suspend is true"),
        (
            stored(workload("DaemonSet", pod=HOST), "d", desiredNumberScheduled=0),
            "no node matches, status.desiredNumberScheduled is 0",
        ),
    ],
)
def test_a_workload_without_pods_yet_is_told_apart(
    podproof: Run, tmp_path: Path, object_: dict[str, Any], not_yet: str
) -> None:
    file = write(tmp_path / "w.yaml", object_)
    labels = ("--namespace-labels", f"{PREFIX}enforce=baseline")
    result = podproof("admit", file, *labels)
    text = result.stdout.decode()
    assert f"  it creates no pods yet ({not_yet}); they would be denied: FailedCreate: " in text
    assert text.endswith("1 allowed, 0 denied, 1 workload whose pods would be denied later\n")
    assert result.returncode == 0
    pods = json.loads(podproof("admit", file, *labels, "--format", "json").stdout)["pods"]
    assert (pods["allowed"], pods["not_yet"]) == (False, not_yet)


@pytest.mark.parametrize(
    "object_",
    [
        workload("DaemonSet", pod=HOST),
        stored(workload("DaemonSet", pod=HOST), "d", desiredNumberScheduled=1),
        stored(workload("Deployment", pod=HOST, paused=True), "d"),
        workload("Deployment", pod=HOST),
        live_job("j", None, conditions=[{"type": "Suspended", "status": "False"}]),
    ],
)
def test_a_workload_that_creates_pods_now_is_denied_now(
    podproof: Run, tmp_path: Path, object_: dict[str, Any]
) -> None:
    file = write(tmp_path / "w.yaml", object_)
    result = podproof("admit", file, "--namespace-labels", f"{PREFIX}enforce=baseline")
    assert result.stdout.endswith(b"1 workload whose pods will be denied\n")
    assert result.returncode == 1


@pytest.mark.parametrize(
    "object_",
    [
        live_job("j", None, conditions=[{"type": "Complete", "status": "True"}]),
        live_job("j", None, conditions=[{"type": "Failed", "status": "True"}]),
        stored(workload("ReplicaSet", pod=HOST, replicas=0), "web-0", OF_DEPLOYMENT),
    ],
)
def test_what_creates_no_pods_again_is_not_asked_for_one(
    podproof: Run, tmp_path: Path, object_: dict[str, Any]
) -> None:
    file = write(tmp_path / "w.yaml", object_)
    labels = ("--namespace-labels", f"{PREFIX}enforce=baseline")
    result = podproof("admit", file, *labels)
    assert result.stdout.endswith(b"1 allowed, 0 denied\n")
    assert result.returncode == 0
    assert "pods" not in json.loads(podproof("admit", file, *labels, "--format", "json").stdout)


def test_static_pods_run_whatever_the_server_answers(podproof: Run, tmp_path: Path) -> None:
    mirror = live_pod("kube-proxy-n1", ("v1", "Node", "n1"))
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "abc"}
    file = write(tmp_path / "static.yaml", mirror)
    labels = ("--namespace-labels", f"{PREFIX}enforce=baseline")
    assert podproof("admit", file, *labels).returncode == 1
    result = podproof("admit", "--recreate", file, *labels, "-v")
    assert b"it mirrors a static pod, which its node runs whatever the server answers" in result.stdout
    assert result.returncode == 3
