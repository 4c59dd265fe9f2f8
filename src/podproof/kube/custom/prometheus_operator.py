"""Prometheus operator: the operator writes the containers, and `containers` adds to them or changes them.

A container of `containers` that has the name of one of the operator's is a patch of it.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, PodSource, same_names

_OF_POD = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostNetwork "
    "hostUsers imagePullSecrets nodeSelector priorityClassName schedulerName securityContext "
    "serviceAccountName terminationGracePeriodSeconds tolerations volumes"
)
"""Fields of the specs that are a pod's. Source: pkg/apis/monitoring/v1/*_types.go, v0.95."""


def _kind(*kinds: str, container: str) -> CustomKind:
    return CustomKind(
        "monitoring.coreos.com",
        kinds,
        (
            PodSource(
                ("spec",),
                form="parts",
                containers=(
                    Containers(("containers",), many=True),
                    Containers(("initContainers",), many=True, to="initContainers"),
                ),
                fields=same_names(_OF_POD),
                metadata=("podMetadata",),
                written=(container, "config-reloader"),
            ),
        ),
    )


PROJECT = CustomProject(
    name="Prometheus operator",
    source="https://prometheus-operator.dev/docs/api-reference/api/",
    kinds=(
        _kind("Prometheus", "PrometheusAgent", container="prometheus"),
        _kind("Alertmanager", container="alertmanager"),
        _kind("ThanosRuler", container="thanos-ruler"),
    ),
)
