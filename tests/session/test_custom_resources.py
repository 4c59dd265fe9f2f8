"""Custom resources as `check` judges them: pods of each project, patterns, definitions, the rest."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from custom_checks import check_text, errors_of

from podproof.kube import custom
from podproof.kube.custom_pods import all_projects
from podproof.session.explain import explain_pod

OBJECTS = (Path(__file__).parents[1] / "kube" / "custom" / "objects.yaml").read_text(encoding="utf-8")


def _named(name: str) -> str:
    (found,) = (one for one in OBJECTS.split("\n---\n") if f"metadata: {{name: {name}}}" in one)
    return found


TASK = "spec.taskSpec.steps[0]"
FOUND: dict[str, tuple[int, list[tuple[str, str]]]] = {
    "argo-workflows": (
        2,
        [
            ("host-namespaces", "spec.workflowSpec.hostNetwork"),
            ("privileged", "spec.workflowSpec.templates[0].container.securityContext.privileged"),
        ],
    ),
    "argo-rollouts": (1, [("host-namespaces", "spec.template.spec.hostPID")]),
    "tekton": (1, [("host-namespaces", "spec.podTemplate.hostNetwork")]),
    "spark": (
        2,
        [
            ("host-path-volumes", "spec.volumes[0].hostPath"),
            ("privileged", "spec.driver.securityContext.privileged"),
            ("host-namespaces", "spec.executor.hostNetwork"),
        ],
    ),
    "strimzi": (1, [("privileged", "spec.kafka.template.kafkaContainer.securityContext.privileged")]),
    "cnpg": (1, [("seccomp-profile-baseline", "spec.seccompProfile.type")]),
    "keda": (1, [("host-namespaces", "spec.jobTargetRef.template.spec.hostPID")]),
    "knative": (1, [("privileged", "spec.template.spec.containers[0].securityContext.privileged")]),
    "prometheus": (
        1,
        [
            ("host-namespaces", "spec.hostNetwork"),
            ("privileged", "spec.containers[0].securityContext.privileged"),
        ],
    ),
    "kubeflow": (2, [("host-namespaces", "spec.pytorchReplicaSpecs.Worker.template.spec.hostPID")]),
    "notebook": (1, [("host-namespaces", "spec.template.spec.hostPID")]),
    "ray": (3, [("host-namespaces", "spec.submitterPodTemplate.spec.hostPID")]),
    "flink": (
        2,
        [
            ("host-namespaces", "spec.podTemplate.spec.hostNetwork"),
            (
                "privileged",
                "spec.taskManager.podTemplate.spec.containers[0].securityContext.privileged",
            ),
        ],
    ),
    "kro": (1, [("host-namespaces", "spec.resources[0].template.spec.hostPID")]),
    "cert-manager": (1, []),
    "openkruise": (1, [("privileged", "spec.containers[0].securityContext.privileged")]),
    "volcano": (1, [("host-namespaces", "spec.tasks[0].template.spec.hostPID")]),
    "lws": (2, [("host-namespaces", "spec.leaderWorkerTemplate.leaderTemplate.spec.hostPID")]),
    "jobset": (
        1,
        [("host-namespaces", "spec.replicatedJobs[0].template.spec.template.spec.hostPID")],
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_the_pods_of_each_project_are_judged_with_their_settings(name: str) -> None:
    pods, errors = FOUND[name]
    result = check_text(_named(name))
    assert result.summary.workloads == pods
    assert sorted(set(errors_of(result))) == sorted(errors)


WRITTEN = {
    "strimzi": "the controller writes kafka itself",
    "cnpg": "the controller writes postgres and bootstrap-controller itself",
    "prometheus": "the controller writes prometheus and config-reloader itself",
    "flink": "the controller writes flink-main-container itself",
    "cert-manager": "the controller writes acmesolver itself",
}


ELSEWHERE = {
    "argo-workflows": (
        ("spec.workflowSpec.templates[3].http",),
        "the controller writes the container of a template of this type",
    ),
    "tekton": (
        ("spec.taskSpec.steps[1].ref",),
        "the container of a step is that of a StepAction elsewhere",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_not_judged_is_only_what_the_object_does_not_say(name: str) -> None:
    result = check_text(_named(name))
    routes, reason = ELSEWHERE.get(name, ((), WRITTEN.get(name, "")))
    assert result.summary.not_judged == bool(reason)
    for entry in result.not_judged:
        assert entry.routes == routes
        assert entry.reasons[0] == reason


def test_settings_that_the_controller_leaves_alone_are_judged_at_restricted() -> None:
    """The solver's container is known not to set runAsNonRoot, so a pod that sets only a user lacks it."""
    errors = errors_of(check_text(_named("cert-manager"), "restricted"))
    assert {check for check, _ in errors} == {
        "run-as-non-root",
        "run-as-user",
        "seccomp-profile-restricted",
    }


