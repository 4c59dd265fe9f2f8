"""Which workload an object belongs to, whatever its owner references say."""

from typing import Any

import pytest

from podproof.results.admitted import OwningWorkload, Submission
from podproof.session.admit.owners import Owners


def held(kind: str, name: str, *owners: dict[str, Any], uid: str = "") -> dict[str, Any]:
    metadata = {"name": name, "namespace": "n", "uid": uid or f"of-{name}", "ownerReferences": list(owners)}
    return {"kind": kind, "metadata": metadata}


def by(kind: str, name: str, **reference: Any) -> dict[str, Any]:
    return {
        "apiVersion": "g/v1",
        "kind": kind,
        "name": name,
        "uid": f"of-{name}",
        "controller": True,
    } | reference


def owner(*objects: dict[str, Any]) -> OwningWorkload:
    """Find the workload of the first of the objects."""
    submissions = [
        Submission("manifest", "f.yaml", line, "", object=object_) for line, object_ in enumerate(objects, 1)
    ]
    return Owners(submissions).workload_of(objects[0], "f.yaml:1", "itself")


ITSELF = OwningWorkload("itself", "n", "f.yaml:1")


def test_the_workload_is_at_the_top() -> None:
    pod, replica_set = held("Pod", "p", by("ReplicaSet", "r")), held("ReplicaSet", "r", by("Rollout", "o"))
    assert owner(pod, replica_set) == OwningWorkload("rollout.g/o", "n", "")
    assert owner(pod, replica_set, held("Rollout", "o")) == OwningWorkload("rollout.g/o", "n", "f.yaml:3")


def test_an_owner_with_another_uid_is_found_by_its_name() -> None:
    pod = held("Pod", "p", by("ReplicaSet", "r", apiVersion="v1"))
    assert owner(pod, held("ReplicaSet", "r", uid="u")) == OwningWorkload("replicaset/r", "n", "f.yaml:2")


@pytest.mark.parametrize(
    "object_",
    [
        held("Pod", "p"),
        held("Pod", "p", by("ReplicaSet", "r", controller=False)),
        held("Pod", "p", by("ReplicaSet", "")),
        held("Pod", "kube-proxy-n1", by("Node", "n1")),
        held("StatefulSet", "s", by("Kafka", "k")),
        {"kind": "Pod", "metadata": {"namespace": "n", "ownerReferences": 7}},
        {"kind": "Pod", "metadata": {"namespace": "n", "ownerReferences": [7]}},
    ],
)
def test_it_is_its_own_workload(object_: dict[str, Any]) -> None:
    assert owner(object_) == ITSELF


def test_owners_in_a_circle_end() -> None:
    one, other = held("Job", "a", by("Job", "b")), held("Job", "b", by("Job", "a"))
    assert owner(one, other).name in ("job.g/a", "job.g/b")
