"""Where the pods of a document are: by kind, by shape, and in pieces of manifests."""

from typing import Any

import pytest

from podproof.kube.workload import Fragment, Workload, find_workload

SPEC = {"containers": [{"name": "web", "image": "nginx"}]}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": SPEC}


def _object(api_version: str, kind: str, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **rest}


def _only(value: object) -> Any:
    found = find_workload(value)
    assert found is not None
    (template,) = found.templates
    return template


JOB = {"jobTemplate": {"spec": {"template": TEMPLATE}}}
NATIVE = [
    (_object("v1", "Pod", spec=SPEC), ()),
    (_object("v1", "PodTemplate", template=TEMPLATE), ("template",)),
    (_object("v1", "ReplicationController", spec={"template": TEMPLATE}), ("spec", "template")),
    *(
        (_object(version, kind, spec={"template": TEMPLATE}), ("spec", "template"))
        for version, kind in [
            ("apps/v1", "Deployment"),
            ("apps/v1", "ReplicaSet"),
            ("apps/v1", "StatefulSet"),
            ("apps/v1", "DaemonSet"),
            ("apps/v1beta1", "Deployment"),
            ("apps/v1beta1", "StatefulSet"),
            ("apps/v1beta2", "DaemonSet"),
            ("extensions/v1beta1", "Deployment"),
            ("extensions/v1beta1", "ReplicaSet"),
            ("extensions/v1beta1", "DaemonSet"),
            ("batch/v1", "Job"),
            # no server has these; what is meant is plain, and a check says so
            ("v1", "Deployment"),
            ("app/v1", "Deployment"),
            ("extensions/v1beta1", "StatefulSet"),
        ]
    ),
    *(
        (_object(version, "CronJob", spec=JOB), ("spec", "jobTemplate", "spec", "template"))
        for version in ("batch/v1", "batch/v1beta1", "batch/v2alpha1")
    ),
]


@pytest.mark.parametrize(
    ("value", "route"), NATIVE, ids=lambda v: v.get("kind") if isinstance(v, dict) else ""
)
def test_native_kinds(value: dict[str, Any], route: tuple[str, ...]) -> None:
    found = find_workload(value)
    assert isinstance(found, Workload)
    assert not found.custom
    (template,) = found.templates
    assert template.route == route
    assert template.pod["kind"] == "Pod"
    assert template.pod["spec"] is SPEC
    assert template.source_route(("spec", "containers", 0, "image")) == (
        *route,
        "spec",
        "containers",
        0,
        "image",
    )


@pytest.mark.parametrize(
    "spec", [None, [], "x", 1, {}, {"template": None}, {"template": []}, {"template": "x"}]
)
def test_a_workload_without_its_template_still_is_one(spec: object) -> None:
    assert "spec" not in _only(_object("apps/v1", "Deployment", spec=spec)).pod


@pytest.mark.parametrize(
    "value",
    [
        _object("v1", "Service", spec={"ports": []}),
        _object("v1", "ConfigMap", data={"containers": "x"}),
        _object("policy/v1beta1", "PodSecurityPolicy", spec={}),
        _object("example.org/v1", "Thing", spec={"containers": "x"}),
        _object("example.org/v1", "Thing", spec={"containers": []}),
        _object("example.org/v1", "Thing"),
        {"apiVersion": 1, "kind": "Pod"},
        {"apiVersion": "v1", "kind": ["Pod"]},
        {},
        [],
        None,
        "x",
        3,
    ],
)
def test_others_make_no_pods(value: object) -> None:
    assert find_workload(value) is None


@pytest.mark.parametrize(
    ("value", "route"),
    [
        (_object("apps/v1", "deployment", spec={"template": TEMPLATE}), ("spec", "template")),
        (_object("v1", "pod", spec=SPEC), ("spec",)),
    ],
)
def test_a_misspelt_kind_of_the_workloads_groups_is_found_by_shape(
    value: dict[str, Any], route: tuple[str, ...]
) -> None:
    found = find_workload(value)
    assert isinstance(found, Workload)
    assert found.custom
    assert [template.route for template in found.templates] == [route]


def test_the_history_of_a_workload_makes_no_pods() -> None:
    assert (
        find_workload(_object("apps/v1", "ControllerRevision", data={"spec": {"template": TEMPLATE}})) is None
    )


