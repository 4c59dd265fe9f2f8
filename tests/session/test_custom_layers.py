"""Custom resources whose pods are written in layers: each field counts as the project's controller has it."""

from custom_checks import check_text, errors_of

from podproof.results.explained import ExplainedObject
from podproof.session.explain import explain_pod

PIPELINE_RUN = """\
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: build}
spec:
  taskRunTemplate:
    podTemplate: {hostNetwork: true, hostUsers: true, securityContext: {runAsUser: 5}}
  taskRunSpecs:
  - pipelineTaskName: deploy
    podTemplate:
      hostNetwork: false
      securityContext: {runAsUser: 6}
      volumes: [{name: h, hostPath: {path: /}}]
  pipelineSpec:
    tasks:
    - {name: build, taskSpec: {steps: [{name: s, image: i}]}}
    - {name: deploy, taskSpec: {steps: [{name: s, image: i}]}}
    - name: inner
      pipelineSpec: {tasks: [{name: deploy, taskSpec: {steps: [{name: s, image: i}]}}]}
"""


def explained(text: str) -> list[ExplainedObject]:
    return list(explain_pod(text).objects)


def users(text: str) -> list[object]:
    return [container.fields["runAsUser"].value for one in explained(text) for container in one.containers]


def test_what_a_pipeline_run_says_of_a_task_wins() -> None:
    assert users(PIPELINE_RUN) == [5, 6, 5]
    result = check_text(PIPELINE_RUN)
    assert errors_of(result) == [
        ("host-namespaces", "spec.taskRunTemplate.podTemplate.hostNetwork"),
        ("host-path-volumes", "spec.taskRunSpecs[0].podTemplate.volumes[0].hostPath"),
    ]
    assert [one.pod_security.allowed for one in result.objects if one.pod_security] == [False] * 3
    assert result.summary.not_judged == 0


def test_a_pipeline_run_of_v1beta1_has_other_names() -> None:
    text = """\
apiVersion: tekton.dev/v1beta1
kind: PipelineRun
metadata: {name: build}
spec:
  podTemplate: {securityContext: {runAsUser: 5}}
  taskRunSpecs: [{pipelineTaskName: deploy, taskPodTemplate: {hostNetwork: true}}]
  pipelineSpec: {tasks: [{name: deploy, taskSpec: {steps: [{name: s, image: i}]}}]}
"""
    assert users(text) == [5]
    assert errors_of(check_text(text)) == [
        ("host-namespaces", "spec.taskRunSpecs[0].taskPodTemplate.hostNetwork")
    ]


def test_annotations_of_a_task_run_reach_its_pod() -> None:
    text = """\
apiVersion: tekton.dev/v1
kind: TaskRun
metadata:
  name: run
  annotations: {container.apparmor.security.beta.kubernetes.io/step-s: unconfined}
spec: {taskSpec: {steps: [{name: s, image: i}]}}
"""
    route = "metadata.annotations[container.apparmor.security.beta.kubernetes.io/step-s]"
    assert errors_of(check_text(text)) == [("api-warning", route), ("app-armor-profile", route)]


FLINK = """\
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata: {name: f}
spec:
  flinkConfiguration: {kubernetes.operator.pod-template.merge-arrays-by-name: "BY_NAME"}
  podTemplate:
    spec:
      securityContext: {runAsUser: 5}
      containers:
      - {name: flink-main-container, securityContext: {privileged: false}}
      - {name: log, image: l, securityContext: {privileged: true}}
  jobManager:
    podTemplate: {spec: {securityContext: {runAsUser: 9}, containers: [FIRST]}}
  taskManager: {podTemplate: {spec: {hostPID: true}}}
"""


def test_the_template_of_a_role_is_laid_over_that_of_both() -> None:
    text = FLINK.replace("FIRST", "{name: log, securityContext: {privileged: false}}")
    result = check_text(text.replace("BY_NAME", "true"))
    assert result.summary.workloads == 2
    assert errors_of(result) == [
        ("privileged", "spec.podTemplate.spec.containers[1].securityContext.privileged"),
        ("host-namespaces", "spec.taskManager.podTemplate.spec.hostPID"),
    ]
    assert users(text.replace("BY_NAME", "true")) == [9, 5]
    first, second = result.objects
    assert first.pod_security is not None
    assert second.pod_security is not None
    assert (first.pod_security.allowed, second.pod_security.allowed) == (True, False)


def test_lists_are_merged_by_position_unless_the_configuration_says_by_name() -> None:
    text = FLINK.replace("FIRST", "{name: log, image: l, securityContext: {privileged: true}}")
    result = check_text(text.replace("BY_NAME", "false"))
    assert ("privileged", "spec.jobManager.podTemplate.spec.containers[0].securityContext.privileged") in (
        errors_of(result)
    )


def test_a_role_without_a_template_has_that_of_both() -> None:
    text = FLINK.replace("  taskManager: {podTemplate: {spec: {hostPID: true}}}\n", "")
    text = text.replace("FIRST", "{name: flink-main-container}").replace("BY_NAME", "false")
    assert users(text) == [9, 5]


