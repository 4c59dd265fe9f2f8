"""Volcano: a job has a pod template for each of its tasks."""

from ..custom_kind import CustomKind, CustomProject, PodSource

_TASKS = (PodSource(("spec", "tasks", "*", "template")),)

PROJECT = CustomProject(
    name="Volcano",
    source="https://volcano.sh/en/docs/vcjob/",
    kinds=(
        CustomKind("batch.volcano.sh", ("Job",), _TASKS),
        CustomKind("flow.volcano.sh", ("JobTemplate",), _TASKS),
    ),
)
