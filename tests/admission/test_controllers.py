"""Who makes a workload's pods, as whom, and what the pod looks like that is sent."""

import copy
from typing import Any

import pytest

from podproof.admission.controllers import (
    Drawn,
    completion_index,
    controller_claims,
    controller_pod,
    controller_user,
    failed_create,
    has_controller,
    with_completion_index,
)
from podproof.admission.user_info import user_info


@pytest.mark.parametrize(
    ("kind", "controller"),
    [
        ("Deployment", "replicaset-controller"),
        ("ReplicaSet", "replicaset-controller"),
        ("ReplicationController", "replication-controller"),
        ("StatefulSet", "statefulset-controller"),
        ("DaemonSet", "daemon-set-controller"),
        ("Job", "job-controller"),
        ("CronJob", "job-controller"),
    ],
)
def test_the_user(kind: str, controller: str) -> None:
    assert controller_user(kind) == {
        "username": f"system:serviceaccount:kube-system:{controller}",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
    }
    assert has_controller(kind)


@pytest.mark.parametrize("kind", ["Pod", "", "PodTemplate"])
def test_nobody(kind: str) -> None:
    assert controller_user(kind) is None
    assert not has_controller(kind)


@pytest.mark.parametrize("kind", [None, 5, ["Job"], {"Job": 1}])
def test_what_is_no_kind_has_no_controller(kind: object) -> None:
    assert not has_controller(kind)


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("ann", [], ["system:authenticated"]),
        ("ann", ["dev", "dev"], ["dev", "system:authenticated"]),
        ("", [], ["system:unauthenticated"]),
        ("system:anonymous", [], ["system:unauthenticated"]),
        (
            "system:serviceaccount:n:a",
            ["dev"],
            ["system:serviceaccounts", "system:serviceaccounts:n", "dev", "system:authenticated"],
        ),
    ],
)
def test_the_groups_that_authentication_adds(name: str, groups: list[str], expected: list[str]) -> None:
    given = list(groups)
    assert user_info(name, given) == {"username": name, "groups": expected}
    assert given == groups
    assert user_info(name, tuple(groups)) == {"username": name, "groups": expected}


def made(kind: str, spec: dict[str, Any], minor: int = 37, **metadata: Any) -> dict[str, Any]:
    template = spec.get("template") or spec["jobTemplate"]["spec"]["template"]
    workload = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web", **metadata}, "spec": spec}
    return controller_pod(workload, template, "shop", minor)


def template(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c"}], **spec}}


@pytest.mark.parametrize(
    ("minor", "named"),
    [
        (24, {"generateName": "web-"}),
        (25, {"generateName": "web-", "name": "web-xxxxx"}),
        (37, {"generateName": "web-", "name": "web-xxxxx"}),
    ],
)
@pytest.mark.parametrize(
    ("template", "metadata", "spec"),
    [
        (
            {"metadata": {"name": "x", "labels": {"a": "b"}}, "spec": {"c": 1}},
            {"labels": {"a": "b"}},
            {"c": 1},
        ),
        ({}, {}, None),
        ({"metadata": 7}, {}, None),
    ],
)
def test_a_pod_of_an_unknown_kind(
    template: dict[str, Any], metadata: dict[str, Any], spec: Any, minor: int, named: dict[str, str]
) -> None:
    assert controller_pod({"metadata": {"name": "web"}}, template, "n", minor) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**metadata, **named, "namespace": "n"},
        "spec": spec,
    }


def test_a_deployments_pod_is_named_after_its_replica_set() -> None:
    metadata = made("Deployment", {"template": template()})["metadata"]
    assert metadata["name"] == "web-xxxxxxxxxx-xxxxx"
    assert metadata["labels"] == {"a": "b", "pod-template-hash": "xxxxxxxxxx"}
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("ReplicaSet", "web-xxxxxxxxxx")