def test_a_step_starts_from_the_template_of_steps() -> None:
    explained = explain_pod(_named("tekton"))
    step, sidecar = explained.objects[0].containers
    assert step.name == "step-unnamed-0"
    assert sidecar.name == "sidecar-db"
    plain: Any = msgspec.to_builtins(step)
    assert "8737" in str(plain)


PATTERNS = [
    "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {rules: [{validate: {pattern: "
    "{spec: {hostNetwork: true, containers: [{name: '*', image: '*:*'}]}}}}]}}",
    "{apiVersion: constraints.gatekeeper.sh/v1beta1, kind: K8sPSPHostNamespace, spec: {hostNetwork: true}}",
    "{apiVersion: templates.gatekeeper.sh/v1, kind: ConstraintTemplate, spec: {privileged: true}}",
    "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, spec: {}}",
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, $patch: delete}",
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, $patch: delete}",
]


@pytest.mark.parametrize("text", PATTERNS)
def test_patterns_are_counted_and_not_judged(text: str) -> None:
    result = check_text(text)
    assert (result.summary.patterns, result.summary.workloads, result.summary.other_objects) == (1, 0, 0)
    assert result.summary.not_judged == 0
    assert errors_of(result) == []


def test_a_whole_pod_is_no_patch_whatever_it_says() -> None:
    text = "{apiVersion: v1, kind: Pod, metadata: {name: a}, $patch: delete, "
    text += "spec: {hostPID: true, containers: [{name: a, image: b}]}}"
    result = check_text(text)
    assert result.summary.patterns == 0
    assert ("host-namespaces", "spec.hostPID") in errors_of(result)


THING = """
apiVersion: example.org/v1
kind: Thing
metadata: {name: a}
spec:
  server: {image: reg.example/a, securityContext: {privileged: true}}
  hostNetwork: true
  podSecurityContext: {runAsUser: 0}
"""
CONTEXT = "{properties: {privileged: {type: boolean}}}"
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec:
  group: example.org
  names: {kind: Thing}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              server: {properties: {image: {type: string}, securityContext: CONTEXT}}
              hostNetwork: {type: boolean}
              podSecurityContext: {properties: {fsGroup: {type: integer}}}
