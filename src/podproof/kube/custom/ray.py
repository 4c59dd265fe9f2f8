"""KubeRay: a cluster has a pod template for its head and one for each group of workers.

A RayJob and a RayService hold a whole cluster; a RayJob may have a pod that submits it, and a RayCronJob
holds a RayJob.
"""

from ..custom_kind import CustomKind, CustomProject, Path, PodSource


def _cluster(*spec: str) -> tuple[PodSource, ...]:
    paths: tuple[Path, ...] = (
        (*spec, "headGroupSpec", "template"),
        (*spec, "workerGroupSpecs", "*", "template"),
    )
    return tuple(PodSource(path) for path in paths)


PROJECT = CustomProject(
    name="Ray",
    source="https://ray-project.github.io/kuberay/reference/api/",
    kinds=(
        CustomKind("ray.io", ("RayCluster",), _cluster("spec")),
        CustomKind(
            "ray.io",
            ("RayJob",),
            (*_cluster("spec", "rayClusterSpec"), PodSource(("spec", "submitterPodTemplate"))),
        ),
        CustomKind(
            "ray.io",
            ("RayCronJob",),
            (
                *_cluster("spec", "jobTemplate", "rayClusterSpec"),
                PodSource(("spec", "jobTemplate", "submitterPodTemplate")),
            ),
        ),
        CustomKind("ray.io", ("RayService",), _cluster("spec", "rayClusterConfig")),
    ),
    adds="for workers the init container `wait-gcs-ready`",
)
