"""Tekton: a Task's steps and sidecars are the containers of one pod; a run adds the settings of the pod.

Every step starts from `stepTemplate`. Workspaces become volumes when the Task runs. A Task by itself says
nothing of the pod around its containers, so it is judged with a pod that sets nothing. A step with `ref`
takes its container from a StepAction.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, Field, Path, PodSource, same_names

_OF_STEP = (
    "computeResources onError params ref resources results script stderrConfig stdoutConfig timeout when "
    "workspaces"
)
"""Fields of Step and Sidecar that no container has by that name. Source: container_types.go, v0.65."""

_OF_ACTION = ("args", "command", "env", "image", "securityContext", "volumeMounts", "workingDir")
"""Fields of StepAction that are a container's. Source: v1beta1/stepaction_types.go, v0.65."""

_OF_POD = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostNetwork "
    "imagePullSecrets nodeSelector priorityClassName runtimeClassName schedulerName securityContext "
    "tolerations topologySpreadConstraints volumes"
)
"""Fields of the pod template of a run. Source: pkg/apis/pipeline/pod/template.go, v0.65."""


def _task(path: Path, shared: tuple[Field, ...] = ()) -> PodSource:
    own = tuple(_OF_STEP.split())
    return PodSource(
        path,
        form="parts",
        containers=(
            Containers(
                ("steps",),
                many=True,
                name="step-unnamed-{}",
                own_fields=own,
                defaults=("stepTemplate",),
                not_if="ref",
            ),
            Containers(("sidecars",), many=True, name="sidecar-{}", own_fields=own),
        ),
        fields=(("volumes", ("volumes",)),),
        shared=shared,
        adds_volumes=True,
    )


def _pipeline(path: Path, shared: tuple[Field, ...] = ()) -> tuple[PodSource, ...]:
    return tuple(_task((*path, name, "*", "taskSpec"), shared) for name in ("tasks", "finally"))


def _run(*template: str, account: Path) -> tuple[Field, ...]:
    return (
        *same_names(_OF_POD, ("spec", *template)),
        ("serviceAccountName", account),
    )


_TASK_RUN = _run("podTemplate", account=("spec", "serviceAccountName"))
_PIPELINE_RUN = (
    *_run("taskRunTemplate", "podTemplate", account=("spec", "taskRunTemplate", "serviceAccountName")),
    *_TASK_RUN,  # as v1beta1 has them
)


def _kind(kinds: tuple[str, ...], *pods: PodSource) -> CustomKind:
    return CustomKind("tekton.dev", kinds, pods, placeholder="$(")


PROJECT = CustomProject(
    name="Tekton",
    source="https://tekton.dev/docs/pipelines/",
    kinds=(
        _kind(("Task", "ClusterTask"), _task(("spec",))),
        _kind(("TaskRun",), _task(("spec", "taskSpec"), _TASK_RUN)),
        _kind(("Pipeline",), *_pipeline(("spec",))),
        _kind(("PipelineRun",), *_pipeline(("spec", "pipelineSpec"), _PIPELINE_RUN)),
        _kind(
            ("StepAction",),
            PodSource(
                ("spec",),
                form="parts",
                containers=(
                    Containers(
                        (),
                        only=_OF_ACTION,
                        name="step-unnamed-0",
                    ),
                ),
                adds_volumes=True,
            ),
        ),
        CustomKind(
            "triggers.tekton.dev",
            ("TriggerTemplate",),
            (PodSource(("spec", "resourcetemplates", "*"), form="object"),),
            placeholder="$(",
        ),
    ),
    adds="the init containers `prepare` and `place-scripts`",
)
