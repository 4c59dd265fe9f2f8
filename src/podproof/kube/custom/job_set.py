"""JobSet: a set of Jobs, each written as a template of a Job."""

from ..custom_kind import CustomKind, CustomProject, PodSource

PROJECT = CustomProject(
    name="JobSet",
    source="https://jobset.sigs.k8s.io/docs/reference/jobset.v1alpha2/",
    kinds=(
        CustomKind(
            "jobset.x-k8s.io",
            ("JobSet",),
            (PodSource(("spec", "replicatedJobs", "*", "template", "spec", "template")),),
        ),
    ),
)
