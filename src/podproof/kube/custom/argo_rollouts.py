"""Argo Rollouts: a Rollout has a Deployment's pod template; one with `workloadRef` has none of its own.

Experiments have several templates, and an analysis may run a Job.
"""

from ..custom_kind import CustomKind, CustomProject, PodSource

PROJECT = CustomProject(
    name="Argo Rollouts",
    source="https://argo-rollouts.readthedocs.io/en/stable/features/specification/",
    kinds=(
        CustomKind(
            "argoproj.io",
            ("Rollout",),
            (PodSource(("spec", "template")),),
            opaque=((("spec", "workloadRef"), "its pods are those of a workload elsewhere"),),
        ),
        CustomKind("argoproj.io", ("Experiment",), (PodSource(("spec", "templates", "*", "template")),)),
        CustomKind(
            "argoproj.io",
            ("AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun"),
            (PodSource(("spec", "metrics", "*", "provider", "job", "spec", "template")),),
            placeholder="{{",
        ),
    ),
)