def test_of_a_templates_metadata_three_fields_reach_the_pod() -> None:
    written = {"labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ["e/f"], "namespace": "x"}
    spec = {"template": {"metadata": {**written, "ownerReferences": []}, "spec": {}}}
    metadata = made("ReplicaSet", spec, uid="u")["metadata"]
    assert metadata.pop("ownerReferences") == [
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": "web",
            "uid": "u",
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    assert metadata == {
        "labels": {"a": "b"},
        "annotations": {"c": "d"},
        "finalizers": ["e/f"],
        "namespace": "shop",
        "generateName": "web-",
        "name": "web-xxxxx",
    }


@pytest.mark.parametrize(("length", "kept"), [(57, 57), (58, 58), (252, 58), (253, 58)])
def test_a_long_name_is_cut(length: int, kept: int) -> None:
    name = made("ReplicaSet", {"template": template()}, name="w" * length)["metadata"]["name"]
    assert name == ("w" * length + "-")[:58] + "xxxxx"
    assert name.count("w") == kept


@pytest.mark.parametrize(("length", "kept"), [(241, 241), (242, 242), (243, 242), (253, 242)])
def test_the_name_of_a_deployments_replica_set_is_cut(length: int, kept: int) -> None:
    """With a dash and a hash of ten letters it has at most 253."""
    metadata = made("Deployment", {"template": template()}, name="w" * length)["metadata"]
    (owner,) = metadata["ownerReferences"]
    assert owner["name"] == "w" * kept + "-xxxxxxxxxx"
    assert metadata["generateName"] == owner["name"] + ("-" if kept < 242 else "")


def test_a_replica_set_with_the_longest_name_has_no_dash() -> None:
    prefixes = [
        made("ReplicaSet", {"template": template()}, name="w" * length)["metadata"]["generateName"]
        for length in (252, 253)
    ]
    assert prefixes == ["w" * 252 + "-", "w" * 253]


@pytest.mark.parametrize(
    ("minor", "ordinal", "index"), [(26, 0, None), (27, 5, None), (28, 5, "5"), (37, 5, "5")]
)
def test_a_stateful_sets_pod(minor: int, ordinal: int, index: str | None) -> None:
    spec = {
        "serviceName": "headless",
        "ordinals": {"start": 5},
        "selector": {"matchLabels": {"a": "b"}},
        "template": template(
            hostname="mine",
            volumes=[{"name": "kept", "emptyDir": {}}, {"name": "data", "emptyDir": {}}],
        ),
        "volumeClaimTemplates": [
            {"metadata": {"name": "data", "labels": {"x": "y"}}, "spec": {"storageClassName": "s"}}
        ],
    }
    pod = made("StatefulSet", spec, minor)
    name = f"web-{ordinal}"
    assert "generateName" not in pod["metadata"]
    assert pod["metadata"]["name"] == name
    labels = pod["metadata"]["labels"]
    assert labels["statefulset.kubernetes.io/pod-name"] == name
    assert labels["controller-revision-hash"] == "web-xxxxxxxxxx"
    assert labels.get("apps.kubernetes.io/pod-index") == index
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == (name, "headless")
    assert pod["spec"]["volumes"] == [
        {"name": "data", "persistentVolumeClaim": {"claimName": f"data-{name}"}},
        {"name": "kept", "emptyDir": {}},
    ]
    workload = {"kind": "StatefulSet", "metadata": {"name": "web"}, "spec": spec}
    assert controller_claims(workload, "shop", minor) == [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": f"data-{name}",
                "namespace": "shop",
                "labels": {"x": "y", "a": "b"},
            },
            "spec": {"storageClassName": "s"},
        }
    ]
    assert spec["template"]["spec"]["hostname"] == "mine"


def test_only_stateful_sets_claim() -> None:
    claims = [{"metadata": {"name": "data"}, "spec": {}}]
    workload = {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"volumeClaimTemplates": claims}}
    assert controller_claims(workload, "shop", 37) == []


@pytest.mark.parametrize("host_network", [False, True])
def test_a_daemon_sets_pod(host_network: bool) -> None:
    spec = {
        "template": template(
            hostNetwork=host_network,
            tolerations=[
                {"operator": "Exists"},
                {
                    "key": "node.kubernetes.io/not-ready",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": 30,
                },
            ],
            affinity={
                "podAffinity": {"x": 1},
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"y": 1}]},
                    "preferredDuringSchedulingIgnoredDuringExecution": [{"z": 1}],
                },
            },
        )
    }
    pod = made("DaemonSet", spec)
    assert pod["metadata"]["labels"] == {
        "a": "b",
        "controller-revision-hash": "xxxxxxxxxx",
        "pod-template-generation": "1",
    }
    taints = ["unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"]
    added = [*taints, "network-unavailable"] if host_network else taints
    tolerations = pod["spec"]["tolerations"]
    assert tolerations[:2] == [
        {"operator": "Exists"},
        {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
    ]
    assert [one["key"] for one in tolerations[2:]] == [f"node.kubernetes.io/{taint}" for taint in added]
    assert {one["effect"] for one in tolerations[3:]} == {"NoSchedule"}
    field = {"key": "metadata.name", "operator": "In", "values": ["xxxxx"]}
    assert pod["spec"]["affinity"] == {
        "podAffinity": {"x": 1},
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchFields": [field]}]
            },
            "preferredDuringSchedulingIgnoredDuringExecution": [{"z": 1}],
        },
    }


@pytest.mark.parametrize(
    ("minor", "prefixed", "tracked"),
    [(24, False, False), (26, False, True), (27, True, True), (37, True, True)],
)
def test_a_jobs_pod(minor: int, prefixed: bool, tracked: bool) -> None:
    metadata = made("Job", {"template": template()}, minor, uid="u")["metadata"]
    labels = {"a": "b", "job-name": "web", "controller-uid": "u"}
    if prefixed:
        labels |= {"batch.kubernetes.io/job-name": "web", "batch.kubernetes.io/controller-uid": "u"}
    assert metadata["labels"] == labels
    assert metadata.get("finalizers") == (["batch.kubernetes.io/job-tracking"] if tracked else None)


