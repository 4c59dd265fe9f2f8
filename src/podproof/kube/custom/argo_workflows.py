"""Argo Workflows: every template that runs a container makes a pod, with the workflow's own settings in it.

The controller copies pod-level fields of the workflow into each pod unless the template or `templateDefaults`
says otherwise, and adds a volume for every claim template. Templates of steps, tasks, `suspend` and `http`
make no pod of their own; for `resource`, `data` and `plugin` the pod is the controller's.
"""

from typing import Literal

from ..custom_kind import Containers, CustomKind, CustomProject, Path, PodSource, same_names

_OF_WORKFLOW = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy hostAliases hostNetwork imagePullSecrets "
    "nodeSelector schedulerName securityContext serviceAccountName tolerations volumes"
)
"""Fields of WorkflowSpec that end in each pod's spec. Source: workflow/controller/workflowpod.go, v3.6."""

_OF_TEMPLATE = (
    "affinity automountServiceAccountToken hostAliases nodeSelector priorityClassName schedulerName "
    "securityContext serviceAccountName tolerations volumes"
)
"""Fields of Template that end in the spec of its pod. Source: the same file."""

_ELSEWHERE = "its templates are those of a workflow elsewhere, in pods with the settings of this one"
_WRITTEN = "the controller writes the container of a template of this type"

_OPAQUE: tuple[tuple[Path, str], ...] = (
    (("podSpecPatch",), "podSpecPatch changes pods when they are made"),
    (("templates", "*", "podSpecPatch"), "podSpecPatch changes pods when they are made"),
    (("templateDefaults", "podSpecPatch"), "podSpecPatch changes pods when they are made"),
    (("artifactGC", "podSpecPatch"), "podSpecPatch changes pods when they are made"),
    (("templates", "*", "resource", "manifest"), "a manifest in a text is applied when the workflow runs"),
    *((("templates", "*", name), _WRITTEN) for name in ("data", "http", "plugin", "resource")),
    (("workflowTemplateRef",), _ELSEWHERE),
    (("templates", "*", "steps", "*", "*", "templateRef"), _ELSEWHERE),
    (("templates", "*", "dag", "tasks", "*", "templateRef"), _ELSEWHERE),
    (("hooks", "*", "templateRef"), _ELSEWHERE),
    (("templates", "*", "steps", "*", "*", "hooks", "*", "templateRef"), _ELSEWHERE),
    (("templates", "*", "dag", "tasks", "*", "hooks", "*", "templateRef"), _ELSEWHERE),
)


_BESIDE: tuple[tuple[str, Literal["containers", "initContainers"]], ...] = (
    ("initContainers", "initContainers"),
    ("sidecars", "containers"),
)


def _templates(spec: Path) -> tuple[PodSource, ...]:
    """Give the pods of a WorkflowSpec: its templates, and those written inside of steps and tasks."""
    defaults = (*spec, "templateDefaults")
    parts = (
        Containers(("container",), name="main", defaults=(*defaults, "container"), shared_defaults=True),
        Containers(
            ("script",),
            name="main",
            own_fields=("source",),
            defaults=(*defaults, "script"),
            shared_defaults=True,
        ),
        Containers(
            ("containerSet", "containers"),
            many=True,
            own_fields=("dependencies",),
            defaults=("containerSet",),
            default_fields=("volumeMounts",),
        ),
        *(
            Containers(
                (*base, name),
                many=True,
                to=to,
                own_fields=("mirrorVolumeMounts",),
                shared=bool(base),
                same_name="fills" if base else "",
            )
            for base in ((), defaults)
            for name, to in _BESIDE
        ),
    )
    places: tuple[Path, ...] = ((), ("steps", "*", "*", "inline"), ("dag", "tasks", "*", "inline"))
    return tuple(
        PodSource(
            path=(*spec, "templates", "*", *place),
            form="parts",
            containers=parts,
            fields=same_names(_OF_TEMPLATE),
            shared=(
                *same_names(_OF_TEMPLATE, defaults),
                *same_names(_OF_WORKFLOW, spec),
                ("priorityClassName", (*spec, "podPriorityClassName")),
            ),
            shared_metadata=(*spec, "podMetadata"),
            claims=(*spec, "volumeClaimTemplates"),
            if_mounted=True,
        )
        for place in places
    )


def _kind(kinds: tuple[str, ...], spec: Path) -> CustomKind:
    return CustomKind(
        group="argoproj.io",
        kinds=kinds,
        pods=_templates(spec),
        opaque=tuple(((*spec, *path), what) for path, what in _OPAQUE),
        placeholder="{{",
    )


PROJECT = CustomProject(
    name="Argo Workflows",
    source="https://argo-workflows.readthedocs.io/en/latest/fields/",
    kinds=(
        _kind(("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"), ("spec",)),
        _kind(("CronWorkflow",), ("spec", "workflowSpec")),
    ),
    adds="the init container `init` and the container `wait`",
)
