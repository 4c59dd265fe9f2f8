"""Which fields of a Workflow reach the pods of its templates, and which of its own a template has.

Source: argoproj/argo-workflows v3.6 workflow/controller/workflowpod.go.
"""

from typing import Any

import pytest

from podproof.kube.workload import Workload, find_workload

OF_WORKFLOW = (
    "affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "hostAliases", "hostNetwork",
    "imagePullSecrets", "nodeSelector", "schedulerName", "securityContext", "serviceAccountName",
    "tolerations",
)  # fmt: skip
OF_TEMPLATE = (
    "affinity", "automountServiceAccountToken", "hostAliases", "nodeSelector", "priorityClassName",
    "schedulerName", "securityContext", "serviceAccountName", "tolerations",
)  # fmt: skip
MOUNT = {"image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
VOLUME = {"name": "v", "hostPath": {"path": "/"}}
KINDS = [
    ("Workflow", ("spec",)),
    ("WorkflowTemplate", ("spec",)),
    ("ClusterWorkflowTemplate", ("spec",)),
    ("CronWorkflow", ("spec", "workflowSpec")),
]


def pod(kind: str, route: tuple[str, ...], spec: Any, **template: Any) -> tuple[Any, Any]:
    """Give the spec of the pod, and a function that says where in the WorkflowSpec a field of it is."""
    value: Any = {"templates": [{"name": "t", "container": MOUNT, **template}], **spec}
    for step in reversed(route):
        value = {step: value}
    found = find_workload({"apiVersion": "argoproj.io/v1alpha1", "kind": kind, **value})
    assert isinstance(found, Workload)
    (made,) = found.templates
    return made.pod["spec"], lambda *inner: made.source_route(("spec", *inner))[len(route) :]


@pytest.mark.parametrize(("kind", "route"), KINDS)
def test_fields(kind: str, route: tuple[str, ...]) -> None:
    for name in {*OF_WORKFLOW, *OF_TEMPLATE}:
        of_workflow, of_template = name in OF_WORKFLOW, name in OF_TEMPLATE
        spec, place = pod(kind, route, {name: "w"})
        assert spec.get(name) == ("w" if of_workflow else None), name
        assert not of_workflow or place(name) == (name,), name
        spec, place = pod(kind, route, {name: "w", "templateDefaults": {name: "d"}})
        assert spec.get(name) == ("d" if of_template else "w"), name
        assert not of_template or place(name) == ("templateDefaults", name), name
        spec, place = pod(kind, route, {name: "w", "templateDefaults": {name: "d"}}, **{name: "t"})
        assert spec.get(name) == ("t" if of_template else "w"), name
        assert not of_template or place(name) == ("templates", 0, name), name


@pytest.mark.parametrize(("kind", "route"), KINDS)
def test_volumes(kind: str, route: tuple[str, ...]) -> None:
    spec, place = pod(kind, route, {"volumes": [{"name": "other"}, VOLUME]})
    assert (spec["volumes"], place("volumes", 0)) == ([VOLUME], ("volumes", 1))
    spec, place = pod(kind, route, {"templateDefaults": {"volumes": [VOLUME]}})
    assert (spec["volumes"], place("volumes", 0)) == ([VOLUME], ("templateDefaults", "volumes", 0))
    spec, place = pod(kind, route, {}, volumes=[VOLUME, {"name": "other"}])
    assert (spec["volumes"], place("volumes", 0)) == (
        [VOLUME, {"name": "other"}],
        ("templates", 0, "volumes", 0),
    )
    claims = {"volumeClaimTemplates": [{"metadata": {"name": "v"}}]}
    spec, place = pod(kind, route, claims)
    assert spec["volumes"] == [{"name": "v", "persistentVolumeClaim": {"claimName": "-v"}}]
    assert place("volumes", 0) == ("volumeClaimTemplates", 0)


def test_the_priority_of_the_pods() -> None:
    spec, place = pod("Workflow", ("spec",), {"podPriorityClassName": "w"})
    assert (spec["priorityClassName"], place("priorityClassName")) == ("w", ("podPriorityClassName",))
    spec, _ = pod("Workflow", ("spec",), {"podPriorityClassName": "w"}, priorityClassName="t")
    assert spec["priorityClassName"] == "t"
