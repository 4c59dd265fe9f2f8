"""Which settings of a PipelineRun reach the pods of its tasks: those for one task before those for all.

Source: tektoncd/pipeline pkg/apis/pipeline, pipelinerun_types.go of v1 and v1beta1, and pod/template.go.
"""

from typing import Any

import pytest

from podproof.kube.workload import Workload, find_workload

OF_POD = (
    "affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases",
    "hostNetwork", "hostUsers", "imagePullSecrets", "nodeSelector", "priorityClassName", "runtimeClassName",
    "schedulerName", "securityContext", "tolerations", "topologySpreadConstraints",
)  # fmt: skip
ACCOUNTS = {"v1": "serviceAccountName", "v1beta1": "taskServiceAccountName"}
TEMPLATES = {"v1": "podTemplate", "v1beta1": "taskPodTemplate"}


def pods(version: str, *task_specs: Any, **spec: Any) -> list[tuple[Any, Any]]:
    """Give of the tasks `a` and `b` the pod's spec, and a function that says where a field of it is."""
    tasks = [{"name": name, "taskSpec": {"steps": [{"image": "i"}]}} for name in ("a", "b")]
    run = {"pipelineSpec": {"tasks": tasks}, "taskRunSpecs": list(task_specs), **spec}
    found = find_workload({"apiVersion": f"tekton.dev/{version}", "kind": "PipelineRun", "spec": run})
    assert isinstance(found, Workload)
    assert len(found.templates) == 2
    return [
        (template.pod["spec"], lambda name, made=template: made.source_route(("spec", name)))
        for template in found.templates
    ]


@pytest.mark.parametrize("version", TEMPLATES)
@pytest.mark.parametrize("name", OF_POD)
def test_settings_of_one_task(name: str, version: str) -> None:
    template = TEMPLATES[version]
    specs = [
        {"pipelineTaskName": "other", template: {name: "x"}},
        {"pipelineTaskName": "b", template: {name: "y"}},
    ]
    (first, _), (second, place) = pods(version, *specs)
    assert name not in first
    assert second[name] == "y"
    assert place(name) == ("spec", "taskRunSpecs", 1, template, name)
    # a false there is as good as none
    (_, _), (second, _) = pods(version, {"pipelineTaskName": "b", template: {name: False}})
    assert name not in second


@pytest.mark.parametrize("version", ACCOUNTS)
def test_the_account_of_one_task(version: str) -> None:
    field = ACCOUNTS[version]
    (first, _), (second, place) = pods(version, {"pipelineTaskName": "b", field: "robot"})
    assert "serviceAccountName" not in first
    assert second["serviceAccountName"] == "robot"
    assert place("serviceAccountName") == ("spec", "taskRunSpecs", 0, field)
    (first, _), (second, _) = pods(version, {"pipelineTaskName": "b", "podTemplate": {}})
    assert "serviceAccountName" not in second


@pytest.mark.parametrize("name", [*OF_POD, "serviceAccountName"])
def test_settings_of_all_tasks(name: str) -> None:
    new: Any = {"podTemplate": {name: "new"}} if name in OF_POD else {name: "new"}
    old: Any = {"podTemplate": {name: "old"}} if name in OF_POD else {name: "old"}
    own: Any = {
        "pipelineTaskName": "b",
        **({"podTemplate": {name: "own"}} if name in OF_POD else {name: "own"}),
    }
    at = ("podTemplate", name) if name in OF_POD else (name,)
    (first, place), (second, _) = pods("v1", own, taskRunTemplate=new, **old)
    assert (first[name], second[name]) == ("new", "own")
    assert place(name) == ("spec", "taskRunTemplate", *at)
    (first, place), (second, _) = pods("v1beta1", own, **old)
    assert (first[name], second[name]) == ("old", "own")
    assert place(name) == ("spec", *at)


OF_ACTION = {
    "image": "i", "command": ["c"], "args": ["a"], "env": [{"name": "E"}], "workingDir": "/w",
    "securityContext": {"privileged": True}, "volumeMounts": [{"name": "v", "mountPath": "/v"}],
}  # fmt: skip


@pytest.mark.parametrize("version", ["v1alpha1", "v1beta1"])
def test_the_container_of_a_step_action(version: str) -> None:
    """Source: v1beta1/stepaction_types.go; what else stands in it is not the container's."""
    spec = {**OF_ACTION, "script": "x", "params": [], "results": [], "description": "d"}
    found = find_workload({"apiVersion": f"tekton.dev/{version}", "kind": "StepAction", "spec": spec})
    assert isinstance(found, Workload)
    (template,) = found.templates
    (container,) = template.pod["spec"]["containers"]
    assert container == {"name": "step-unnamed-0", **OF_ACTION}
    for name in OF_ACTION:
        assert template.source_route(("spec", "containers", 0, name)) == ("spec", name)


OF_STEP = (
    "computeResources", "onError", "params", "results", "script", "stderrConfig", "stdoutConfig", "timeout",
    "when", "workspaces",
)  # fmt: skip


@pytest.mark.parametrize(("listed", "name"), [("steps", "step-x"), ("sidecars", "sidecar-x")])
def test_what_of_a_step_is_not_its_containers(listed: str, name: str) -> None:
    step = {"name": "x", "image": "i", **dict.fromkeys(OF_STEP, "x"), "securityContext": {"privileged": True}}
    spec = {"steps": [{"image": "first", "name": "first"}], listed: [step]}
    found = find_workload({"apiVersion": "tekton.dev/v1", "kind": "Task", "spec": spec})
    assert isinstance(found, Workload)
    (template,) = found.templates
    container = template.pod["spec"]["containers"][-1]
    assert container == {"name": name, "image": "i", "securityContext": {"privileged": True}}