SPARK = """\
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: s}
spec:
  image: spark
  sparkConf: {spark.kubernetes.driver.volumes.hostPath.x.options.path: /}
  volumes: [{name: h, hostPath: {path: /}}, {name: nobodys, hostPath: {path: /}}]
  driver:
    securityContext: {runAsUser: 5}
    volumeMounts: [{name: h, mountPath: /h}]
    sidecars: [{name: side, image: x, securityContext: {privileged: true}}]
    template:
      spec:
        hostIPC: true
        containers:
        - {name: spark-kubernetes-driver, securityContext: {privileged: true}}
        - {name: side, image: "img:2"}
  executor:
    template: {spec: {containers: [{name: spark-kubernetes-executor, securityContext: {privileged: true}}]}}
"""


def test_an_application_wins_over_the_pod_template_of_spark() -> None:
    result = check_text(SPARK)
    assert errors_of(result) == [
        ("host-path-volumes", "spec.volumes[0].hostPath"),
        ("host-namespaces", "spec.driver.template.spec.hostIPC"),
        ("privileged", "spec.executor.template.spec.containers[0].securityContext.privileged"),
    ]
    driver, executor = explained(SPARK)
    assert [(one.name, one.image) for one in driver.containers] == [
        ("spark-kubernetes-driver", "spark"),
        ("side", "img:2"),
    ]
    assert [one.name for one in executor.containers] == ["spark-kubernetes-executor"]


def test_a_property_of_spark_that_changes_pods_is_not_judged() -> None:
    (entry,) = check_text(SPARK).not_judged
    assert "a property of Spark changes the pods" in entry.reasons
    assert "spec.volumes[1].hostPath" in entry.routes


PROMETHEUS = """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: p}
spec:
  containers:
  - {name: oauth-proxy, image: "proxy:1", securityContext: {runAsUser: 7}}
  - {name: prometheus, securityContext: {readOnlyRootFilesystem: false}}
"""


def test_what_is_known_of_the_operators_containers_counts() -> None:
    errors = errors_of(check_text(PROMETHEUS, "restricted"))
    of_operator = [(check, route) for check, route in errors if "containers[0]" not in route]
    assert of_operator == [
        ("run-as-non-root", "spec"),
        ("seccomp-profile-restricted", "spec"),
        ("run-as-non-root", "spec.containers[1].securityContext.runAsNonRoot"),
        ("seccomp-profile-restricted", "spec.containers[1].securityContext.seccompProfile.type"),
    ]
    secure = "spec:\n  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n"
    errors = errors_of(check_text(PROMETHEUS.replace("spec:\n", secure), "restricted"))
    assert {route.partition(".securityContext")[0] for _, route in errors} == {"spec.containers[0]"}


def test_explain_shows_the_containers_that_the_object_has() -> None:
    (only,) = explained(PROMETHEUS)
    assert [(one.name, one.image) for one in only.containers] == [("oauth-proxy", "proxy:1")]


WORKFLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec:
  volumes: [{name: h, hostPath: {path: /}}]
  templateDefaults:
    sidecars: [{name: proxy, image: p, securityContext: {privileged: true}}]
  templates:
  - name: set
    containerSet:
      volumeMounts: [{name: h, mountPath: /h}]
      containers: [{name: a, image: i}]
"""


def test_defaults_and_mounts_of_a_workflow_reach_its_containers() -> None:
    assert errors_of(check_text(WORKFLOW)) == [
        ("host-path-volumes", "spec.volumes[0].hostPath"),
        ("privileged", "spec.templateDefaults.sidecars[0].securityContext.privileged"),
    ]


def test_a_sidecar_of_a_template_wins_over_the_default_of_its_name() -> None:
    own = "  - name: set\n    sidecars: [{name: proxy, image: p, securityContext: {privileged: false}}]\n"
    errors = errors_of(check_text(WORKFLOW.replace("  - name: set\n", own)))
    assert errors == [("host-path-volumes", "spec.volumes[0].hostPath")]


def test_what_stands_elsewhere_is_not_judged() -> None:
    """What stands elsewhere is judged there, but not in the pods that this object makes of it."""
    for kind, spec in (
        ("tekton.dev/v1 TaskRun", "taskRef: {name: t}"),
        ("tekton.dev/v1 PipelineRun", "pipelineRef: {name: t}"),
        (
            "argoproj.io/v1alpha1 Workflow",
            "templates: [{name: a, steps: [[{name: b, templateRef: {name: t}}]]}]",
        ),
        ("argoproj.io/v1alpha1 Workflow", "templates: [{name: a, data: {source: {}}}]"),
        (
            "flink.apache.org/v1beta1 FlinkDeployment",
            "flinkConfiguration: {kubernetes.pod-template-file.default: a}",
        ),
    ):
        version, _, name = kind.partition(" ")
        result = check_text(
            f"{{apiVersion: {version}, kind: {name}, metadata: {{name: a}}, spec: {{{spec}}}}}"
        )
        assert result.summary.not_judged == 1, kind


SENSOR = """\
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: s}
spec:
  triggers:
  - template:
      name: t
      argoWorkflow:
        source:
          resource:
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            spec:
              hostNetwork: true
              podSpecPatch: "{}"
              templates: [{name: a, container: {image: i}}]
