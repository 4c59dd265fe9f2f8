"""LeaderWorkerSet: groups of pods with a template for workers and, if it differs, one for the leader."""

from ..custom_kind import CustomKind, CustomProject, PodSource

_TEMPLATES = ("leaderTemplate", "workerTemplate")

PROJECT = CustomProject(
    name="LeaderWorkerSet",
    source="https://lws.sigs.k8s.io/docs/reference/leaderworkerset.v1/",
    kinds=(
        CustomKind(
            "leaderworkerset.x-k8s.io",
            ("LeaderWorkerSet",),
            tuple(PodSource(("spec", "leaderWorkerTemplate", name)) for name in _TEMPLATES),
        ),
    ),
)