@pytest.mark.parametrize(
    ("value", "routes"),
    [
        (_object("argoproj.io/v1alpha1", "Rollout", spec={"template": TEMPLATE}), [("spec", "template")]),
        (_object("serving.knative.dev/v1", "Service",
                 spec={"template": {"spec": {"containers": [{"image": "x"}]}}}),
         [("spec", "template")]),
        (_object("example.org/v1", "Thing",
                 spec={"podTemplate": TEMPLATE, "workers": [{"template": TEMPLATE}]}),
         [("spec", "podTemplate"), ("spec", "workers", 0, "template")]),
        (_object("example.org/v1", "Thing", spec=SPEC), [("spec",)]),
        (_object("kubeflow.org/v1", "PyTorchJob", spec={"pytorchReplicaSpecs": {
            "Master": {"template": TEMPLATE}, "Worker": {"template": TEMPLATE}}}),
         [("spec", "pytorchReplicaSpecs", "Master", "template"),
          ("spec", "pytorchReplicaSpecs", "Worker", "template")]),
    ],
)  # fmt: skip
def test_custom_resources_by_shape(value: dict[str, Any], routes: list[tuple[Any, ...]]) -> None:
    found = find_workload(value)
    assert isinstance(found, Workload)
    assert found.custom
    assert [t.route for t in found.templates] == routes
    for template in found.templates:
        node: Any = value
        for step in template.source_route(("spec", "containers", 0)):
            node = node[step]
        assert node == template.pod["spec"]["containers"][0]


def test_argo_workflow_templates() -> None:
    spec = {
        "templates": [
            {
                "name": "a",
                "container": {"image": "alpine", "command": ["true"]},
                "securityContext": {"fsGroup": 1},
            },
            {"name": "b", "script": {"image": "alpine", "source": "exit"}},
            {"name": "c", "steps": [[{"name": "s", "template": "a"}]]},
        ]
    }
    found = find_workload(_object("argoproj.io/v1alpha1", "Workflow", spec=spec))
    assert isinstance(found, Workload)
    first, second = found.templates
    assert first.pod["spec"]["securityContext"] == {"fsGroup": 1}
    assert first.source_route(("spec", "containers", 0, "image")) == (
        "spec",
        "templates",
        0,
        "container",
        "image",
    )
    assert first.source_route(("spec", "securityContext")) == ("spec", "templates", 0, "securityContext")
    assert second.pod["spec"]["containers"] == [{"name": "main", "image": "alpine"}]


CONTAINER = {"name": "web", "image": "nginx", "securityContext": {"runAsUser": 1}}


@pytest.mark.parametrize(
    ("value", "what", "inner", "outer"),
    [
        (SPEC, "pod spec", ("spec", "containers", 0, "image"), ("containers", 0, "image")),
        (CONTAINER, "container", ("spec", "containers", 0, "image"), ("image",)),
        ([CONTAINER], "list of containers", ("spec", "containers", 0, "image"), (0, "image")),
        ({"metadata": {}, "spec": SPEC}, "pod template", ("spec", "containers"), ("spec", "containers")),
        ({"apiVersion": "v1", "spec": SPEC}, "pod template", ("spec", "containers"), ("spec", "containers")),
        ({"kind": "Pod", "spec": SPEC}, "object", ("spec", "containers"), ("spec", "containers")),
        ({"kind": "Deployment", "spec": {"template": TEMPLATE}}, "object",
         ("spec",), ("spec", "template", "spec")),
        ({"spec": {"securityContext": {"runAsUser": 1}}}, "pod template",
         ("spec", "securityContext"), ("spec", "securityContext")),
        ({"securityContext": {"runAsNotRoot": True}}, "container's security context",
         ("spec", "containers", 0, "securityContext", "runAsNotRoot"), ("securityContext", "runAsNotRoot")),
        ({"securityContext": {"fsGroup": 1}}, "pod's security context",
         ("spec", "securityContext", "fsGroup"), ("securityContext", "fsGroup")),
        ({"runAsUser": 1, "privileged": False}, "container's security context",
         ("spec", "containers", 0, "securityContext", "runAsUser"), ("runAsUser",)),
    ],
)  # fmt: skip
def test_fragments(value: object, what: str, inner: tuple[Any, ...], outer: tuple[Any, ...]) -> None:
    found = find_workload(value)
    assert isinstance(found, Fragment)
    assert found.what == what
    assert found.missing
    (template,) = found.templates
    assert template.source_route(inner) == outer


@pytest.mark.parametrize(
    "value",
    [
        # Helm values
        {"replicaCount": 1, "image": {"repository": "x"}, "securityContext": {}, "podSecurityContext": {}},
        {"image": "x", "service": {}, "ingress": {}, "securityContext": {}, "replicas": 2, "resources": {}},
        # compose, CI, Ansible, Kustomize patches
        {"services": {"web": {"image": "nginx"}}},
        {"name": "ci", "on": "push", "jobs": {"a": {"steps": []}}},
        [{"name": "play", "hosts": "all", "tasks": []}],
        [{"op": "replace", "path": "/spec/replicas", "value": 2}],
        {"spec": {"replicas": 3}},
        {"spec": {"ports": []}, "metadata": {}},
        {"containers": {"web": {}}},
        {"containers": ["a"]},
    ],
)
def test_other_yaml_is_no_fragment(value: object) -> None:
    assert find_workload(value) is None
