"""Whose a pod is, and what its controller adds to it, also where the workload has another shape."""

from typing import Any

import pytest

from podproof.admission.controllers import completion_index, controller_of, controller_pod, created_anew

from .test_controllers import made, template


@pytest.mark.parametrize(
    ("references", "kind"),
    [
        ([{"kind": "ReplicaSet", "controller": True}], "ReplicaSet"),
        (
            [{"kind": "Node"}, {"kind": "Other", "controller": False}, {"kind": "Job", "controller": True}],
            "Job",
        ),
        ([{"kind": "Job", "controller": True}, {"kind": "Other", "controller": True}], "Job"),
        ([{"controller": True}], ""),
        ([{"kind": "Job", "controller": "true"}], ""),
        ([{"kind": "Node"}], ""),
        ([7, None], ""),
        ([], ""),
        ({"kind": "Job", "controller": True}, ""),
        (None, ""),
    ],
)
def test_the_kind_of_a_controller(references: Any, kind: str) -> None:
    assert controller_of({"metadata": {"ownerReferences": references}}) == kind


@pytest.mark.parametrize("metadata", [None, 7, {}])
def test_without_references_there_is_no_controller(metadata: Any) -> None:
    assert controller_of({"metadata": metadata}) == ""
    assert controller_of({}) == ""


@pytest.mark.parametrize(
    "kind", ["ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", 7]
)
@pytest.mark.parametrize("odd", [7, True, 1.5, ["web"], {"a": 1}])
def test_a_workload_of_any_shape_has_pods_with_texts_for_names(kind: Any, odd: Any) -> None:
    metadata = {"name": odd, "uid": odd, "annotations": odd, "labels": odd}
    workload = {"apiVersion": odd, "kind": kind, "metadata": metadata, "spec": odd}
    pod = controller_pod(workload, {"metadata": odd, "spec": {"containers": []}}, "shop", 37)
    names = {"name", "generateName", "hostname"}
    assert all(isinstance(pod["metadata"][name], str) for name in names & pod["metadata"].keys())
    assert names & pod["metadata"].keys()
    for reference in pod["metadata"].get("ownerReferences", ()):
        assert {type(reference[key]) for key in ("apiVersion", "kind", "name", "uid")} == {str}
        assert reference["controller"] is True


def test_a_new_pod_has_no_ephemeral_containers() -> None:
    pod = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"ephemeralContainers": [], "containers": [1]}}
    assert created_anew(pod) == {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [1]}}
    assert "ephemeralContainers" in pod["spec"]


@pytest.mark.parametrize(
    "object_",
    [
        {"kind": "Pod", "spec": {"containers": []}},
        {"kind": "Pod", "spec": ["ephemeralContainers"]},
        {"kind": "Pod"},
        {"kind": "Other", "spec": {"ephemeralContainers": []}},
        {"spec": {"ephemeralContainers": []}},
    ],
)
def test_others_stay_as_they_are(object_: dict[str, Any]) -> None:
    assert created_anew(object_) is object_


def test_every_container_of_an_indexed_job_gets_its_index_once() -> None:
    own = {"name": "JOB_COMPLETION_INDEX", "value": "mine"}
    spec = {
        "completionMode": "Indexed",
        "template": {
            "spec": {
                "initContainers": [{"name": "i"}, {"name": "j", "env": [{"name": "A"}]}],
                "containers": [{"name": "c", "env": [own]}, 7, {"name": "d", "env": 7}],
                "ephemeralContainers": [{"name": "e"}],
            }
        },
    }
    made_spec = made("Job", spec)["spec"]
    names = {
        container["name"]: [one["name"] for one in container.get("env", ())]
        for field in ("initContainers", "containers", "ephemeralContainers")
        for container in made_spec[field]
        if isinstance(container, dict)
    }
    index = "JOB_COMPLETION_INDEX"
    assert names == {"i": [index], "j": ["A", index], "c": [index], "d": [index], "e": []}
    assert made_spec["containers"][0]["env"] == [own]


