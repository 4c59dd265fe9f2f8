"""Argo Workflows: every template that runs a container makes a pod, with the workflow's own settings in it.

The controller copies pod-level fields of the workflow into each pod unless the template says otherwise, and
adds a volume for every claim template.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, Path, PodSource

_COPIED = (
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "hostAliases",
    "hostNetwork",
    "imagePullSecrets",
    "nodeSelector",
    "schedulerName",
    "securityContext",
    "serviceAccountName",
    "tolerations",
    "volumes",
)
"""Fields of WorkflowSpec that end in the spec of each pod. Source: workflow/controller/workflowpod.go."""

_OF_TEMPLATE = (
    "affinity",
    "automountServiceAccountToken",
    "hostAliases",
    "nodeSelector",
    "schedulerName",
    "securityContext",
    "serviceAccountName",
    "tolerations",
    "volumes",
)
"""Fields of Template that end in the spec of its pod."""

_PARTS = (
    Containers(("container",), name="main"),
    Containers(("script",), name="main", own_fields=("source",)),
    Containers(("containerSet", "containers"), many=True, own_fields=("dependencies",)),
    Containers(("initContainers",), many=True, to="initContainers", own_fields=("mirrorVolumeMounts",)),
    Containers(("sidecars",), many=True, own_fields=("mirrorVolumeMounts",)),
)


def _templates(spec: Path) -> tuple[PodSource, ...]:
    """Give the pods of a WorkflowSpec: its templates, and what `templateDefaults` says for all of them."""
    return (
        PodSource(
            path=(*spec, "templates", "*"),
            form="parts",
            containers=_PARTS,
            fields={name: (name,) for name in _OF_TEMPLATE},
            shared={name: (*spec, name) for name in _COPIED},
            claims=(*spec, "volumeClaimTemplates"),
        ),
    )


PROJECT = CustomProject(
    name="Argo Workflows",
    source="https://argo-workflows.readthedocs.io/en/latest/fields/",
    kinds=(
        CustomKind(
            group="argoproj.io",
            kinds=("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"),
            pods=_templates(("spec",)),
        ),
        CustomKind(
            group="argoproj.io",
            kinds=("CronWorkflow",),
            pods=_templates(("spec", "workflowSpec")),
        ),
    ),
)
