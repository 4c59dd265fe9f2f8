"""kro: a ResourceGraphDefinition holds whole objects, in which expressions `${...}` stand for values."""

from ..custom_kind import CustomKind, CustomProject, PodSource

PROJECT = CustomProject(
    name="kro",
    source="https://kro.run/docs/concepts/rgd/overview",
    kinds=(
        CustomKind(
            "kro.run",
            ("ResourceGraphDefinition",),
            (PodSource(("spec", "resources", "*", "template"), form="object"),),
            placeholder="${",
        ),
    ),
)