@pytest.mark.parametrize(
    ("spec", "minor", "name", "annotated"),
    [
        ({}, 37, "web-xxxxx", False),
        ({"completionMode": "NonIndexed"}, 37, "web-xxxxx", False),
        ({"completionMode": "Indexed"}, 21, None, False),
        ({"completionMode": "Indexed"}, 22, None, True),
        ({"completionMode": "Indexed"}, 37, "web-0-xxxxx", True),
    ],
)
def test_which_jobs_are_indexed(spec: dict[str, Any], minor: int, name: str | None, annotated: bool) -> None:
    metadata = made("Job", {**spec, "template": template()}, minor)["metadata"]
    assert metadata.get("name") == name
    assert metadata["generateName"] == ("web-0-" if annotated else "web-")
    assert ("annotations" in metadata) is annotated
    failures = "batch.kubernetes.io/job-index-failure-count"
    assert failures not in metadata.get("annotations", {})


INDEX, TRACKING = "batch.kubernetes.io/job-completion-index", "batch.kubernetes.io/job-tracking"
OLD_LABELS = ["controller-uid", "job-name"]
LABELS = sorted([*OLD_LABELS, *(f"batch.kubernetes.io/{name}" for name in OLD_LABELS)])


@pytest.mark.parametrize(
    ("minor", "finalizers", "labels", "place"),
    [
        (21, None, OLD_LABELS, None),
        (22, None, OLD_LABELS, "annotations"),
        (24, None, OLD_LABELS, "annotations"),
        (25, [TRACKING], OLD_LABELS, "annotations"),
        (26, [TRACKING], OLD_LABELS, "annotations"),
        (27, [TRACKING], LABELS, "annotations"),
        (28, [TRACKING], sorted([*LABELS, INDEX]), "labels"),
        (37, [TRACKING], sorted([*LABELS, INDEX]), "labels"),
    ],
)
def test_what_versions_add_to_the_pod_of_an_indexed_job(
    minor: int, finalizers: list[str] | None, labels: list[str], place: str | None
) -> None:
    pod = made("Job", {"completionMode": "Indexed", "template": template()}, minor)
    assert pod["metadata"].get("finalizers") == finalizers
    assert sorted(pod["metadata"]["labels"]) == ["a", *labels]
    paths = [one["valueFrom"]["fieldRef"]["fieldPath"] for one in pod["spec"]["containers"][0].get("env", ())]
    assert paths == ([] if place is None else [f"metadata.{place}['{INDEX}']"])
    assert pod["metadata"].get("annotations") == (None if place is None else {INDEX: "0"})


@pytest.mark.parametrize(("minor", "labelled"), [(27, False), (28, True), (37, True)])
def test_since_when_the_index_of_a_replica_is_a_label(minor: int, labelled: bool) -> None:
    metadata = made("StatefulSet", {"template": template()}, minor)["metadata"]
    assert (metadata["labels"].get("apps.kubernetes.io/pod-index") == "0") is labelled


@pytest.mark.parametrize(
    ("annotations", "index"),
    [
        *(
            ({"batch.kubernetes.io/job-completion-index": text}, number)
            for text, number in (("0", 0), ("12", 12), ("", None), ("x", None), ("-1", None), (7, None))
        ),
        ({}, None), (None, None), (7, None),
    ],
)  # fmt: skip
def test_the_index_of_a_pod(annotations: Any, index: int | None) -> None:
    assert completion_index({"metadata": {"annotations": annotations}}) == index


@pytest.mark.parametrize("finalizers", [["batch.kubernetes.io/job-tracking"], ["a/b"], None])
def test_a_finalizer_is_added_once(finalizers: Any) -> None:
    spec = {"template": {"metadata": {"finalizers": finalizers}, "spec": {"containers": []}}}
    kept = made("Job", spec)["metadata"]["finalizers"]
    tracking = "batch.kubernetes.io/job-tracking"
    assert kept == ([tracking] if finalizers is None or tracking in finalizers else ["a/b", tracking])


@pytest.mark.parametrize(
    ("annotations", "generation"),
    [({}, "1"), ({"deprecated.daemonset.template.generation": "3"}, "3"), (None, "1"), (7, "1")],
)
def test_the_generation_of_a_daemon_sets_template(annotations: Any, generation: str) -> None:
    pod = made("DaemonSet", {"template": template()}, annotations=annotations)
    assert pod["metadata"]["labels"]["pod-template-generation"] == generation
