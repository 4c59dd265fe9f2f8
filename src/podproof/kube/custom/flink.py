"""Flink: a deployment has a pod template for both of its pods, and may have one for each of them.

The operator lays the one for the JobManager or TaskManager over the one for both, lists by position unless
the configuration says by name, and adds the container `flink-main-container` where a template lacks it.
"""

from ..custom_kind import CustomKind, CustomProject, Path, PodSource

_MAIN = ("flink-main-container",)

_BY_NAME = "kubernetes.operator.pod-template.merge-arrays-by-name"


def _pods(spec: Path) -> tuple[PodSource, ...]:
    return tuple(
        PodSource(
            (*spec, role, "podTemplate"),
            base=(*spec, "podTemplate"),
            by_name=(*spec, "flinkConfiguration", _BY_NAME),
            written=_MAIN,
        )
        for role in ("jobManager", "taskManager")
    )


def _opaque(spec: Path) -> tuple[tuple[Path, str], ...]:
    configuration = (*spec, "flinkConfiguration")
    return (
        (
            (*configuration, "kubernetes.pod-template-file*"),
            "the configuration names a file with a pod template",
        ),
        (
            (*configuration, "kubernetes.hostnetwork.enabled"),
            "the configuration sets the network of the pods",
        ),
    )


PROJECT = CustomProject(
    name="Flink",
    source="https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/docs/custom-resource/pod-template/",
    kinds=(
        CustomKind("flink.apache.org", ("FlinkDeployment",), _pods(("spec",)), opaque=_opaque(("spec",))),
        CustomKind(
            "flink.apache.org",
            ("FlinkBlueGreenDeployment",),
            _pods(("spec", "template", "spec")),
            opaque=_opaque(("spec", "template", "spec")),
        ),
    ),
)
