"""Spark operator: an application makes a driver and executors; a container's fields stand beside the pod's.

`template` is a pod template that Spark starts from, with the container of the application in it or without;
what the application says for itself wins. Volumes are those of the application that containers mount.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, Path, PodSource, same_names

_OF_POD = (
    "affinity dnsConfig hostAliases hostNetwork nodeSelector priorityClassName runtimeClassName "
    "schedulerName shareProcessNamespace terminationGracePeriodSeconds tolerations"
)
"""Fields of SparkPodSpec that are the pod's. Source: api/v1beta2/sparkapplication_types.go, v2."""

_OF_CONTAINER = ("env", "envFrom", "image", "lifecycle", "securityContext", "volumeMounts")

_CONNECTED = ("server", "executor")

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
                Containers(("template", "spec", "containers"), many=True, same_name="fills"),
                Containers(("sidecars",), many=True, same_name="skipped"),
                Containers(("template", "spec", "initContainers"), many=True, to="initContainers"),
                Containers(("initContainers",), many=True, to="initContainers", same_name="skipped"),
            ),
            fields=(
                *same_names(_OF_POD),
                ("securityContext", ("podSecurityContext",)),
                ("serviceAccountName", ("serviceAccount",)),
                *same_names(_FROM_TEMPLATE, ("template", "spec")),
            ),
            shared=(("volumes", (*spec, "volumes")),),
            if_mounted=True,
            metadata=("template", "metadata"),
            shared_metadata=(*spec, role),
            adds_volumes=True,
        )
        for role in ("driver", "executor")
    )


def _opaque(spec: Path) -> tuple[tuple[Path, str], ...]:
    """Give the properties of Spark that change pods. Source: Spark's running-on-kubernetes, 4.0."""
    properties = (
        "podTemplateFile*",
        "volumes.hostPath.*",
        "annotation.*",
    )
    roles = ("driver", "executor")
    return tuple(
        ((*spec, "sparkConf", f"spark.kubernetes.{role}.{name}"), "a property of Spark changes the pods")
        for role in roles
        for name in properties
    )


PROJECT = CustomProject(
    name="Spark operator",
    source="https://www.kubeflow.org/docs/components/spark-operator/reference/api-docs/",
    kinds=(
        CustomKind(
            "sparkoperator.k8s.io", ("SparkApplication",), _pods(("spec",)), opaque=_opaque(("spec",))
        ),
        CustomKind(
            "sparkoperator.k8s.io",
            ("ScheduledSparkApplication",),
            _pods(("spec", "template")),
            opaque=_opaque(("spec", "template")),
        ),
        CustomKind(
            "sparkoperator.k8s.io",
            ("SparkConnect",),
            tuple(
                PodSource(("spec", role, "template"), written=("spark-kubernetes",)) for role in _CONNECTED
            ),
        ),
    ),
)