"""


def test_a_sensor_makes_its_own_pod_and_the_objects_of_its_triggers() -> None:
    result = check_text(SENSOR)
    assert result.summary.workloads == 2
    source = "spec.triggers[0].template.argoWorkflow.source.resource.spec"
    assert errors_of(result) == [("host-namespaces", f"{source}.hostNetwork")]
    (entry,) = result.not_judged
    assert entry.routes == (f"{source}.podSpecPatch",)
    assert entry.reasons == (
        "the controller writes main itself",
        "podSpecPatch changes pods when they are made",
    )


def test_the_container_of_a_sensor_has_the_security_context_of_its_template_or_none() -> None:
    sensor = "{apiVersion: argoproj.io/v1alpha1, kind: Sensor, metadata: {name: s}, spec: {TEMPLATE}}"
    assert errors_of(check_text(sensor.replace("TEMPLATE", ""), "restricted"))
    context = (
        "allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}, "
        "seccompProfile: {type: RuntimeDefault}"
    )
    template = f"template: {{container: {{securityContext: {{{context}}}}}}}"
    assert errors_of(check_text(sensor.replace("TEMPLATE", template), "restricted")) == []


def test_a_cluster_of_cloudnative_pg_may_override_security_contexts() -> None:
    text = """\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: c}
spec:
  podSecurityContext: {sysctls: [{name: kernel.msgmax, value: "1"}]}
  securityContext: {privileged: true}
"""
    assert errors_of(check_text(text)) == [
        ("sysctls", "spec.podSecurityContext.sysctls[0].name"),
        ("privileged", "spec.securityContext.privileged"),
    ]


def test_claims_of_openkruise_are_volumes_and_patches_are_no_pods() -> None:
    text = """\
apiVersion: apps.kruise.io/v1beta1
kind: StatefulSet
metadata: {name: s}
spec:
  template: {spec: {containers: [{name: a, image: i, volumeMounts: [{name: d, mountPath: /d}]}]}}
  volumeClaimTemplates: [{metadata: {name: d}}]
---
apiVersion: apps.kruise.io/v1alpha1
kind: WorkloadSpread
metadata: {name: w}
spec:
  subsets: [{name: b, patch: {spec: {hostNetwork: true, containers: [{name: a, env: []}]}}}]
---
apiVersion: apps.kruise.io/v1alpha1
kind: EphemeralJob
metadata: {name: e}
spec:
  template: {ephemeralContainers: [{name: d, image: i, securityContext: {privileged: true}}]}
"""
    result = check_text(text)
    route = "spec.template.ephemeralContainers[0].securityContext.privileged"
    assert errors_of(result) == [("privileged", route)]
    assert result.summary.workloads == 2
    (entry,) = result.not_judged
    assert entry.reasons == ("a patch changes pods when they are made",)


def test_a_claim_of_a_workflow_is_its_own() -> None:
    """Two workflows with a claim template of one name do not share a volume."""
    workflow = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: NAME}
spec:
  volumeClaimTemplates: [{metadata: {name: work}}]
  securityContext: {runAsUser: USER}
  templates: [{name: a, container: {image: i, volumeMounts: [{name: work, mountPath: /w}]}}]
"""
    text = "---\n".join(workflow.replace("NAME", name).replace("USER", "1001") for name in "ab")
    found = [one.finding.check for one in check_text(text).findings]
    assert found.count("shared-user-id") == 2


def test_names_of_security_count_in_small_letters_too() -> None:
    for setting in ("hostnetwork: true", "hostPort: 80", "capabilities: {add: [SYS_ADMIN]}", "procMount: a"):
        text = f"{{apiVersion: example.org/v1, kind: A, metadata: {{name: a}}, spec: {{{setting}}}}}"
        assert check_text(text).summary.not_judged == 1, setting
    for setting in ("hostPort: 0", "capabilities: [read]", "allowPrivilegeEscalation: false"):
        text = f"{{apiVersion: example.org/v1, kind: A, metadata: {{name: a}}, spec: {{{setting}}}}}"
        assert check_text(text).summary.not_judged == 0, setting


def test_an_object_inside_of_another_makes_its_pods_as_elsewhere() -> None:
    text = """\
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: c}
spec:
  resources:
  - base:
      apiVersion: argoproj.io/v1alpha1
      kind: Workflow
      spec: {hostNetwork: true, podSpecPatch: "{}", templates: [{name: a, container: {image: i}}]}
"""
    result = check_text(text)
    assert errors_of(result) == [("host-namespaces", "spec.resources[0].base.spec.hostNetwork")]
    (entry,) = result.not_judged
    assert entry.routes == ("spec.resources[0].base.spec.podSpecPatch",)