def test_a_job_with_its_own_selector_labels_nothing() -> None:
    assert made("Job", {"manualSelector": True, "template": template()})["metadata"]["labels"] == {"a": "b"}


def test_a_cron_jobs_pod_is_its_jobs() -> None:
    metadata = made("CronJob", {"jobTemplate": {"spec": {"template": template()}}})["metadata"]
    assert metadata["name"] == "web-xxxxxxxx-xxxxx"
    assert metadata["labels"]["job-name"] == "web-xxxxxxxx"
    assert [(one["apiVersion"], one["kind"], one["name"]) for one in metadata["ownerReferences"]] == [
        ("batch/v1", "Job", "web-xxxxxxxx")
    ]


@pytest.mark.parametrize(("minor", "place"), [(27, "annotations"), (28, "labels")])
def test_an_indexed_jobs_pod(minor: int, place: str) -> None:
    key = "batch.kubernetes.io/job-completion-index"
    spec = {
        "completionMode": "Indexed",
        "backoffLimitPerIndex": 1,
        "template": template(
            initContainers=[{"name": "i", "env": [{"name": "JOB_COMPLETION_INDEX", "value": "mine"}]}]
        ),
    }
    pod = made("Job", spec, minor)
    assert pod["metadata"]["name"] == "web-0-xxxxx"
    assert pod["metadata"]["annotations"] == {key: "0", "batch.kubernetes.io/job-index-failure-count": "0"}
    assert pod["metadata"]["labels"].get(key) == ("0" if place == "labels" else None)
    assert pod["spec"]["hostname"] == "web-0"
    assert pod["spec"]["containers"][0]["env"] == [
        {
            "name": "JOB_COMPLETION_INDEX",
            "valueFrom": {"fieldRef": {"fieldPath": f"metadata.{place}['{key}']"}},
        }
    ]
    assert pod["spec"]["initContainers"][0]["env"] == [{"name": "JOB_COMPLETION_INDEX", "value": "mine"}]
    assert completion_index(pod) == 0
    third = with_completion_index(pod, 2, "abcde")
    assert (third["metadata"]["name"], third["spec"]["hostname"]) == ("web-2-abcde", "web-2")
    assert (completion_index(third), completion_index(pod)) == (2, 0)
    assert third["metadata"]["labels"].get(key) == ("2" if place == "labels" else None)


def test_the_index_is_kept_in_a_long_name() -> None:
    spec = {"completionMode": "Indexed", "template": template()}
    assert made("Job", spec, name="j" * 60)["metadata"]["name"] == "j" * 55 + "-0-xxxxx"


def test_letters_that_are_known_name_a_pod_in_every_version() -> None:
    workload = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web"}}
    drawn = Drawn("abcde", "hash", "manual", "node")
    assert controller_pod(workload, template(), "n", 24, drawn=drawn)["metadata"]["name"] == "web-abcde"


@pytest.mark.parametrize("value", [7, "x", ["x"], None, {"a": 7}])
@pytest.mark.parametrize(
    "field", ["volumes", "tolerations", "affinity", "containers", "initContainers", "hostname"]
)
@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job", "CronJob", "Deployment"])
def test_any_shape_is_carried_through(kind: str, field: str, value: Any) -> None:
    spec = {
        "completionMode": "Indexed",
        "volumeClaimTemplates": value,
        "ordinals": value,
        "jobTemplate": value,
        "selector": value,
        "template": {"metadata": {"labels": value}, "spec": {field: value}},
    }
    pod = made(kind, spec)
    assert pod["metadata"]["name"].startswith("web-")
    assert controller_claims({"kind": kind, "metadata": value, "spec": spec}, "n", 37) == []


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job", "CronJob", "Deployment", "ReplicaSet"])
def test_the_workload_is_left_as_it_is(kind: str) -> None:
    container = {"name": "a", "env": [{"name": "A"}]}
    pod = {
        "containers": [container],
        "initContainers": [container],
        "volumes": [{"name": "data"}, {"name": "own"}],
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}],
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    }
    metadata = {"labels": {"app": "web"}, "annotations": {"a": "b"}, "finalizers": ["x/y"]}
    spec = {
        "completionMode": "Indexed",
        "volumeClaimTemplates": [{"metadata": {"name": "data", "labels": {"a": "b"}}, "spec": {}}],
        "template": {"metadata": metadata, "spec": pod},
    }
    before = copy.deepcopy(spec)
    made(kind, spec)
    controller_claims({"kind": kind, "metadata": {"name": "web"}, "spec": spec}, "n", 37)
    assert spec == before


def test_the_words_of_the_event() -> None:
    of_set = made("StatefulSet", {"template": template()})
    of_replicas = made("ReplicaSet", {"template": template()})
    assert failed_create(of_set, "no") == "create Pod web-0 in StatefulSet web failed error: no"
    assert failed_create(of_replicas, "no") == "Error creating: no"
    for nothing in ({}, {"metadata": None}, {"metadata": {"ownerReferences": None}}):
        assert failed_create(nothing, "no") == "Error creating: no"
