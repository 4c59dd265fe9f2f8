"""Argo Workflows: every template that runs a container makes a pod, with the workflow's own settings in it.

The controller copies pod-level fields of the workflow into each pod unless the template or `templateDefaults`
says otherwise, and adds a volume for every claim template. Templates of steps, tasks, `suspend` and `http`
make no pod of their own; for `resource`, `data` and `plugin` the pod is the controller's.
"""

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

_OPAQUE = (
    (("podSpecPatch",), "podSpecPatch changes pods when they are made"),
    (("templates", "*", "podSpecPatch"), "podSpecPatch changes pods when they are made"),
    (("templateDefaults", "podSpecPatch"), "podSpecPatch changes pods when they are made"),
    (("templates", "*", "resource", "manifest"), "a manifest in a text is applied when the workflow runs"),
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
        Containers(("containerSet", "containers"), many=True, own_fields=("dependencies",)),
        Containers(("initContainers",), many=True, to="initContainers", own_fields=("mirrorVolumeMounts",)),
        Containers(("sidecars",), many=True, own_fields=("mirrorVolumeMounts",)),
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
