"""How many pods of a workload run: what --replicas takes, and the pods that it makes."""

import itertools
from typing import Any

import pytest

from podproof.errors import UsageError
from podproof.session.run.plan import Plan, plan_objects
from podproof.session.run.replicas import parse_replicas
from podproof.session.run.until import Until, is_over

CONTAINERS = [{"name": "c", "image": "i"}]


def workload(kind: str, name: str, **more: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": CONTAINERS}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template, **more}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def plan(*values: dict[str, Any], replicas: tuple[str, ...] = ()) -> Plan:
    letters = map("{:05d}".format, itertools.count())
    made = plan_objects(
        [(value, "m.yaml:1") for value in values],
        suffix=lambda count: next(letters)[:count],
        replicas=parse_replicas(replicas),
    )
    assert made.refused == ()
    return made


def counts(made: Plan) -> dict[str, int]:
    return {
        owner: sum(one.owner == owner for one in made.pods)
        for owner in dict.fromkeys(p.owner for p in made.pods)
    }


@pytest.mark.parametrize(
    ("replicas", "number"),
    [
        ((), {"Deployment/web": 1, "StatefulSet/db": 1, "DaemonSet/log": 1}),
        (("2",), {"Deployment/web": 2, "StatefulSet/db": 2, "DaemonSet/log": 1}),
        (("web=3",), {"Deployment/web": 3, "StatefulSet/db": 1, "DaemonSet/log": 1}),
        (("2", "statefulset/db=1"), {"Deployment/web": 2, "StatefulSet/db": 1, "DaemonSet/log": 1}),
        (("StatefulSet/db=0",), {"Deployment/web": 1, "DaemonSet/log": 1}),
    ],
)
def test_so_many_pods(replicas: tuple[str, ...], number: dict[str, int]) -> None:
    values = (workload("Deployment", "web"), workload("StatefulSet", "db"), workload("DaemonSet", "log"))
    made = plan(*values, replicas=replicas)
    assert counts(made) == number
    assert len({one.name for one in made.pods}) == len(made.pods)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("many",), "--replicas must be a number, or NAME=NUMBER, has 'many'"),
        (("=3",), "--replicas must be a number, or NAME=NUMBER, has '=3'"),
        (("web=",), "--replicas must be a number, or NAME=NUMBER, has 'web='"),
        (("-1",), "--replicas must be a number, or NAME=NUMBER, has '-1'"),
        (("9" * 5000,), "--replicas must be a number, or NAME=NUMBER, has '9"),
        (("51",), "--replicas 51: at most 50 pods of a workload are run"),
        (("1", "2"), "--replicas 2: a number is given twice"),
        (("web=1", "web=2"), "--replicas web=2: a number is given twice"),
        (("api=2",), "--replicas api=2: there is no workload api, only deployment/web"),
        (("log=2",), "--replicas log=2: there is no workload log, only deployment/web"),
    ],
)
def test_what_is_refused(texts: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(workload("Deployment", "web"), workload("DaemonSet", "log"), replicas=texts)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ({}, ["", "db-3", "db-4"]),
        ({"podManagementPolicy": "OrderedReady"}, ["", "db-3", "db-4"]),
        ({"podManagementPolicy": "Parallel"}, ["", "", ""]),
    ],
)
def test_pods_of_a_stateful_set(policy: dict[str, str], after: list[str]) -> None:
    value = workload("StatefulSet", "db", ordinals={"start": 3}, volumeClaimTemplates=[CLAIM], **policy)
    made = plan(value, replicas=("3",))
    assert [one.name for one in made.pods] == ["db-3", "db-4", "db-5"]
    assert [one.after for one in made.pods] == after
    for one in made.pods:
        assert one.pod["spec"]["hostname"] == one.name
        assert one.pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == one.name
        (volume,) = one.pod["spec"]["volumes"]
        assert volume["persistentVolumeClaim"]["claimName"] == f"data-{one.name}"
        assert made.objects.find("PersistentVolumeClaim", "default", f"data-{one.name}") is not None


def test_pods_of_a_deployment_do_not_wait() -> None:
    assert {one.after for one in plan(workload("Deployment", "web"), replicas=("3",)).pods} == {""}


@pytest.mark.parametrize(
    ("replicas", "notes"),
    [
        (
            (),
            [
                "spec.replicas is 3: one pod runs; --replicas changes it",
                "spec.podManagementPolicy is not played: one pod runs",
            ],
        ),
        (("2",), ["spec.replicas is 3: 2 pods run; --replicas changes it"]),
        (("0",), ["spec.replicas is 3: no pod runs; --replicas changes it"]),
        (("3",), []),
    ],
)
def test_what_is_not_played_is_named(replicas: tuple[str, ...], notes: list[str]) -> None:
    value = workload("StatefulSet", "db", replicas=3, podManagementPolicy="Parallel")
    made = plan(value, replicas=replicas)
    assert [note.removeprefix("m.yaml:1: StatefulSet/db: ") for note in made.notes] == notes


def test_a_run_is_not_over_while_pods_are_to_come() -> None:
    assert is_over((), Until("ready"), 1.0)
    assert not is_over((), Until("ready"), 1.0, waiting=True, to_come=True)
    assert is_over((), Until("time", 1.0), 1.0, waiting=True, to_come=True)
