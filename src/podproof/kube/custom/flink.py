"""Flink: a deployment has a pod template for both of its pods, and may have one for each of them.

The operator lays the one for the JobManager or TaskManager over the one for both, and adds the container
`flink-main-container` where a template does not have it.
"""

from ..custom_kind import CustomKind, CustomProject, PodSource, same_names

_FROM_BOTH = (
    "automountServiceAccountToken hostIPC hostNetwork hostPID hostUsers securityContext serviceAccountName "
    "shareProcessNamespace volumes"
)
"""Fields of the template for both pods that the other ones take over."""

_MAIN = ("flink-main-container",)

PROJECT = CustomProject(
    name="Flink",
    source="https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/docs/custom-resource/pod-template/",
    kinds=(
        CustomKind(
            "flink.apache.org",
            ("FlinkDeployment",),
            (
                PodSource(("spec", "podTemplate"), written=_MAIN),
                *(
                    PodSource(
                        ("spec", role, "podTemplate"),
                        shared=same_names(_FROM_BOTH, ("spec", "podTemplate", "spec")),
                        written=_MAIN,
                    )
                    for role in ("jobManager", "taskManager")
                ),
            ),
        ),
    ),
)
