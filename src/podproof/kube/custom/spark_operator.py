"""Spark operator: an application makes a driver and executors; a container's fields stand beside the pod's.

`template` is a pod template that Spark starts from; volumes are those of the application.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, Path, PodSource, same_names

_OF_POD = (
    "affinity dnsConfig hostAliases hostNetwork nodeSelector priorityClassName runtimeClassName "
    "schedulerName shareProcessNamespace terminationGracePeriodSeconds tolerations"
)
"""Fields of SparkPodSpec that are the pod's. Source: api/v1beta2/sparkapplication_types.go, v2."""

_OF_CONTAINER = ("env", "envFrom", "image", "lifecycle", "securityContext", "volumeMounts")

_FROM_TEMPLATE = (
    "automountServiceAccountToken hostIPC hostNetwork hostPID hostUsers securityContext serviceAccountName "
    "shareProcessNamespace volumes"
)


def _pods(spec: Path) -> tuple[PodSource, ...]:
    return tuple(
        PodSource(
            (*spec, role),
            form="parts",
            containers=(
                Containers(
                    (),
                    only=_OF_CONTAINER,
                    always=True,
                    name=f"spark-kubernetes-{role}",
                    defaults=spec,
                    shared_defaults=True,
                ),
                Containers(("sidecars",), many=True),
                Containers(("template", "spec", "containers"), many=True),
                Containers(("initContainers",), many=True, to="initContainers"),
                Containers(("template", "spec", "initContainers"), many=True, to="initContainers"),
            ),
            fields=(
                *same_names(_OF_POD),
                ("securityContext", ("podSecurityContext",)),
                ("serviceAccountName", ("serviceAccount",)),
                *same_names(_FROM_TEMPLATE, ("template", "spec")),
            ),
            shared=(("volumes", (*spec, "volumes")),),
            metadata=("template", "metadata"),
            adds_volumes=True,
        )
        for role in ("driver", "executor")
    )


PROJECT = CustomProject(
    name="Spark operator",
    source="https://www.kubeflow.org/docs/components/spark-operator/reference/api-docs/",
    kinds=(
        CustomKind("sparkoperator.k8s.io", ("SparkApplication",), _pods(("spec",))),
        CustomKind("sparkoperator.k8s.io", ("ScheduledSparkApplication",), _pods(("spec", "template"))),
    ),
)