""".replace("CONTEXT", CONTEXT)


def _orders() -> Iterator[str]:
    yield f"{DEFINITION}---{THING}"
    yield f"{THING}---{DEFINITION}"


@pytest.mark.parametrize("text", list(_orders()), ids=["before", "after"])
def test_a_definition_teaches_where_pods_are_in_any_order(text: str) -> None:
    result = check_text(text)
    assert errors_of(result) == [
        ("privileged", "spec.server.securityContext.privileged"),
        ("host-namespaces", "spec.hostNetwork"),
    ]
    assert result.summary.not_judged == 0


def test_without_its_definition_it_is_not_judged() -> None:
    result = check_text(THING)
    assert result.summary.workloads == 0
    (entry,) = result.not_judged
    assert entry.routes == (
        "spec.server.securityContext",
        "spec.hostNetwork",
        "spec.podSecurityContext",
    )
    assert entry.line == 6


def test_text_that_a_controller_replaces_leaves_a_pod_undecided() -> None:
    text = _named("kro").replace("hostPID: true", 'hostPID: "${schema.spec.host}"')
    result = check_text(text)
    assert result.summary.workloads == 0
    assert errors_of(result) == []
    (entry,) = result.not_judged
    assert entry.routes == ("spec.resources[0].template.spec.hostPID",)


def test_a_workflow_that_takes_its_templates_from_elsewhere_says_what_it_adds() -> None:
    text = "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: a}, spec: "
    text += "{workflowTemplateRef: {name: b}, hostNetwork: true, podSpecPatch: '{}'}}"
    (entry,) = check_text(text).not_judged
    assert entry.routes == ("spec.hostNetwork", "spec.podSpecPatch", "spec.workflowTemplateRef")
    assert entry.reasons == (
        "podSpecPatch changes pods when they are made",
        "its templates are those of a workflow elsewhere, in pods with the settings of this one",
    )


def test_settings_that_are_off_are_not_counted() -> None:
    text = "{apiVersion: example.org/v1, kind: A, spec: {hostNetwork: false, securityContext: {}}}"
    assert check_text(text).summary.not_judged == 0


def test_what_a_controller_reports_is_not_looked_at() -> None:
    text = "{apiVersion: example.org/v1, kind: A, status: {hostNetwork: true, containers: [{image: a}]}}"
    result = check_text(text)
    assert (result.summary.not_judged, result.summary.workloads) == (0, 0)


def test_more_templates_than_are_looked_at_are_undecided() -> None:
    pod = "{spec: {containers: [{name: a, image: b}]}}"
    result = check_text(f"{{apiVersion: example.org/v1, kind: A, pods: [{','.join([pod] * 1001)}]}}")
    assert result.summary.workloads == 1000
    assert result.undecided == 1
    assert ("search-limit", "pods[1000]") in errors_of(result)


def test_the_page_lists_every_project_with_its_kinds() -> None:
    page = (Path(__file__).parents[2] / "docs" / "custom-resources.md").read_text(encoding="utf-8")
    for project in all_projects():
        kinds = [kind for entry in project.kinds for kind in entry.kinds]
        names = ", ".join(dict.fromkeys("every kind" if kind == "*" else f"`{kind}`" for kind in kinds))
        assert f"| [{project.name}]({project.source}) | {names} | {project.adds} |" in page


def test_each_group_names_the_files_that_know_it() -> None:
    """A file that is not named would never be loaded."""
    known: dict[str, set[str]] = {}
    for file in pkgutil.iter_modules(custom.__path__):
        project = importlib.import_module(f"{custom.__name__}.{file.name}").PROJECT
        for entry in project.kinds:
            known.setdefault(entry.group, set()).add(file.name)
    assert {group: set(files) for group, files in custom.GROUPS.items()} == known


def test_a_volume_of_a_workflow_is_in_the_pods_that_mount_it() -> None:
    text = "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: a}, spec: {volumes: "
    text += "[{name: h, hostPath: {path: /}}], templates: [{name: a, container: {image: b}}, "
    text += "{name: c, container: {image: b, volumeMounts: [{name: h, mountPath: /h}]}}]}}"
    result = check_text(text)
    assert errors_of(result) == [("host-path-volumes", "spec.volumes[0].hostPath")]
    assert [entry.pod_security.allowed for entry in result.objects if entry.pod_security] == [True, False]


def test_a_policy_of_kubewarden_is_a_pattern() -> None:
    text = "{apiVersion: policies.kubewarden.io/v1, kind: ClusterAdmissionPolicy, metadata: {name: a}, "
    text += "spec: {module: m, settings: {hostNetwork: true}}}"
    result = check_text(text)
    assert (result.summary.patterns, result.summary.not_judged) == (1, 0)


def test_a_workload_with_directives_and_without_an_image_is_a_patch() -> None:
    deployment = (
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: SPEC}}}"
    )
    for spec in (
        "{containers: [{name: a, $patch: delete}]}",
        "{securityContext: {$patch: replace, runAsUser: 0}}",
        "{$setElementOrder/containers: [{name: a}], containers: [{name: a}]}",
        "{$retainKeys: [containers], containers: [{name: a}]}",
    ):
        assert check_text(deployment.replace("SPEC", spec)).summary.patterns == 1, spec
    for spec in ("{containers: [{name: a}]}", "{containers: [{name: a, image: i}, {$patch: replace}]}"):
        result = check_text(deployment.replace("SPEC", spec))
        assert (result.summary.patterns, result.summary.workloads) == (0, 1), spec
