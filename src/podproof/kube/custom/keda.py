"""KEDA: a ScaledJob has the spec of a Job; a ScaledObject only scales what is written elsewhere."""

from ..custom_kind import CustomKind, CustomProject, PodSource

PROJECT = CustomProject(
    name="KEDA",
    source="https://keda.sh/docs/latest/reference/scaledjob-spec/",
    kinds=(CustomKind("keda.sh", ("ScaledJob",), (PodSource(("spec", "jobTargetRef", "template")),)),),
)
