"""Tekton: a Task's steps and sidecars are the containers of one pod; a run adds the settings of the pod.

Every step starts from `stepTemplate`. A PipelineRun has settings for all its tasks, and `taskRunSpecs` for
single ones, which win. Annotations of a run reach its pods. Workspaces become volumes when the Task runs. A
Task by itself says nothing of the pod around its containers, so it is judged with a pod that sets nothing. A
step with `ref` takes its container from a StepAction.
"""

from ..custom_kind import (
    Chosen,
    Containers,
    CustomKind,
    CustomProject,
    Field,
    Path,
    PodSource,
    same_names,
)

_OF_STEP = (
    "computeResources onError params ref resources results script stderrConfig stdoutConfig timeout when "
    "workspaces"
)
"""Fields of Step and Sidecar that no container has by that name. Source: container_types.go, v0.65."""

_OF_ACTION = ("args", "command", "env", "image", "securityContext", "volumeMounts", "workingDir")
"""Fields of StepAction that are a container's. Source: v1beta1/stepaction_types.go, v0.65."""

_OF_POD = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostNetwork "
    "hostUsers imagePullSecrets nodeSelector priorityClassName runtimeClassName schedulerName "
    "securityContext tolerations topologySpreadConstraints volumes"
)
"""Fields of the pod template of a run. Source: pkg/apis/pipeline/pod/template.go, v1.4."""

_CHOSEN = Chosen(
    ("spec", "taskRunSpecs"),
    "pipelineTaskName",
    (
        *same_names(_OF_POD, ("podTemplate",)),
        ("serviceAccountName", ("serviceAccountName",)),
        *same_names(_OF_POD, ("taskPodTemplate",)),  # as v1beta1 has them
        ("serviceAccountName", ("taskServiceAccountName",)),
    ),
)
"""What a PipelineRun says of one task. Source: GetTaskRunSpec in v1 and v1beta1 pipelinerun_types.go."""

_OF_RUN: Path = ("metadata",)


def _task(
    path: Path,
    shared: tuple[Field, ...] = (),
    *,
    chosen: Chosen | None = None,
    shared_metadata: Path | None = None,
) -> PodSource:
    own = tuple(_OF_STEP.split())
    return PodSource(
        path,
        form="parts",
        containers=(
            Containers(
                ("steps",),
                many=True,
                name="step-unnamed-{}",
                prefix="step-",
                own_fields=own,
                defaults=("stepTemplate",),
                not_if="ref",
            ),
            Containers(("sidecars",), many=True, name="sidecar-{}", prefix="sidecar-", own_fields=own),
        ),
        fields=(("volumes", ("volumes",)),),
        shared=shared,
        chosen=chosen,
        shared_metadata=shared_metadata,
        adds_volumes=True,
    )


def _pipeline(
    path: Path, shared: tuple[Field, ...] = (), *, chosen: Chosen | None = None, run: Path | None = None
) -> tuple[PodSource, ...]:
    """Give the tasks of a pipeline, and of the pipelines that stand in its tasks."""
    lists = [(*path, name, "*") for name in ("tasks", "finally")]
    inner = [(*one, "pipelineSpec", name, "*") for one in lists for name in ("tasks", "finally")]
    return (
        *(_task((*one, "taskSpec"), shared, chosen=chosen, shared_metadata=run) for one in lists),
        *(_task((*one, "taskSpec"), shared, shared_metadata=run) for one in inner),
    )


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


_TASK_ELSEWHERE = "its containers are those of a Task elsewhere, in a pod with the settings of the run"
_PIPELINE_ELSEWHERE = "its tasks are those of a Pipeline elsewhere, in pods with the settings of the run"
_STEP_ELSEWHERE = "the container of a step is that of a StepAction elsewhere"


def _kind(kinds: tuple[str, ...], *pods: PodSource, opaque: tuple[tuple[Path, str], ...] = ()) -> CustomKind:
    steps = (((*pod.path, "steps", "*", "ref"), _STEP_ELSEWHERE) for pod in pods)
    return CustomKind("tekton.dev", kinds, pods, opaque=(*opaque, *steps), placeholder="$(")


PROJECT = CustomProject(
    name="Tekton",
    source="https://tekton.dev/docs/pipelines/",
    kinds=(
        _kind(("Task", "ClusterTask"), _task(("spec",))),
        _kind(
            ("TaskRun",),
            _task(("spec", "taskSpec"), _TASK_RUN, shared_metadata=_OF_RUN),
            opaque=((("spec", "taskRef"), _TASK_ELSEWHERE),),
        ),
        _kind(("Pipeline",), *_pipeline(("spec",))),
        _kind(
            ("PipelineRun",),
            *_pipeline(("spec", "pipelineSpec"), _PIPELINE_RUN, chosen=_CHOSEN, run=_OF_RUN),
            opaque=(
                (("spec", "pipelineRef"), _PIPELINE_ELSEWHERE),
                *(
                    (("spec", "pipelineSpec", name, "*", "taskRef"), _TASK_ELSEWHERE)
                    for name in ("tasks", "finally")
                ),
            ),
        ),
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
